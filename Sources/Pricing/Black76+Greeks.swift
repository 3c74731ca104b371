public import Market
import Probability
import RealModule

/// Price and sensitivities of one European option, in quote currency per unit of underlying.
///
/// Per 1.0 of forward, per 1.00 of volatility, per year; rates zero.
public struct BlackGreeks: Sendable, Equatable {
    public var price: Double
    /// ∂V/∂F, the Black delta.
    public var delta: Double
    /// ∂²V/∂F².
    public var gamma: Double
    /// ∂V/∂σ.
    public var vega: Double
    /// ∂V/∂t = −∂V/∂T: what a year that passes changes.
    public var theta: Double
    /// ∂²V/∂F∂σ.
    public var vanna: Double
    /// ∂²V/∂σ².
    public var volga: Double
    /// ∂Δ/∂t = −∂Δ/∂T.
    public var charm: Double
    /// ∂Γ/∂F.
    public var speed: Double
    /// ∂Γ/∂σ.
    public var zomma: Double
    /// ∂V/∂r at zero rate with the spot held, so that the forward grows: ωKT·N(ωd₂), per 1.00 of rate.
    public var rho: Double
}

extension Black76 {
    /// Price and all Greeks at once.
    ///
    ///     Δ = ωN(ωd₁)      Γ = φ(d₁)/(Fσ√T)            vega = Fφ(d₁)√T           theta = −Fφ(d₁)σ/(2√T)
    ///     vanna = −φ(d₁)d₂/σ    volga = vega·d₁d₂/σ    charm = φ(d₁)d₂/(2T)
    ///     speed = −Γ/F·(1 + d₁/(σ√T))    zomma = Γ(d₁d₂ − 1)/σ    rho = ωKT·N(ωd₂)
    ///
    /// At σ²T = 0 price and delta are their limits (delta ω/2 at F = K), rho too, and all others are 0: at F = K some have no finite
    /// limit, and an option that has run out has no risk left to hedge.
    ///
    /// - Parameters:
    ///   - volatility: Annual decimal. Not negative.
    ///   - timeToExpiry: Years. Not negative.
    ///
    /// Reference: Haug, *The Complete Guide to Option Pricing Formulas*, 2nd ed., ch. 2.
    public static func greeks(
        _ kind: OptionKind, forward: Double, strike: Double, volatility: Double, timeToExpiry: Double
    ) -> BlackGreeks {
        precondition(forward > 0 && strike > 0 && volatility >= 0 && timeToExpiry >= 0)
        let omega = kind.sign
        let root = timeToExpiry.squareRoot()
        let deviation = volatility * root
        let (d1, d2) = moneynessInDeviations(forward: forward, strike: strike, deviation: deviation)
        let delta = omega * NormalDistribution.cdf(omega * d1)
        let strikePart = omega * strike * NormalDistribution.cdf(omega * d2)
        let rho = timeToExpiry * strikePart
        guard deviation > 0 else {
            return BlackGreeks(
                price: max(omega * (forward - strike), 0), delta: delta, gamma: 0, vega: 0, theta: 0, vanna: 0, volga: 0, charm: 0,
                speed: 0, zomma: 0, rho: rho)
        }
        let density = NormalDistribution.density(d1)
        let gamma = density / (forward * deviation)
        let vega = forward * density * root
        return BlackGreeks(
            price: forward * delta - strikePart, delta: delta, gamma: gamma, vega: vega,
            theta: -vega * volatility / (2 * timeToExpiry), vanna: -density * d2 / volatility, volga: vega * d1 * d2 / volatility,
            charm: density * d2 / (2 * timeToExpiry), speed: -gamma / forward * (1 + d1 / deviation),
            zomma: gamma * (d1 * d2 - 1) / volatility, rho: rho)
    }
}
