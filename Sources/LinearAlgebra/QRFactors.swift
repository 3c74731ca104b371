import CLAPACKE

/// A = Q R, thin: Q [M, K] with orthonormal columns, R [K, N] upper trapezoidal, K = min(M, N). Householder.
public struct QRFactors: Sendable, Equatable {
    public let q: Matrix<Double>
    public let r: Matrix<Double>

    public init(_ a: Matrix<Double>) throws(LinearAlgebraError) {
        try a.requireFinite()
        let (m, n) = (a.rows, a.columns)
        let k = min(m, n)
        guard k > 0 else {
            q = Matrix(rows: m, columns: 0)
            r = Matrix(rows: 0, columns: n)
            return
        }
        BLASThreads.holdToOne()
        var reflectors = a
        var scales = [Double](repeating: 0, count: k)
        let info = reflectors.storage.withUnsafeMutableBufferPointer {
            LAPACKE_dgeqrf(LAPACK_ROW_MAJOR, Int32(m), Int32(n), $0.baseAddress!, Int32(n), &scales)
        }
        guard info == 0 else { throw .notConverged(routine: "dgeqrf", code: Int(info)) }
        r = Matrix(rows: k, columns: n) { $1 >= $0 ? reflectors[$0, $1] : 0 }
        var basis = k == n ? reflectors : Matrix(rows: m, columns: k) { reflectors[$0, $1] }
        let made = basis.storage.withUnsafeMutableBufferPointer {
            LAPACKE_dorgqr(LAPACK_ROW_MAJOR, Int32(m), Int32(k), Int32(k), $0.baseAddress!, Int32(k), scales)
        }
        guard made == 0 else { throw .notConverged(routine: "dorgqr", code: Int(made)) }
        q = basis
    }
}
