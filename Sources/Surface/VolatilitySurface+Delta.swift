public import Market
import Probability
import RealModule

extension VolatilitySurface {
    /// σ of the out-of-the-money option with an absolute Black forward delta: N(d₁) = delta for a call, N(−d₁) for a put.
    ///
    /// d₁ falls with the strike wherever the smile has no butterfly arbitrage; the root is bracketed within eight at-the-money standard
    /// deviations. nil where none lies there.
    ///
    /// - Parameters:
    ///   - delta: In (0, 0.5).
    ///   - timeToExpiry: Years. Positive.
    public func volatility(delta: Double, kind: OptionKind, timeToExpiry: Double) -> Double? {
        precondition(delta > 0 && delta < 0.5, "an out-of-the-money delta lies in (0, 0.5), found \(delta)")
        let smile = smile(timeToExpiry: timeToExpiry)
        let width = smile.totalVariance(atLogMoneyness: 0).squareRoot()
        guard width > 0 else { return nil }
        // ω d₁ − N⁻¹(delta) as a function of k.
        let target = NormalDistribution.quantile(delta)
        func gap(_ k: Double) -> Double {
            let deviation = smile.totalVariance(atLogMoneyness: k).squareRoot()
            return kind.sign * (-k / deviation + deviation / 2) - target
        }
        // Positive at the money (delta near a half), negative far out.
        var near = 0.0
        var far = kind.sign * width
        while gap(far) > 0 {
            far *= 1.5
            if far.magnitude > 8 * width { return nil }
        }
        guard gap(near) > 0 else { return nil }
        for _ in 0..<60 {
            let middle = (near + far) / 2
            if gap(middle) > 0 { near = middle } else { far = middle }
        }
        return (smile.totalVariance(atLogMoneyness: (near + far) / 2) / timeToExpiry).squareRoot()
    }
}
