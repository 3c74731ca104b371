import COpenBLAS
import RealModule
import VectorKernels

extension LeastSquares {
    /// The fast way for tall inputs: the normal equations where the columns are well apart, else Householder QR. `method` says which.
    ///
    ///     G = S AᵀA S,   S = diag(1/‖aⱼ‖),   R = B − A X₀,   X = X₀ + D,   D = S G⁻¹ S AᵀR
    ///
    /// X₀ is the fit of some thousand rows, spread over all. The normal equations square the condition number κ of A S, but the error that
    /// this makes is of the size of the correction D: κ²ε‖D‖ in units of S. A pass over the rows is repeated, with X for X₀, until that is
    /// below QR's own error, κε‖X‖ + κ²ε‖B − A X‖/‖A S‖ by the usual bound; mostly one pass does. Beyond κ = 10⁵, and where three passes
    /// do not settle it, QR is taken, which also names a dependent column.
    ///
    /// A is read in blocks of rows over threads; the bits do not depend on how many there are.
    ///
    /// Reference: Björck, *Numerical methods for least squares problems* (1996), sections 2.9.3 and 6.6.
    public static func solve(
        _ a: Matrix<Double>, _ b: Matrix<Double>, workers: Workers = Workers()
    ) throws(LinearAlgebraError) -> LeastSquares {
        precondition(a.rows == b.rows, "inputs have \(a.rows) rows, targets \(b.rows)")
        guard a.rows >= a.columns, a.columns > 0, b.columns > 0, let fit = byNormalEquations(a, b, workers) else { return try byQR(a, b) }
        return fit
    }

    /// A block of 4096 rows of some tens of columns stays in a core's own cache.
    private static let blockRows = 4096
    /// What the first fit is made from: 32 blocks of 256 rows, an evenly spread hundredth of a million rows.
    private static let (sampleBlocks, sampleRows) = (32, 256)

    /// nil where the inputs are not finite, or too nearly dependent.
    private static func byNormalEquations(_ a: Matrix<Double>, _ b: Matrix<Double>, _ workers: Workers) -> LeastSquares? {
        let blocks = RowBlocks(a: a, b: b, rows: blockRows, apart: blockRows, workers: workers)
        let isTall = a.rows > 2 * sampleBlocks * sampleRows
        let sample = isTall ? RowBlocks(a: a, b: b, rows: sampleRows, apart: a.rows / sampleBlocks, workers: workers) : blocks
        var x = Matrix<Double>(rows: a.columns, columns: b.columns)
        // A first fit that is none costs a pass, no more.
        if let start = sample.equations(x)?.correction { x = start }
        for pass in 0..<3 {
            guard let equations = blocks.equations(x) else { return nil }
            let correction = equations.correction
            for k in x.storage.indices { x.storage[k] += correction.storage[k] }
            let sums = equations.sumsOfSquares(after: correction)
            // Sums that are what cancellation left of a poor first fit's have lost their digits: another pass has smaller ones.
            let areExact = pass > 0 || zip(sums, equations.squares).allSatisfy { $1 <= 1000 * $0 }
            if areExact, equations.isSettled(x, after: correction, sumsOfSquares: sums) {
                return LeastSquares(
                    coefficients: x, rank: a.columns, condition: equations.condition, residualSumsOfSquares: sums,
                    method: .normalEquations)
            }
        }
        return nil
    }
}

/// AᵀA D = AᵀR for a correction D [F, H] of coefficients that leave the residuals R [N, H].
private struct NormalEquations {
    /// AᵀR [F, H].
    let products: Matrix<Double>
    /// ‖R‖² of each target, before the correction.
    let squares: [Double]
    /// ‖aⱼ‖ of each column.
    private let norms: [Double]
    /// The largest singular value of A with its columns scaled to one.
    private let largest: Double
    /// The ratio of its extreme singular values.
    let condition: Double
    private let factor: Cholesky

    /// κ of the scaled inputs up to which a correction gains digits: each cuts the error by about κ² times the spacing of 1.
    private static let largestCondition = 1e5

    /// nil where a number is not finite or the columns are too nearly dependent.
    ///
    /// - Parameter gram: AᵀA [F, F], its lower triangle at least.
    init?(gram: [Double], products: Matrix<Double>, squares: [Double]) {
        let f = products.rows
        // A number that is not finite makes its column's square so.
        let lengths = (0..<f).map { gram[$0 * f + $0] }
        guard lengths.allSatisfy({ $0.isFinite && $0 >= Double.leastNormalMagnitude }), products.storage.allSatisfy(\.isFinite),
            squares.allSatisfy(\.isFinite)
        else { return nil }
        let norms = lengths.map { $0.squareRoot() }
        let scaled = Matrix<Double>(rows: f, columns: f) { i, j in gram[max(i, j) * f + min(i, j)] / (norms[i] * norms[j]) }
        guard let eigenvalues = try? SymmetricEigen(scaled).values, let low = eigenvalues.min(), let high = eigenvalues.max(), low > 0,
            case let condition = (high / low).squareRoot(), condition <= Self.largestCondition, let factor = try? Cholesky(scaled)
        else { return nil }
        (self.products, self.squares, self.norms, self.condition, self.factor) = (products, squares, norms, condition, factor)
        largest = high.squareRoot()
    }

