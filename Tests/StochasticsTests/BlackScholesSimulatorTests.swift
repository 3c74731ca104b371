import Probability
import RealModule
import Stochastics
import Testing

@Suite struct BlackScholesSimulatorTests {
    let grid = TimeGrid(maturityDays: 30, daysPerYear: 365, steps: 7)
    let stream = RandomStream(seed: 1, purpose: .evaluationPaths)

    @Test("a path is the same in whatever block it is drawn")
    func blocks() {
        let simulator = BlackScholesSimulator(drift: 0.05)
        let whole = simulator.paths(0..<100, on: grid, stream: stream)
        let part = simulator.paths(37..<60, on: grid, stream: stream)
        for step in 0...grid.steps { #expect(part.spot[step] == Array(whole.spot[step][37..<60])) }
    }

    @Test("increments are normal with the mean and variance of the law, and the spot grows at the drift")
    func moments() {
        let simulator = BlackScholesSimulator(spot: 50, volatility: 0.4, drift: 0.3)
        let count = 200_000
        let block = simulator.paths(0..<count, on: grid, stream: stream)
        let time = grid.time(7)
        let logs = block.logSpot[7].map { ($0 - .log(50) - (0.3 - 0.08) * time) / (0.4 * time.squareRoot()) }
        let root = Double(count).squareRoot()
        #expect((logs.reduce(0, +) / Double(count)).magnitude < 4 / root)
        #expect((logs.reduce(0) { $0 + $1 * $1 } / Double(count) - 1).magnitude < 4 * 2.0.squareRoot() / root)
        #expect((logs.reduce(0) { $0 + $1 * $1 * $1 * $1 } / Double(count) - 3).magnitude < 4 * 96.0.squareRoot() / root)
        let mean = block.spot[7].reduce(0, +) / Double(count)
        #expect((mean - 50 * .exp(0.3 * time)).magnitude < 4 * 50 * 0.4 * time.squareRoot() / root * 1.1)
    }

    @Test("steps are independent")
    func independence() {
        let block = BlackScholesSimulator().paths(0..<100_000, on: grid, stream: stream)
        let moves = (0..<7).map { t in zip(block.logSpot[t + 1], block.logSpot[t]).map { $0 - $1 } }
        let variance = 0.04 * grid.timeStep
        for (a, b) in [(0, 1), (1, 2), (0, 2), (5, 6)] {
            let product = zip(moves[a], moves[b]).reduce(0) { $0 + $1.0 * $1.1 } / 1e5 / variance
            #expect(product.magnitude < 4 / 1e5.squareRoot())
        }
    }
}
