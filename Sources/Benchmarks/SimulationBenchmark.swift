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
        rows.append(
            try run.row(
                "normal numbers", work: grouped(count), units: Double(count), peer: "one by one",
                own: {
                    column.withUnsafeMutableBufferPointer { stream.fillNormals($0, firstPath: 0, step: 0) }
                    return column[count - 1]
                }, than: { (0..<count).reduce(0) { $0 + stream.normal(path: $1, step: 0) } }))

        // The textbook loop: one path after the other, the C library's functions, the system's generator seeded by a plain recurrence.
        let paths = run.size(50_000, minimum: 512)
        let grid = TimeGrid(maturityDays: 30, daysPerYear: 365, steps: 30)
        let simulator = BlackScholesSimulator(spot: 100, volatility: 0.2)
        let blockSize = 1024
        let blocks = (paths + blockSize - 1) / blockSize
        rows.append(
            try run.row(
                "Black-Scholes paths", work: "\(grouped(paths)) paths x 30 steps", units: Double(30 * paths),
                peer: "path by path, Box-Muller",
                own: {
                    run.workers.map(count: blocks) { block in
                        simulator.paths(block * blockSize..<min((block + 1) * blockSize, paths), on: grid, stream: stream).spot[30][0]
                    }.reduce(0, +)
                }, than: { textbookPaths(paths, grid: grid) }))

        let hestonPaths = run.size(100_000, minimum: 512)
        for steps in [30, 252] {
            for (name, scheme) in [
                ("full truncation", HestonSimulator.Scheme.fullTruncation), ("quadratic-exponential", .quadraticExponential),
                ("exact", .exact),
            ] {
                // The square-root law is drawn by rejection, path by path: fewer of them are enough to be timed.
                let paths = scheme == .exact ? hestonPaths / 10 : hestonPaths
                let heston = HestonSimulator(
                    meanReversion: 1.5, volatilityOfVariance: 0.5, correlation: -0.7, scheme: scheme)
                let grid = TimeGrid(maturityDays: Double(steps), daysPerYear: steps == 252 ? 252 : 365, steps: steps)
                let size = steps == 252 ? 256 : blockSize
                rows.append(
                    try run.row(
                        "Heston paths, \(name)", work: "\(grouped(paths)) paths x \(steps) steps", units: Double(steps * paths),
                        peer: "Euler path by path, Box-Muller",
                        own: {
                            run.workers.map(count: (paths + size - 1) / size) { block in
                                heston.paths(block * size..<min((block + 1) * size, paths), on: grid, stream: stream).spot[steps][0]
                            }.reduce(0, +)
                        }, than: { textbookHeston(paths, heston, grid: grid) }))
            }
        }

        let market = try SimulatedMarket(
            simulator: simulator, grid: grid, claim: .call(strike: 100), costs: [TradingCost(proportional: 1e-3)], stream: stream)
        for strategy in [DeltaHedge(.plain) as any HedgingStrategy, WhalleyWilmottHedge(riskAversion: 1)] {
            rows.append(
                try run.row(
                    "rollout of \(strategy.name)", work: "\(grouped(paths)) paths x 30 steps", units: Double(30 * paths),
                    own: { Rollout.run(strategy, on: market, paths: 0..<paths, workers: run.workers).profit[0] }))
        }
        return rows
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
