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
    /// q of the one option of a single-option book; sold is negative.
    public static let bookQuantity: FeatureName = "book-quantity"
    /// Σ q vega ∂σ/∂k, k = ln(K/F) at each option: quote currency per 1.0 of log-moneyness.
    public static let bookSmileVega: FeatureName = "book-smile-vega"
    /// Σ q ∂V/∂S with the instantaneous variance held, in markets that know their model.
    public static let bookModelDelta: FeatureName = "book-model-delta"
    /// What jumps add to the delta that minimises the variance, in markets that know their model.
    public static let bookJumpDelta: FeatureName = "book-jump-delta"
    /// Σ q ∂V/∂v, quote currency per 1.00 of instantaneous variance.
    public static let bookVarianceVega: FeatureName = "book-variance-vega"
    /// d⟨v, S⟩/d⟨S⟩, the move of the variance that comes with a unit move of the spot: ρξ/S in Heston's model.
    public static let varianceSpotSlope: FeatureName = "variance-spot-slope"
    /// ∂/∂S of one unit of the first hedge that is no underlying, variance held.
    public static let hedgeModelDelta: FeatureName = "hedge-model-delta"
    /// ∂/∂v of one unit of the first hedge that is no underlying.
    public static let hedgeVarianceVega: FeatureName = "hedge-variance-vega"
}
