import Hedging
import LinearAlgebra
import Probability
import Stochastics

extension Benchmark {
    static let training = Benchmark(name: "training", summary: "one epoch of deep hedging: paths, forward, backward, update") { run in
        let heston = HestonSimulator(
            initialVariance: 0.04, meanReversion: 2, longRunVariance: 0.04, volatilityOfVariance: 0.5, scheme: .quadraticExponential)
        let cases: [(law: any PathSimulator, policy: PolicyKind, hidden: [Int], paths: Int)] = [
            (BlackScholesSimulator(), .feedForward, [32, 32, 32, 32], 10_000),
            (BlackScholesSimulator(), .feedForward, [32, 32, 32, 32], 50_000),
            (BlackScholesSimulator(), .noTransactionBand, [32, 32, 32, 32], 10_000),
            (BlackScholesSimulator(), .feedForward, [64, 64, 64], 10_000),
            (BlackScholesSimulator(), .feedForward, [64, 64, 64], 50_000),
            (BlackScholesSimulator(), .feedForward, [32, 32, 32, 32], 1_000_000),
            (heston, .feedForward, [32, 32, 32, 32], 10_000),
        ]
        return try cases.map { try epoch(run, $0.law, $0.policy, $0.hidden, paths: $0.paths) }
    }

    /// The peer does as many flops as the epoch's layers take, three times their forward pass, by products of 2048 x 2048 matrices
    /// on as many threads. The ratio is then the share of that rate that a whole epoch reaches.
    private static func epoch(
        _ run: BenchmarkRun, _ law: any PathSimulator, _ policy: PolicyKind, _ hidden: [Int], paths: Int
    ) throws -> BenchmarkRow {
        let paths = run.size(paths, minimum: 512)
        func market(_ purpose: RandomStream.Purpose) throws -> SimulatedMarket {
            try SimulatedMarket(
                simulator: law, grid: TimeGrid(), claim: .call(strike: 100), costs: [TradingCost(proportional: 1e-3)],
                stream: RandomStream(seed: 1, purpose: purpose))
        }
        var trainer = DeepHedgeTrainer()
        trainer.policy = policy
        trainer.hidden = hidden
        trainer.paths = paths
        // The first epoch warms up, the last holds the validation; a million paths are timed once.
        trainer.epochs = (paths < 1_000_000 ? run.rounds : 1) + 2
        trainer.validateEvery = trainer.epochs
        trainer.validationPaths = 512
        let widths = [policy == .feedForward ? 4 : 3] + hidden + [policy == .feedForward ? 1 : 2]
        let weights = zip(widths, widths.dropFirst()).reduce(0) { $0 + $1.0 * $1.1 }
        let flops = 3 * 2 * Double(weights) * Double(30 * paths)
        let product = SquareProduct(size: run.size(2048, minimum: 128))
        let clock = ContinuousClock()
        var last = clock.now
        var epochs: [Double] = []
        var peers: [Double] = []
        _ = try trainer.fit(
            .entropic(aversion: 1), market: market(.trainingPaths), validation: market(.validationPaths), workers: run.workers,
            progress: { progress in
                let elapsed = (clock.now - last) / .seconds(1)
                if progress.epoch > 1 && progress.validation == nil {
                    epochs.append(elapsed)
                    peers.append(flops * product.secondsPerFlop(run.workers))
                }
                last = clock.now
            })
        let seconds = BenchmarkRun.median(epochs)
        let steps = Double(30 * paths)
        return BenchmarkRow(
            name: "epoch, \(law.name), \(policy.rawValue) \(hidden.map(String.init).joined(separator: "-"))",
            work: "\(grouped(paths)) paths x 30 steps", seconds: seconds, perSecond: steps / seconds,
            peer: "as many flops by SGEMM of \(product.size) x \(product.size)", peerSeconds: BenchmarkRun.median(peers))
    }
}

/// A product of two square matrices, its rows dealt to the threads.
private final class SquareProduct {
    let size: Int
    private let a: [Float]
    private let b: [Float]
    private var c: [Float]

    init(size: Int) {
        self.size = size
        a = [Float](repeating: 0.5, count: size * size)
        b = [Float](repeating: 0.25, count: size * size)
        c = [Float](repeating: 0, count: size * size)
    }

    /// Seconds of one product over its 2 n³ flops.
    func secondsPerFlop(_ workers: Workers) -> Double {
        let start = ContinuousClock.now
        let (size, a, b) = (size, a, b)
        c.withUnsafeMutableBufferPointer { c in
            nonisolated(unsafe) let c = c.baseAddress!
            workers.perform { worker in
                let first = worker * size / workers.threads
                let rows = (worker + 1) * size / workers.threads - first
                a.withUnsafeBufferPointer { a in
                    b.withUnsafeBufferPointer { b in
                        Float.gemm(
                            transposeA: false, transposeB: false, m: rows, n: size, k: size, alpha: 1, a.baseAddress! + first * size,
                            lda: size, b.baseAddress!, ldb: size, beta: 0, c + first * size, ldc: size)
                    }
                }
            }
        }
        return (ContinuousClock.now - start) / .seconds(1) / (2 * Double(size) * Double(size) * Double(size))
    }
}
