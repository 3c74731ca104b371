public import Features
public import LinearAlgebra

/// Black's delta of the book, neutralised with the first instrument that carries delta.
public struct DeltaHedge: HedgingStrategy, Equatable {
    /// Which delta is neutralised.
    public enum Kind: String, Sendable, Codable {
        /// Σ q Δ: for books valued in the quote currency.
        case plain = "delta"
        /// Σ q (Δ − v): for books of inverse options, valued in coin.
        case net = "net-delta"

        /// The column that holds it.
        public var feature: FeatureName { self == .plain ? .bookDelta : .bookNetDelta }
    }

    public var kind: Kind

    public init(_ kind: Kind = .plain) { self.kind = kind }

    public var name: String { kind.rawValue }
    public var inputs: [FeatureName] { [kind.feature] }

    public func targetHoldings(_ batch: DecisionBatch) -> Matrix<Double> {
        batch.underlyingHoldings(neutralising: batch.features[kind.feature])
    }
}

extension DecisionBatch {
    /// The first instrument that carries delta, nil where there is none.
    public var underlyingIndex: Int? { instruments.firstIndex { $0.kind == .underlying } }

    /// −exposure / delta of one unit in the first underlying, nothing in the others: [N, H].
    public func underlyingHoldings(neutralising exposure: [Double]) -> Matrix<Double> {
        var holdings = Matrix<Double>(rows: count, columns: instruments.count)
        guard let underlying = underlyingIndex else { return holdings }
        for i in 0..<count { holdings[i, underlying] = -exposure[i] / deltas[i, underlying] }
        return holdings
    }
}
