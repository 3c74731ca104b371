import LinearAlgebra
import Probability
import RealModule
import Stochastics
import Testing

/// What every law of the catalogue keeps.
@Suite struct SimulatorCatalogTests {
    static let names = SimulatorCatalog.all.map(\.name)
    let stream = RandomStream(seed: 3, purpose: .data)

    /// The simulator of its defaults; recorded returns stood in for by a fixed invented series.
    static func simulator(_ name: String, parameters: [String: Double] = [:]) throws -> any PathSimulator {
        let entry = try #require(SimulatorCatalog.entry(named: name))
        let draws = RandomStream(seed: 9, purpose: .data)
        let returns = (0..<500).map { 0.02 * draws.normal(path: $0, step: 0) * (1 + 0.5 * Double.sin(Double($0) / 20)) + 0.001 }
        return try SimulatorCatalog.simulator(named: name, parameters: parameters, returns: entry.needsReturns ? returns : [])
    }

    @Test("built from its own defaults it starts at its spot, stays positive and finite and reports what it says it has", arguments: names)
    func conformance(name: String) throws {
        let simulator = try Self.simulator(name)
        #expect(simulator.name == name)
        let grid = TimeGrid()
        let block = simulator.paths(5..<300, on: grid, stream: stream)
        #expect(block.count == 295 && block.steps == 30)
        for t in 0...30 {
            #expect(block.spot[t].allSatisfy { $0 > 0 && $0.isFinite })
            #expect(block.spot[t].indices.allSatisfy { (block.logSpot[t][$0] - .log(block.spot[t][$0])).magnitude < 1e-12 })
        }
        #expect(block.spot[0].allSatisfy { $0 == simulator.spot })
        #expect(block.variance.isEmpty != simulator.hasVariance)
        #expect(block.variance.joined().allSatisfy { $0 >= 0 && $0.isFinite })
        for (before, after) in zip(block.integratedVariance, block.integratedVariance.dropFirst()) {
            #expect(zip(before, after).allSatisfy { $0 <= $1 && $1.isFinite })
        }
        #expect(simulator.referenceVolatility(on: grid) > 0)
    }

