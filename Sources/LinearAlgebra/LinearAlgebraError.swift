/// Why a factorisation or a least-squares problem has no answer.
public enum LinearAlgebraError: Error, Equatable, CustomStringConvertible {
    case nonFinite(row: Int, column: Int, value: Double)
    case notSquare(rows: Int, columns: Int)
    /// The leading minor of this order, counted from 1, is not positive.
    case notPositiveDefinite(minor: Int, order: Int)
    /// Fewer independent columns than columns; `dependentColumn` lies (within `tolerance`, relative) in the span of others.
    case rankDeficient(rank: Int, columns: Int, dependentColumn: Int, tolerance: Double)
    case tooFewRows(rows: Int, columns: Int)
    case notConverged(routine: String, code: Int)

    public var description: String {
        switch self {
        case .nonFinite(let row, let column, let value):
            "element (\(row), \(column)) is \(value); every element must be finite"
        case .notSquare(let rows, let columns):
            "a square matrix is needed, found \(rows) x \(columns)"
        case .notPositiveDefinite(let minor, let order):
            "the leading minor of order \(minor) of \(order) is not positive: the matrix is not positive definite"
        case .rankDeficient(let rank, let columns, let dependentColumn, let tolerance):
            "rank \(rank) of \(columns) columns: column \(dependentColumn) depends on the others to a relative \(tolerance); "
                + "remove it or solve by singular values"
        case .tooFewRows(let rows, let columns):
            "\(rows) rows cannot determine \(columns) coefficients"
        case .notConverged(let routine, let code):
            "\(routine) did not converge (code \(code))"
        }
    }
}
