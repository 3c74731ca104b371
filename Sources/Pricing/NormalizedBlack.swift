import Probability
import RealModule

/// Black's out-of-the-money price in units of √(FK), to full relative accuracy however small it is.
///
///     b(x, s) = e^{x/2} N(h + t) − e^{−x/2} N(h − t),   x = −|ln(F/K)|,  s = σ√T,  h = x/s,  t = s/2
///
/// The difference of the two tails cancels where s is small or x far out. With Y(z) = N(z)/φ(z) it becomes
///
///     b = e^{−(h² + t²)/2}/√(2π) · [Y(h + t) − Y(h − t)],      ∂b/∂s = e^{−(h² + t²)/2}/√(2π)
///
/// and Y(h + t) − Y(h − t) = ∫₀^∞ 2 sinh(tu) e^{hu − u²/2} du is a series of positive terms in t, which is what is summed where the two
/// Y are close. The bracket is thus also b/(∂b/∂s), all that a root search on ln b needs.
public enum NormalizedBlack {
    /// b(x, s) for x ≤ 0 and s ≥ 0.
    public static func value(x: Double, deviation s: Double) -> Double {
        precondition(x <= 0 && s >= 0, "x \(x) is positive or the deviation \(s) negative")
        guard s > 0 else { return 0 }
        let h = x / s
        let t = s / 2
        if h + t > 0, t > seriesRadius { return difference(x: x, h: h, t: t) }
        let exponent = -0.5 * (h * h + t * t)
        return exponent < -745 ? 0 : inverseRootTwoPi * Double.exp(exponent) * bracket(h: h, t: t)
    }

    /// ∂b/∂s.
    static func slope(h: Double, t: Double) -> Double { inverseRootTwoPi * Double.exp(-0.5 * (h * h + t * t)) }

    /// ln b, also where b itself underflows.
    static func logValue(h: Double, t: Double, bracket: Double) -> Double {
        -0.5 * (h * h + t * t) - logRootTwoPi + Double.log(bracket)
    }

    /// e^{x/2} − b: what is missing to the price of an infinite volatility, as a sum of positive terms.
    static func complement(x: Double, h: Double, t: Double) -> Double {
        Double.exp(x / 2) * NormalDistribution.cdf(-h - t) + Double.exp(-x / 2) * NormalDistribution.cdf(h - t)
    }

    static let inverseRootTwoPi = 0.3989422804014327
    static let logRootTwoPi = 0.9189385332046727

    /// Below this t the series is used at every h; above it where t ≤ |h|/3. At the border the direct difference loses one bit.
    private static let seriesRadius = 0.35

    private static func difference(x: Double, h: Double, t: Double) -> Double {
        Double.exp(x / 2) * NormalDistribution.cdf(h + t) - Double.exp(-x / 2) * NormalDistribution.cdf(h - t)
    }

    /// Y(h + t) − Y(h − t) = b/(∂b/∂s), for h ≤ 0 and t > 0.
    static func bracket(h: Double, t: Double) -> Double {
        if t <= seriesRadius || 3 * t <= -h { return series(h: h, t: t) }
        if h + t <= 0 { return MillsRatio.value(-h - t) - MillsRatio.value(t - h) }
        return difference(x: 2 * h * t, h: h, t: t) / slope(h: h, t: t)
    }

    /// 2 Σ_{k odd} M_k tᵏ/k!, M_k = ∫₀^∞ uᵏ e^{hu − u²/2} du.
    ///
    /// The moments obey M_{k+1} = hM_k + kM_{k−1}. Near h = 0 that is run upwards. Further out the upward run would drown in the other
    /// solution of the recursion, so the ratios r_k = M_k/M_{k−1} = k/(|h| + r_{k+1}) are run downwards from a start far enough above.
    private static func series(h: Double, t: Double) -> Double {
        let a = -h
        let first = MillsRatio.value(a)
        let square = t * t
        if a < 1 {
            var even = first
            var odd = 1 - a * first
            var power = t
            var sum = odd * power
            var k = 1.0
            while k < 40 {
                even = k * even - a * odd
                odd = (k + 1) * odd - a * even
                power *= square / ((k + 1) * (k + 2))
                k += 2
                let term = odd * power
                sum += term
                if term <= 1e-17 * sum { break }
            }
            return 2 * sum
        }
        // Terms fall at least as (t/|h|)² ≤ 1/9, so 37 moments reach 1e-17; the start above them forgets its error as e^{−|h|√(8N)}.
        let last = 37
        var k = last + 2 + Int(240 / (a * a))
        var ratio = 0.5 * ((a * a + 4 * Double(k)).squareRoot() - a)
        var sum = 1.0
        while k > last {
            k -= 1
            ratio = Double(k) / (a + ratio)
        }
        // ratio is r_last. Each round turns Σ from term k + 2 into Σ from term k, in units of that term.
        while k >= 3 {
            let upper = ratio
            let lower = Double(k - 1) / (a + upper)
            sum = 1 + sum * upper * lower * square / Double(k * (k - 1))
            ratio = Double(k - 2) / (a + lower)
            k -= 2
        }
        return 2 * t * first * ratio * sum
    }
}
