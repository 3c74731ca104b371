/// Total implied variance of one expiry as a function of log-moneyness, with its first two derivatives.
///
/// w(k) = σ(k)² T, k = ln(K/F).
public protocol SmileModel: Sendable {
    /// w(k), dimensionless, never negative.
    func totalVariance(atLogMoneyness k: Double) -> Double
    /// ∂w/∂k.
    func slope(atLogMoneyness k: Double) -> Double
    /// ∂²w/∂k².
    func curvature(atLogMoneyness k: Double) -> Double
}

/// The smile between two smiles, linear in total variance at fixed log-moneyness: w = (1 − λ) w₁ + λ w₂.
///
/// With one smile twice and weights that do not sum to one it is that smile at a constant volatility, before the first expiry
/// and after the last.
public struct InterpolatedSmile<Smile: SmileModel>: SmileModel {
    public var near: Smile
    public var far: Smile
    public var nearWeight: Double
    public var farWeight: Double

    public init(near: Smile, far: Smile, nearWeight: Double, farWeight: Double) {
        self.near = near
        self.far = far
        self.nearWeight = nearWeight
        self.farWeight = farWeight
    }

    public func totalVariance(atLogMoneyness k: Double) -> Double {
        nearWeight * near.totalVariance(atLogMoneyness: k) + farWeight * far.totalVariance(atLogMoneyness: k)
    }

    public func slope(atLogMoneyness k: Double) -> Double {
        nearWeight * near.slope(atLogMoneyness: k) + farWeight * far.slope(atLogMoneyness: k)
    }

    public func curvature(atLogMoneyness k: Double) -> Double {
        nearWeight * near.curvature(atLogMoneyness: k) + farWeight * far.curvature(atLogMoneyness: k)
    }
}
