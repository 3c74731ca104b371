import LinearAlgebra
import Probability

/// Columns of numbers whose means are known to be zero, one number for each path: what an estimate owes to their chance means is taken off.
///
///     value − β·c̄,   β the regression of the value's influences on c
///
/// For any risk measure, since its value moves with the mean of its influences. What is left has the variance (1 − R²) of before.
///
/// Reference: Glasserman, *Monte Carlo methods in financial engineering* (2003), section 4.1.
struct ControlVariates {
    /// K columns of N.
    let columns: [[Double]]
    private let means: [Double]

    init(_ columns: [[Double]]) {
        // A column that stands still explains nothing.
        self.columns = columns.filter { column in column.contains { $0 != column[0] } }
        means = self.columns.map { $0.reduce(0, +) / Double($0.count) }
    }

    /// What to take off the value, and the influences that are left.
    func explain(_ influences: [Double]) throws(LinearAlgebraError) -> (shift: Double, left: [Double]) {
        guard !columns.isEmpty else { return (0, influences) }
        let size = columns.count
        func product(_ a: [Double], _ meanA: Double, _ b: [Double], _ meanB: Double) -> Double {
            var sum = 0.0
            for i in a.indices { sum += (a[i] - meanA) * (b[i] - meanB) }
            return sum
        }
        let squares = (0..<size).map { product(columns[$0], means[$0], columns[$0], means[$0]).squareRoot() }
        // Correlations, so that no column's unit matters; the last digits of the diagonal keep columns apart that are one.
        let correlations = Matrix(rows: size, columns: size) { a, b in
            product(columns[a], means[a], columns[b], means[b]) / (squares[a] * squares[b]) + (a == b ? 1e-10 : 0)
        }
        let right = (0..<size).map { product(columns[$0], means[$0], influences, 0) / squares[$0] }
        let slopes = zip(try Cholesky(correlations).solve(right), squares).map { $0 / $1 }
        var left = influences
        for (k, column) in columns.enumerated() {
            for i in left.indices { left[i] -= slopes[k] * (column[i] - means[k]) }
        }
        return (zip(slopes, means).reduce(0) { $0 + $1.0 * $1.1 }, left)
    }
}
