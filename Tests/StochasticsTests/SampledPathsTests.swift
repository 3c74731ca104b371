import Market
import Pricing
import Probability
import RealModule
import Stochastics
import Testing

/// Antithetic and Sobol paths: the same laws, less scatter.
@Suite struct SampledPathsTests {
    let grid = TimeGrid(maturityDays: 30, steps: 30)
    static let runs = 24

    static func stream(_ sampling: Sampling) -> RandomStream { RandomStream(seed: 11, purpose: .evaluationPaths).sampled(sampling) }

    /// Mean and standard error over whole runs of 4096 paths.
    private func estimate(_ law: any PathSimulator, _ sampling: Sampling, _ value: (PathBlock, Int) -> Double) throws -> SampleStatistics {
        try SampleStatistics(
            (0..<Self.runs).map { run in
                let block = law.paths(run * 4096..<(run + 1) * 4096, on: grid, stream: Self.stream(sampling))
                return (0..<4096).reduce(0) { $0 + value(block, $1) } / 4096
            })
    }

    @Test(
        "spot and call are unbiased under every law", arguments: ["black-scholes", "heston", "merton", "garch", "sabr"], Sampling.allCases)
    func unbiased(name: String, sampling: Sampling) throws {
        let law = try SimulatorCatalog.simulator(named: name)
        let spot = try estimate(law, sampling) { $0.spot[30][$1] }
        #expect((spot.mean - 100).magnitude < 4.5 * spot.standardError, "\(spot.mean) ± \(spot.standardError)")
        guard name == "black-scholes" || name == "merton" else { return }
        let call = try estimate(law, sampling) { max($0.spot[30][$1] - 100, 0) }
        let independent = try estimate(law, .independent) { max($0.spot[30][$1] - 100, 0) }
        let error = (call.standardError * call.standardError + independent.standardError * independent.standardError).squareRoot()
        #expect((call.mean - independent.mean).magnitude < 4.5 * error)
    }

    @Test("a call's price under Black-Scholes: to the formula, with a hundredth and less of the variance by Sobol's points and a bridge")
    func call() throws {
        let law = BlackScholesSimulator()
        let exact = Black76.price(.call, forward: 100, strike: 100, totalVariance: 0.04 * grid.maturity)
        let errors = try Sampling.allCases.map { sampling in
            let found = try estimate(law, sampling) { max($0.spot[30][$1] - 100, 0) }
            #expect((found.mean - exact).magnitude < 4.5 * found.standardError, "\(sampling)")
            return found.standardError
        }
        let saved = errors.map { (errors[0] / $0) * (errors[0] / $0) }
        #expect(saved[1] > 1.3 && saved[2] > 100, "\(saved)")
    }

    @Test("a bridge's increments are those of independent steps: variances, covariances, any number of steps", arguments: [1, 2, 7, 30])
    func bridge(steps: Int) {
        let grid = TimeGrid(maturityDays: 30, steps: steps)
        let law = BlackScholesSimulator(volatility: 0.4)
        let block = law.paths(0..<16_384, on: grid, stream: Self.stream(.sobol))
        let (mean, deviation) = (-0.08 * grid.timeStep, 0.4 * grid.timeStep.squareRoot())
        let moves: [[Double]] = (0..<steps).map { t in
            zip(block.logSpot[t + 1], block.logSpot[t]).map { after, before in (after - before - mean) / deviation }
        }
        for a in 0..<steps {
            for b in Set([0, a / 2, a]) {
                let product = zip(moves[a], moves[b]).reduce(0) { $0 + $1.0 * $1.1 } / 16_384
                #expect((product - (a == b ? 1 : 0)).magnitude < 0.03, "\(a), \(b)")
            }
        }
        // The same path in any block.
        let part = law.paths(77..<90, on: grid, stream: Self.stream(.sobol))
        #expect(part.logSpot[steps] == Array(block.logSpot[steps][77..<90]))
    }
}
