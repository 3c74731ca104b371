import ComplexModule
public import Market
import RealModule

/// Heston's variance with jumps of price and variance at the same moments, on the forward and without rates.
///
///     dF/F = √v dW + (e^J − 1) dN − λk dt,   dv = κ(θ − v) dt + ξ √v dZ + Y dN,   d⟨W, Z⟩ = ρ dt
///     Y exponential with mean μ,   J ~ N(m + ρ_J Y, δ²),   k = e^{m + δ²/2}/(1 − ρ_J μ) − 1
///
/// With μ = 0 it is Bates' model.
///
/// References: Bates, *Jumps and stochastic volatility*, Review of Financial Studies 9 (1996); Duffie, Pan, Singleton, *Transform
/// analysis and asset pricing for affine jump-diffusions*, Econometrica 68 (2000), section 4.
public struct HestonJumpModel: Sendable, Hashable, Codable {
    public var heston: HestonModel
    /// λ, jumps a year.
    public var jumpIntensity: Double
    /// m.
    public var jumpMean: Double
    /// δ.
    public var jumpVolatility: Double
    /// μ, annual variance.
    public var varianceJumpMean: Double
    /// ρ_J: by how much a jump of the log price moves with one of variance. A slope, not bounded by one.
    public var jumpCorrelation: Double

    public init(
        heston: HestonModel, jumpIntensity: Double, jumpMean: Double, jumpVolatility: Double, varianceJumpMean: Double = 0,
        jumpCorrelation: Double = 0
    ) {
        precondition(heston.volatilityOfVariance > 0, "volatility of variance \(heston.volatilityOfVariance)")
        precondition(jumpIntensity >= 0 && jumpVolatility >= 0 && varianceJumpMean >= 0)
        precondition(jumpCorrelation * varianceJumpMean < 1, "ρ_J μ is \(jumpCorrelation * varianceJumpMean), must be below 1")
        self.heston = heston
        self.jumpIntensity = jumpIntensity
        self.jumpMean = jumpMean
        self.jumpVolatility = jumpVolatility
        self.varianceJumpMean = varianceJumpMean
        self.jumpCorrelation = jumpCorrelation
    }

    /// k = E e^J − 1.
    public var meanGrowth: Double {
        Double.exp(jumpMean + jumpVolatility * jumpVolatility / 2) / (1 - jumpCorrelation * varianceJumpMean) - 1
    }

    /// E(e^J − 1)²; infinite where e^{2J} has no mean.
    public var meanSquaredGrowth: Double {
        guard 2 * jumpCorrelation * varianceJumpMean < 1 else { return .infinity }
        return jumpMoment(2, 0).real - 2 * meanGrowth - 1
    }

    /// E e^{sJ + bY} = e^{ms + δ²s²/2} / (1 − μ(ρ_J s + b)).
    func jumpMoment(_ s: Complex<Double>, _ b: Complex<Double>) -> Complex<Double> {
        let size = Complex.exp(s * Complex(jumpMean) + s * s * Complex(jumpVolatility * jumpVolatility / 2))
        return size / (Complex(1) - Complex(varianceJumpMean) * (Complex(jumpCorrelation) * s + b))
    }

    /// How far a `HestonRay` may be turned; nil where jumps are so nearly of one size that it may not.
    ///
    /// On the ray e^{sJ} grows with its mean and falls with its deviation: the angle keeps the growth below a factor of some e^{1/2}. It
    /// also keeps E e^{ρ_J s Y + BY} within half of where that mean ends.
    public var rayTurn: Double? {
        guard jumpIntensity > 0 else { return heston.turn }
        let variance = jumpVolatility * jumpVolatility
        let growth = jumpMean.magnitude + 1.5 * variance
        var turn = min(heston.turn, growth > 0 ? Double.asin(min(1, jumpVolatility / growth)) : .pi / 12)
        if varianceJumpMean > 0, jumpCorrelation != 0 {
            let fall = (1 - heston.correlation * heston.correlation).squareRoot() / heston.volatilityOfVariance
            turn = min(turn, Double.atan(0.5 * fall / jumpCorrelation.magnitude))
        }
        return turn >= 0.01 ? turn : nil
    }

