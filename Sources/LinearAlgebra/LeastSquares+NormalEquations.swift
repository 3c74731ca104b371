import COpenBLAS
import RealModule
import VectorKernels

extension LeastSquares {
    /// The fast way for tall inputs: the normal equations where the columns are well apart, else Householder QR. `method` says which.
    ///
    ///     G = S AᵀA S,   S = diag(1/‖aⱼ‖);   X₀ = S G⁻¹ S AᵀB;   X = X₀ + S G⁻¹ S Aᵀ(B − A X₀)
    ///
    /// The normal equations square the condition number of the inputs. The columns' sizes play no part in it once they are scaled to
    /// one, and the correction from the residuals gives back the digits that the squaring took, so long as κ(A S) ≤ 10⁵: the error is
    /// then of the size of QR's own. Beyond, QR is taken, which also names a dependent column.
    ///
    /// A is read twice, in blocks of rows over threads; the bits do not depend on how many there are.
    ///
    /// Reference: Björck, *Numerical methods for least squares problems* (1996), sections 2.9.3 and 6.6.
    public static func solve(
        _ a: Matrix<Double>, _ b: Matrix<Double>, workers: Workers = Workers()
    ) throws(LinearAlgebraError) -> LeastSquares {
        precondition(a.rows == b.rows, "inputs have \(a.rows) rows, targets \(b.rows)")
        guard a.rows >= a.columns, a.columns > 0, b.columns > 0, let fit = byNormalEquations(a, b, workers) else { return try byQR(a, b) }
        return fit
    }

    /// κ of the scaled inputs up to which one correction is enough: each cuts the error by about κ² times the spacing of 1.
    private static let largestCondition = 1e5
    /// A block of 4096 rows of some tens of columns stays in a core's own cache.
    private static let blockRows = 4096

    /// nil where the inputs are not finite, or too nearly dependent.
    private static func byNormalEquations(_ a: Matrix<Double>, _ b: Matrix<Double>, _ workers: Workers) -> LeastSquares? {
        let (f, h) = (a.columns, b.columns)
        let blocks = RowBlocks(a, b, rows: blockRows, workers: workers)
        let (gram, products) = blocks.products()
        // A number that is not finite makes its column's square so.
        let squares = (0..<f).map { gram[$0 * f + $0] }
        guard squares.allSatisfy({ $0.isFinite && $0 >= Double.leastNormalMagnitude }) else { return nil }
        let scales = squares.map { 1 / $0.squareRoot() }
        let scaled = Matrix<Double>(rows: f, columns: f) { i, j in gram[max(i, j) * f + min(i, j)] * scales[i] * scales[j] }
        guard let eigenvalues = try? SymmetricEigen(scaled).values, let low = eigenvalues.min(), let high = eigenvalues.max(), low > 0,
            case let condition = (high / low).squareRoot(), condition <= largestCondition, let factor = try? Cholesky(scaled)
        else { return nil }
        func solution(_ products: [Double]) -> Matrix<Double> {
            let solved = factor.solve(Matrix(rows: f, columns: h) { products[$0 * h + $1] * scales[$0] })
            return Matrix(rows: f, columns: h) { solved[$0, $1] * scales[$0] }
        }
        guard products.allSatisfy(\.isFinite) else { return nil }
        var coefficients = solution(products)
        let left = blocks.residualProducts(coefficients.storage)
        guard left.allSatisfy(\.isFinite) else { return nil }
        let correction = solution(Array(left.prefix(f * h)))
        var sums = Array(left.suffix(h))
        for j in 0..<f {
            for c in 0..<h {
                // ‖R − A D‖² = ‖R‖² − D·AᵀR, as AᵀA D = AᵀR.
                sums[c] -= correction[j, c] * left[j * h + c]
                coefficients[j, c] += correction[j, c]
            }
        }
        return LeastSquares(
            coefficients: coefficients, rank: f, condition: condition, residualSumsOfSquares: sums.map { max($0, 0) },
            method: .normalEquations)
    }
}

/// Rows of inputs A [N, F] and targets B [N, H] in blocks, for sums over all of them.
private struct RowBlocks {
    let a: Matrix<Double>
    let b: Matrix<Double>
    let rows: Int
    let workers: Workers
    /// Narrow rows are summed in registers, with BLAS where the processor or the width forbids it.
    let usesTiles: Bool

