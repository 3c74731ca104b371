public import Features
public import LinearAlgebra

/// A rule for what to hold. Learned and analytic ones are peers.
public protocol HedgingStrategy: Sendable {
    /// Kebab-case, as experiments and reports write it: `whalley-wilmott`.
    var name: String { get }
    /// The feature columns the rule reads; a market that lacks one cannot be hedged by it.
    var inputs: [FeatureName] { get }
    /// Units of each instrument to hold until the next decision, [N, H].
    func targetHoldings(_ batch: DecisionBatch) -> Matrix<Double>
}
