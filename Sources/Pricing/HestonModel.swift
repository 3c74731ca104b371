import ComplexModule
public import Market
import RealModule

/// Heston's stochastic variance, on the forward and without rates.
///
///     dF = F √v dW,   dv = κ(θ − v) dt + ξ √v dZ,   d⟨W, Z⟩ = ρ dt
///
/// Reference: Heston, *A closed-form solution for options with stochastic volatility*, Review of Financial Studies 6 (1993).
public struct HestonModel: Sendable, Hashable, Codable {
    /// κ, per year.
    public var meanReversion: Double
    /// θ, annual variance.
    public var longRunVariance: Double
    /// ξ, per year.
    public var volatilityOfVariance: Double
    /// ρ.
    public var correlation: Double

    public init(meanReversion: Double, longRunVariance: Double, volatilityOfVariance: Double, correlation: Double) {
        precondition(meanReversion >= 0 && longRunVariance >= 0 && volatilityOfVariance >= 0 && correlation.magnitude < 1)
        self.meanReversion = meanReversion
        self.longRunVariance = longRunVariance
        self.volatilityOfVariance = volatilityOfVariance
        self.correlation = correlation
    }

    /// E ∫ v dt over so many years: (v − θ)(1 − e^{−κT})/κ + θT. What a variance swap pays.
    public func expectedTotalVariance(from variance: Double, years: Double) -> Double {
        (variance - longRunVariance) * memory(years) + longRunVariance * years
    }

    /// (1 − e^{−κT})/κ: what a unit of variance now adds to the expected total variance.
    public func memory(_ years: Double) -> Double {
        meanReversion > 0 ? -Double.expMinusOne(-meanReversion * years) / meanReversion : years
    }

    /// How far the line of integration may be turned: well inside the angle arccos|ρ| within which the characteristic function falls.
    var turn: Double { min(.pi / 12, Double.acos(correlation.magnitude) / 4) }

    /// A and B of the characteristic function of ln(F_T/F) at u − i/2: E exp((iu + ½) ln(F_T/F)) = exp(A + B v).
    ///
    /// With q = u² + ¼, β = κ − ρξ(½ + iu) and d = √(β² + ξ²q), in the form that stays on one branch of the logarithm and divides by ξ²
    /// only what is of its order:
    ///
    ///     B = −q(1 − e^{−dT}) / ((β + d)(1 − g e^{−dT})),     g = −ξ²q/(β + d)²
    ///     A = −κθ [qT/(β + d) + 2/ξ²·ln(1 + g(1 − e^{−dT})/(1 − g))]
    ///
    /// Reference: Albrecher, Mayer, Schoutens, Tistaert, *The little Heston trap*, Wilmott (2007); Lewis, *Option Valuation under
    /// Stochastic Volatility* (2000) for the line through −i/2.
    func exponent(u: Complex<Double>, years: Double) -> (a: Complex<Double>, b: Complex<Double>) {
        let xi = volatilityOfVariance
        let q = u * u + Complex(0.25)
        let iu = Complex(-u.imaginary, u.real)
        let beta = Complex(meanReversion) - Complex(correlation * xi) * (Complex(0.5) + iu)
        let d = Complex.sqrt(beta * beta + Complex(xi * xi) * q)
        let sum = beta + d
        let decay = Complex.exp(-d * Complex(years))
        let lost = Complex(1) - decay
        let g = Complex(-xi * xi) * q / (sum * sum)
        let b = -q * lost / (sum * (Complex(1) - g * decay))
        let logarithm = Complex.log(onePlus: g * lost / (Complex(1) - g))
        let a = Complex(-meanReversion * longRunVariance) * (Complex(years) * q / sum + Complex(2 / (xi * xi)) * logarithm)
        return (a, b)
    }
}

extension HestonModel {
    public func price(_ kind: OptionKind, forward: Double, strike: Double, variance: Double, timeToExpiry: Double) -> Double {
        greeks(kind, forward: forward, strike: strike, variance: variance, timeToExpiry: timeToExpiry).price
    }

    /// Price, delta, gamma and ∂V/∂v by one Fourier integral. With ξ = 0 or no time left the formula is Black's.
    ///
    /// - Parameters:
    ///   - variance: Instantaneous variance v now, annual.
    ///   - timeToExpiry: Years.
    public func greeks(
        _ kind: OptionKind, forward: Double, strike: Double, variance: Double, timeToExpiry: Double
    ) -> FourierGreeks {
        precondition(forward > 0 && strike > 0 && variance >= 0 && timeToExpiry >= 0)
        let total = expectedTotalVariance(from: variance, years: timeToExpiry)
        guard volatilityOfVariance > 0, total > 1e-14 else {
            let sigma = timeToExpiry > 0 ? (total / timeToExpiry).squareRoot() : 0
            let black = Black76.greeks(kind, forward: forward, strike: strike, volatility: sigma, timeToExpiry: timeToExpiry)
            // ∂V/∂v = ∂V/∂w · ∂w/∂v, ∂V/∂w = F²Γ/2.
            return FourierGreeks(
                price: black.price, delta: black.delta, gamma: black.gamma,
                varianceVega: 0.5 * forward * forward * black.gamma * memory(timeToExpiry))
        }
        return FourierIntegral.greeks(kind, forward: forward, strike: strike, variance: variance, turn: turn) {
            exponent(u: $0, years: timeToExpiry)
        }
    }

    /// The delta that minimises the variance of a hedge with the underlying alone: Δ + ρξ/F · ∂V/∂v.
    public func minimumVarianceDelta(_ greeks: FourierGreeks, forward: Double) -> Double {
        greeks.delta + correlation * volatilityOfVariance * greeks.varianceVega / forward
    }
}
