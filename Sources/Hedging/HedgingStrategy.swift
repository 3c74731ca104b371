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
    /// Whether decisions depend on the path so far beyond what a batch says. Then they are to be taken step after step with one `memory`;
    /// false by default.
    var remembers: Bool { get }
    /// The same with what the rule carries along the paths: the memory of the step before on entry, of this one on return. Row i of
    /// every batch is the same path.
    func targetHoldings(_ batch: DecisionBatch, memory: inout HedgeMemory) -> Matrix<Double>
}

extension HedgingStrategy {
    public var remembers: Bool { false }

    public func targetHoldings(_ batch: DecisionBatch, memory: inout HedgeMemory) -> Matrix<Double> { targetHoldings(batch) }
}

/// What a rule carries from one decision of N paths to the next.
public struct HedgeMemory: Sendable, Equatable {
    /// A row for each path, in the rule's own numbers; nil before the first decision.
    public var rows: Matrix<Float>?

    public init() {}
}
