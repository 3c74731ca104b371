public import Market
import Probability
import RealModule

/// Black's formula on a forward, undiscounted. Discounting is the caller's one multiplication.
public enum Black76 {
    /// The price of a European option.
    ///
    ///     price = ω (F·N(ω d₁) − K·N(ω d₂)),   d₁,₂ = ln(F/K)/√w ± √w/2,   ω = +1 call, −1 put
    ///
    /// Absolute error near 1e-16 of the forward; `NormalizedBlack` keeps relative accuracy in the far wings.
    ///
    /// - Parameters:
    ///   - forward: Forward to expiry, in quote currency. Positive.
    ///   - strike: In the unit of `forward`. Positive.
    ///   - totalVariance: σ²T, dimensionless. Zero gives the intrinsic value.
    /// - Returns: Quote currency per unit of underlying.
    ///
    /// Reference: Black, *The pricing of commodity contracts*, J. Financial Economics 3 (1976).
    public static func price(_ kind: OptionKind, forward: Double, strike: Double, totalVariance: Double) -> Double {
        precondition(forward > 0 && strike > 0 && totalVariance >= 0)
        let omega = kind.sign
        guard totalVariance > 0 else { return max(omega * (forward - strike), 0) }
        let (d1, d2) = moneynessInDeviations(forward: forward, strike: strike, deviation: totalVariance.squareRoot())
        return omega * (forward * NormalDistribution.cdf(omega * d1) - strike * NormalDistribution.cdf(omega * d2))
    }

    /// ∂price/∂F = ω N(ω d₁): the Black delta, not premium-adjusted.
    public static func delta(_ kind: OptionKind, forward: Double, strike: Double, totalVariance: Double) -> Double {
        precondition(forward > 0 && strike > 0 && totalVariance >= 0)
        let omega = kind.sign
        let (d1, _) = moneynessInDeviations(forward: forward, strike: strike, deviation: totalVariance.squareRoot())
        return omega * NormalDistribution.cdf(omega * d1)
    }

    /// d₁ and d₂, cut off at ±1000, where φ and the tails of N have long been zero: so that no product of theirs is 0·∞.
    ///
    /// At zero deviation d is the sign of ln(F/K) times the cut, and 0 at F = K.
    static func moneynessInDeviations(forward: Double, strike: Double, deviation: Double) -> (d1: Double, d2: Double) {
        let x = logRatio(forward, strike)
        guard x != 0 else { return (deviation / 2, -deviation / 2) }
        let h = x / deviation
        return (min(max(h + deviation / 2, -1000), 1000), min(max(h - deviation / 2, -1000), 1000))
    }

    /// ln(a/b). Where a and b are close their difference is exact, the rounded quotient is not.
    static func logRatio(_ a: Double, _ b: Double) -> Double {
        let excess = (a - b) / b
        return excess.magnitude < 0.5 ? Double.log(onePlus: excess) : Double.log(a / b)
    }
}
