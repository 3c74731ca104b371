import Hedging
import LinearAlgebra
import Probability
import Stochastics

extension Benchmark {
    static let training = Benchmark(name: "training", summary: "one epoch of deep hedging: paths, forward, backward, update") { run in
        var rows: [BenchmarkRow] = []
        for (policy, hidden) in [
            (PolicyKind.feedForward, [32, 32, 32, 32]), (.noTransactionBand, [32, 32, 32, 32]), (.feedForward, [64, 64, 64]),
        ] {
            rows.append(try epoch(run, policy: policy, hidden: hidden))
        }
        return rows
    }

    /// The peer does the epoch's products and nothing else: as many flops by SGEMM of blocks of 256 x 32 x 32, on as many threads.
    private static func epoch(_ run: BenchmarkRun, policy: PolicyKind, hidden: [Int]) throws -> BenchmarkRow {
        let paths = run.size(10_000, minimum: 512)
        func market(_ purpose: RandomStream.Purpose) throws -> SimulatedMarket {
            try SimulatedMarket(
                simulator: BlackScholesSimulator(spot: 100, volatility: 0.2), grid: TimeGrid(), claim: .call(strike: 100),
                costs: [TradingCost(proportional: 1e-3)], stream: RandomStream(seed: 1, purpose: purpose))
        }
        var trainer = DeepHedgeTrainer()
        trainer.policy = policy
        trainer.hidden = hidden
        trainer.paths = paths
        trainer.epochs = run.rounds + 2
        trainer.validateEvery = run.rounds + 2
        trainer.validationPaths = 512
        let clock = ContinuousClock()
        var last = clock.now
        var epochs: [Double] = []
        var peers: [Double] = []
        var flops = 0.0
        let weights = zip(hidden, hidden.dropFirst()).reduce(hidden[0] * 4 + hidden[hidden.count - 1]) { $0 + $1.0 * $1.1 }
        flops = 3 * 2 * Double(weights) * Double(30 * paths)
        _ = try trainer.fit(
            .entropic(aversion: 1), market: market(.trainingPaths), validation: market(.validationPaths), workers: run.workers,
            progress: { progress in
                let elapsed = (clock.now - last) / .seconds(1)
                // The first epoch warms up, the last holds the validation.
                if progress.epoch > 1 && progress.validation == nil {
                    epochs.append(elapsed)
                    peers.append(products(flops, run.workers))
                }
                last = clock.now
            })
        let seconds = BenchmarkRun.median(epochs)
        let steps = Double(30 * paths)
        return BenchmarkRow(
            name: "epoch, \(policy.rawValue) \(hidden.map(String.init).joined(separator: "-"))", work: "\(grouped(paths)) paths x 30 steps",
            seconds: seconds, perSecond: steps / seconds, peer: "its products alone, SGEMM", peerSeconds: BenchmarkRun.median(peers))
    }

    private static func products(_ flops: Double, _ workers: Workers) -> Double {
        let calls = max(1, Int(flops / (2 * 256 * 32 * 32)))
        let start = ContinuousClock.now
        let sums = workers.map(count: workers.threads) { worker in
            let a = [Float](repeating: 0.5, count: 256 * 32)
            let b = [Float](repeating: 0.25, count: 32 * 32)
            var c = [Float](repeating: 0, count: 256 * 32)
            for _ in 0..<(calls + worker) / workers.threads {
                a.withUnsafeBufferPointer { a in
                    b.withUnsafeBufferPointer { b in
                        c.withUnsafeMutableBufferPointer { c in
                            Float.gemm(
                                transposeA: false, transposeB: false, m: 256, n: 32, k: 32, alpha: 1, a.baseAddress!, lda: 32,
                                b.baseAddress!,
                                ldb: 32, beta: 0, c.baseAddress!, ldc: 32)
                        }
                    }
                }
            }
            return c[0]
        }
        let elapsed = (ContinuousClock.now - start) / .seconds(1)
        return sums[0] >= 0 ? elapsed : 0
    }
}
