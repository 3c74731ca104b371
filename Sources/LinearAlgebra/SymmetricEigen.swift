import CLAPACKE

/// A = V diag(values) Vᵀ of a symmetric matrix: values rising, column j of V the unit vector of values[j].
public struct SymmetricEigen: Sendable, Equatable {
    public let values: [Double]
    public let vectors: Matrix<Double>

    /// - Parameter a: Square; only its lower triangle is read.
    public init(_ a: Matrix<Double>) throws(LinearAlgebraError) {
        guard a.rows == a.columns else { throw .notSquare(rows: a.rows, columns: a.columns) }
        try a.requireFinite()
        let n = a.rows
        var vectors = a
        var values = [Double](repeating: 0, count: n)
        if n > 0 {
            BLASThreads.holdToOne()
            let info = vectors.storage.withUnsafeMutableBufferPointer {
                LAPACKE_dsyevd(
                    LAPACK_ROW_MAJOR, CChar(UInt8(ascii: "V")), CChar(UInt8(ascii: "L")), Int32(n), $0.baseAddress!, Int32(n), &values)
            }
            guard info == 0 else { throw .notConverged(routine: "dsyevd", code: Int(info)) }
        }
        self.values = values
        self.vectors = vectors
    }
}
