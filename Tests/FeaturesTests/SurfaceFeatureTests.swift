import Features
import Market
import Pricing
import RealModule
import Surface
import Testing

@Suite struct SurfaceFeatureTests {
    func value(_ name: FeatureName, _ state: MarketState) throws -> Double {
        try #require(FeatureCatalog.feature(named: name)).value(in: state)
    }

    @Test("On a flat surface every skew is zero, and every volatility the same")
    func flat() throws {
        let state = MarketState(surface: StateFixture.flat)
        for name: FeatureName in [
            "risk-reversal-25d-30d", "butterfly-25d-30d", "normalised-skew-30d", "skew-slope-30d", "term-slope", "basis-30d", "basis-slope",
        ] {
            #expect(try value(name, state).magnitude < 1e-12, "\(name)")
        }
        for name: FeatureName in ["atm-volatility-7d", "atm-volatility-30d", "atm-volatility-90d", "atm-volatility-180d"] {
            #expect((try value(name, state) - 0.6).magnitude < 1e-12, "\(name)")
        }
        #expect((try value("variance-swap-volatility-30d", state) - 0.6).magnitude < 1e-7)
        #expect((try value("forward-variance-30-90d", state) - 0.36).magnitude < 1e-12)
        #expect(try value("butterfly-health", state) == 1)
        #expect((try value("calendar-health", state) - 0.36).magnitude < 1e-12)
    }

    @Test("A smile tilted to puts has negative risk reversal and skew, a positive butterfly, and a variance swap above the money")
    func tilted() throws {
        let state = StateFixture.state
        #expect(try value("risk-reversal-25d-30d", state) < -0.01)
        #expect(try value("skew-slope-30d", state) < 0)
        #expect(try value("normalised-skew-30d", state) > 0)
        #expect(try value("butterfly-25d-30d", state) > 0)
        #expect(try value("variance-swap-volatility-30d", state) > value("atm-volatility-30d", state))
        #expect(try value("term-slope", state) > 0)
        #expect((try value("basis-30d", state) - 0.05).magnitude < 1e-9)
    }

    @Test("The variance swap's strip is the mean of total variance over d₂ in its normal law", arguments: [5.0, 40, 200])
    func varianceSwap(days: Double) throws {
        // Matytsin: ∫ φ(z) w(k(z)) dz with z = d₂(k) is the same integral by other means.
        let smile = StateFixture.slice(days: days).smile
        let strip = try #require(smile.varianceSwapTotalVariance())
        let z = { (k: Double) in
            let s = smile.totalVariance(atLogMoneyness: k).squareRoot()
            return -k / s - s / 2
        }
        var sum = 0.0
        let width = smile.totalVariance(atLogMoneyness: 0).squareRoot()
        let step = width / 400
        var k = -30 * width
        while k < 30 * width {
            let middle = k + step / 2
            let density = Double.exp(-z(middle) * z(middle) / 2) / (2 * Double.pi).squareRoot()
            sum += density * smile.totalVariance(atLogMoneyness: middle) * (z(k) - z(k + step))
            k += step
        }
        #expect((strip / sum - 1).magnitude < 1e-5)
    }

    @Test("The volatility of a delta has that delta", arguments: [0.1, 0.25, 0.4], OptionKind.allCases)
    func deltas(delta: Double, kind: OptionKind) throws {
        let surface = StateFixture.surface
        let years = 30 / 365.0
        let volatility = try #require(surface.volatility(delta: delta, kind: kind, timeToExpiry: years))
        // The strike at which the surface has this volatility on the option's side of the money.
        let forward = surface.forward(timeToExpiry: years)
        let s = volatility * years.squareRoot()
        let quantile = { (p: Double) in
            var (low, high) = (-9.0, 9.0)
            for _ in 0..<80 {
                let middle = (low + high) / 2
                if 0.5 * Double.erfc(-middle / 2.0.squareRoot()) < p { low = middle } else { high = middle }
            }
            return low
        }
        let strike = forward * Double.exp(s * s / 2 - kind.sign * quantile(delta) * s)
        #expect((surface.volatility(strike: strike, timeToExpiry: years) - volatility).magnitude < 1e-9)
        let greeks = Black76.greeks(kind, forward: forward, strike: strike, volatility: volatility, timeToExpiry: years)
        #expect((greeks.delta.magnitude - delta).magnitude < 1e-9)
    }

    @Test(
        "Funding is nothing within 2.5 basis points of the index, the excess beyond, and capped; 1.25 coin at 0.06 % pay 0.000109 in 2 h",
        arguments: [
            (0.0, 0.0), (0.0002, 0), (-0.00025, 0), (0.0006, 0.000109375 / 1.25 / 0.25), (-0.002, -0.00175), (0.03, 0.005),
        ])
    func funding(premium: Double, rate: Double) throws {
        let state = MarketState(surface: StateFixture.flat, perpetual: 80_000 * (1 + premium))
        #expect((try value("perpetual-premium", state) - premium).magnitude < 1e-12)
        #expect((try value("predicted-funding-8h", state) - rate).magnitude < 1e-12)
        #expect((try value("funding-8h", state) - rate).magnitude < 1e-12)
        #expect(try value("funding-8h", MarketState(surface: StateFixture.flat, fundingRate: 0.0001)) == 0.0001)
    }
}
