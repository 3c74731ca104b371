import Features
import Market
import RealModule
import Surface
import Testing

@Suite struct PastFeatureTests {
    func value(_ name: FeatureName, _ state: MarketState) throws -> Double {
        try #require(FeatureCatalog.feature(named: name)).value(in: state)
    }

    @Test("Funding of the same rate: its mean is the rate, a day pays it three times and a week twenty-one times")
    func funding() throws {
        let payments = (0..<40).map { FundingPayment(time: StateFixture.hours(-8 * Double($0)), rate: 2e-4) }
        let state = MarketState(ObservedMarket(surface: StateFixture.flat), past: MarketHistory(funding: payments))
        #expect((try value("funding-ewma-1d", state) - 2e-4).magnitude < 1e-18)
        for (name, count) in [("funding-1d", 3.0), ("funding-3d", 9), ("funding-7d", 21)] as [(FeatureName, Double)] {
            #expect((try value(name, state) - count * 2e-4).magnitude < 1e-15, "\(name)")
        }
        // Not recorded, it follows from the perpetual's premium: 0.1 % is 0.075 % beyond the two and a half basis points.
        let points = (1...90).map { i -> SurfacePoint in
            let past = StateFixture.hours(-8 * Double(i) / 3)
            return SurfacePoint(StateFixture.flat.moved(to: past), perpetual: 80_000 * 1.001)
        }
        let predicted = MarketState(ObservedMarket(surface: StateFixture.flat, perpetual: 80_080), past: MarketHistory(surfaces: points))
        #expect((try value("funding-3d", predicted) - 9 * 0.00075).magnitude < 1e-12)
    }

    /// A smile σ(K) = 0.6 − 0.2 ln(K/80,000) that stays at its strikes, or moves with the forward.
    func surface(_ log: Double, sticky share: Double, at time: Timestamp) -> VolatilitySurface {
        let forward = 80_000 * Double.exp(log)
        return VolatilitySurface(
            time: time, currency: "BTC", index: forward,
            slices: [10.0, 30, 120].map { days in
                let years = days / 365
                let volatility = 0.6 - 0.2 * log * share
                // Slope of volatility −0.2 at the money: w' = 2σσ'T.
                let theta = volatility * volatility * years
                let rho = -0.3
                return SurfaceSlice(
                    expiry: time.adding(days: days), timeToExpiry: years, forward: forward,
                    smile: .svi(SVISlice(atTheMoney: theta, rho: rho, phi: 2 * volatility * -0.2 * years / (theta * rho))),
                    quoted: -0.5...0.5)
            })
    }

    @Test(
        "A smile at its strikes has skew stickiness 1, one that moves with the forward 0, one that moves twice as far 2",
        arguments: [0, 1, 2.0])
    func stickiness(share: Double) throws {
        let points = (0...30).map { day -> SurfacePoint in
            let log = 0.01 * Double.sin(1.3 * Double(day)) + 0.004 * Double.cos(2.9 * Double(day))
            return SurfacePoint(
                surface(log, sticky: share, at: StateFixture.timestamp(days: Double(day - 31))), perpetual: nil)
        }
        let state = MarketState(
            ObservedMarket(surface: surface(0.003, sticky: share, at: StateFixture.time)), past: MarketHistory(surfaces: points))
        #expect((try value("spot-response-30d", state) + 0.2 * share).magnitude < 1e-9)
        // ψ is −0.2 in every surface.
        #expect((try value("skew-slope-30d", state) + 0.2).magnitude < 1e-12)
        #expect((try value("skew-stickiness-30d", state) - share).magnitude < 1e-8)
        #expect(try value("skew-stickiness-30d", MarketState(surface: StateFixture.flat)) == 0)
    }

    @Test("Changes are against the snapshot before, and a straight drift has the volatility of its steps")
    func changes() throws {
        let points = (1...20).map { i in
            SurfacePoint(surface(0.01 * Double(-i), sticky: 0.5, at: StateFixture.timestamp(days: -Double(i))), perpetual: 80_000)
        }
        let state = MarketState(
            ObservedMarket(surface: surface(0, sticky: 0.5, at: StateFixture.time), perpetual: 80_000),
            past: MarketHistory(surfaces: points))
        let (now, before) = (state.market.point.factors, points[0].factors)
        #expect((try value("surface-level-change", state) - (now.level - before.level)).magnitude < 1e-15)
        #expect(try value("surface-level", state) == now.level)
        // About 0.01 · 0.1/0.6 a day, the root of 365 of it a year.
        #expect((try value("surface-level-volatility", state) / (0.01 * 0.1 / 0.6 * 365.0.squareRoot()) - 1).magnitude < 0.03)
        let wings = (state.market.point[days: 30].wings, points[0][days: 30].wings)
        #expect((try value("wings-variance-30d-change", state) - (wings.0.variance - wings.1.variance)).magnitude < 1e-15)
        // The forward gains a hundredth a day on a perpetual that stands still.
        #expect((try value("basis-risk-30d", state) / (0.01 * 365.0.squareRoot()) - 1).magnitude < 1e-9)
    }

