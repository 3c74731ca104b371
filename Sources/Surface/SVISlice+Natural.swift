/// A slice in the natural form of stochastic volatility inspired variance, whose numbers are those of a Heston-like limit:
///
///     w(k) = Δ + ω/2 (1 + ζρ (k − μ) + √((ζ(k − μ) + ρ)² + 1 − ρ²))
///
/// With Δ = μ = 0 it is a slice of a surface SVI: ω the at-the-money variance, ζ its φ.
///
/// Reference: Gatheral, Jacquier, *Arbitrage-free SVI volatility surfaces*, Quantitative Finance 14 (2014), section 3.2 and lemma 3.1.
public struct SVINatural: Sendable, Equatable, Codable {
    /// Δ: level, total variance.
    public var level: Double
    /// μ: log-moneyness at which w − Δ is ω.
    public var centre: Double
    /// ρ: tilt, −1...1.
    public var rho: Double
    /// ω: scale, total variance. Not negative.
    public var scale: Double
    /// ζ: how fast the smile opens, per log-moneyness. Positive.
    public var opening: Double

    public init(level: Double, centre: Double, rho: Double, scale: Double, opening: Double) {
        self.level = level
        self.centre = centre
        self.rho = rho
        self.scale = scale
        self.opening = opening
    }
}

extension SVISlice {
    ///     a = Δ + ω (1 − ρ²)/2,   b = ωζ/2,   m = μ − ρ/ζ,   σ = √(1 − ρ²)/ζ
    public init(_ natural: SVINatural) {
        let flatness = 1 - natural.rho * natural.rho
        self.init(
            a: natural.level + natural.scale / 2 * flatness, b: natural.scale * natural.opening / 2, rho: natural.rho,
            m: natural.centre - natural.rho / natural.opening, sigma: flatness.squareRoot() / natural.opening)
    }

    /// The slice in natural form; nil where it has none: a wing without any slope (|ρ| = 1) or a vertex without roundness.
    ///
    ///     ζ = √(1 − ρ²)/σ,   ω = 2b/ζ,   μ = m + ρ/ζ,   Δ = a − ω (1 − ρ²)/2
    public var natural: SVINatural? {
        let flatness = 1 - rho * rho
        guard flatness > 0, sigma > 0 else { return nil }
        let opening = flatness.squareRoot() / sigma
        let scale = 2 * b / opening
        return SVINatural(level: a - scale / 2 * flatness, centre: m + rho / opening, rho: rho, scale: scale, opening: opening)
    }
}
