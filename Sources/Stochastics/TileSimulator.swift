public import Probability

/// A law whose spot is also simulated in `Float`, tile by tile into memory that the caller keeps: the fast road of training.
///
/// Path 17 is that of `paths`, to the rounding of `Float`.
public protocol TileSimulator: PathSimulator {
    /// Writes ln(S(t)/S(0)) of `count` consecutive paths, [T + 1, count], time by time.
    func fillLogReturns(
        _ target: UnsafeMutablePointer<Float>, count: Int, firstPath: Int, on grid: TimeGrid, stream: RandomStream)
}

extension BlackScholesSimulator: TileSimulator {
    public func fillLogReturns(
        _ target: UnsafeMutablePointer<Float>, count: Int, firstPath: Int, on grid: TimeGrid, stream: RandomStream
    ) {
        let mean = Float((drift - volatility * volatility / 2) * grid.timeStep)
        let deviation = Float(volatility * grid.timeStep.squareRoot())
        for i in 0..<count { target[i] = 0 }
        withUnsafeTemporaryAllocation(of: Float.self, capacity: count) { beyond in
            for step in stride(from: 0, to: grid.steps, by: 2) {
                let before = target + step * count
                let now = before + count
                // One address holds the normals of two steps; the last step of an odd number leaves one unused.
                let next = step + 1 < grid.steps ? now + count : beyond.baseAddress!
                stream.fillNormalPairs(now, next, count: count, firstPath: firstPath, step: step / 2)
                for i in 0..<count { now[i] = before[i] + (mean + deviation * now[i]) }
                for i in 0..<count { next[i] = now[i] + (mean + deviation * next[i]) }
            }
        }
    }
}
