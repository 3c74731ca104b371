import CLAPACKE
import RealModule

/// A = L Lᵀ of a symmetric positive definite matrix.
public struct Cholesky: Sendable, Equatable {
    /// L: lower triangular, positive diagonal, zeros above it.
    public let lower: Matrix<Double>

    /// - Parameter a: Square; only its lower triangle is read.
    public init(_ a: Matrix<Double>) throws(LinearAlgebraError) {
        guard a.rows == a.columns else { throw .notSquare(rows: a.rows, columns: a.columns) }
        try a.requireFinite()
        let n = a.rows
        var l = a
        if n > 0 {
            BLASThreads.holdToOne()
            let info = l.storage.withUnsafeMutableBufferPointer {
                LAPACKE_dpotrf(LAPACK_ROW_MAJOR, CChar(UInt8(ascii: "L")), Int32(n), $0.baseAddress!, Int32(n))
            }
            guard info == 0 else { throw .notPositiveDefinite(minor: Int(info), order: n) }
        }
        for i in 0..<n { for j in i + 1..<max(n, i + 1) { l[i, j] = 0 } }
        lower = l
    }

    /// X with A X = B.
    public func solve(_ b: Matrix<Double>) -> Matrix<Double> {
        precondition(b.rows == lower.rows, "right-hand side has \(b.rows) rows, the factor \(lower.rows)")
        var x = b
        guard b.rows > 0 && b.columns > 0 else { return x }
        let info = lower.storage.withUnsafeBufferPointer { l in
            x.storage.withUnsafeMutableBufferPointer { x in
                LAPACKE_dpotrs(
                    LAPACK_ROW_MAJOR, CChar(UInt8(ascii: "L")), Int32(b.rows), Int32(b.columns), l.baseAddress!, Int32(b.rows),
                    x.baseAddress!, Int32(b.columns))
            }
        }
        precondition(info == 0, "argument \(-info) of the triangular solution is not a number")
        return x
    }

    /// x with A x = b.
    public func solve(_ b: [Double]) -> [Double] { solve(Matrix(rows: b.count, columns: 1, storage: b)).storage }

    public var inverse: Matrix<Double> { solve(.identity(lower.rows)) }

    /// ln det A.
    public var logDeterminant: Double { (0..<lower.rows).reduce(0) { $0 + 2 * Double.log(lower[$1, $1]) } }
}
