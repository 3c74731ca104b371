public import Probability

/// A law of the market that draws whole blocks of paths.
///
/// Every draw is addressed by (path, step, dimension) of the stream, so that path 17 is the same path in whatever
/// block, order or thread it is made.
public protocol PathSimulator: Sendable {
    /// Kebab-case, as experiments write it: `black-scholes`.
    var name: String { get }
    /// The spot at the start.
    var spot: Double { get }
    /// Whether its blocks have instantaneous variance.
    var hasVariance: Bool { get }
    /// Annual volatility that Black's formula is used with where the law itself has no price formula here: the root of what the
    /// quadratic variation of ln S to the end of the grid is expected to be a year, jumps included.
    func referenceVolatility(on grid: TimeGrid) -> Double
    /// The paths of `range` at times 0...steps of `grid`.
    func paths(_ range: Range<Int>, on grid: TimeGrid, stream: RandomStream) -> PathBlock
    /// The same paths to the rounding of `Float`, into the caller's memory: what training reads. Where a law does not draw them so
    /// itself, those of `paths` are rounded.
    func fill(_ tile: PathTile, firstPath: Int, on grid: TimeGrid, stream: RandomStream)
}

extension PathSimulator {
    public var hasVariance: Bool { false }
}

/// N simulated paths, time by time: `spot[t][i]` is the spot of path i at time t, of 0...T.
public struct PathBlock: Sendable, Equatable {
    /// ln S, T + 1 columns of N.
    public var logSpot: [[Double]]
    /// S, T + 1 columns of N.
    public var spot: [[Double]]
    /// Instantaneous variance v, T + 1 columns of N; empty where the law has none.
    public var variance: [[Double]]
    /// ∫₀ᵗ v ds, T + 1 columns of N; empty where `variance` is.
    public var integratedVariance: [[Double]]
    /// Funding rate of a perpetual, a year, T + 1 columns of N; empty where none is simulated.
    public var fundingRate: [[Double]] = []

    public init(logSpot: [[Double]], spot: [[Double]], variance: [[Double]] = [], integratedVariance: [[Double]] = []) {
        precondition(!spot.isEmpty && logSpot.count == spot.count, "times differ: \(logSpot.count) and \(spot.count)")
        precondition(
            variance.count == integratedVariance.count && [0, spot.count].contains(variance.count), "\(variance.count) columns of variance")
        self.logSpot = logSpot
        self.spot = spot
        self.variance = variance
        self.integratedVariance = integratedVariance
    }

    /// N.
    public var count: Int { spot[0].count }
    /// T.
    public var steps: Int { spot.count - 1 }
}
