import Probability
import RealModule

/// Expected extremes of the spot until the end, watched at all times: what lookback options are made of. Black-Scholes without rates.
///
/// With d₁,₂ = ln(S/M)/s ± s/2 and s = σ√τ the largest spot, M so far, is expected to be
///
///     M + S N(d₁) − M N(d₂) + S s (d₁ N(d₁) + n(d₁))
///
/// the integral of P(max ≥ x) = N(d₂(x)) + S/x · N(d₁(x)); the smallest spot alike with N(−d).
///
/// Reference: Goldman, Sosin, Gatto, *Path dependent options: buy at the low, sell at the high*, J. Finance 34 (1979), as rates go to zero.
public enum ExtremeValue {
    /// E max(M, largest spot to come) and its sensitivities, M held.
    ///
    /// - Parameters:
    ///   - maximum: M, not below the spot.
    ///   - deviation: s; zero leaves M.
    public static func largest(spot: Double, maximum: Double, deviation s: Double) -> SpotFigures {
        precondition(spot > 0 && maximum >= spot * (1 - 1e-12), "maximum \(maximum) below the spot \(spot)")
        guard s > 0 else { return SpotFigures(value: maximum) }
        let d1 = Double.log(spot / maximum) / s + s / 2
        let (above, density) = (NormalDistribution.cdf(d1), NormalDistribution.density(d1))
        let reflected = s * (d1 * above + density)
        return SpotFigures(
            value: maximum + spot * above - maximum * NormalDistribution.cdf(d1 - s) + spot * reflected,
            delta: 2 * above + reflected, gamma: (2 * density / s + above) / spot)
    }

    /// E min(m, smallest spot to come) and its sensitivities, m held.
    ///
    /// - Parameter minimum: m, not above the spot.
    public static func smallest(spot: Double, minimum: Double, deviation s: Double) -> SpotFigures {
        precondition(spot > 0 && minimum <= spot * (1 + 1e-12), "minimum \(minimum) above the spot \(spot)")
        guard s > 0 else { return SpotFigures(value: minimum) }
        let d1 = Double.log(spot / minimum) / s + s / 2
        let (below, density) = (NormalDistribution.cdf(-d1), NormalDistribution.density(d1))
        let reflected = s * (density - d1 * below)
        return SpotFigures(
            value: minimum - minimum * NormalDistribution.cdf(s - d1) + spot * below - spot * reflected,
            delta: 2 * below - reflected, gamma: (below - 2 * density / s) / spot)
    }
}
