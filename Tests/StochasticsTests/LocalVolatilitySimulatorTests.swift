import Pricing
import Probability
import RealModule
import Stochastics
import Testing

@Suite struct LocalVolatilitySimulatorTests {
    let stream = RandomStream(seed: 13, purpose: .evaluationPaths)
    static let smile = SSVISmile(volatility: 0.3, correlation: -0.5, curvature: 1.1, power: 0.4)

    @Test("local variance is Dupire's, from differences of the call prices", arguments: [-0.2, -0.05, 0, 0.1], [0.05, 0.5])
    func dupire(k: Double, years: Double) {
        func call(_ strike: Double, _ time: Double) -> Double {
            Black76.price(
                .call, forward: 1, strike: strike,
                totalVariance: Self.smile.totalVariance(logMoneyness: .log(strike), years: time))
        }
        let (strike, dk, dt) = (Double.exp(k), 1e-3, 1e-5)
        let slope = (call(strike, years + dt) - call(strike, years - dt)) / (2 * dt)
        let density = (call(strike + dk, years) - 2 * call(strike, years) + call(strike - dk, years)) / (dk * dk)
        let expected = 2 * slope / (strike * strike * density)
        let found = Self.smile.localVariance(logMoneyness: k, years: years)
        #expect((found / expected - 1).magnitude < 2e-3, "\(found) for \(expected)")
    }

    @Test("the variance swap is that of out-of-the-money options, a flat surface's its variance")
    func varianceSwap() {
        #expect((SSVISmile(volatility: 0.25, correlation: 0, curvature: 0).varianceSwap(years: 0.3) - 0.0625 * 0.3).magnitude < 1e-12)
        // 2 ∫ Q(K)/K² dK in k: dK/K² = e^{−k} dk.
        let (years, dk) = (0.25, 1e-3)
        let strip = (-4000...4000).reduce(0.0) { sum, i in
            let k = Double(i) * dk
            let w = Self.smile.totalVariance(logMoneyness: k, years: years)
            let price = Black76.price(k < 0 ? .put : .call, forward: 1, strike: .exp(k), totalVariance: w)
            return sum + 2 * price * Double.exp(-k) * dk
        }
        #expect((Self.smile.varianceSwap(years: years) / strip - 1).magnitude < 2e-4)
    }

    @Test("a flat surface has one local variance and Black-Scholes paths")
    func flat() {
        let smile = SSVISmile(volatility: 0.25, correlation: -0.3, curvature: 0)
        for (k, years) in [(-0.5, 0.01), (0, 1), (0.7, 3)] {
            #expect((smile.localVariance(logMoneyness: k, years: years) - 0.0625).magnitude < 1e-15)
        }
        let grid = TimeGrid(steps: 6)
        let ours = LocalVolatilitySimulator(smile: smile, substeps: 1).paths(0..<100, on: grid, stream: stream)
        let plain = BlackScholesSimulator(volatility: 0.25).paths(0..<100, on: grid, stream: stream)
        for i in 0..<100 { #expect((ours.logSpot[6][i] - plain.logSpot[6][i]).magnitude < 1e-13) }
    }

    @Test("calls cost what the surface says, at maturity and on the way")
    func prices() {
        let grid = TimeGrid(maturityDays: 90, daysPerYear: 365, steps: 30)
        let block = LocalVolatilitySimulator(smile: Self.smile, substeps: 8).paths(0..<100_000, on: grid, stream: stream)
        for step in [10, 30] {
            let years = grid.time(step)
            for strike in [80.0, 90, 100, 110, 120] {
                let w = Self.smile.totalVariance(logMoneyness: .log(strike / 100), years: years)
                let price = Black76.price(.call, forward: 100, strike: strike, totalVariance: w)
                let found = Moments(block.spot[step].map { max($0 - strike, 0) })
                // What is left of the step size: a hundredth of a volatility point's worth or so.
                #expect(found.agree(with: price, bias: 0.03), "\(found.mean) ± \(found.error) for \(price), K \(strike), step \(step)")
            }
        }
    }
}
