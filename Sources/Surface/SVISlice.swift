/// The smile of one expiry in the raw form of stochastic volatility inspired variance.
///
///     w(k) = a + b (ρ (k − m) + √((k − m)² + σ²))
///
/// Reference: Gatheral, Jacquier, *Arbitrage-free SVI volatility surfaces*, Quantitative Finance 14 (2014).
public struct SVISlice: SmileModel, Equatable, Codable {
    /// Level.
    public var a: Double
    /// Slope of the wings, half the sum of both. Not negative.
    public var b: Double
    /// Tilt, −1...1.
    public var rho: Double
    /// Log-moneyness about which the hyperbola is centred.
    public var m: Double
    /// Roundness of the vertex, in log-moneyness. Positive.
    public var sigma: Double

    public init(a: Double, b: Double, rho: Double, m: Double, sigma: Double) {
        self.a = a
        self.b = b
        self.rho = rho
        self.m = m
        self.sigma = sigma
    }

    /// A smile without skew: w(k) = `totalVariance`.
    public init(flat totalVariance: Double) {
        self.init(a: totalVariance, b: 0, rho: 0, m: 0, sigma: 1)
    }

    /// The slice of a surface SVI: w(k) = θ/2 (1 + ρφk + √((φk + ρ)² + 1 − ρ²)), with w(0) = θ and w'(0) = θρφ.
    ///
    /// Reference: Gatheral, Jacquier (2014), section 4.
    public init(atTheMoney theta: Double, rho: Double, phi: Double) {
        guard phi > 0 else {
            self.init(flat: theta)
            return
        }
        self.init(SVINatural(level: 0, centre: 0, rho: rho, scale: theta, opening: phi))
    }

    /// Lowest total variance over all k: a + b σ √(1 − ρ²).
    public var minimumVariance: Double { a + b * sigma * (1 - rho * rho).squareRoot() }

    /// Slopes of w as k → −∞ and k → +∞, both as positive numbers: b (1 − ρ), b (1 + ρ).
    public var wingSlopes: (left: Double, right: Double) { (b * (1 - rho), b * (1 + rho)) }

    public func totalVariance(atLogMoneyness k: Double) -> Double {
        let x = k - m
        return max(a + b * (rho * x + (x * x + sigma * sigma).squareRoot()), 0)
    }

    public func slope(atLogMoneyness k: Double) -> Double {
        let x = k - m
        return b * (rho + x / (x * x + sigma * sigma).squareRoot())
    }

    public func curvature(atLogMoneyness k: Double) -> Double {
        let x = k - m
        let h = (x * x + sigma * sigma).squareRoot()
        return b * sigma * sigma / (h * h * h)
    }
}
