public import Features
public import LinearAlgebra

/// The model's own hedge, without cost.
///
/// With the underlying alone, the holding that minimises the variance over the next instant:
///
///     −(∂V/∂S + ρξ/S · ∂V/∂v)                     (Heston; in general d⟨v, S⟩/d⟨S⟩ in place of ρξ/S)
///
/// With a variance swap or an option beside it, both sensitivities are neutralised:
///
///     second = −(∂V/∂v) / (∂H/∂v),   underlying = −(∂V/∂S + second · ∂H/∂S)
public struct MinimumVarianceHedge: HedgingStrategy, Equatable {
    public init() {}

    public var name: String { "minimum-variance" }
    public var inputs: [FeatureName] { [.bookModelDelta, .bookVarianceVega, .varianceSpotSlope, .hedgeModelDelta, .hedgeVarianceVega] }

    public func targetHoldings(_ batch: DecisionBatch) -> Matrix<Double> {
        var deltas = batch.features[.bookModelDelta]
        let vegas = batch.features[.bookVarianceVega]
        guard let second = batch.instruments.firstIndex(where: { $0.kind != .underlying }) else {
            let slopes = batch.features[.varianceSpotSlope]
            for i in 0..<batch.count { deltas[i] += slopes[i] * vegas[i] }
            return batch.underlyingHoldings(neutralising: deltas)
        }
        let (hedgeDeltas, hedgeVegas) = (batch.features[.hedgeModelDelta], batch.features[.hedgeVarianceVega])
        let units = (0..<batch.count).map { hedgeVegas[$0] != 0 ? -vegas[$0] / hedgeVegas[$0] : 0 }
        for i in 0..<batch.count { deltas[i] += units[i] * hedgeDeltas[i] }
        var holdings = batch.underlyingHoldings(neutralising: deltas)
        for i in 0..<batch.count { holdings[i, second] = units[i] }
        return holdings
    }
}
