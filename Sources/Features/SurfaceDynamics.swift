import Market
import RealModule

/// A surface by five numbers: how high it is, how it rises with time to expiry, and how a month's smile leans and bends.
///
/// The first three are the least-squares parabola of ln σ_ATM in x = ln(T/30 d) over the constant maturities, by its orthogonal
/// polynomials: mean, slope and curvature of the term structure. The others are ψ = ∂σ/∂k and ∂²σ/∂k² at the money of 30 days.
public struct SurfaceFactors: Sendable, Equatable {
    public let level: Double
    public let termSlope: Double
    public let termCurvature: Double
    public let skew: Double
    public let curvature: Double

    public init(_ point: SurfacePoint) {
        let x = point.maturities.map { Double.log($0.days / 30) }
        let y = point.maturities.map { Double.log($0.volatility) }
        func share(of y: [Double], along direction: [Double]) -> Double {
            zip(y, direction).reduce(0) { $0 + $1.0 * $1.1 } / direction.reduce(0) { $0 + $1 * $1 }
        }
        // Monic polynomials, each orthogonal to those before on these maturities.
        let flat = [Double](repeating: 1, count: x.count)
        let mean = share(of: x, along: flat)
        let line = x.map { $0 - mean }
        let squares = x.map { $0 * $0 }
        let (offset, tilt) = (share(of: squares, along: flat), share(of: squares, along: line))
        let parabola = zip(squares, line).map { $0 - offset - tilt * $1 }
        level = share(of: y, along: flat)
        termSlope = share(of: y, along: line)
        termCurvature = share(of: y, along: parabola)
        let month = point[days: 30]
        skew = month.skew
        curvature = month.curvature
    }
}

/// How the surface answers to the forward: by exponentially weighted moments of its past moves.
public struct SpotResponse: Sendable, Equatable {
    /// β = cov(Δσ_ATM, Δln F)/var(Δln F), annual decimal per 1.0 of log forward.
    public let slope: Double
    /// Moves it is measured on.
    public let moves: Int

    static let fewestMoves = 5

    /// - Parameters:
    ///   - points: In order of time, the present one last; moves are between neighbours.
    ///   - days: A constant maturity.
    /// - Returns: nil with fewer than five moves, or where the forward did not move.
    public init?(_ points: [SurfacePoint], days: Double, halfLifeDays: Double = 7) {
        guard let now = points.last?.time, points.count > Self.fewestMoves else { return nil }
        var (weights, x, y, xx, xy) = (0.0, 0.0, 0.0, 0.0, 0.0)
        var moves = 0
        for (before, after) in zip(points, points.dropFirst()) {
            let (start, end) = (before[days: days], after[days: days])
            let move = Double.log(end.forward / start.forward)
            let change = end.volatility - start.volatility
            guard move.isFinite, change.isFinite else { continue }
            let weight = Double.exp2(-after.time.years(to: now) * 365 / halfLifeDays)
            moves += 1
            weights += weight
            x += weight * move
            y += weight * change
            xx += weight * move * move
            xy += weight * move * change
        }
        let variance = xx / weights - (x / weights) * (x / weights)
        guard moves >= Self.fewestMoves, variance > 0 else { return nil }
        slope = (xy / weights - x / weights * (y / weights)) / variance
        self.moves = moves
    }
}
