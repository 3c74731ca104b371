import Market
import Pricing
import RealModule
import Surface
import Testing

@Suite struct VolatilitySurfaceTests {
    let chain = SimulatedChain(days: [10, 40])
    var surface: VolatilitySurface {
        VolatilitySurface(
            time: SimulatedChain.time, currency: "BTC", index: chain.spot,
            slices: chain.days.reversed().map {
                SurfaceSlice(
                    expiry: SimulatedChain.expiry(days: $0), timeToExpiry: $0 / 365, forward: chain.forward(days: $0),
                    smile: .svi(chain.slice(days: $0)),
                    quoted: -1...1)
            })
    }

    @Test("At an expiry the surface is its slice")
    func atExpiries() {
        for days in chain.days {
            for k in [-0.4, 0, 0.3] {
                let w = surface.totalVariance(logMoneyness: k, timeToExpiry: days / 365)
                #expect((w - chain.slice(days: days).totalVariance(atLogMoneyness: k)).magnitude < 1e-15)
            }
            #expect((surface.forward(timeToExpiry: days / 365) / chain.forward(days: days) - 1).magnitude < 1e-14)
        }
    }

    @Test("Between expiries total variance is linear in time and the log of the forward too")
    func between() {
        let w = { surface.totalVariance(logMoneyness: 0.1, timeToExpiry: $0 / 365) }
        #expect((w(25) - (w(10) + w(40)) / 2).magnitude < 1e-15)
        #expect((surface.forward(timeToExpiry: 25 / 365) / chain.forward(days: 25) - 1).magnitude < 1e-14)
    }

    @Test("Before the first and after the last expiry the volatility stays")
    func outside() {
        for (near, far) in [(1.0, 10.0), (400, 40)] {
            let one = surface.volatility(logMoneyness: -0.2, timeToExpiry: near / 365)
            let other = surface.volatility(logMoneyness: -0.2, timeToExpiry: far / 365)
            #expect((one - other).magnitude < 1e-14)
            #expect((surface.forward(timeToExpiry: near / 365) / chain.forward(days: near) - 1).magnitude < 1e-12)
        }
    }

    @Test("A strike's volatility is that of its log-moneyness, by years or by expiry")
    func byStrike() {
        let years = 20.0 / 365
        let strike = 95_000.0
        let k = Double.log(strike / surface.forward(timeToExpiry: years))
        let expected = surface.volatility(logMoneyness: k, timeToExpiry: years)
        #expect(surface.volatility(strike: strike, timeToExpiry: years) == expected)
        #expect((surface.volatility(strike: strike, expiry: SimulatedChain.expiry(days: 20)) - expected).magnitude < 1e-14)
    }

    @Test("Slope and curvature of the interpolated smile are its derivatives")
    func derivatives() {
        let smile = surface.smile(timeToExpiry: 0.06)
        let h = 1e-5
        let w = { smile.totalVariance(atLogMoneyness: $0) }
        #expect((smile.slope(atLogMoneyness: 0.1) - (w(0.1 + h) - w(0.1 - h)) / (2 * h)).magnitude < 1e-9)
        let slope = { smile.slope(atLogMoneyness: $0) }
        #expect((smile.curvature(atLogMoneyness: 0.1) - (slope(0.1 + h) - slope(0.1 - h)) / (2 * h)).magnitude < 1e-8)
    }

    @Test("A delta's volatility is that of the strike with that delta, by either convention", arguments: DeltaConvention.allCases)
    func deltas(convention: DeltaConvention) throws {
        let years = 25.0 / 365
        for kind in OptionKind.allCases {
            for delta in [0.1, 0.25, 0.4] {
                let volatility = try #require(surface.volatility(delta: delta, kind: kind, timeToExpiry: years, convention: convention))
                // The strike by bisection on the delta of Pricing.
                var (near, far) = (0.0, kind.sign * 1.5)
                for _ in 0..<80 {
                    let k = (near + far) / 2
                    let w = surface.totalVariance(logMoneyness: k, timeToExpiry: years)
                    let price = Black76.price(kind, forward: 1, strike: Double.exp(k), totalVariance: w)
                    let plain = Black76.delta(kind, forward: 1, strike: Double.exp(k), totalVariance: w)
                    let found = convention == .forward ? plain : plain - price
                    if found.magnitude > delta { near = k } else { far = k }
                }
                #expect((surface.volatility(logMoneyness: near, timeToExpiry: years) - volatility).magnitude < 1e-10)
            }
        }
    }

    @Test(
        "A premium-adjusted call's delta may rise before it falls: the strike beyond its highest is found, and none where it never gets there"
    )
    func risingDelta() throws {
        // σ√T = 2: (K/F) N(d₂) is 0.159 at the forward, 0.183 at its highest, 0.17 once more at ln(K/F) = 1.9.
        let years = 1.0
        let expiry = Timestamp(nanoseconds: Int64(Timestamp.nanosecondsPerYear))
        let smile = SVISlice(a: 3.9, b: 0.05, rho: 0, m: 0, sigma: 2)
        let surface = VolatilitySurface(
            time: Timestamp(nanoseconds: 0), currency: "BTC", index: 100,
            slices: [SurfaceSlice(expiry: expiry, timeToExpiry: years, forward: 100, smile: .svi(smile), quoted: -1...1)])
        let found = try #require(surface.volatility(delta: 0.17, kind: .call, timeToExpiry: years, convention: .premiumAdjusted))
        func delta(_ k: Double) -> Double {
            let w = smile.totalVariance(atLogMoneyness: k)
            let price = Black76.price(.call, forward: 1, strike: Double.exp(k), totalVariance: w)
            return Black76.delta(.call, forward: 1, strike: Double.exp(k), totalVariance: w) - price
        }
        #expect(delta(0) < 0.17)
        // The smile rises with k, so its volatility tells the strike.
        let k = try #require(
            stride(from: 0.0, through: 6, by: 1e-4).first { smile.totalVariance(atLogMoneyness: $0).squareRoot() >= found })
        #expect((delta(k) - 0.17).magnitude < 1e-4 && delta(k + 0.1) < 0.17 && delta(k - 0.1) > 0.17)
        #expect(surface.volatility(delta: 0.25, kind: .call, timeToExpiry: years, convention: .premiumAdjusted) == nil)
    }

    @Test("Risk reversal and butterfly are those of the wings")
    func wings() throws {
        let years = 25.0 / 365
        let call = try #require(surface.volatility(delta: 0.25, kind: .call, timeToExpiry: years))
        let put = try #require(surface.volatility(delta: 0.25, kind: .put, timeToExpiry: years))
        #expect(surface.riskReversal(timeToExpiry: years) == call - put)
        #expect(surface.butterfly(timeToExpiry: years) == (call + put) / 2 - surface.volatility(logMoneyness: 0, timeToExpiry: years))
        #expect(call < put)
    }
}
