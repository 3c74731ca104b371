/// Durrleman's function: the risk-neutral density of ln(S/F) up to a positive factor.
///
///     g(k) = (1 − k w'/(2w))² − (w'²/4)(1/w + 1/4) + w''/2
///
/// Negative means a butterfly can be bought for less than nothing. It is also what Dupire's local variance divides ∂w/∂T by.
///
/// References: Gatheral, Jacquier, *Arbitrage-free SVI volatility surfaces* (2014), section 2.2; Gatheral, *The Volatility Surface* (2006),
/// equation 1.10.
public enum ButterflyDensity {
    /// - Parameters:
    ///   - k: ln(K/F).
    ///   - variance: w(k), total and positive.
    ///   - slope: w'(k).
    ///   - curvature: w''(k).
    @inlinable @inline(__always)
    public static func value(atLogMoneyness k: Double, variance w: Double, slope: Double, curvature: Double) -> Double {
        let moved = 1 - k * slope / (2 * w)
        return moved * moved - slope * slope / 4 * (1 / w + 0.25) + curvature / 2
    }
}
