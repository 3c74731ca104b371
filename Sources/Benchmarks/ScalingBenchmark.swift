import Foundation
import LinearAlgebra

extension Benchmark {
    static let scaling = Benchmark(
        name: "scaling", summary: "an epoch's time and memory over paths, steps and threads", runsUnasked: false
    ) { run in
        var rows: [BenchmarkRow] = []
        let first = EpochCase(paths: run.size(10_000, minimum: 512))
        // The most memory the process ever took only grows: the largest come last.
        for threads in Set([1, run.workers.threads]).sorted() {
            rows.append(try row(run, first, workers: Workers(threads: threads)))
        }
        for steps in [10, 60, 120, 250] {
            rows.append(try row(run, EpochCase(paths: first.paths, steps: steps), workers: run.workers))
        }
        for paths in [30_000, 100_000, 300_000, 1_000_000] {
            rows.append(try row(run, EpochCase(paths: run.size(paths, minimum: 512)), workers: run.workers))
        }
        return rows
    }

    private static func row(_ run: BenchmarkRun, _ epoch: EpochCase, workers: Workers) throws -> BenchmarkRow {
        let seconds = BenchmarkRun.median(try epoch.seconds(workers: workers, rounds: epoch.paths > 100_000 ? 1 : run.rounds))
        let threads = workers.threads == 1 ? "1 thread" : "\(workers.threads) threads"
        return BenchmarkRow(
            name: epoch.name + ", \(threads)", work: "\(epoch.work), peak \(peakMegabytes()) MB", seconds: seconds,
            perSecond: epoch.pathSteps / seconds)
    }

    /// The most memory that this process had so far.
    private static func peakMegabytes() -> Int {
        var usage = rusage()
        #if os(Linux)
            let kilobytes = getrusage(__rusage_who_t(RUSAGE_SELF.rawValue), &usage) == 0 ? usage.ru_maxrss : 0
        #else
            let kilobytes = getrusage(RUSAGE_SELF, &usage) == 0 ? usage.ru_maxrss / 1024 : 0
        #endif
        return kilobytes / 1024
    }
}
