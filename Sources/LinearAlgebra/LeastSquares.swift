import CLAPACKE

/// min over X of ‖A X − B‖, column by column: A [N, F] inputs, B [N, H] targets, X [F, H] coefficients.
public struct LeastSquares: Sendable, Equatable {
    /// [F, H].
    public let coefficients: Matrix<Double>
    /// Independent columns of A, to the tolerance of the method.
    public let rank: Int
    /// Of A: ratio of its extreme singular values. By QR an estimate from the diagonal of R, usually low by a factor of a few; by the
    /// normal equations that of A with its columns scaled to length one.
    public let condition: Double
    /// Σ (A X − B)² of each target, length H.
    public let residualSumsOfSquares: [Double]
    public let method: Method

    public enum Method: String, Sendable, CaseIterable {
        case qr, singularValues, normalEquations
    }

    /// By Householder QR with column exchanges; A must have full column rank. The right choice where a dependent column is a mistake.
    ///
    /// - Parameter tolerance: A column whose part outside the span of those before it is below `tolerance` times the largest column
    ///   counts as dependent; nil takes max(N, F) times the spacing of 1.
    public static func byQR(_ a: Matrix<Double>, _ b: Matrix<Double>, tolerance: Double? = nil) throws(LinearAlgebraError) -> LeastSquares {
        try check(a, b)
        let (n, f, h) = (a.rows, a.columns, b.columns)
        guard n >= f else { throw .tooFewRows(rows: n, columns: f) }
        guard f > 0 else { return empty(f, b, .qr) }
        BLASThreads.holdToOne()
        var factors = a
        var scales = [Double](repeating: 0, count: f)
        var order = [Int32](repeating: 0, count: f)
        let info = factors.storage.withUnsafeMutableBufferPointer {
            LAPACKE_dgeqp3(LAPACK_ROW_MAJOR, Int32(n), Int32(f), $0.baseAddress!, Int32(f), &order, &scales)
        }
        guard info == 0 else { throw .notConverged(routine: "dgeqp3", code: Int(info)) }
        let relative = tolerance ?? Double(max(n, f)) * Double.ulpOfOne
        let largest = factors[0, 0].magnitude
        for j in 0..<f where !(factors[j, j].magnitude > relative * largest) {
            throw .rankDeficient(rank: j, columns: f, dependentColumn: Int(order[j]) - 1, tolerance: relative)
        }
        var rotated = b
        guard h > 0 else {
            return LeastSquares(
                coefficients: Matrix(rows: f, columns: 0), rank: f, condition: largest / factors[f - 1, f - 1].magnitude,
                residualSumsOfSquares: [], method: .qr)
        }
        let applied = factors.storage.withUnsafeBufferPointer { factors in
            rotated.storage.withUnsafeMutableBufferPointer { rotated in
                let turned = LAPACKE_dormqr(
                    LAPACK_ROW_MAJOR, CChar(UInt8(ascii: "L")), CChar(UInt8(ascii: "T")), Int32(n), Int32(h), Int32(f),
                    factors.baseAddress!, Int32(f), scales, rotated.baseAddress!, Int32(h))
                guard turned == 0 else { return turned }
                return LAPACKE_dtrtrs(
                    LAPACK_ROW_MAJOR, CChar(UInt8(ascii: "U")), CChar(UInt8(ascii: "N")), CChar(UInt8(ascii: "N")), Int32(f), Int32(h),
                    factors.baseAddress!, Int32(f), rotated.baseAddress!, Int32(h))
            }
        }
        guard applied == 0 else { throw .notConverged(routine: "dormqr", code: Int(applied)) }
        var coefficients = Matrix<Double>(rows: f, columns: h)
        for j in 0..<f { for c in 0..<h { coefficients[Int(order[j]) - 1, c] = rotated[j, c] } }
        return LeastSquares(
            coefficients: coefficients, rank: f, condition: largest / factors[f - 1, f - 1].magnitude,
            residualSumsOfSquares: residuals(below: f, of: rotated), method: .qr)
    }

    /// By singular values; any rank and shape. Of all minimisers the one of least norm.
    ///
    /// - Parameter tolerance: Singular values below `tolerance` times the largest count as zero; nil takes max(N, F) times the spacing of 1.
    public static func bySingularValues(
        _ a: Matrix<Double>, _ b: Matrix<Double>, tolerance: Double? = nil
    ) throws(LinearAlgebraError) -> LeastSquares {
        try check(a, b)
        let (n, f, h) = (a.rows, a.columns, b.columns)
        guard n > 0 && f > 0 else { return empty(f, b, .singularValues) }
        BLASThreads.holdToOne()
        let relative = tolerance ?? Double(max(n, f)) * Double.ulpOfOne
        var work = a
        // The routine returns the coefficients in the first F rows of what holds the targets.
        var solution = Matrix<Double>(rows: max(n, f), columns: max(h, 1))
        for i in 0..<n { for c in 0..<h { solution[i, c] = b[i, c] } }
        let width = Int32(max(h, 1))
        var values = [Double](repeating: 0, count: min(n, f))
        var rank: Int32 = 0
        let info = work.storage.withUnsafeMutableBufferPointer { work in
            solution.storage.withUnsafeMutableBufferPointer { solution in
                LAPACKE_dgelsd(
                    LAPACK_ROW_MAJOR, Int32(n), Int32(f), width, work.baseAddress!, Int32(f), solution.baseAddress!, width, &values,
                    relative, &rank)
            }
        }
        guard info == 0 else { throw .notConverged(routine: "dgelsd", code: Int(info)) }
        let coefficients = Matrix(rows: f, columns: h) { solution[$0, $1] }
        let fitted = Matrix.product(a, coefficients)
        let sums = (0..<h).map { c in
            (0..<n).reduce(0) { $0 + (fitted[$1, c] - b[$1, c]) * (fitted[$1, c] - b[$1, c]) }
        }
        let smallest = values.last ?? 0
        return LeastSquares(
            coefficients: coefficients, rank: Int(rank), condition: smallest > 0 ? values[0] / smallest : .infinity,
            residualSumsOfSquares: sums, method: .singularValues)
    }

    private static func check(_ a: Matrix<Double>, _ b: Matrix<Double>) throws(LinearAlgebraError) {
        precondition(a.rows == b.rows, "inputs have \(a.rows) rows, targets \(b.rows)")
        try a.requireFinite()
        try b.requireFinite()
    }

    private static func empty(_ f: Int, _ b: Matrix<Double>, _ method: Method) -> LeastSquares {
        LeastSquares(
            coefficients: Matrix(rows: f, columns: b.columns), rank: 0, condition: 1, residualSumsOfSquares: residuals(below: 0, of: b),
            method: method)
    }

    private static func residuals(below row: Int, of b: Matrix<Double>) -> [Double] {
        (0..<b.columns).map { c in (row..<b.rows).reduce(0) { $0 + b[$1, c] * b[$1, c] } }
    }
}