    /// D [F, H].
    var correction: Matrix<Double> {
        let (f, h) = (products.rows, products.columns)
        let solved = factor.solve(Matrix(rows: f, columns: h) { products[$0, $1] / norms[$0] })
        return Matrix(rows: f, columns: h) { solved[$0, $1] / norms[$0] }
    }

    /// Whether the correction that led to x was small enough for its error to be of the size of QR's, in every target.
    func isSettled(_ x: Matrix<Double>, after correction: Matrix<Double>, sumsOfSquares: [Double]) -> Bool {
        sumsOfSquares.indices.allSatisfy { c in
            func length(_ y: Matrix<Double>) -> Double {
                norms.indices.reduce(0) { $0 + (y[$1, c] * norms[$1]) * (y[$1, c] * norms[$1]) }.squareRoot()
            }
            return condition * length(correction) <= length(x) + condition * sumsOfSquares[c].squareRoot() / largest
        }
    }

    /// ‖R − A D‖² = ‖R‖² − D·AᵀR, as AᵀA D = AᵀR.
    func sumsOfSquares(after correction: Matrix<Double>) -> [Double] {
        squares.indices.map { c in
            max((0..<products.rows).reduce(squares[c]) { $0 - correction[$1, c] * products[$1, c] }, 0)
        }
    }
}

/// Rows of inputs A [N, F] and targets B [N, H] in blocks, for sums over all of them.
private struct RowBlocks {
    let a: Matrix<Double>
    let b: Matrix<Double>
    /// Of a block, the last excepted.
    let rows: Int
    /// From one block's first row to the next's, at least `rows`.
    let apart: Int
    let workers: Workers

    /// What is left of the targets by coefficients x [F, H], as equations for a correction.
    func equations(_ x: Matrix<Double>) -> NormalEquations? {
        let (f, h) = (a.columns, b.columns)
        // Narrow rows are summed in registers, by BLAS where the processor or the width forbids it.
        guard VectorUnit.isAvailable && f + h <= 48 && h <= 4 else { return byBLAS(x) }
        let (width, slopes) = (GramTile.width(f + h), x.transposed.storage)
        let all = sum(width * width) { a, b, count, sum in
            withUnsafeTemporaryAllocation(of: Double.self, capacity: GramTile.rows * width) { memory in
                memory.initialize(repeating: 0)
                let packed = memory.baseAddress!
                for first in stride(from: 0, to: count, by: GramTile.rows) {
                    let (here, inputs) = (min(GramTile.rows, count - first), a + first * f)
                    GramTile.pack(inputs, f, b + first * h, h, count: here, without: slopes, to: packed)
                    GramTile.addProducts(packed, count: here, width: width, to: sum, ahead: inputs + here * f)
                }
            }
        }
        var gram = [Double](repeating: 0, count: f * f)
        for i in 0..<f { for j in i..<f { gram[j * f + i] = all[i * width + j] } }
        return NormalEquations(
            gram: gram, products: Matrix(rows: f, columns: h) { all[$0 * width + f + $1] },
            squares: (f..<f + h).map { all[$0 * width + $0] })
    }

    private func byBLAS(_ x: Matrix<Double>) -> NormalEquations? {
        let (f, h) = (a.columns, b.columns)
        let all = sum(f * f + f * h + h) { a, b, count, sum in
            cblas_dsyrk(CblasRowMajor, CblasLower, CblasTrans, Int32(f), Int32(count), 1, a, Int32(f), 0, sum, Int32(f))
            var residuals = [Double](UnsafeBufferPointer(start: b, count: count * h))
            residuals.withUnsafeMutableBufferPointer { r in
                let r = r.baseAddress!
                x.storage.withUnsafeBufferPointer {
                    BLASDoor.dgemm(false, false, count, h, f, -1, a, f, $0.baseAddress!, h, 1, r, h)
                }
                BLASDoor.dgemm(true, false, f, h, count, 1, a, f, r, h, 0, sum + f * f, h)
                for i in 0..<count { for c in 0..<h { sum[f * f + f * h + c] += r[i * h + c] * r[i * h + c] } }
            }
        }
        return NormalEquations(
            gram: Array(all.prefix(f * f)), products: Matrix(rows: f, columns: h, storage: Array(all[f * f..<f * f + f * h])),
            squares: all.suffix(h))
    }

    /// The sum over the blocks of what `body` writes into `width` zeros, added in block order.
    func sum(
        _ width: Int,
        _ body:
            @Sendable (
                _ a: UnsafePointer<Double>, _ b: UnsafePointer<Double>, _ count: Int, _ sum: UnsafeMutablePointer<Double>
            ) -> Void
    ) -> [Double] {
        let (a, b, rows, apart) = (a, b, rows, apart)
        let parts = workers.map(count: (a.rows + apart - 1) / apart) { block in
            let start = block * apart
            var part = [Double](repeating: 0, count: width)
            a.storage.withUnsafeBufferPointer { inputs in
                b.storage.withUnsafeBufferPointer { targets in
                    part.withUnsafeMutableBufferPointer {
                        body(
                            inputs.baseAddress! + start * a.columns, targets.baseAddress! + start * b.columns, min(rows, a.rows - start),
                            $0.baseAddress!)
                    }
                }
            }
            return part
        }
        var total = [Double](repeating: 0, count: width)
        for part in parts { for i in 0..<width { total[i] += part[i] } }
        return total
    }
}
