public import Features
public import LinearAlgebra
import Probability
import RealModule

/// The delta of one option at Leland's volatility, which prices the cost of rebalancing into it.
///
///     σ_L² = σ² (1 ± √(2/π) · 2λ / (σ √Δt)),   λ the cost rate of one trade, + for a sold option
///
/// Reference: Leland, *Option pricing and replication with transaction costs*, J. Finance 40 (1985).
public struct LelandHedge: HedgingStrategy, Equatable {
    /// Years between decisions.
    public var timeStep: Double

    public init(timeStep: Double) {
        precondition(timeStep > 0, "time step \(timeStep)")
        self.timeStep = timeStep
    }

    public var name: String { "leland" }
    public var inputs: [FeatureName] { [.bookDelta, .bookQuantity, .logMoneyness, .timeToExpiry, .impliedVolatility] }

    /// σ_L; zero where cost eats a bought option's whole volatility.
    ///
    /// - Parameter costRate: λ, a fraction of the traded value.
    public static func volatility(_ volatility: Double, costRate: Double, timeStep: Double, sold: Bool) -> Double {
        let number = (2 / Double.pi).squareRoot() * 2 * costRate / (volatility * timeStep.squareRoot())
        return volatility * max(1 + (sold ? number : -number), 0).squareRoot()
    }

    public func targetHoldings(_ batch: DecisionBatch) -> Matrix<Double> {
        let costRate = batch.underlyingIndex.map { batch.instruments[$0].cost.proportional } ?? 0
        let (quantities, volatilities) = (batch.features[.bookQuantity], batch.features[.impliedVolatility])
        let (moneyness, expiry) = (batch.features[.logMoneyness], batch.features[.timeToExpiry])
        var exposure = batch.features[.bookDelta]
        for i in 0..<batch.count where volatilities[i] > 0 && expiry[i] > 0 {
            let shifted = Self.volatility(volatilities[i], costRate: costRate, timeStep: timeStep, sold: quantities[i] < 0)
            let root = expiry[i].squareRoot()
            // N(d₁) moves alike for a call and a put.
            exposure[i] += quantities[i] * (delta(-moneyness[i], shifted * root) - delta(-moneyness[i], volatilities[i] * root))
        }
        return batch.underlyingHoldings(neutralising: exposure)
    }

    private func delta(_ logSpotOverStrike: Double, _ deviation: Double) -> Double {
        guard deviation > 0 else { return logSpotOverStrike > 0 ? 1 : 0 }
        return NormalDistribution.cdf(logSpotOverStrike / deviation + deviation / 2)
    }
}
