public import LinearAlgebra
public import Market
import Pricing
import Probability
import RealModule

/// (ω(Σ wₐ Sₐ − K))⁺ on several assets.
///
/// The sum of lognormal prices is none, and has no formula; priced is the lognormal that has its mean and variance, which is right to a few
/// 1e-3 of the price for volatilities of everyday size, and in the limits: one asset, or assets that move as one.
///
/// Reference: Levy, *Pricing European average rate currency options*, J. International Money and Finance 11 (1992).
public struct BasketOption: Sendable, Equatable, Codable {
    public var kind: OptionKind
    /// w, one for each asset, positive.
    public var weights: [Double]
    public var strike: Double
    /// Sold is negative.
    public var quantity: Double

    public init(_ kind: OptionKind, weights: [Double], strike: Double, quantity: Double = -1) {
        precondition(strike > 0 && weights.allSatisfy { $0 > 0 }, "strike \(strike), weights \(weights)")
        self.kind = kind
        self.weights = weights
        self.strike = strike
        self.quantity = quantity
    }

    /// Σ w S.
    func level(_ spots: [Double]) -> Double { zip(weights, spots).reduce(0) { $0 + $1.0 * $1.1 } }

    /// What one unit pays.
    public func payoff(_ spots: [Double]) -> Double { max(kind.sign * (level(spots) - strike), 0) }

    /// Price of one unit, and its derivative in each spot.
    ///
    /// - Parameter covariances: ρ σ σ τ of the log prices until the end, [A, A].
    public func figures(_ spots: [Double], covariances: Matrix<Double>) -> (value: Double, deltas: [Double]) {
        let count = spots.count
        let parts = (0..<count).map { weights[$0] * spots[$0] }
        let forward = parts.reduce(0, +)
        // E[Σ w S (Σ w S)'] split by asset: their sum is the second moment.
        let products = (0..<count).map { a in
            (0..<count).reduce(0) { $0 + parts[a] * parts[$1] * Double.exp(covariances[a, $1]) }
        }
        let second = products.reduce(0, +)
        let total = max(Double.log(second / (forward * forward)), 0)
        let deviation = total.squareRoot()
        let black = SteppedPayoff.option(kind, strike: strike).figures(spot: forward, deviation: deviation)
        guard deviation > 0 else { return (black.value, weights.map { $0 * black.delta }) }
        // ∂V/∂w of the lognormal's total variance w: F n(d₁)/(2√w).
        let d1 = Double.log(forward / strike) / deviation + deviation / 2
        let slope = forward * NormalDistribution.density(d1) / (2 * deviation)
        return (
            black.value,
            (0..<count).map { a in
                weights[a] * black.delta + slope * (2 * products[a] / (second * spots[a]) - 2 * weights[a] / forward)
            }
        )
    }
}
