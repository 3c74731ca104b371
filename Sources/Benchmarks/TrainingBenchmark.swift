import Features
import Hedging
import LinearAlgebra
import Probability
import Stochastics

extension Benchmark {
    static let training = Benchmark(name: "training", summary: "one epoch of deep hedging: paths, forward, backward, update") { run in
        var cases: [EpochCase] = []
        for law in [EpochCase.Law.blackScholes, .heston] {
            for hidden in [[32, 32, 32, 32], [64, 64, 64]] {
                for paths in [10_000, 50_000] { cases.append(EpochCase(law: law, hidden: hidden, paths: paths)) }
            }
        }
        cases.append(EpochCase(policy: .noTransactionBand))
        cases.append(EpochCase(paths: 1_000_000))
        return try cases.filter { run.wants("\($0.name), \($0.work)") }.flatMap { try rows(run, $0) }
    }

    /// One row beside each peer. The first does as many flops as the epoch's layers take by products of 2048 x 2048 matrices on as many
    /// threads: the ratio is then the share of that rate that a whole epoch reaches.
    private static func rows(_ run: BenchmarkRun, _ epoch: EpochCase) throws -> [BenchmarkRow] {
        var epoch = epoch
        // A million paths are timed once, and by nobody else.
        let isLarge = epoch.paths >= 1_000_000
        epoch.paths = run.size(epoch.paths, minimum: 512)
        let product = SquareProduct(size: run.size(2048, minimum: 128))
        let peers = epoch.policy == .feedForward && !isLarge ? run.peers : nil
        var own: [Double] = []
        var products: [Double] = []
        var others = [[Double]](repeating: [], count: peerEngines.count)
        // Processes of the peers and trainings here take turns.
        for _ in 0..<(peers?.processes ?? 1) {
            own += try epoch.seconds(workers: run.workers, rounds: isLarge ? 1 : run.rounds) {
                products.append(epoch.flops * product.secondsPerFlop(run.workers))
            }
            guard let peers else { continue }
            for (k, engine) in peerEngines.enumerated() {
                others[k] += try peers.seconds(
                    "training.py", engine: engine.name, paths: epoch.paths,
                    [
                        "--market", epoch.law.rawValue, "--hidden", epoch.hidden.map(String.init).joined(separator: ","), "--rounds",
                        "\(run.rounds)",
                    ])
            }
        }
        let seconds = BenchmarkRun.median(own)
        func row(_ peer: String, _ peerSeconds: [Double]) -> BenchmarkRow {
            BenchmarkRow(
                name: epoch.name, work: epoch.work, seconds: seconds, perSecond: epoch.pathSteps / seconds, peer: peer,
                peerSeconds: BenchmarkRun.median(peerSeconds))
        }
        var rows = [row("as many flops by SGEMM of \(product.size) x \(product.size)", products)]
        if let peers {
            for (engine, seconds) in zip(peerEngines, others) where !seconds.isEmpty {
                rows.append(row("\(engine.text), \(peers.processes) processes", seconds))
            }
        }
        return rows
    }

    private static let peerEngines = [
        (name: "pfhedge", text: "pfhedge"), (name: "torch-compile", text: "torch.compile"), (name: "jax", text: "JAX"),
        (name: "torch", text: "PyTorch by hand"), (name: "torch-processes", text: "PyTorch by hand on two processes"),
    ]
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
