import Market
import Pricing
import Probability
import RealModule
import Testing

@Suite struct ImpliedVolatilityTests {
    @Test("the deviation of a price is exact to some units in the last place, from 1e-6 to 6 and down to prices of 1e-300")
    func reference() throws {
        var worst = 0.0
        for (strike, price, deviation) in impliedDeviations {
            let found = try ImpliedVolatility.totalDeviation(.call, price: price, forward: 1, strike: strike)
            let error = (found / deviation - 1).magnitude
            #expect(!error.isNaN)
            worst = max(worst, error)
            #expect(error < 4e-15, "\(found) for \(deviation) at K \(strike) price \(price): \(error)")
            // A put at the mirrored strike is the same problem: put(F, K) = K·F call(1/F, 1/K).
            let put = try ImpliedVolatility.totalDeviation(.put, price: price, forward: strike, strike: 1)
            #expect((put / deviation - 1).magnitude < 4e-15)
        }
        print("implied volatility: worst relative error \(worst) over \(impliedDeviations.count) prices")
    }

    @Test("price, then volatility, then price again, in and out of the money", arguments: OptionKind.allCases)
    func roundTrip(kind: OptionKind) throws {
        for volatility in [0.05, 0.3, 0.8, 2.5] {
            for time in [1.0 / 8760, 0.02, 0.25, 2] {
                for standardised in stride(from: -5.0, through: 5, by: 0.25) {
                    let deviation = volatility * time.squareRoot()
                    let strike = 90_000 * Double.exp(standardised * deviation)
                    let greeks = Black76.greeks(kind, forward: 90_000, strike: strike, volatility: volatility, timeToExpiry: time)
                    let intrinsic = max(kind.sign * (90_000 - strike), 0)
                    guard greeks.price - intrinsic > 1e-9 else { continue }
                    let found = try ImpliedVolatility.volatility(
                        kind, price: greeks.price, forward: 90_000, strike: strike, timeToExpiry: time)
                    // The price itself is known to some 1e-16 of the forward and strike, no better.
                    #expect((found - volatility).magnitude < 1e-13 + 6e-16 * (90_000 + strike) / greeks.vega)
                }
            }
        }
    }

    @Test("the normalised price has full relative accuracy where the plain formula has none left")
    func normalized() {
        // b(x, s) of mpmath, 50 digits.
        let known: [(x: Double, s: Double, b: Double)] = normalizedPrices
        for (x, s, b) in known {
            let found = NormalizedBlack.value(x: x, deviation: s)
            let allowed = 2e-15 + 4e-16 * (x / s) * (x / s)
            #expect((found / b - 1).magnitude < allowed, "\(found) for \(b) at x \(x), s \(s)")
        }
    }

    @Test("100000 scattered problems come back to the deviation they were made with")
    func scattered() throws {
        let draws = RandomStream(seed: 7, purpose: .data)
        var worst = 0.0
        for path in 0..<100_000 {
            let s = Double.exp(Double.log(1e-6) + draws.uniform(path: path, step: 0) * Double.log(6e6))
            let h = 36 * Double.pow(draws.uniform(path: path, step: 0, dimension: 1), 3)
            let strike = Double.exp(h * s)
            guard strike.isFinite, strike < 1e100 else { continue }
            // ln K of the rounded strike, to the precision of log(1 + ...) near 1.
            let x = -(strike < 1.5 ? Double.log(onePlus: strike - 1) : Double.log(strike))
            let value = NormalizedBlack.value(x: x, deviation: s)
            let price = value * strike.squareRoot()
            guard price > 1e-300, price < 1 else { continue }
            let found = try ImpliedVolatility.totalDeviation(.call, price: price, forward: 1, strike: strike)
            // One rounding of the price moves s by eps·b/(∂b/∂s): near the bound that is all that can be known.
            let slope = 0.3989422804014327 * Double.exp(-0.5 * (x / s * x / s + s * s / 4))
            let allowed = 4e-15 + 4e-16 * value / (s * slope) * (1 + x * x / (s * s))
            let distance = (found / s - 1).magnitude / allowed
            #expect(!distance.isNaN)
            worst = max(worst, distance)
        }
        print("implied volatility: worst error \(worst) of what rounding allows")
        #expect(worst < 1)
    }

    @Test("a coin premium gives the same volatility as its dollar price")
    func coin() throws {
        let premium = InverseOption.value(.put, forward: 91_250, strike: 100_000, totalVariance: 0.61 * 0.61 * 0.1)
        let volatility = try InverseOption.impliedVolatility(.put, price: premium, forward: 91_250, strike: 100_000, timeToExpiry: 0.1)
        #expect((volatility - 0.61).magnitude < 1e-13)
    }

    @Test("a price outside its bounds is refused with the bound")
    func bounds() throws {
        func implied(_ kind: OptionKind, _ price: Double, _ strike: Double) throws -> Double {
            try ImpliedVolatility.totalDeviation(kind, price: price, forward: 100, strike: strike)
        }
        #expect(throws: ImpliedVolatilityError.belowIntrinsic(price: 9, intrinsic: 10)) { try implied(.call, 9, 90) }
        #expect(throws: ImpliedVolatilityError.belowIntrinsic(price: -1, intrinsic: 0)) { try implied(.put, -1, 90) }
        #expect(throws: ImpliedVolatilityError.atOrAboveBound(price: 100, bound: 100)) { try implied(.call, 100, 90) }
        #expect(throws: ImpliedVolatilityError.atOrAboveBound(price: 95, bound: 90)) { try implied(.put, 95, 90) }
        #expect(throws: ImpliedVolatilityError.self) { try implied(.put, .nan, 90) }
        #expect(throws: ImpliedVolatilityError.self) { try implied(.put, .infinity, 90) }
        #expect(try implied(.call, 10, 90) == 0)
        #expect(try implied(.put, 0, 90) == 0)
    }
}
