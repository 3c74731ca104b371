import Probability
import RealModule
import Stochastics
import Testing

@Suite struct BootstrapSimulatorTests {
    let stream = RandomStream(seed: 15, purpose: .evaluationPaths)
    let grid = TimeGrid(maturityDays: 12, daysPerYear: 365, steps: 12)
    /// Each return tells its place in the record.
    static let record = (0..<40).map { 1e-3 * Double($0) - 0.01 }

    /// The places of the record that a path went through, told from its moves after the drift of the step is put back.
    func places(_ block: PathBlock, path: Int, growth: [Double]) -> [Int] {
        (0..<12).map { t in
            let move = block.logSpot[t + 1][path] - block.logSpot[t][path] + growth[t + 1] - growth[t]
            return Int(((move + 0.01) / 1e-3).rounded())
        }
    }

    @Test("moves are returns of the record; a follower follows with probability 1 − 1/L + 1/(LN), and every start is as likely")
    func blocks() {
        let simulator = BootstrapSimulator(returns: Self.record, blockLength: 4)
        let count = 20_000
        let block = simulator.paths(0..<count, on: grid, stream: stream)
        // The drift of each step, from one path whose first place is found by the smallest distance to the record.
        let growth = Self.meanGrowth(Self.record, blockLength: 4, steps: 12)
        var followers = 0.0
        var starts = [Double](repeating: 0, count: 40)
        for path in 0..<count {
            let places = places(block, path: path, growth: growth)
            starts[places[0]] += 1
            followers += Double(zip(places, places.dropFirst()).filter { ($0 + 1) % 40 == $1 }.count)
        }
        let share = followers / Double(11 * count)
        let expected = 0.75 + 0.25 / 40
        #expect((share - expected).magnitude < 4 * (expected * (1 - expected) / Double(11 * count)).squareRoot())
        let chiSquare = starts.reduce(0) { $0 + ($1 - 500) * ($1 - 500) / 500 }
        #expect(chiSquare < 39 + 4 * 78.0.squareRoot())
    }

    /// ln E S(t)/S(0) before centring, by carrying the expectation along every place of the record.
    static func meanGrowth(_ record: [Double], blockLength: Double, steps: Int) -> [Double] {
        let size = Double(record.count)
        var weights = record.map { Double.exp($0) / size }
        var growth = [0.0]
        for _ in 0..<steps {
            let total = weights.reduce(0, +)
            growth.append(.log(total))
            weights = record.indices.map { i in
                let before = weights[(i + record.count - 1) % record.count]
                return Double.exp(record[i]) * ((1 - 1 / blockLength) * before + total / (blockLength * size))
            }
        }
        return growth
    }

    @Test("the mean over all that can be drawn is the spot, exactly: by the transition matrix of the record", arguments: [1.0, 3, 25])
    func centred(blockLength: Double) {
        let simulator = BootstrapSimulator(returns: Self.record, blockLength: blockLength)
        let block = simulator.paths(0..<1, on: grid, stream: stream)
        let growth = Self.meanGrowth(Self.record, blockLength: blockLength, steps: 12)
        for t in 0..<12 {
            let move = block.logSpot[t + 1][0] - block.logSpot[t][0] + growth[t + 1] - growth[t]
            #expect(Self.record.contains { ($0 - move).magnitude < 1e-12 }, "move \(move) at step \(t)")
        }
    }

    @Test("long blocks keep the record's autocorrelation, blocks of one lose it")
    func memory() {
        func correlation(_ blockLength: Double) -> Moments {
            let block = BootstrapSimulator(returns: Self.record, blockLength: blockLength).paths(0..<20_000, on: grid, stream: stream)
            let moves = (0..<12).map { t in zip(block.logSpot[t + 1], block.logSpot[t]).map { $0 - $1 } }
            let means = moves.map { Moments($0).mean }
            return Moments((0..<20_000).map { (moves[5][$0] - means[5]) * (moves[6][$0] - means[6]) })
        }
        #expect(correlation(1).agree(with: 0))
        #expect(correlation(20).mean > 20 * correlation(20).error)
    }

    @Test("a step of several returns adds them up")
    func returnsPerStep() {
        let fine = BootstrapSimulator(returns: Self.record).paths(0..<50, on: grid, stream: stream)
        let coarse = BootstrapSimulator(returns: Self.record, returnsPerStep: 3).paths(0..<50, on: TimeGrid(steps: 4), stream: stream)
        for t in 0...4 { for i in 0..<50 { #expect((coarse.logSpot[t][i] - fine.logSpot[3 * t][i]).magnitude < 1e-12) } }
    }

    @Test("fewer than two returns are refused")
    func tooFew() {
        #expect(throws: SimulatorError.tooFewReturns(found: 1, needed: 2)) {
            try SimulatorCatalog.simulator(named: "bootstrap", returns: [0.1])
        }
    }
}
