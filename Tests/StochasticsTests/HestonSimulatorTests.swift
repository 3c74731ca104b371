import Pricing
import Probability
import RealModule
import Stochastics
import Testing

/// The market of "Deep hedging", section 5: variance that spends most of its time near zero (d = 0.04).
@Suite struct HestonSimulatorTests {
    let grid = TimeGrid()
    let stream = RandomStream(seed: 2, purpose: .evaluationPaths)

    func moments(_ values: [Double]) -> (mean: Double, variance: Double) {
        let count = Double(values.count)
        let mean = values.reduce(0, +) / count
        return (mean, values.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / count)
    }

    @Test(
        "one step of the variance has the mean, variance and exponential moment of its law",
        arguments: [(0.04, 2.0, 1.0), (0.0, 2.0, 1.0), (0.5, 2.0, 1.0), (0.04, 0.3, 5.0), (0.04, 0.1, 2.0), (0.04, 0.5, 0.0)])
    func variance(start: Double, xi: Double, kappa: Double) {
        let law = SquareRootLaw(meanReversion: kappa, longRunVariance: 0.04, volatilityOfVariance: xi, years: 1.0 / 365)
        let count = 200_000
        let values = (0..<count).map { path in
            law.draw(from: start, uniform: stream.uniform(path: path, step: 0, dimension: 1), path: path, address: 0, stream: stream)
        }
        let (mean, variance) = moments(values)
        let root = Double(count).squareRoot()
        #expect((mean - law.mean(from: start)).magnitude <= 4 * law.variance(from: start).squareRoot() / root)
        let kurtosis = moments(values.map { ($0 - mean) * ($0 - mean) }).variance.squareRoot()
        #expect((variance - law.variance(from: start)).magnitude <= 4 * kurtosis / root)
        for a in [-30.0, -3] {
            let exponentials = moments(values.map { Double.exp(a * $0) })
            #expect(
                (exponentials.mean - .exp(law.logExponentialMoment(a, from: start))).magnitude <= 4 * exponentials.variance.squareRoot()
                    / root + 1e-12)
        }
    }

    @Test("Poisson numbers have mean and variance alike, at small and large means", arguments: [0.3, 7.3, 40, 900])
    func poisson(mean: Double) {
        let count = 200_000
        let (found, variance) = moments(
            (0..<count).map { Double(RandomVariates.poisson(mean: mean, uniform: stream.uniform(path: $0, step: 0))) })
        let root = Double(count).squareRoot()
        #expect((found - mean).magnitude < 4 * mean.squareRoot() / root)
        #expect((variance - mean).magnitude < 5 * mean * (2 + 1 / mean).squareRoot() / root)
    }

    @Test("the spot is a martingale and calls cost their Fourier price", arguments: HestonSimulator.Scheme.allCases)
    func prices(scheme: HestonSimulator.Scheme) {
        let count = 200_000
        // Euler needs small steps to come near.
        let simulator = HestonSimulator(scheme: scheme, substeps: scheme == .fullTruncation ? 8 : 1)
        let block = simulator.paths(0..<count, on: grid, stream: stream)
        let root = Double(count).squareRoot()
        let final = moments(block.spot[30])
        #expect((final.mean - 100).magnitude < 4 * final.variance.squareRoot() / root)
        for (strike, price) in [(100.0, 1.69183), (101, 1.08137)] {
            let payoff = moments(block.spot[30].map { max($0 - strike, 0) })
            let tolerance = scheme == .fullTruncation ? 0.02 : 2e-3
            #expect((payoff.mean - price).magnitude < 4 * payoff.variance.squareRoot() / root + tolerance)
        }
        let variance = moments(block.variance[30])
        #expect(scheme == .fullTruncation || (variance.mean - 0.04).magnitude < 4 * variance.variance.squareRoot() / root)
        let integral = moments(block.integratedVariance[30])
        #expect(scheme == .fullTruncation || (integral.mean - 0.04 * grid.maturity).magnitude < 4 * integral.variance.squareRoot() / root)
    }

    @Test("a path is the same in whatever block it is drawn")
    func blocks() {
        let simulator = HestonSimulator()
        let whole = simulator.paths(0..<100, on: grid, stream: stream)
        let part = simulator.paths(37..<60, on: grid, stream: stream)
        for step in 0...30 {
            #expect(part.spot[step] == Array(whole.spot[step][37..<60]))
            #expect(part.variance[step] == Array(whole.variance[step][37..<60]))
        }
    }
}
