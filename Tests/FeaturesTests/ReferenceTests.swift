import Features
import Market
import RealModule
import Surface
import Testing

/// Against other tools: the values are those that Tests/References/features.py prints.
@Suite struct ReferenceTests {
    func value(_ name: FeatureName, _ state: MarketState) throws -> Double {
        try #require(FeatureCatalog.feature(named: name)?.measure(state), "\(name)")
    }

    static let book = Book([
        StateFixture.option(.call, strike: 85_000, days: 40, quantity: -3),
        StateFixture.option(.put, strike: 70_000, days: 40, quantity: 2),
        StateFixture.option(.put, strike: 60_000, days: 200, quantity: 1.5),
        StateFixture.option(.call, strike: 80_000, days: 2, quantity: -1),
    ])

    @Test(
        "Third derivatives, rate and smile exposures of a book are those of QuantLib's prices",
        arguments: [
            ("book-speed", -6.322922192036155e-10, 1e-5), ("book-zomma", 0.00025306139979066266, 1e-6),
            ("book-rho-1bp", -3.0674380519798135, 1e-8), ("book-basis-1bp", -2.772719980602021, 1e-8),
            ("book-skew-exposure", -10960.189978535103, 1e-8), ("book-curvature-exposure", 1087.4130347486546, 1e-8),
        ] as [(FeatureName, Double, Double)])
    func greeks(name: FeatureName, expected: Double, tolerance: Double) throws {
        let found = try value(name, MarketState(surface: StateFixture.flat, book: Self.book))
        #expect((found / expected - 1).magnitude < tolerance, "\(found)")
    }

    @Test("The scenario ladder revalues as QuantLib does")
    func ladder() throws {
        let state = MarketState(surface: StateFixture.flat, book: Self.book)
        let cells: [(name: FeatureName, coin: Double)] = [
            ("scenario-down-50-vol-same", 2.3649177888049953), ("scenario-down-16-vol-up", 0.4941020413817142),
            ("scenario-up-33-vol-down", -0.8206047119905158), ("scenario-up-50-vol-up", -1.1594106692042585),
            ("scenario-worst-loss", 1.1764061973303774), ("scenario-worst-move", 0.5), ("scenario-worst-volatility", 0.75),
        ]
        for cell in cells { #expect((try value(cell.name, state) - cell.coin).magnitude < 1e-10, "\(cell.name)") }
        #expect(state.ladder.worst(by: .coin).rate == 0.02)
    }

    @Test("The HAR forecast is NumPy's least squares")
    func har() throws {
        let daily = (0..<121).map { (i: Int) -> Double in
            let wave: Double = 0.1 * Double.sin(Double(i))
            return 0.3 + wave + 0.05 * Double.cos(0.31 * Double(i * i))
        }
        let forecast = try #require(HARForecast(daily: daily))
        let expected = [3.1816595358995694, 0.1986501839156105, 1.2141917438603533, -11.020859242956018]
        for i in expected.indices { #expect((forecast.coefficients[i] - expected[i]).magnitude < 1e-8) }
        #expect((forecast.variance - 0.17127257662390913).magnitude < 1e-9)
        #expect(HARForecast(daily: Array(daily.prefix(49))) == nil)
        #expect(HARForecast(daily: [Double](repeating: 0.3, count: 121)) == nil)
    }

    @Test("The response of volatility to the forward is pandas' exponentially weighted regression")
    func response() throws {
        let points = (0...40).map { day -> SurfacePoint in
            let (x, time) = (Double(day), StateFixture.timestamp(days: Double(day)))
            let log = 0.02 * Double.sin(x * 2.1) + 0.01 * Double.cos(x * 0.7)
            let sigma = 0.5 - 0.8 * log + 0.01 * Double.sin(x * 1.3)
            return SurfacePoint(
                VolatilitySurface(
                    time: time, currency: "BTC", index: 1, slices: [Self.flat(30, sigma, at: time, forward: Double.exp(log))]),
                perpetual: nil)
        }
        let response = try #require(SpotResponse(points, days: 30))
        #expect((response.slope + 0.7922610687388847).magnitude < 1e-10 && response.moves == 40)
        #expect(SpotResponse(Array(points.prefix(5)), days: 30) == nil)
    }

    static func flat(_ days: Double, _ volatility: Double, at time: Timestamp, forward: Double = 80_000) -> SurfaceSlice {
        SurfaceSlice(
            expiry: time.adding(days: days), timeToExpiry: days / 365, forward: forward,
            smile: .svi(SVISlice(flat: volatility * volatility * days / 365)), quoted: -0.5...0.5)
    }

    @Test("Level, slope and curvature of the term structure are NumPy's mean and fitted polynomials")
    func factors() {
        let volatilities: [(days: Double, volatility: Double)] = [(7, 0.52), (30, 0.55), (90, 0.58), (180, 0.57)]
        let surface = VolatilitySurface(
            time: StateFixture.time, currency: "BTC", index: 80_000,
            slices: volatilities.map { Self.flat($0.days, $0.volatility, at: StateFixture.time) })
        let factors = SurfacePoint(surface, perpetual: nil).factors
        #expect((factors.level + 0.5896523904393745).magnitude < 1e-12)
        #expect((factors.termSlope - 0.0319293988910525).magnitude < 1e-12)
        #expect((factors.termCurvature + 0.00903375294795516).magnitude < 1e-12)
        #expect(factors.skew == 0 && factors.curvature == 0)
    }

    @Test("Realised and bipower variance of five-minute prices are pandas'")
    func fiveMinutes() throws {
        var log = 0.0
        let bars = (0..<288).map { i -> PriceBar in
            log += 0.001 * Double.sin(1.7 * Double(i)) + (i == 100 ? 0.02 : 0)
            return PriceBar(80_000 * Double.exp(log), at: Timestamp(milliseconds: Int64(i) * 300_000))
        }
        let end = bars[287].end
        let found = try #require(RealisedVolatility.sampled(bars[...], until: end, everyMinutes: 5, days: 1))
        #expect((found.realised / 0.20428037548939684 - 1).magnitude < 1e-12)
        #expect((found.bipower / 0.07481950979960657 - 1).magnitude < 1e-12)
        // One bar in three is no five-minute data.
        let sparse = bars.enumerated().filter { $0.offset % 3 == 0 }.map(\.element)
        #expect(RealisedVolatility.sampled(sparse[...], until: end, everyMinutes: 5, days: 1) == nil)
        // Prices between the ends of intervals do not count.
        let finer = bars.flatMap { [PriceBar(70_000, at: $0.end.adding(days: -1 / 1440.0)), $0] }
        #expect(try #require(RealisedVolatility.sampled(finer[...], until: end, everyMinutes: 5, days: 1)).realised == found.realised)
    }

    @Test("Order flow and micro-price are those of the script's five quotes")
    func flow() throws {
        let rows = [(100.0, 5.0, 101.0, 4.0), (100, 7, 101, 3), (100.5, 2, 101.5, 6), (100, 4, 101.5, 5), (100, 4, 101, 9)]
        let quotes = rows.enumerated().map { i, row in
            TopOfBook(time: StateFixture.hours(Double(i - 4) / 60), bid: row.0, bidSize: row.1, ask: row.2, askSize: row.3)
        }
        let state = MarketState(ObservedMarket(surface: StateFixture.surface), past: MarketHistory(quotes: quotes))
        #expect((try value("order-flow-imbalance-10m", state) + 0.4081632653061224).magnitude < 1e-12)
        #expect((try value("micro-price-premium", state) + 0.0019135093761959432).magnitude < 1e-12)
    }
}
