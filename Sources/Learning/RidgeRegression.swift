public import LinearAlgebra

/// Least squares with a penalty on large coefficients.
///
///     min over b, B of  Σ wₙ ‖yₙ − b − Bᵀxₙ‖² / Σ wₙ  +  penalty · ‖S B‖²,   S = diag(scale of each input)
///
/// The scale of an input is its standard deviation, or its root mean square where there is no intercept, so that the
/// penalty does not depend on the inputs' units. The intercept is not penalised.
///
/// Reference: Hoerl, Kennard, *Ridge regression*, Technometrics 12 (1970).
public struct RidgeRegression: Sendable, Codable, Equatable {
    /// Against the mean squared residual. Zero is plain least squares.
    public var penalty = 1e-3
    public var hasIntercept = true

    public init(penalty: Double = 1e-3, hasIntercept: Bool = true) {
        precondition(penalty >= 0 && penalty.isFinite, "penalty \(penalty) is negative or not finite")
        self.penalty = penalty
        self.hasIntercept = hasIntercept
    }

    /// Solved by Cholesky on the normal equations of the scaled inputs.
    ///
    /// - Parameters:
    ///   - inputs: [N, F]. A column that does not vary (is zero throughout, without intercept) gets coefficient 0.
    ///   - targets: [N, H].
    ///   - weights: wₙ, N numbers of at least 0; nil weighs all rows alike.
    /// - Throws: `nonFinite` for an input or target that is no number, `tooFewRows` for none, `notPositiveDefinite`
    ///   where columns depend on one another and the penalty is zero.
    public func fit(
        _ inputs: Matrix<Double>, targets: Matrix<Double>, weights: [Double]? = nil
    ) throws(LinearAlgebraError) -> LinearModel {
        precondition(inputs.rows == targets.rows, "\(inputs.rows) rows of inputs, \(targets.rows) of targets")
        precondition(weights.map { $0.count == inputs.rows } ?? true, "\(weights?.count ?? 0) weights for \(inputs.rows) rows")
        let (n, features, outputs) = (inputs.rows, inputs.columns, targets.columns)
        let total = weights?.reduce(0, +) ?? Double(n)
        guard n > 0 && total > 0 else { throw .tooFewRows(rows: 0, columns: features) }
        for matrix in [inputs, targets] {
            if let bad = matrix.storage.firstIndex(where: { !$0.isFinite }) {
                throw .nonFinite(row: bad / matrix.columns, column: bad % matrix.columns, value: matrix.storage[bad])
            }
        }
        func share(_ row: Int) -> Double { (weights?[row] ?? 1) / total }

        var inputMeans = [Double](repeating: 0, count: features)
        var targetMeans = [Double](repeating: 0, count: outputs)
        if hasIntercept {
            for i in 0..<n {
                for f in 0..<features { inputMeans[f] += share(i) * inputs[i, f] }
                for h in 0..<outputs { targetMeans[h] += share(i) * targets[i, h] }
            }
        }
        var squares = [Double](repeating: 0, count: features)
        for i in 0..<n {
            for f in 0..<features {
                let deviation = inputs[i, f] - inputMeans[f]
                squares[f] += share(i) * deviation * deviation
            }
        }
        // Rounding leaves a constant column a deviation near 1e-16 of its size: it carries nothing.
        let scales = (0..<features).map { squares[$0].squareRoot() > 1e-13 * inputMeans[$0].magnitude ? squares[$0].squareRoot() : 0 }
        let used = (0..<features).filter { scales[$0] > 0 }

        let root = weights.map { $0.map { ($0 / total).squareRoot() } }
        let uniform = (1 / total).squareRoot()
        let z = Matrix(rows: n, columns: used.count) { i, k in
            (inputs[i, used[k]] - inputMeans[used[k]]) / scales[used[k]] * (root?[i] ?? uniform)
        }
        let y = Matrix(rows: n, columns: outputs) { i, h in (targets[i, h] - targetMeans[h]) * (root?[i] ?? uniform) }
        var normal = Matrix.product(z, z, transposing: .first)
        for k in used.indices { normal[k, k] += penalty }
        let solution = try Cholesky(normal).solve(Matrix.product(z, y, transposing: .first))

        var coefficients = Matrix<Double>(rows: features, columns: outputs)
        for (k, f) in used.enumerated() { for h in 0..<outputs { coefficients[f, h] = solution[k, h] / scales[f] } }
        let intercepts = (0..<outputs).map { h in
            (0..<features).reduce(targetMeans[h]) { $0 - coefficients[$1, h] * inputMeans[$1] }
        }
        return LinearModel(coefficients: coefficients, intercepts: intercepts)
    }
}
