import Market
import RealModule

/// A surface by five numbers: how high it is, how it rises with time to expiry, and how a month's smile leans and bends.
///
/// The first three are the least-squares parabola of ln σ_ATM in x = ln(T/30 d) over the constant maturities, by its orthogonal
/// polynomials: mean, slope and curvature of the term structure. The others are ψ = ∂σ/∂k and ∂²σ/∂k² at the money of 30 days.
public struct SurfaceFactors: Sendable, Equatable {
    /// Place in ``values``.
    enum Factor: Int, CaseIterable { case level, termSlope, termCurvature, skew, curvature }

    let values: SIMD8<Double>

    public var level: Double { self[.level] }
    public var termSlope: Double { self[.termSlope] }
    public var termCurvature: Double { self[.termCurvature] }
    public var skew: Double { self[.skew] }
    public var curvature: Double { self[.curvature] }

    subscript(factor: Factor) -> Double { values[factor.rawValue] }

    /// - Parameter maturities: At ``SurfacePoint/days``.
    init(_ maturities: [MaturityFigures]) {
        var values = SIMD8<Double>()
        for (figures, polynomials) in zip(maturities, Self.polynomials) {
            let y = Double.log(figures.volatility)
            for i in 0..<3 { values[i] += y * polynomials[i] }
        }
        if let month = maturities.first(where: { $0.days == 30 }) {
            values[Factor.skew.rawValue] = month.skew
            values[Factor.curvature.rawValue] = month.curvature
        }
        self.values = values
    }

    /// At each constant maturity the polynomials 1, x − x̄ and the parabola orthogonal to both, over their squared lengths: the share of a
    /// term structure along each is the sum of its products with them.
    private static let polynomials: [[Double]] = {
        let x = SurfacePoint.days.map { Double.log($0 / 30) }
        func share(of y: [Double], along direction: [Double]) -> Double {
            zip(y, direction).reduce(0) { $0 + $1.0 * $1.1 } / direction.reduce(0) { $0 + $1 * $1 }
        }
        let flat = [Double](repeating: 1, count: x.count)
        let mean = share(of: x, along: flat)
        let line = x.map { $0 - mean }
        let squares = x.map { $0 * $0 }
        let (offset, tilt) = (share(of: squares, along: flat), share(of: squares, along: line))
        let parabola = zip(squares, line).map { $0 - offset - tilt * $1 }
        return x.indices.map { i in
            [flat, line, parabola].map { $0[i] / $0.reduce(0) { $0 + $1 * $1 } }
        }
    }()
}

/// How the surface answers to the forward: by exponentially weighted moments of its past moves.
public struct SpotResponse: Sendable, Equatable {
    /// β = cov(Δσ_ATM, Δln F)/var(Δln F), annual decimal per 1.0 of log forward.
    public let slope: Double
    /// Moves it is measured on.
    public let moves: Int

    static let fewestMoves = 5

    /// Weights of the moves to each point, halved every week before the last; the first point ends no move.
    static func weights(_ points: [SurfacePoint]) -> [Double] {
        guard let now = points.last?.time else { return [] }
        return points.map { Double.exp2(-$0.time.years(to: now) * 365 / 7) }
    }

    /// - Parameters:
    ///   - points: In order of time, the present one last; moves are between neighbours, and weights are halved every week.
    ///   - days: A constant maturity.
    /// - Returns: nil with fewer than five moves, or where the forward did not move.
    public init?(_ points: [SurfacePoint], days: Double) { self.init(points, days: days, weights: Self.weights(points)) }

    init?(_ points: [SurfacePoint], days: Double, weights pointWeights: [Double]) {
        guard points.count > Self.fewestMoves, let place = SurfacePoint.days.firstIndex(of: days) else { return nil }
        var (weights, x, y, xx, xy) = (0.0, 0.0, 0.0, 0.0, 0.0)
        var moves = 0
        for i in points.indices.dropFirst() {
            let (start, end) = (points[i - 1].maturities[place], points[i].maturities[place])
            let move = Double.log(end.forward / start.forward)
            let change = end.volatility - start.volatility
            guard move.isFinite, change.isFinite else { continue }
            let weight = pointWeights[i]
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
