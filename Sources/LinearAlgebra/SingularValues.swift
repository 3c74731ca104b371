import CLAPACKE

/// A = U diag(s) Vᵀ, thin: U [M, K], s falling, V [N, K], K = min(M, N).
public struct SingularValues: Sendable, Equatable {
    public let left: Matrix<Double>
    public let values: [Double]
    public let right: Matrix<Double>

    public init(_ a: Matrix<Double>) throws(LinearAlgebraError) {
        try a.requireFinite()
        let (m, n) = (a.rows, a.columns)
        let k = min(m, n)
        guard k > 0 else {
            left = Matrix(rows: m, columns: 0)
            values = []
            right = Matrix(rows: n, columns: 0)
            return
        }
        BLASThreads.holdToOne()
        var work = a
        var u = Matrix<Double>(rows: m, columns: k)
        var vt = Matrix<Double>(rows: k, columns: n)
        var s = [Double](repeating: 0, count: k)
        let info = work.storage.withUnsafeMutableBufferPointer { work in
            u.storage.withUnsafeMutableBufferPointer { u in
                vt.storage.withUnsafeMutableBufferPointer { vt in
                    LAPACKE_dgesdd(
                        LAPACK_ROW_MAJOR, CChar(UInt8(ascii: "S")), Int32(m), Int32(n), work.baseAddress!, Int32(n), &s,
                        u.baseAddress!, Int32(k), vt.baseAddress!, Int32(n))
                }
            }
        }
        guard info == 0 else { throw .notConverged(routine: "dgesdd", code: Int(info)) }
        left = u
        values = s
        right = vt.transposed
    }

    /// How many singular values exceed `tolerance` times the largest; nil takes max(M, N) times the spacing of 1.
    public func rank(tolerance: Double? = nil) -> Int {
        let relative = tolerance ?? Double(max(left.rows, right.rows)) * Double.ulpOfOne
        guard let largest = values.first, largest > 0 else { return 0 }
        return values.reduce(0) { $1 > relative * largest ? $0 + 1 : $0 }
    }

    /// Largest over smallest singular value: infinite for a singular matrix, 1 for an empty one.
    public var condition: Double {
        guard let largest = values.first, let smallest = values.last else { return 1 }
        return smallest > 0 ? largest / smallest : .infinity
    }
}
