public import Probability
import RealModule
import VectorKernels

/// Paths in `Float`, time by time, in memory that the caller keeps: [T + 1, count] each, row t from t·stride on. The fast road of training.
public struct PathTile {
    /// ln(S(t)/S(0)).
    public let logReturns: UnsafeMutablePointer<Float>
    /// v; left alone by laws that have none, needed by those that have.
    public let variance: UnsafeMutablePointer<Float>?
    /// ∫₀ᵗ v ds where it is asked for; left alone by laws without variance.
    public let integratedVariance: UnsafeMutablePointer<Float>?
    public let count: Int
    public let stride: Int

    /// - Parameter stride: Floats from one row to the next; nil for rows that touch.
    public init(
        logReturns: UnsafeMutablePointer<Float>, variance: UnsafeMutablePointer<Float>? = nil,
        integratedVariance: UnsafeMutablePointer<Float>? = nil, count: Int, stride: Int? = nil
    ) {
        precondition(count > 0 && stride ?? count >= count, "\(count) paths in rows of \(stride ?? count)")
        self.logReturns = logReturns
        self.variance = variance
        self.integratedVariance = integratedVariance
        self.count = count
        self.stride = stride ?? count
    }

    /// S(t) in place of ln(S(t)/S(0)), of one time.
    public func fillSpots(_ t: Int, start: Float) {
        let row = row(t)
        if VectorUnit.isAvailable {
            VectorFunctions.exp(row, to: row, count: count)
        } else {
            for i in 0..<count { row[i] = Float.exp(row[i]) }
        }
        for i in 0..<count { row[i] *= start }
    }

    /// Memory of one time.
    func row(_ t: Int) -> UnsafeMutablePointer<Float> { logReturns + t * stride }
}

extension PathSimulator {
    public func fill(_ tile: PathTile, firstPath: Int, on grid: TimeGrid, stream: RandomStream) {
        fillFromBlock(tile, firstPath: firstPath, on: grid, stream: stream)
    }

    /// What `paths` gives, rounded.
    func fillFromBlock(_ tile: PathTile, firstPath: Int, on grid: TimeGrid, stream: RandomStream) {
        fill(tile, rounding: paths(firstPath..<firstPath + tile.count, on: grid, stream: stream))
    }

    func fill(_ tile: PathTile, rounding block: PathBlock) {
        for t in 0...block.steps {
            for i in 0..<tile.count { tile.row(t)[i] = Float(block.logSpot[t][i] - block.logSpot[0][i]) }
            guard hasVariance else { continue }
            guard let variance = tile.variance else {
                preconditionFailure("paths of '\(name)' have a variance; the tile has no memory for it")
            }
            for i in 0..<tile.count { variance[t * tile.stride + i] = Float(block.variance[t][i]) }
            guard let integral = tile.integratedVariance else { continue }
            for i in 0..<tile.count { integral[t * tile.stride + i] = Float(block.integratedVariance[t][i]) }
        }
    }
}

extension BlackScholesSimulator {
    public func fill(_ tile: PathTile, firstPath: Int, on grid: TimeGrid, stream: RandomStream) {
        let count = tile.count
        let mean = Float((drift - volatility * volatility / 2) * grid.timeStep)
        let deviation = Float(volatility * grid.timeStep.squareRoot())
        tile.row(0).update(repeating: 0, count: count)
        withUnsafeTemporaryAllocation(of: Float.self, capacity: count) { beyond in
            for step in stride(from: 0, to: grid.steps, by: 2) {
                let before = tile.row(step)
                let now = tile.row(step + 1)
                // One address holds the normals of two steps; the last step of an odd number leaves one unused.
                let next = step + 1 < grid.steps ? tile.row(step + 2) : beyond.baseAddress!
                stream.fillNormalPairs(now, next, count: count, firstPath: firstPath, step: step / 2)
                for i in 0..<count { now[i] = before[i] + (mean + deviation * now[i]) }
                for i in 0..<count { next[i] = now[i] + (mean + deviation * next[i]) }
            }
        }
    }

    public func fill(_ tile: PathTile, firstPath: Int, on grid: TimeGrid, stream: RandomStream, noise: UnsafePointer<Float>) {
        let count = tile.count
        let mean = Float((drift - volatility * volatility / 2) * grid.timeStep)
        let deviation = Float(volatility * grid.timeStep.squareRoot())
        tile.row(0).update(repeating: 0, count: count)
        for step in 0..<grid.steps {
            let (before, now, normals) = (tile.row(step), tile.row(step + 1), noise + step * count)
            for i in 0..<count { now[i] = before[i] + (mean + deviation * normals[i]) }
        }
    }
}
