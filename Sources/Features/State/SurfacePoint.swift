public import Market
import Pricing
import Probability
import RealModule
public import Surface

/// A surface at one constant maturity, by what a trader reads of it.
public struct MaturityFigures: Sendable, Equatable {
    public let days: Double
    /// Quote currency per unit.
    public let forward: Double
    /// σ at k = 0, annual decimal.
    public let volatility: Double
    /// ψ = ∂σ/∂k at k = 0, annual decimal per 1.0 of log-moneyness.
    public let skew: Double
    /// ∂²σ/∂k² at k = 0.
    public let curvature: Double
    /// σ of the out-of-the-money call and put with a Black forward delta of a quarter; nil where the smile has none.
    public let callVolatility: Double?
    public let putVolatility: Double?
    /// The smile's jump-wings figures; of an interpolated smile the wings' own slopes and lowest variance.
    public let wings: SVIJumpWings

    public init(_ surface: VolatilitySurface, days: Double) {
        let years = days / 365
        let smile = surface.smile(timeToExpiry: years)
        let w = smile.totalVariance(atLogMoneyness: 0)
        let level = (w / years).squareRoot()
        let first = smile.slope(atLogMoneyness: 0) / (2 * level * years)
        self.days = days
        forward = surface.forward(timeToExpiry: years)
        volatility = level
        skew = first
        curvature = smile.curvature(atLogMoneyness: 0) / (2 * level * years) - first * first / level
        callVolatility = surface.volatility(delta: 0.25, kind: .call, timeToExpiry: years)
        putVolatility = surface.volatility(delta: 0.25, kind: .put, timeToExpiry: years)
        wings = smile.jumpWings(timeToExpiry: years)
    }

    /// σ(25Δ call) − σ(25Δ put), annual decimal.
    public var riskReversal: Double? {
        guard let callVolatility, let putVolatility else { return nil }
        return callVolatility - putVolatility
    }

    /// (σ(25Δ call) + σ(25Δ put))/2 − σ_ATM, annual decimal.
    public var butterfly: Double? {
        guard let callVolatility, let putVolatility else { return nil }
        return (callVolatility + putVolatility) / 2 - volatility
    }
}

/// What is kept of a surface when its snapshot is past: its figures at constant maturities, the index and the perpetual.
public struct SurfacePoint: Dated, Equatable {
    public let time: Timestamp
    /// Spot index, quote currency per unit.
    public let index: Double
    /// nil where it was not recorded.
    public let perpetual: Double?
    /// At ``days``, in order.
    public let maturities: [MaturityFigures]
    public let factors: SurfaceFactors

    /// The constant maturities.
    public static let days = [7.0, 30, 90, 180]

    public init(_ surface: VolatilitySurface, perpetual: Double?) {
        time = surface.time
        index = surface.index
        self.perpetual = perpetual
        maturities = Self.days.map { MaturityFigures(surface, days: $0) }
        factors = SurfaceFactors(maturities)
    }

    /// The figures of one of ``days``.
    public subscript(days days: Double) -> MaturityFigures {
        guard let figures = maturities.first(where: { $0.days == days }) else {
            preconditionFailure("no constant maturity of \(days) days; there are: \(Self.days)")
        }
        return figures
    }
}

extension InterpolatedSmile where Smile == FittedSmile {
    /// Jump-wings figures of the smile: v, ψ, p and c of its own wing slopes, ṽ its lowest variance within ten deviations of the money.
    ///
    /// Hyperbolas and their mixtures are convex, so that golden-section steps find the lowest point.
    func jumpWings(timeToExpiry: Double) -> SVIJumpWings {
        let w = totalVariance(atLogMoneyness: 0)
        let root = w.squareRoot()
        let (nearWings, farWings) = (near.wingSlopes, far.wingSlopes)
        let ratio = 0.6180339887498949
        var (low, high) = (-10 * root, 10 * root)
        var (left, right) = (high - ratio * (high - low), low + ratio * (high - low))
        var (leftVariance, rightVariance) = (totalVariance(atLogMoneyness: left), totalVariance(atLogMoneyness: right))
        // 0.618^45 of twenty deviations: below 1e-8 of one, and w is flat there.
        for _ in 0..<45 {
            if leftVariance < rightVariance {
                (high, right, rightVariance) = (right, left, leftVariance)
                left = high - ratio * (high - low)
                leftVariance = totalVariance(atLogMoneyness: left)
            } else {
                (low, left, leftVariance) = (left, right, rightVariance)
                right = low + ratio * (high - low)
                rightVariance = totalVariance(atLogMoneyness: right)
            }
        }
        return SVIJumpWings(
            variance: w / timeToExpiry, skew: slope(atLogMoneyness: 0) / (2 * root),
            putSlope: (nearWeight * nearWings.left + farWeight * farWings.left) / root,
            callSlope: (nearWeight * nearWings.right + farWeight * farWings.right) / root,
            minimumVariance: min(leftVariance, rightVariance, w) / timeToExpiry)
    }
}
