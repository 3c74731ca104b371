public import Features
public import LinearAlgebra

/// The model's own hedge, without cost.
///
/// With the underlying alone, the holding that minimises the variance over the next instant:
///
///     −d⟨V, S⟩/d⟨S⟩ = −(∂V/∂S + ρξ/S · ∂V/∂v)      (Heston)
///
/// and with jumps of the price what `HestonJumpModel.jumpDelta` adds. With a variance swap or an option beside it, both sensitivities to
/// what moves without jumps are neutralised:
///
///     second = −(∂V/∂v) / (∂H/∂v),   underlying = −(∂V/∂S + second · ∂H/∂S)
public struct MinimumVarianceHedge: HedgingStrategy, Equatable {
    public init() {}

    public var name: String { "minimum-variance" }
    public var inputs: [FeatureName] {
        [.bookModelDelta, .bookVarianceVega, .bookJumpDelta, .varianceSpotSlope, .hedgeModelDelta, .hedgeVarianceVega]
    }

    public func targetHoldings(_ batch: DecisionBatch) -> Matrix<Double> {
        var deltas = batch.features[.bookModelDelta]
        let vegas = batch.features[.bookVarianceVega]
        guard let second = batch.instruments.firstIndex(where: { $0.kind != .underlying }) else {
            let (slopes, jumps) = (batch.features[.varianceSpotSlope], batch.features[.bookJumpDelta])
            for i in 0..<batch.count { deltas[i] += slopes[i] * vegas[i] + jumps[i] }
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
