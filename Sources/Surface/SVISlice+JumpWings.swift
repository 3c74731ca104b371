/// A slice by quantities a trader reads: at-the-money variance and skew, wing slopes, lowest variance.
///
///     v = w(0)/T,   ψ = w'(0)/(2√w(0)),   p = b (1 − ρ)/√w(0),   c = b (1 + ρ)/√w(0),   ṽ = min w / T
///
/// Reference: Gatheral, Jacquier (2014), section 3.3.
public struct SVIJumpWings: Sendable, Equatable, Codable {
    /// v: at-the-money variance, per year.
    public var variance: Double
    /// ψ: slope of total volatility √w at the money, per unit of log-moneyness.
    public var skew: Double
    /// p: left wing slope, in units of √w(0).
    public var putSlope: Double
    /// c: right wing slope, in units of √w(0).
    public var callSlope: Double
    /// ṽ: lowest variance, per year.
    public var minimumVariance: Double

    public init(variance: Double, skew: Double, putSlope: Double, callSlope: Double, minimumVariance: Double) {
        self.variance = variance
        self.skew = skew
        self.putSlope = putSlope
        self.callSlope = callSlope
        self.minimumVariance = minimumVariance
    }

    /// The slice with the same v, ψ and p whose right wing and lowest variance leave no butterfly arbitrage.
    ///
    ///     c' = p + 2ψ,   ṽ' = 4 v p c'/(p + c')²
    ///
    /// It is the SSVI slice of that skew; the way back to arbitrage freedom from any fit with p + 2ψ ≥ 0.
    /// Reference: Gatheral, Jacquier (2014), section 5.1.
    public var withoutButterflies: SVIJumpWings {
        var repaired = self
        repaired.callSlope = max(putSlope + 2 * skew, 0)
        let sum = putSlope + repaired.callSlope
        repaired.minimumVariance = sum > 0 ? variance * 4 * putSlope * repaired.callSlope / (sum * sum) : variance
        return repaired
    }
}

extension SVISlice {
    /// The slice in jump-wings form. `timeToExpiry` in years, positive; w(0) must be positive.
    public func jumpWings(timeToExpiry: Double) -> SVIJumpWings {
        let w = totalVariance(atLogMoneyness: 0)
        let root = w.squareRoot()
        return SVIJumpWings(
            variance: w / timeToExpiry, skew: slope(atLogMoneyness: 0) / (2 * root), putSlope: wingSlopes.left / root,
            callSlope: wingSlopes.right / root, minimumVariance: minimumVariance / timeToExpiry)
    }

    /// The raw slice of a jump-wings one; nil where no slice has these figures (|β| > 1, ṽ > v) or several have
    /// (flat at the money with ψ = 0 and ṽ = v).
    ///
    /// With β = ρ − 2ψ√w/b = m/R and R = √(m² + σ²):
    ///
    ///     (v − ṽ) T = b R (1 − ρβ − √((1 − β²)(1 − ρ²))),   m = βR,   σ = R √(1 − β²)
    public init?(_ wings: SVIJumpWings, timeToExpiry: Double) {
        let w = wings.variance * timeToExpiry
        guard w > 0, wings.putSlope >= 0, wings.callSlope >= 0 else { return nil }
        let b = w.squareRoot() * (wings.putSlope + wings.callSlope) / 2
        guard b > 0 else { return nil }
        let rho = (wings.callSlope - wings.putSlope) / (wings.callSlope + wings.putSlope)
        let beta = rho - 2 * wings.skew * w.squareRoot() / b
        guard beta.magnitude <= 1 else { return nil }
        let spread = 1 - rho * beta - ((1 - beta * beta) * (1 - rho * rho)).squareRoot()
        let drop = w - wings.minimumVariance * timeToExpiry
        guard spread > 0, drop > 0 else { return nil }
        let radius = drop / (b * spread)
        let sigma = radius * (1 - beta * beta).squareRoot()
        self.init(
            a: wings.minimumVariance * timeToExpiry - b * sigma * (1 - rho * rho).squareRoot(), b: b, rho: rho,
            m: beta * radius, sigma: sigma)
    }
}
