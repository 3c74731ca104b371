import Market
import Pricing
import Probability
import RealModule
import Surface
import Testing

/// An index with a rate, dividends and a smile, whose options are settled in dollars and say no forward: rows carry the spot.
private struct IndexChain {
    var rate = 0.045
    var dividendYield = 0.014
    var spot = 5000.0
    var days = [30.0, 91, 182, 365]
    /// Half-spread in dollars.
    var half = 1.5
    /// Of the middles, in half-spreads.
    var noise = 0.0
    var seed: UInt64 = 1
    static let time = Timestamp(milliseconds: 1_767_225_600_000)

    func forward(_ years: Double) -> Double { spot * Double.exp((rate - dividendYield) * years) }

    func slice(_ years: Double) -> SVISlice {
        SVISlice(atTheMoney: 0.03 * years, rho: -0.6, phi: 1.1 / (0.03 * years).squareRoot())
    }

    var snapshot: MarketSnapshot {
        let stream = RandomStream(seed: seed, purpose: .data)
        var options: [OptionQuote] = []
        for (i, days) in days.enumerated() {
            let years = days / 365
            let forward = forward(years)
            for j in -12...8 {
                let strike = ((1 + 0.02 * Double(j)) * spot).rounded()
                let w = slice(years).totalVariance(atLogMoneyness: Double.log(strike / forward))
                for kind in OptionKind.allCases {
                    let price = Black76.price(kind, forward: forward, strike: strike, totalVariance: w) * Double.exp(-rate * years)
                    let shift = noise * half * stream.normal(path: i, step: j + 12, dimension: kind == .call ? 0 : 1)
                    options.append(
                        OptionQuote(
                            contract: OptionContract(
                                underlying: "SPX", kind: kind, strike: strike,
                                expiry: Timestamp(nanoseconds: Self.time.nanoseconds + Int64(days * 86_400e9)), settlement: .linear),
                            quote: Quote(bid: price + shift - half, ask: price + shift + half, mark: price), markVolatility: nil,
                            delta: nil, vega: nil, openInterest: 10, volume: 1, forward: spot, forwardName: "INDEX", index: spot))
                }
            }
        }
        return MarketSnapshot(time: Self.time, currency: "SPX", index: spot, options: options)
    }

    static var filter: LiquidityFilter {
        var filter = LiquidityFilter.quotesAlone
        filter.acceptsIndexForward = true
        return filter
    }
}

