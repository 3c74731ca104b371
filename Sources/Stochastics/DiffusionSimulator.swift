public import Probability

/// A law whose log price takes standard normal numbers of its own at every step, which may be given from outside: the assets of a
/// ``MultiAssetSimulator`` move together by them.
///
/// With stochastic variance, dW = ρ dZ + √(1 − ρ²) dB, they are those of B: the variance's own noise Z stays the asset's.
public protocol DiffusionSimulator: PathSimulator {
    /// Columns of normal numbers that a step of the grid takes.
    var noisesPerStep: Int { get }
    /// √(1 − ρ²), the share of B in the price's noise.
    var ownNoiseShare: Double { get }
    /// Addresses of this group hold the numbers that a ``MultiAssetSimulator`` mixes: free of the law's other draws.
    var noiseGroup: Int { get }
    /// The paths of `range`, moved by the numbers given and by whatever else the law draws from `stream`.
    ///
    /// - Parameter noise: Writes the next column, of one number a path: `noisesPerStep` times for each step, in order of time.
    func paths(
        _ range: Range<Int>, on grid: TimeGrid, stream: RandomStream, noise: (UnsafeMutableBufferPointer<Double>) -> Void
    ) -> PathBlock
    /// The same paths to the rounding of `Float`.
    ///
    /// - Parameter noise: The columns one after another, `tile.count` numbers each.
    func fill(_ tile: PathTile, firstPath: Int, on grid: TimeGrid, stream: RandomStream, noise: UnsafePointer<Float>)
}

extension DiffusionSimulator {
    public var noisesPerStep: Int { 1 }
    public var ownNoiseShare: Double { 1 }
    public var noiseGroup: Int { 0 }

    public func fill(_ tile: PathTile, firstPath: Int, on grid: TimeGrid, stream: RandomStream, noise: UnsafePointer<Float>) {
        fillFromBlock(tile, firstPath: firstPath, on: grid, stream: stream, noise: noise)
    }

    /// What `paths` gives, rounded.
    func fillFromBlock(_ tile: PathTile, firstPath: Int, on grid: TimeGrid, stream: RandomStream, noise: UnsafePointer<Float>) {
        var next = noise
        let block = paths(firstPath..<firstPath + tile.count, on: grid, stream: stream) { column in
            for i in column.indices { column[i] = Double(next[i]) }
            next += tile.count
        }
        fill(tile, rounding: block)
    }

    /// The paths moved by the stream's own numbers.
    func pathsOfOwnNoise(_ range: Range<Int>, on grid: TimeGrid, stream: RandomStream) -> PathBlock {
        var columns = NormalColumns(stream, paths: range, group: noiseGroup)
        return paths(range, on: grid, stream: stream) { columns.next($0) }
    }
}

/// Where laws whose other draws need the low groups keep the noise that may be shared; jumps have those from 2³⁰ on.
enum SharedNoise {
    static let group = 1 << 29
}

extension PathBlock {
    /// Adds B's part to log prices without it: √((1 − ρ²) ∫v) z of each step, v's integral being that step's.
    ///
    /// - Parameter share: √(1 − ρ²).
    mutating func addOwnNoise(share: Double, noise: (UnsafeMutableBufferPointer<Double>) -> Void) {
        var sum = [Double](repeating: 0, count: count)
        var normals = sum
        for t in 1...steps {
            normals.withUnsafeMutableBufferPointer { noise($0) }
            let (before, now) = (integratedVariance[t - 1], integratedVariance[t])
            for i in 0..<count { sum[i] += share * (now[i] - before[i]).squareRoot() * normals[i] }
            for i in 0..<count { logSpot[t][i] += sum[i] }
            spot[t] = Self.exponentials(of: logSpot[t])
        }
    }
}
