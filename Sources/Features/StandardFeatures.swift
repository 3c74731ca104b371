/// The features every market can fill, simulated, recorded or live, and that strategies may therefore ask for.
///
/// "book" columns are sums over the book's positions, quantity times the option's own figure; a short call has a
/// negative `bookDelta`.
extension FeatureName {
    /// ln(K/F) of the one option of a single-option book. Dimensionless.
    public static let logMoneyness: FeatureName = "log-moneyness"
    /// Years to expiry of that option.
    public static let timeToExpiry: FeatureName = "time-to-expiry"
    /// Volatility that the analytic hedges are computed with, annual decimal.
    public static let impliedVolatility: FeatureName = "implied-volatility"
    /// Forward or spot that the option refers to, quote currency per unit.
    public static let forward: FeatureName = "forward"
    /// Instantaneous variance, in markets that know it.
    public static let variance: FeatureName = "variance"
    /// Σ q Δ, Black deltas to the forward.
    public static let bookDelta: FeatureName = "book-delta"
    /// Σ q (Δ − v), premium-adjusted: the sensitivity of the coin value to the log of the forward.
    public static let bookNetDelta: FeatureName = "book-net-delta"
    /// Σ q Γ, quote-currency delta per 1.0 of forward.
    public static let bookGamma: FeatureName = "book-gamma"
    /// Σ q vega, quote currency per 1.00 of volatility.
    public static let bookVega: FeatureName = "book-vega"
    /// Σ q vanna, quote-currency delta per 1.00 of volatility.
    public static let bookVanna: FeatureName = "book-vanna"
    /// Σ q v, in the book's own currency.
    public static let bookValue: FeatureName = "book-value"
}
