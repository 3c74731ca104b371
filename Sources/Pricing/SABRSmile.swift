import RealModule

/// The smile of the SABR model, by Hagan's expansion in the time to expiry.
///
///     σ(K) = A · (1 + T [ (1−β)² α² / (24 m²) + ρβνα / (4m) + ν² (2 − 3ρ²)/24 ]) · z/χ(z)
///     m = (FK)^{(1−β)/2},   A = α / (m (1 + ((1−β) ln F/K)²/24 + ((1−β) ln F/K)⁴/1920)),   z = (ν/α) m ln F/K
///     χ(z) = ln((√(1 − 2ρz + z²) + z − ρ)/(1 − ρ))
///
/// Reference: Hagan, Kumar, Lesniewski, Woodward, *Managing smile risk*, Wilmott (2002), (2.17).
public struct SABRSmile: Sendable, Equatable {
    /// α: volatility of F is α F^β.
    public var alpha: Double
    public var beta: Double
    /// ν, a year.
    public var volatilityOfVolatility: Double
    public var correlation: Double

    public init(alpha: Double, beta: Double = 1, volatilityOfVolatility: Double, correlation: Double) {
        precondition(alpha > 0 && (0...1).contains(beta) && volatilityOfVolatility >= 0 && correlation.magnitude < 1)
        self.alpha = alpha
        self.beta = beta
        self.volatilityOfVolatility = volatilityOfVolatility
        self.correlation = correlation
    }

    /// Black's volatility, annual decimal.
    public func impliedVolatility(forward: Double, strike: Double, timeToExpiry: Double) -> Double {
        let (nu, rho, flat) = (volatilityOfVolatility, correlation, 1 - beta)
        let log = Double.log(forward / strike)
        let mean = beta == 1 ? 1 : Double.pow(forward * strike, flat / 2)
        let bend = flat * log * flat * log
        let level = alpha / (mean * (1 + bend / 24 + bend * bend / 1920))
        let slope = alpha / mean
        let backbone: Double = flat * flat * slope * slope / 24
        let rate: Double = backbone + rho * beta * nu * slope / 4 + nu * nu * (2 - 3 * rho * rho) / 24
        let z = nu / alpha * mean * log
        // z/χ(z) = 1 − ρz/2 + O(z²); below this the logarithm has lost half its digits.
        let root = (1 - 2 * rho * z + z * z).squareRoot()
        let ratio: Double = z.magnitude < 1e-7 ? 1 - rho * z / 2 : z / Double.log((root + z - rho) / (1 - rho))
        return level * (1 + timeToExpiry * rate) * ratio
    }
}
