import Hedging
import LinearAlgebra
import Probability
import RealModule
import Stochastics

extension Benchmark {
    static let simulation = Benchmark(name: "simulation", summary: "random numbers, paths and the rollout of a strategy") { run in
        var rows: [BenchmarkRow] = []
        let stream = RandomStream(seed: 1, purpose: .evaluationPaths)
        let count = run.size(1_000_000, minimum: 1000)
        var column = [Double](repeating: 0, count: count)
        rows += try run.row(
            "normal numbers", work: grouped(count), units: Double(count), peer: "one by one",
            own: {
                column.withUnsafeMutableBufferPointer { stream.fillNormals($0, firstPath: 0, step: 0) }
                return column[count - 1]
            }, than: { (0..<count).reduce(0) { $0 + stream.normal(path: $1, step: 0) } })

        // The textbook loop: one path after the other, the C library's functions, the system's generator seeded by a plain recurrence.
        let paths = run.size(50_000, minimum: 512)
        let grid = TimeGrid(maturityDays: 30, daysPerYear: 365, steps: 30)
        let simulator = BlackScholesSimulator(spot: 100, volatility: 0.2)
        let blockSize = 1024
        let blocks = (paths + blockSize - 1) / blockSize
        rows += try run.row(
            "Black-Scholes paths", work: "\(grouped(paths)) paths x 30 steps", units: Double(30 * paths),
            peer: "path by path, Box-Muller",
            own: {
                run.workers.map(count: blocks) { block in
                    simulator.paths(block * blockSize..<min((block + 1) * blockSize, paths), on: grid, stream: stream).spot[30][0]
                }.reduce(0, +)
            }, than: { textbookPaths(paths, grid: grid) })

        for steps in [30, 252] {
            for scheme in HestonSimulator.Scheme.allCases { rows += try heston(run, scheme, steps: steps) }
        }

        let market = try SimulatedMarket(
            simulator: simulator, grid: grid, claim: .call(strike: 100), costs: [TradingCost(proportional: 1e-3)], stream: stream)
        for strategy in [DeltaHedge(.plain) as any HedgingStrategy, WhalleyWilmottHedge(riskAversion: 1)] {
            rows += try run.row(
                "rollout of \(strategy.name)", work: "\(grouped(paths)) paths x 30 steps", units: Double(30 * paths),
                own: { Rollout.run(strategy, on: market, paths: 0..<paths, workers: run.workers).profit[0] })
        }
        return rows
    }

    /// Heston's paths into memory that is taken once: S and v in `Float`, [T + 1, N] each.
    private static func heston(_ run: BenchmarkRun, _ scheme: HestonSimulator.Scheme, steps: Int) throws -> [BenchmarkRow] {
        let name = "Heston paths, \(scheme.rawValue)"
        // The square-root law is drawn by rejection, path by path: fewer of them are enough to be timed.
        let count = run.size(scheme == .exact ? 10_000 : 100_000, minimum: 512) & ~15
        let work = "\(grouped(count)) paths x \(steps) steps"
        guard run.wants("\(name), \(work)") else { return [] }
        let law = HestonSimulator(
            meanReversion: 1.5, longRunVariance: 0.04, volatilityOfVariance: 0.5, correlation: -0.7, scheme: scheme)
        let grid = TimeGrid(maturityDays: Double(steps), daysPerYear: steps == 252 ? 252 : 365, steps: steps)
        let stream = RandomStream(seed: 1, purpose: .evaluationPaths)
        let size = (steps + 1) * count
        let memory = UnsafeMutablePointer<Float>.allocate(capacity: 2 * size)
        memory.initialize(repeating: 0, count: 2 * size)
        defer { memory.deallocate() }
        nonisolated(unsafe) let spots = memory
        let atOnce = 1024
        func simulate() -> Double {
            _ = run.workers.map(count: (count + atOnce - 1) / atOnce) { block in
                let first = block * atOnce
                let here = min(atOnce, count - first)
                let tile = PathTile(
                    logReturns: spots + first, variance: spots + size + first, count: here, stride: count)
                law.fill(tile, firstPath: first, on: grid, stream: stream)
                for t in 0...steps { tile.fillSpots(t, start: Float(law.spot)) }
            }
            return Double(memory[steps * count])
        }
        let own = try run.row(
            name, work: work, units: Double(steps * count), peer: "Euler path by path, Box-Muller", own: simulate,
            than: { textbookHeston(count, law, grid: grid) })
        guard let peers = run.peers, scheme != .exact else { return own }
        let engines = [("torch", "PyTorch"), ("jax", "JAX"), ("quantlib", "QuantLib, one thread")]
        var others = [[Double]](repeating: [], count: engines.count)
        var again: [Double] = []
        // Processes of the peers and runs here take turns.
        for _ in 0..<peers.processes {
            for _ in 0..<run.rounds { again.append(BenchmarkRun.seconds(1) { simulate() }) }
            for (k, engine) in engines.enumerated() {
                others[k] += try peers.seconds(
                    "simulation.py", engine: engine.0, paths: count,
                    [
                        "--scheme", scheme.rawValue, "--steps", "\(steps)", "--days-per-year", "\(grid.daysPerYear)", "--rounds",
                        "\(run.rounds)",
                    ])
            }
        }
        let seconds = BenchmarkRun.median(again)
        return own
            + zip(engines, others).filter { !$1.isEmpty }.map { engine, times in
                BenchmarkRow(
                    name: name, work: work, seconds: seconds, perSecond: Double(steps * count) / seconds,
                    peer: "\(engine.1), \(peers.processes) processes", peerSeconds: BenchmarkRun.median(times))
            }
    }

    private static func textbookHeston(_ paths: Int, _ model: HestonSimulator, grid: TimeGrid) -> Double {
        var state: UInt64 = 88_172_645_463_325_252
        func uniform() -> Double {
            state ^= state << 13
            state ^= state >> 7
            state ^= state << 17
            return (Double(state >> 11) + 0.5) * 0x1p-53
        }
        let (years, across) = (grid.timeStep, (1 - model.correlation * model.correlation).squareRoot())
        var sum = 0.0
        for _ in 0..<paths {
            var (spot, variance) = (model.spot, model.initialVariance)
            for _ in 0..<grid.steps {
                let (radius, angle) = ((-2 * Double.log(uniform())).squareRoot(), 2 * Double.pi * uniform())
                let (z, other) = (radius * Double.cos(angle), radius * Double.sin(angle))
                let time = max(variance, 0) * years
                spot *= Double.exp(-time / 2 + time.squareRoot() * z)
                variance +=
                    model.meanReversion * (model.longRunVariance * years - time)
                    + model.volatilityOfVariance * time.squareRoot() * (model.correlation * z + across * other)
            }
            sum += spot
        }
        return sum
    }

    private static func textbookPaths(_ paths: Int, grid: TimeGrid) -> Double {
        var state: UInt64 = 88_172_645_463_325_252
        func uniform() -> Double {
            state ^= state << 13
            state ^= state >> 7
            state ^= state << 17
            return (Double(state >> 11) + 0.5) * 0x1p-53
        }
        let deviation = 0.2 * grid.timeStep.squareRoot()
        let mean = -deviation * deviation / 2
        var sum = 0.0
        for _ in 0..<paths {
            var spot = 100.0
            for _ in 0..<grid.steps {
                let normal = (-2 * Double.log(uniform())).squareRoot() * Double.cos(2 * Double.pi * uniform())
                spot *= Double.exp(mean + deviation * normal)
            }
            sum += spot
        }
        return sum
    }
}
