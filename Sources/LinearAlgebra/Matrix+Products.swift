import COpenBLAS

/// Which factors of a product are transposed.
public enum Transposing: Sendable, CaseIterable {
    case neither, first, second, both
}

extension Matrix {
    /// op(A) op(B), by one BLAS call.
    public static func product(_ a: Matrix, _ b: Matrix, transposing: Transposing = .neither) -> Matrix {
        let first = transposing == .first || transposing == .both
        let second = transposing == .second || transposing == .both
        let m = first ? a.columns : a.rows
        let inner = first ? a.rows : a.columns
        let n = second ? b.rows : b.columns
        let other = second ? b.columns : b.rows
        precondition(inner == other, "inner dimensions differ: \(inner) and \(other)")
        var c = Matrix(rows: m, columns: n)
        guard m > 0 && n > 0 && inner > 0 else { return c }
        let (lda, ldb) = (a.columns, b.columns)
        a.storage.withUnsafeBufferPointer { a in
            b.storage.withUnsafeBufferPointer { b in
                c.storage.withUnsafeMutableBufferPointer { c in
                    Scalar.gemm(
                        transposeA: first, transposeB: second, m: m, n: n, k: inner, alpha: 1,
                        a.baseAddress!, lda: lda, b.baseAddress!, ldb: ldb, beta: 0, c.baseAddress!, ldc: n)
                }
            }
        }
        return c
    }

    /// A B.
    public static func * (a: Matrix, b: Matrix) -> Matrix { product(a, b) }

    /// A x, or Aᵀ x.
    public func times(_ x: [Scalar], transposing: Bool = false) -> [Scalar] {
        let column = Matrix(rows: x.count, columns: 1, storage: x)
        return Matrix.product(self, column, transposing: transposing ? .first : .neither).storage
    }
}

extension Matrix<Double> {
    /// AᵀA, symmetric to the last bit.
    public var gram: Matrix {
        var c = Matrix(rows: columns, columns: columns)
        guard rows > 0 && columns > 0 else { return c }
        BLASThreads.holdToOne()
        storage.withUnsafeBufferPointer { a in
            c.storage.withUnsafeMutableBufferPointer { c in
                cblas_dsyrk(
                    CblasRowMajor, CblasLower, CblasTrans, Int32(columns), Int32(rows), 1, a.baseAddress!, Int32(columns), 0,
                    c.baseAddress!, Int32(columns))
            }
        }
        for i in 0..<columns { for j in 0..<i { c[j, i] = c[i, j] } }
        return c
    }

    /// Refuses what no factorisation can digest.
    func requireFinite() throws(LinearAlgebraError) {
        guard let index = storage.firstIndex(where: { !$0.isFinite }) else { return }
        throw .nonFinite(row: index / columns, column: index % columns, value: storage[index])
    }
}

/// OpenBLAS runs on the calling thread alone: `Workers` spread blocks over threads, and results do not depend on how many there are.
enum BLASThreads {
    private static let held: Void = openblas_set_num_threads(1)

    @inline(__always) static func holdToOne() { _ = held }
}