    @Test("without drift the spot is a martingale, with drift it grows at it", arguments: names, [0, 0.5])
    func martingale(name: String, drift: Double) throws {
        let simulator = try Self.simulator(name, parameters: ["drift": drift])
        let grid = TimeGrid(maturityDays: 60, daysPerYear: 365, steps: 20)
        let count = 40_000
        let block = simulator.paths(0..<count, on: grid, stream: stream)
        for t in [1, 10, 20] {
            let mean = block.spot[t].reduce(0, +) / Double(count)
            let variance = block.spot[t].reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / Double(count)
            #expect(
                (mean - simulator.spot * .exp(drift * grid.time(t))).magnitude < 4 * (variance / Double(count)).squareRoot(),
                "mean \(mean) at step \(t)")
        }
    }

    @Test("a path is the same in any block and on any number of threads, and another under another seed", arguments: names)
    func determinism(name: String) throws {
        let simulator = try Self.simulator(name)
        let grid = TimeGrid(steps: 9)
        let whole = simulator.paths(0..<777, on: grid, stream: stream)
        let part = simulator.paths(123..<700, on: grid, stream: stream)
        let single = simulator.paths(450..<451, on: grid, stream: stream)
        for (columns, piece, one) in [
            (whole.logSpot, part.logSpot, single.logSpot), (whole.spot, part.spot, single.spot),
            (whole.variance, part.variance, single.variance),
            (whole.integratedVariance, part.integratedVariance, single.integratedVariance),
        ] {
            for t in columns.indices {
                #expect(piece[t] == Array(columns[t][123..<700]))
                #expect(one[t] == [columns[t][450]])
            }
        }
        for threads in [1, 2] {
            let blocks = Workers(threads: threads).map(count: 7) { block in
                simulator.paths(block * 111..<(block + 1) * 111, on: grid, stream: self.stream)
            }
            #expect(Array(blocks.map { $0.spot[9] }.joined()) == whole.spot[9])
        }
        #expect(simulator.paths(0..<777, on: grid, stream: stream) == whole)
        #expect(simulator.paths(0..<777, on: grid, stream: RandomStream(seed: 4, purpose: .data)).spot[9] != whole.spot[9])
    }

    @Test("the reference volatility is the root of the mean squared log moves, a year", arguments: names)
    func referenceVolatility(name: String) throws {
        let simulator = try Self.simulator(name)
        let grid = TimeGrid(maturityDays: 30, daysPerYear: 365, steps: 120)
        let count = 20_000
        let block = simulator.paths(0..<count, on: grid, stream: stream)
        let squares = (0..<count).map { path in
            (0..<120).reduce(0.0) { sum, t in
                let move = block.logSpot[t + 1][path] - block.logSpot[t][path]
                return sum + move * move
            }
        }
        let mean = squares.reduce(0, +) / Double(count)
        let error = (squares.reduce(0) { $0 + ($1 - mean) * ($1 - mean) }).squareRoot() / Double(count)
        let expected = simulator.referenceVolatility(on: grid) * simulator.referenceVolatility(on: grid) * grid.maturity
        // Drift within a step, and what a step leaves out of the variance's own motion, are of the order of a step.
        #expect((mean - expected).magnitude < 4 * error + 0.01 * expected, "\(mean) for \(expected)")
    }

    @Test("bad names and values say what was found and what is known")
    func errors() {
        #expect(throws: SimulatorError.unknownSimulator("black", known: Self.names)) {
            try SimulatorCatalog.simulator(named: "black")
        }
        #expect(throws: SimulatorError.outOfRange("spot", found: -1, expected: "a positive number")) {
            try SimulatorCatalog.simulator(named: "black-scholes", parameters: ["spot": -1])
        }
        #expect(throws: SimulatorError.unknownParameter("vol", simulator: "black-scholes", known: ["spot", "volatility", "drift"])) {
            try SimulatorCatalog.simulator(named: "black-scholes", parameters: ["vol": 1])
        }
        #expect(throws: SimulatorError.outOfRange("substeps", found: 1.5, expected: "a whole number from 1 to 1000")) {
            try SimulatorCatalog.simulator(named: "heston", parameters: ["substeps": 1.5])
        }
        #expect(
            throws: SimulatorError.unknownChoice(
                "scheme", found: "euler", known: ["exact", "quadratic-exponential", "full-truncation"])
        ) {
            try SimulatorCatalog.simulator(named: "heston", choices: ["scheme": "euler"])
        }
    }

    @Test(
        "every entry refuses values out of its ranges, by the parameter's name",
        arguments: [
            ("merton", "jumpIntensity", -1.0), ("merton", "jumpVolatility", -0.1), ("kou", "upwardRate", 1), ("kou", "downwardRate", 0),
            ("kou", "upwardProbability", 1.1), ("bates", "correlation", 1), ("svcj", "varianceJumpMean", -0.1),
            ("svcj", "jumpCorrelation", 21), ("sabr", "beta", 1.2), ("sabr", "volatility", 0), ("garch", "beta", 0.81),
            ("garch", "omega", -1),
            ("local-volatility", "curvature", 1.5), ("local-volatility", "power", 0.6), ("rough-bergomi", "hurst", 0),
            ("rough-bergomi", "forwardVariance", -1), ("bootstrap", "blockLength", 0.5), ("bootstrap", "returnsPerStep", 0),
        ])
    func ranges(name: String, parameter: String, value: Double) {
        #expect {
            try Self.simulator(name, parameters: [parameter: value])
        } throws: {
            guard case .outOfRange(parameter, value, _)? = $0 as? SimulatorError else { return false }
            return true
        }
    }
}