    /// What jumps add to the delta that minimises the variance of a hedge with the underlying alone.
    ///
    ///     λ (Q − m₂ (Δ + ρξ/F · ∂V/∂v)) / (v + λ m₂),   Q = E[ΔV (e^J − 1)] / F over one jump,   m₂ = E(e^J − 1)²
    ///
    /// so that the sum of both is d⟨V, F⟩/d⟨F⟩. Zero without jumps, and where nothing moves.
    ///
    /// - Parameters:
    ///   - covariance: Q.
    ///   - diffusionDelta: Δ + ρξ/F · ∂V/∂v.
    public func jumpDelta(covariance: Double, diffusionDelta: Double, variance: Double) -> Double {
        let jumps = jumpIntensity * meanSquaredGrowth
        guard jumps > 0 else { return 0 }
        return (jumpIntensity * covariance - jumps * diffusionDelta) / (variance + jumps)
    }

    public func price(_ kind: OptionKind, forward: Double, strike: Double, variance: Double, timeToExpiry: Double) -> Double {
        greeks(kind, forward: forward, strike: strike, variance: variance, timeToExpiry: timeToExpiry).price
    }

    /// Price and sensitivities by `FourierIntegral`.
    ///
    /// - Parameters:
    ///   - variance: Instantaneous variance v now, annual.
    ///   - timeToExpiry: Years.
    public func greeks(
        _ kind: OptionKind, forward: Double, strike: Double, variance: Double, timeToExpiry: Double
    ) -> FourierGreeks {
        precondition(forward > 0 && strike > 0 && variance >= 0 && timeToExpiry >= 0)
        guard timeToExpiry > 0 else { return FourierGreeks(expired: kind, forward: forward, strike: strike) }
        return FourierIntegral.greeks(
            kind, forward: forward, strike: strike, variance: variance, turn: jumpIntensity > 0 ? 0 : heston.turn
        ) { exponent(u: $0, years: timeToExpiry) }
    }

    /// Heston's exponent, and in A what jumps add: with s = ½ + iu,
    ///
    ///     λ [e^{ms + δ²s²/2} ∫₀ᵀ dτ / (1 − ρ_J μ s − μ B(τ)) − T − skT]
    func exponent(u: Complex<Double>, years: Double) -> (a: Complex<Double>, b: Complex<Double>) {
        var (a, b) = heston.exponent(u: u, years: years)
        guard jumpIntensity > 0 else { return (a, b) }
        let s = Complex(0.5 - u.imaginary, u.real)
        let size = Complex.exp(s * Complex(jumpMean) + s * s * Complex(jumpVolatility * jumpVolatility / 2))
        let time = varianceJumpMean > 0 ? weightedTime(u: u, s: s, years: years) : Complex(years)
        a += Complex(jumpIntensity) * (size * time - Complex(years) - s * Complex(meanGrowth * years))
        return (a, b)
    }

    /// ∫₀ᵀ dτ / (1 − ρ_J μ s − μ B(τ)).
    ///
    /// With B of `HestonModel.exponent` the integrand is (P − Pg e)/(Q − R e), e = e^{−dτ}, P = β + d, Q = P(1 − ρ_J μ s) + μq,
    /// R = Pg(1 − ρ_J μ s) + μq, and the integral PT/Q + (PR/Q − Pg)/(dR) · ln(1 + R(1 − e^{−dT})/(Q − R)).
    private func weightedTime(u: Complex<Double>, s: Complex<Double>, years: Double) -> Complex<Double> {
        let xi = heston.volatilityOfVariance
        let q = u * u + Complex(0.25)
        let beta = Complex(heston.meanReversion) - Complex(heston.correlation * xi) * s
        let d = Complex.sqrt(beta * beta + Complex(xi * xi) * q)
        let p = beta + d
        let pg = Complex(-xi * xi) * q / p
        let shrink = Complex(1) - Complex(jumpCorrelation * varianceJumpMean) * s
        let upper = p * shrink + Complex(varianceJumpMean) * q
        let lower = pg * shrink + Complex(varianceJumpMean) * q
        let lost = Complex(1) - Complex.exp(-d * Complex(years))
        let logarithm = Complex.log(onePlus: lower * lost / (upper - lower))
        return p * Complex(years) / upper + (p * lower / upper - pg) / (d * lower) * logarithm
    }
}
