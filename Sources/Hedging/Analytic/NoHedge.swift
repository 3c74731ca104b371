public import Features
public import LinearAlgebra

/// Holds nothing: what the book does by itself.
public struct NoHedge: HedgingStrategy, Equatable {
    public init() {}
    public var name: String { "none" }
    public var inputs: [FeatureName] { [] }

    public func targetHoldings(_ batch: DecisionBatch) -> Matrix<Double> {
        Matrix(rows: batch.count, columns: batch.instruments.count)
    }
}