@Suite struct ParityCurveTests {
    @Test("Exact quotes give back forward, discount, rate and dividend yield at every expiry")
    func recovery() throws {
        let chain = IndexChain()
        for (days, expiry) in zip(chain.days, ExpiryChain.chains(of: chain.snapshot, filter: IndexChain.filter, forwards: .parity)) {
            let (curve, years) = (try #require(expiry.curve), days / 365)
            #expect((curve.forward / chain.forward(years) - 1).magnitude < 1e-12)
            #expect((curve.discount - Double.exp(-0.045 * years)).magnitude < 1e-12)
            #expect((curve.rate(timeToExpiry: years) - 0.045).magnitude < 1e-11)
            #expect((curve.dividendYield(spot: chain.spot, timeToExpiry: years) - 0.014).magnitude < 1e-11)
            #expect(curve.strikes > 10 && expiry.forward == curve.forward && expiry.discount == curve.discount)
        }
    }

    @Test("Coin-settled parity has the coin's own discount: 1 − K/F is paid at expiry")
    func coin() throws {
        let chain = SimulatedChain(days: [91])
        var snapshot = chain.snapshot
        // A coin that is lent at 3 %.
        let discount = Double.exp(-0.03 * 91 / 365)
        for i in snapshot.options.indices {
            snapshot.options[i].quote.bid! *= discount
            snapshot.options[i].quote.ask! *= discount
        }
        let curve = try #require(ExpiryChain.chains(of: snapshot, forwards: .parity)[0].curve)
        #expect((curve.forward / chain.forward(days: 91) - 1).magnitude < 1e-9)
        #expect((curve.discount - discount).magnitude < 1e-9)
        let plain = try #require(ExpiryChain.chains(of: chain.snapshot, forwards: .parity)[0].curve)
        #expect((plain.discount - 1).magnitude < 1e-9)
    }

    @Test("The errors are those of weighted least squares: three strikes by hand")
    func errors() throws {
        func pair(_ strike: Double, _ difference: Double) -> [OptionQuote] {
            [OptionKind.call, .put].map { kind in
                // C − P lies within half a dollar of the difference.
                let price = kind == .call ? 50 + difference : 50
                return OptionQuote(
                    contract: OptionContract(
                        underlying: "SPX", kind: kind, strike: strike, expiry: Timestamp(nanoseconds: 1), settlement: .linear),
                    quote: Quote(bid: price - 0.25, ask: price + 0.25), markVolatility: nil, delta: nil, vega: nil, openInterest: 1,
                    volume: 0, forward: 100, forwardName: "INDEX", index: 100)
            }
        }
        // On the line 0.9 (104 − K): each of half-width 0.5, strikes 90, 100, 110.
        let curve = try #require(ParityCurve([90.0, 100, 110].flatMap { pair($0, 0.9 * (104 - $0)) }))
        #expect((curve.forward - 104).magnitude < 1e-12 && (curve.discount - 0.9).magnitude < 1e-14)
        // Slope: 0.5/√(10² + 10²); height at 100: 0.5/√3; forward = 100 + height/slope.
        let (slope, height) = (0.5 / 200.0.squareRoot(), 0.5 / 3.0.squareRoot())
        #expect((curve.discountError - slope).magnitude < 1e-14)
        #expect((curve.forwardError - (height * height + 16 * slope * slope).squareRoot() / 0.9).magnitude < 1e-13)
        #expect(ParityCurve([90.0, 100].flatMap { pair($0, 0.9 * (104 - $0)) }) == nil)
        #expect(ParityCurve([90.0, 100, 110].flatMap { pair($0, 0.9 * ($0 - 104)) }) == nil)
    }

    @Test("Noise inside the quotes moves forward and discount by no more than their errors say, over 100 seeds")
    func calibratedErrors() throws {
        var (forwards, discounts): ([Double], [Double]) = ([], [])
        for seed in 0..<100 as Range<UInt64> {
            var chain = IndexChain(days: [182], noise: 0.5, seed: seed)
            chain.half = 2
            let curve = try #require(ExpiryChain.chains(of: chain.snapshot, filter: IndexChain.filter, forwards: .parity)[0].curve)
            let years = 182.0 / 365
            forwards.append((curve.forward - chain.forward(years)) / curve.forwardError)
            discounts.append((curve.discount - Double.exp(-0.045 * years)) / curve.discountError)
        }
        // C − P has twice the half-spread and √2 times the noise: 0.35 of the half-width that the error is made of.
        for scores in [forwards, discounts] {
            let spread = (scores.reduce(0) { $0 + $1 * $1 } / 100).squareRoot()
            #expect((0.25...0.45).contains(spread), "\(spread)")
        }
    }

    @Test("A fat finger moves neither")
    func outlier() throws {
        var snapshot = IndexChain(days: [182]).snapshot
        let wrong = try #require(snapshot.options.firstIndex { $0.contract.strike == 5300 && $0.contract.kind == .call })
        snapshot.options[wrong].quote.bid! += 90
        snapshot.options[wrong].quote.ask! += 90
        let curve = try #require(ExpiryChain.chains(of: snapshot, filter: IndexChain.filter, forwards: .parity)[0].curve)
        #expect((curve.rate(timeToExpiry: 182.0 / 365) - 0.045).magnitude < 2e-4)
        #expect((curve.forward / IndexChain().forward(182.0 / 365) - 1).magnitude < 2e-5)
    }

    @Test("The surface of an index with rates and dividends is the one that made it; without the curve it is not")
    func surface() throws {
        let chain = IndexChain()
        var calibration = SurfaceCalibration()
        calibration.filter = IndexChain.filter
        calibration.forwards = .parity
        let fit = calibration.fit(chain.snapshot)
        let surface = try #require(fit.surface)
        #expect(surface.slices.count == 4 && fit.report.insideBidAsk == 1)
        for (days, slice) in zip(chain.days, surface.slices) {
            for k in [-0.1, 0, 0.03] {
                let expected = (chain.slice(days / 365).totalVariance(atLogMoneyness: k) / slice.timeToExpiry).squareRoot()
                let found = (slice.smile.totalVariance(atLogMoneyness: k) / slice.timeToExpiry).squareRoot()
                #expect((found - expected).magnitude < 2e-3, "\(days) days, k \(k): \(found), expected \(expected)")
            }
        }
        for years in [0.05, 0.3, 0.9] {
            #expect((surface.discount(timeToExpiry: years) - Double.exp(-0.045 * years)).magnitude < 1e-10)
            #expect((surface.forward(timeToExpiry: years) / chain.forward(years) - 1).magnitude < 1e-10)
        }
        calibration.forwards = .venue
        #expect((calibration.fit(chain.snapshot).report.insideBidAsk ?? 0) < 0.8)
    }
}
