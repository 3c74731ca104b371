public import LinearAlgebra

/// y = b + Bᵀ x: what a regression fits.
public struct LinearModel: Sendable, Equatable {
    /// B [F, H]: column h holds the coefficients of target h.
    public let coefficients: Matrix<Double>
    /// b [H].
    public let intercepts: [Double]

    public init(coefficients: Matrix<Double>, intercepts: [Double]) {
        precondition(coefficients.columns == intercepts.count, "\(coefficients.columns) targets, \(intercepts.count) intercepts")
        self.coefficients = coefficients
        self.intercepts = intercepts
    }

    /// Predictions [N, H] of inputs [N, F].
    public func callAsFunction(_ inputs: Matrix<Double>) -> Matrix<Double> {
        precondition(inputs.columns == coefficients.rows, "the model has \(coefficients.rows) inputs, found \(inputs.columns)")
        var predictions = inputs * coefficients
        for i in 0..<predictions.rows { for h in 0..<predictions.columns { predictions[i, h] += intercepts[h] } }
        return predictions
    }
}

/// Coded as one row of coefficients per input, so that a reader sees which number belongs to which.
extension LinearModel: Codable {
    enum Key: CodingKey { case coefficients, intercepts }

    public init(from decoder: any Decoder) throws {
        let container = try decoder.container(keyedBy: Key.self)
        let rows = try container.decode([[Double]].self, forKey: .coefficients)
        let intercepts = try container.decode([Double].self, forKey: .intercepts)
        guard rows.allSatisfy({ $0.count == intercepts.count }) else {
            throw DecodingError.dataCorruptedError(
                forKey: .coefficients, in: container,
                debugDescription: "rows of \(rows.map(\.count)) coefficients for \(intercepts.count) intercepts")
        }
        self.init(
            coefficients: Matrix(rows: rows.count, columns: intercepts.count, storage: rows.flatMap { $0 }), intercepts: intercepts)
    }

    public func encode(to encoder: any Encoder) throws {
        var container = encoder.container(keyedBy: Key.self)
        try container.encode((0..<coefficients.rows).map { Array(coefficients.row($0)) }, forKey: .coefficients)
        try container.encode(intercepts, forKey: .intercepts)
    }
}