    @Test("At a listed expiry the constant-maturity wings are the slice's own")
    func wings() {
        let slice = SVISlice(a: 0.01, b: 0.05, rho: -0.4, m: 0.02, sigma: 0.12)
        let surface = VolatilitySurface(
            time: StateFixture.time, currency: "BTC", index: 80_000,
            slices: [
                SurfaceSlice(
                    expiry: StateFixture.timestamp(days: 30), timeToExpiry: 30 / 365, forward: 80_000, smile: .svi(slice), quoted: -1...1)
            ])
        let (found, own) = (SurfacePoint(surface, perpetual: nil)[days: 30].wings, slice.jumpWings(timeToExpiry: 30 / 365))
        for path: KeyPath<SVIJumpWings, Double> in [\.variance, \.skew, \.putSlope, \.callSlope, \.minimumVariance] {
            #expect((found[keyPath: path] / own[keyPath: path] - 1).magnitude < 1e-9)
        }
    }

    @Test("Trades of takers: imbalance is bought less sold over both, flow of vega falls into the bucket of what is left to expiry")
    func trades() throws {
        let option = StateFixture.option(.call, strike: 80_000, days: 40, quantity: 1)
        let perpetual = Instrument.perpetual(underlying: "BTC", settlement: .inverse)
        let state = MarketState(
            ObservedMarket(surface: StateFixture.flat), book: Book([option]),
            past: MarketHistory(trades: [
                MarketTrade(time: StateFixture.hours(-0.5), instrument: option.instrument, quantity: 3),
                MarketTrade(time: StateFixture.hours(-0.25), instrument: option.instrument, quantity: -1),
                MarketTrade(time: StateFixture.hours(-5), instrument: option.instrument, quantity: -2),
                MarketTrade(time: StateFixture.hours(-30), instrument: option.instrument, quantity: 50),
                MarketTrade(time: StateFixture.hours(-2), instrument: perpetual, quantity: -4),
            ]))
        #expect(try value("option-trade-imbalance-1h", state) == 0.5 && value("option-trade-imbalance-24h", state) == 0)
        #expect(try value("perpetual-trade-imbalance-1h", state) == 0 && value("perpetual-trade-imbalance-24h", state) == -1)
        #expect((try value("hours-since-option-trade", state) - 0.25).magnitude < 1e-12)
        #expect((try value("hours-since-perpetual-trade", state) - 2).magnitude < 1e-12)
        #expect(try value("vega-flow-35-95d", state).magnitude < 1e-9)
        let early = MarketState(
            ObservedMarket(surface: StateFixture.flat), book: Book([option]),
            past: MarketHistory(trades: [MarketTrade(time: StateFixture.time, instrument: option.instrument, quantity: -1.5)]))
        #expect((try value("vega-flow-35-95d", early) / (-1.5 * value("book-vega", early)) - 1).magnitude < 1e-12)
    }

    @Test("The clock: a Monday at 21:15 is 645 minutes before the next expiry hour and 165 before funding")
    func clock() throws {
        let time = Timestamp(CivilDate(year: 2026, month: 1, day: 19)!, hour: 21, minute: 15)
        let state = MarketState(surface: StateFixture.flat.moved(to: time))
        #expect(try value("hour-of-day", state) == 21.25 && value("day-of-week", state) == 0)
        #expect(try value("minutes-to-expiry-hour", state) == 645 && value("minutes-to-funding", state) == 165)
        let sunday = Timestamp(CivilDate(year: 2026, month: 1, day: 18)!, hour: 8)
        let eight = MarketState(surface: StateFixture.flat.moved(to: sunday))
        #expect(try value("day-of-week", eight) == 6 && value("minutes-to-expiry-hour", eight) == 1440)
        #expect(try value("minutes-to-funding", eight) == 480)
    }

    @Test("A series keeps order, gives what is known, and forgets")
    func series() {
        let at = { (hour: Int) in StateFixture.hours(Double(hour)) }
        var series = TimeSeries([3, 1, 2, 2].map { FundingPayment(time: at($0), rate: Double($0)) })
        #expect(series.elements.map(\.rate) == [1, 2, 2, 3])
        #expect(series.known(at: at(2)).elements.count == 3 && series.known(at: at(0)).last == nil)
        #expect(series.last(days: 1 / 24, before: at(3)).map(\.rate) == [3])
        series.insert(FundingPayment(time: at(2), rate: 9))
        #expect(series.elements.map(\.rate) == [1, 2, 2, 9, 3])
        series.forget(before: at(2))
        #expect(series.elements.map(\.rate) == [2, 2, 9, 3])
        #expect(series.known(at: at(2)).elements.map(\.rate) == [2, 2, 9])
    }

    @Test("What is older than the reach of history may be forgotten: no feature changes")
    func forgetting() {
        var past = StateFixture.past()
        past.prices = PriceHistory(
            (0..<2000).map { PriceBar(80_000 + 900 * Double.sin(Double($0)), at: StateFixture.hours(-4 * Double($0))) })
        past.surfaces = TimeSeries((0..<300).map { SurfacePoint(StateFixture.surface(daysAgo: Double($0) + 0.5), perpetual: 80_000) })
        let whole = MarketState(StateFixture.market(), book: StateFixture.book, past: past)
        past.forget(before: StateFixture.time)
        #expect(past.prices.bars.count < 800 && past.surfaces.elements.count == 130)
        let cut = MarketState(StateFixture.market(), book: StateFixture.book, past: past)
        #expect(FeaturePipeline().row(cut) == FeaturePipeline().row(whole))
    }
}
