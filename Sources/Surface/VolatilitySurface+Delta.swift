public import Market
import Probability
import RealModule

/// What a quote's delta counts.
public enum DeltaConvention: String, Sendable, Codable, CaseIterable {
    /// N(d₁) of a call, N(−d₁) of a put: units of forward.
    case forward
    /// (K/F) N(d₂) of a call, (K/F) N(−d₂) of a put: less the premium, which an inverse option pays in coin.
    case premiumAdjusted = "premium-adjusted"
}

extension VolatilitySurface {
    /// σ of the out-of-the-money option with an absolute delta.
    ///
    /// Delta falls away from the money wherever the smile has no butterfly arbitrage, a premium-adjusted call's only beyond its highest:
    /// the strike on the far side of that is the one that is meant. It is bracketed within eight at-the-money standard deviations; nil
    /// where none lies there.
    ///
    /// - Parameters:
    ///   - delta: In (0, 0.5).
    ///   - timeToExpiry: Years. Positive.
    public func volatility(
        delta: Double, kind: OptionKind, timeToExpiry: Double, convention: DeltaConvention = .forward
    ) -> Double? {
        precondition(delta > 0 && delta < 0.5, "an out-of-the-money delta lies in (0, 0.5), found \(delta)")
        let smile = smile(timeToExpiry: timeToExpiry)
        let width = smile.totalVariance(atLogMoneyness: 0).squareRoot()
        guard width > 0 else { return nil }
        func excess(_ k: Double) -> Double {
            let deviation = smile.totalVariance(atLogMoneyness: k).squareRoot()
            switch convention {
            case .forward: return NormalDistribution.cdf(kind.sign * (-k / deviation + deviation / 2)) - delta
            case .premiumAdjusted: return Double.exp(k) * NormalDistribution.cdf(kind.sign * (-k / deviation - deviation / 2)) - delta
            }
        }
        // Positive near the money (delta near a half), negative far out.
        var near = 0.0
        if convention == .premiumAdjusted, kind == .call, excess(0) <= 0 {
            near = (0...160).map { Double($0) * width / 20 }.max { excess($0) < excess($1) } ?? 0
        }
        var far = near + kind.sign * width
        while excess(far) > 0 {
            far *= 1.5
            if far.magnitude > 8 * width { return nil }
        }
        guard excess(near) > 0 else { return nil }
        for _ in 0..<60 {
            let middle = (near + far) / 2
            if excess(middle) > 0 { near = middle } else { far = middle }
        }
        return (smile.totalVariance(atLogMoneyness: (near + far) / 2) / timeToExpiry).squareRoot()
    }

    /// σ(call) − σ(put) at an absolute delta and a constant maturity in years; nil where one of them has none.
    public func riskReversal(delta: Double = 0.25, timeToExpiry: Double, convention: DeltaConvention = .forward) -> Double? {
        guard let call = volatility(delta: delta, kind: .call, timeToExpiry: timeToExpiry, convention: convention),
            let put = volatility(delta: delta, kind: .put, timeToExpiry: timeToExpiry, convention: convention)
        else { return nil }
        return call - put
    }

    /// (σ(call) + σ(put))/2 − σ(k = 0) at an absolute delta and a constant maturity in years; nil where one of them has none.
    public func butterfly(delta: Double = 0.25, timeToExpiry: Double, convention: DeltaConvention = .forward) -> Double? {
        guard let call = volatility(delta: delta, kind: .call, timeToExpiry: timeToExpiry, convention: convention),
            let put = volatility(delta: delta, kind: .put, timeToExpiry: timeToExpiry, convention: convention)
        else { return nil }
        return (call + put) / 2 - volatility(logMoneyness: 0, timeToExpiry: timeToExpiry)
    }
}