    init(_ a: Matrix<Double>, _ b: Matrix<Double>, rows: Int, workers: Workers) {
        (self.a, self.b, self.rows, self.workers) = (a, b, rows, workers)
        usesTiles = VectorUnit.isAvailable && a.columns + b.columns <= 48 && b.columns <= 4
    }

    /// AᵀA, its lower triangle at least, [F, F] and AᵀB [F, H].
    func products() -> (gram: [Double], products: [Double]) {
        let (f, h) = (a.columns, b.columns)
        guard usesTiles else {
            let gram = sum(f * f) { a, _, count, sum in
                cblas_dsyrk(CblasRowMajor, CblasLower, CblasTrans, Int32(f), Int32(count), 1, a, Int32(f), 0, sum, Int32(f))
            }
            let products = sum(f * h) { a, b, count, sum in
                BLASDoor.dgemm(true, false, f, h, count, 1, a, f, b, h, 0, sum, h)
            }
            return (gram, products)
        }
        let width = GramTile.width(f + h)
        let all = sum(width * width) { a, b, count, sum in
            Self.tiles(a, f, b, h, count) { packed, count in
                GramTile.addProducts(packed, count: count, width: width, to: sum)
            }
        }
        var (gram, products) = ([Double](repeating: 0, count: f * f), [Double](repeating: 0, count: f * h))
        for i in 0..<f {
            for j in i..<f { gram[j * f + i] = all[i * width + j] }
            for c in 0..<h { products[i * h + c] = all[i * width + f + c] }
        }
        return (gram, products)
    }

    /// AᵀR of the residuals R = B − A X [F, H], and after it their sums of squares [H].
    func residualProducts(_ coefficients: [Double]) -> [Double] {
        let (f, h) = (a.columns, b.columns)
        guard usesTiles else {
            return sum(f * h + h) { a, b, count, sum in
                var residuals = [Double](UnsafeBufferPointer(start: b, count: count * h))
                residuals.withUnsafeMutableBufferPointer { r in
                    coefficients.withUnsafeBufferPointer {
                        BLASDoor.dgemm(false, false, count, h, f, -1, a, f, $0.baseAddress!, h, 1, r.baseAddress!, h)
                    }
                    BLASDoor.dgemm(true, false, f, h, count, 1, a, f, r.baseAddress!, h, 0, sum, h)
                    for i in 0..<count { for c in 0..<h { sum[f * h + c] += r[i * h + c] * r[i * h + c] } }
                }
            }
        }
        let width = GramTile.width(f + h)
        // (−x, e_c) makes a row of inputs and targets its residual of target c.
        let weights = (0..<h).map { c in
            (0..<width).map { $0 < f ? -coefficients[$0 * h + c] : $0 == f + c ? 1 : 0 }
        }
        let sums = sum(h * width + h) { a, b, count, sum in
            Self.tiles(a, f, b, h, count) { packed, count in
                for c in 0..<h {
                    sum[h * width + c] += GramTile.addResiduals(
                        packed, count: count, width: width, weights: weights[c], to: sum + c * width)
                }
            }
        }
        return (0..<f * h).map { sums[$0 % h * width + $0 / h] } + sums.suffix(h)
    }

    /// A block's rows, inputs and targets beside each other, as many at a time as a ``GramTile`` takes.
    private static func tiles(
        _ a: UnsafePointer<Double>, _ f: Int, _ b: UnsafePointer<Double>, _ h: Int, _ count: Int,
        _ body: (_ packed: UnsafePointer<Double>, _ count: Int) -> Void
    ) {
        let width = GramTile.width(f + h)
        var memory = [Double](repeating: 0, count: GramTile.rows * width)
        memory.withUnsafeMutableBufferPointer { memory in
            let packed = memory.baseAddress!
            for first in stride(from: 0, to: count, by: GramTile.rows) {
                let here = min(GramTile.rows, count - first)
                for r in 0..<here { GramTile.pack(a + (first + r) * f, f, b + (first + r) * h, h, to: packed + r * width) }
                body(packed, here)
            }
        }
    }

    /// The sum over the blocks of what `body` writes into `width` zeros, added in block order.
    func sum(
        _ width: Int,
        _ body:
            @Sendable (
                _ a: UnsafePointer<Double>, _ b: UnsafePointer<Double>, _ count: Int, _ sum: UnsafeMutablePointer<Double>
            ) -> Void
    ) -> [Double] {
        let (a, b, rows) = (a, b, rows)
        let parts = workers.map(count: (a.rows + rows - 1) / rows) { block in
            let start = block * rows
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
