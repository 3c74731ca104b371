import COpenBLAS
import RealModule

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
        let gram = blocks.sum(f * f) { a, _, count, sum in
            cblas_dsyrk(CblasRowMajor, CblasLower, CblasTrans, Int32(f), Int32(count), 1, a, Int32(f), 0, sum, Int32(f))
        }
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
        let products = blocks.sum(f * h) { a, b, count, sum in
            BLASDoor.dgemm(true, false, f, h, count, 1, a, f, b, h, 0, sum, h)
        }
        guard products.allSatisfy(\.isFinite) else { return nil }
        var coefficients = solution(products)
        // Aᵀ R of the residuals R = B − A X₀, and after it their squares.
        let start = coefficients.storage
        let left = blocks.sum(f * h + h) { a, b, count, sum in
            var residuals = [Double](UnsafeBufferPointer(start: b, count: count * h))
            residuals.withUnsafeMutableBufferPointer { r in
                start.withUnsafeBufferPointer {
                    BLASDoor.dgemm(false, false, count, h, f, -1, a, f, $0.baseAddress!, h, 1, r.baseAddress!, h)
                }
                BLASDoor.dgemm(true, false, f, h, count, 1, a, f, r.baseAddress!, h, 0, sum, h)
                for i in 0..<count { for c in 0..<h { sum[f * h + c] += r[i * h + c] * r[i * h + c] } }
            }
        }
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

/// Rows of inputs and targets in blocks, for sums over all of them.
private struct RowBlocks {
    let a: Matrix<Double>
    let b: Matrix<Double>
    let rows: Int
    let workers: Workers

    init(_ a: Matrix<Double>, _ b: Matrix<Double>, rows: Int, workers: Workers) {
        (self.a, self.b, self.rows, self.workers) = (a, b, rows, workers)
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
