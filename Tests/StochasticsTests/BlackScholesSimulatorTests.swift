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

@Suite struct SimulatorCatalogTests {
    @Test("every simulator builds from its own defaults, starts at its spot and stays finite", arguments: SimulatorCatalog.all.map(\.name))
    func conformance(name: String) throws {
        let simulator = try SimulatorCatalog.simulator(named: name)
        #expect(simulator.name == name)
        let block = simulator.paths(5..<300, on: TimeGrid(), stream: RandomStream(seed: 3, purpose: .data))
        #expect(block.count == 295 && block.steps == 30)
        for t in 0...30 {
            #expect(block.spot[t].allSatisfy { $0 > 0 && $0.isFinite })
            #expect(block.spot[t].indices.allSatisfy { (block.logSpot[t][$0] - .log(block.spot[t][$0])).magnitude < 1e-12 })
        }
        #expect(block.spot[0].allSatisfy { $0 == simulator.spot })
        let again = simulator.paths(100..<101, on: TimeGrid(), stream: RandomStream(seed: 3, purpose: .data))
        #expect(again.spot.map { $0[0] } == block.spot.map { $0[95] })
    }

    @Test("bad names and values say what was found and what is known")
    func errors() {
        #expect(throws: SimulatorError.unknownSimulator("black", known: SimulatorCatalog.all.map(\.name))) {
            try SimulatorCatalog.simulator(named: "black")
        }
        #expect(throws: SimulatorError.outOfRange("spot", found: -1, expected: "a positive number")) {
            try SimulatorCatalog.simulator(named: "black-scholes", parameters: ["spot": -1])
        }
        #expect(throws: SimulatorError.unknownParameter("vol", simulator: "black-scholes", known: ["spot", "volatility", "drift"])) {
            try SimulatorCatalog.simulator(named: "black-scholes", parameters: ["vol": 1])
        }
    }
}
