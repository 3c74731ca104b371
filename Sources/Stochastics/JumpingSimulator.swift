public import Probability

/// A continuous law with independent jumps added to its log price.
protocol JumpingSimulator: DiffusionSimulator {
    associatedtype Continuous: DiffusionSimulator
    /// The continuous part, whose drift leaves the jumps theirs.
    var compensated: Continuous { get }
    var jumps: JumpProcess { get }
}

extension JumpingSimulator {
    public func paths(_ range: Range<Int>, on grid: TimeGrid, stream: RandomStream) -> PathBlock {
        var block = compensated.paths(range, on: grid, stream: stream)
        block.add(jumps, paths: range, grid: grid, stream: stream)
        return block
    }

    public func paths(
        _ range: Range<Int>, on grid: TimeGrid, stream: RandomStream, noise: (UnsafeMutableBufferPointer<Double>) -> Void
    ) -> PathBlock {
        var block = compensated.paths(range, on: grid, stream: stream, noise: noise)
        block.add(jumps, paths: range, grid: grid, stream: stream)
        return block
    }
}
