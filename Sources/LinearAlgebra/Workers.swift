import COpenBLAS
import Dispatch

/// Blocks of work over threads, with results in block order, so that sums over them do not depend on the thread count.
///
/// OpenBLAS is held to one thread: each worker calls it for its own blocks.
public struct Workers: Sendable, Equatable {
    public let threads: Int

    /// - Parameter threads: At least 1; nil takes every core.
    public init(threads: Int? = nil) {
        let count = threads ?? Int(openblas_get_num_procs())
        precondition(count >= 1, "threads must be at least 1, found \(count)")
        self.threads = count
        BLASThreads.holdToOne()
    }

    /// The results of `body` for 0..<count, in that order. Worker w takes w, w + threads, ...
    public func map<Result: Sendable>(count: Int, _ body: @Sendable (Int) -> Result) -> [Result] {
        guard count > 0 else { return [] }
        let workers = min(threads, count)
        guard workers > 1 else { return (0..<count).map(body) }
        return [Result](unsafeUninitializedCapacity: count) { buffer, initialized in
            nonisolated(unsafe) let base = buffer.baseAddress!
            DispatchQueue.concurrentPerform(iterations: workers) { worker in
                for index in stride(from: worker, to: count, by: workers) {
                    (base + index).initialize(to: body(index))
                }
            }
            initialized = count
        }
    }

    /// The same, with buffers: each worker makes one `state` and hands it to every block that it takes.
    ///
    /// The results must not depend on what earlier blocks left in the state.
    public func map<State, Result: Sendable>(
        count: Int, state: @Sendable () -> State, _ body: @Sendable (State, Int) -> Result
    ) -> [Result] {
        guard count > 0 else { return [] }
        let workers = min(threads, count)
        return [Result](unsafeUninitializedCapacity: count) { buffer, initialized in
            nonisolated(unsafe) let base = buffer.baseAddress!
            @Sendable func run(_ worker: Int) {
                let own = state()
                for index in stride(from: worker, to: count, by: workers) {
                    (base + index).initialize(to: body(own, index))
                }
            }
            if workers == 1 { run(0) } else { DispatchQueue.concurrentPerform(iterations: workers) { run($0) } }
            initialized = count
        }
    }

    /// Runs `body(worker)` once on each thread, for workers that keep their own buffers.
    public func perform(_ body: @Sendable (_ worker: Int) -> Void) {
        guard threads > 1 else { return body(0) }
        DispatchQueue.concurrentPerform(iterations: threads, execute: body)
    }
}
