import Market
import Pricing
import Probability
import RealModule
import Testing
import VectorKernels

@Suite struct ImpliedDeviationsTests {
    /// Largest relative error: of the kernel, or of the plain solver where there is none.
    let allowed = VectorUnit.isAvailable ? 2.5 * 0x1p-52 : 4e-15

    @Test("a price of doubles gives its exact deviation to two units of 2^-52: the whole domain, calls and puts, in and out of the money")
    func scattered() {
        let all = scatteredDeviations
        let found = ImpliedDeviations(
            all.map { $0.sign > 0 ? .call : .put }, prices: all.map(\.price), forwards: all.map(\.forward), strikes: all.map(\.strike))
        #expect(found.refusals.isEmpty)
        var worst = 0.0
        for (problem, deviation) in zip(all, found.values) {
            let error = (deviation / problem.deviation - 1).magnitude
            #expect(!error.isNaN)
            worst = max(worst, error)
            #expect(error <= allowed, "\(deviation) for \(problem)")
        }
        print("implied deviations: worst relative error \(worst / 0x1p-52) x 2^-52 over \(all.count) prices")
    }

    @Test("the grid of the plain solver's test, prices down to 1e-300, as calls and as mirrored puts")
    func grid() {
        let count = impliedDeviations.count
        let strikes = impliedDeviations.map(\.strike)
        let ones = [Double](repeating: 1, count: count)
        let found = ImpliedDeviations(
            [OptionKind](repeating: .call, count: count) + [OptionKind](repeating: .put, count: count),
            prices: impliedDeviations.map(\.price) + impliedDeviations.map(\.price), forwards: ones + strikes, strikes: strikes + ones)
        for (i, deviation) in found.values.enumerated() {
            let problem = impliedDeviations[i % count]
            // Below 1e-280 the plain solver steps in.
            let bound = problem.price < 1e-279 ? 4e-15 : allowed
            #expect((deviation / problem.deviation - 1).magnitude <= bound, "\(deviation) for \(problem)")
        }
    }

    @Test("every count, and every place in it, gives what the plain solver gives", arguments: [1, 7, 8, 9, 31])
    func plain(count: Int) throws {
        let draws = RandomStream(seed: 11, purpose: .data)
        var (kinds, prices, forwards, strikes): ([OptionKind], [Double], [Double], [Double]) = ([], [], [], [])
        for i in 0..<count {
            kinds.append(i % 3 == 0 ? .put : .call)
            forwards.append(90_000 * Double.exp(0.1 * draws.normal(path: i, step: 0)))
            strikes.append(90_000 * Double.exp(0.3 * draws.normal(path: i, step: 1)))
            let s = 0.05 + 2.5 * draws.uniform(path: i, step: 2)
            prices.append(Black76.price(kinds[i], forward: forwards[i], strike: strikes[i], totalVariance: s * s))
        }
        let found = ImpliedDeviations(kinds, prices: prices, forwards: forwards, strikes: strikes)
        for i in 0..<count {
            let plain = try ImpliedVolatility.totalDeviation(kinds[i], price: prices[i], forward: forwards[i], strike: strikes[i])
            #expect((found.values[i] / plain - 1).magnitude < 5e-15)
        }
        // What stands beside a price does not matter.
        for i in 0..<count {
            let alone = ImpliedDeviations([kinds[i]], prices: [prices[i]], forwards: [forwards[i]], strikes: [strikes[i]])
            #expect(alone.values[0] == found.values[i])
        }
    }

    @Test("a coin price is that of its product with the forward, unrounded")
    func coin() {
        let volatility = 0.61
        let times = [0.25 / 8760, 0.02, 0.1, 2]
        for (kind, strike) in [(OptionKind.call, 91_300.0), (.put, 91_200), (.call, 140_000), (.put, 40_000)] {
            let prices = times.map {
                InverseOption.value(kind, forward: 91_250, strike: strike, totalVariance: volatility * volatility * $0)
            }
            let kinds = [OptionKind](repeating: kind, count: times.count)
            let (forwards, strikes) = (times.map { _ in 91_250.0 }, times.map { _ in strike })
            let found = ImpliedDeviations(kinds, prices: prices, forwards: forwards, strikes: strikes, settlement: .inverse)
            let linear = ImpliedDeviations(kinds, prices: prices.map { $0 * 91_250 }, forwards: forwards, strikes: strikes)
            let volatilities = found.volatilities(timesToExpiry: times)
            for i in times.indices where prices[i] > 1e-12 {
                #expect((volatilities[i] / volatility - 1).magnitude < 1e-11, "\(kind) \(strike) at \(times[i]): \(volatilities[i])")
                #expect((found.values[i] / linear.values[i] - 1).magnitude < 5e-16)
            }
        }
    }

    @Test("prices without a volatility are NaN, each with its reason; at intrinsic value the deviation is zero")
    func refusals() {
        let found = ImpliedDeviations(
            [.call, .put, .call, .put, .put, .call, .call, .put, .call], prices: [9, -1, 100, 95, .nan, 10, 12, 0, .infinity],
            forwards: [Double](repeating: 100, count: 9), strikes: [Double](repeating: 90, count: 9))
        #expect(found.refusals.map(\.index) == [0, 1, 2, 3, 4, 8])
        #expect(found.refusals[0].reason == .belowIntrinsic(price: 9, intrinsic: 10))
        #expect(found.refusals[1].reason == .belowIntrinsic(price: -1, intrinsic: 0))
        #expect(found.refusals[2].reason == .atOrAboveBound(price: 100, bound: 100))
        #expect(found.refusals[3].reason == .atOrAboveBound(price: 95, bound: 90))
        if case .notFinite = found.refusals[4].reason {} else { Issue.record("\(found.refusals[4].reason)") }
        #expect(found.values.map(\.isNaN) == [true, true, true, true, true, false, false, false, true])
        #expect(found.values[5] == 0 && found.values[7] == 0 && found.values[6] > 0)
    }

    @Test("what F - K loses in rounding is not lost from the time value")
    func farInTheMoney() throws {
        // F − K is rounded: 90000.1 − 0.3 has no double. The put at that strike is worth what the call is beyond it.
        let (forward, strike) = (90_000.1, 0.3)
        let price = 89_999.8 + 3e-11
        let exact = Augmented.sum(large: forward, small: -strike)
        let put = price - exact.head - exact.tail
        let call = try ImpliedVolatility.totalDeviation(.call, price: price, forward: forward, strike: strike)
        let mirrored = try ImpliedVolatility.totalDeviation(.put, price: put, forward: forward, strike: strike)
        #expect(exact.tail != 0)
        #expect((call / mirrored - 1).magnitude < 5e-15)
        let found = ImpliedDeviations([.call, .put], prices: [price, put], forwards: [forward, forward], strikes: [strike, strike])
        #expect((found.values[0] / call - 1).magnitude < 5e-15 && (found.values[1] / call - 1).magnitude < 5e-15)
    }
}
