import LinearAlgebra
import RealModule
import Testing

@Suite struct LeastSquaresTests {
    private let targets = Matrix<Double>(rows: 7, columns: 2) { i, j in j == 0 ? Double.sin(1 + Double(i)) : Double.cos(0.5 * Double(i)) }

    /// SciPy's coefficients, by rows of [4, 2]: Tests/References/linear_algebra.py.
    private let reference = Matrix(
        rows: 4, columns: 2,
        storage: [
            0.4134435064661334, 0.5343708457763598, 1.473764019728204, 1.170894071526443, 0.2955549154613664, 1.0508620661605226,
            -0.35375760430381814, 0.4428311634878894,
        ])

    /// The three methods' fits of one problem.
    private func fits(_ a: Matrix<Double>, _ b: Matrix<Double>) throws -> [LeastSquares] {
        let fits = [try LeastSquares.byQR(a, b), try LeastSquares.bySingularValues(a, b), try LeastSquares.solve(a, b)]
        #expect(fits.map(\.method) == LeastSquares.Method.allCases)
        return fits
    }

    @Test("every method agrees with SciPy on coefficients and residuals")
    func agreesWithSciPy() throws {
        for fit in try fits(referenceInputs, targets) {
            #expect(distance(fit.coefficients, reference) < 1e-14)
            #expect(fit.rank == 4)
            #expect(fit.residualSumsOfSquares[0].isApproximatelyEqual(to: 1.3564327255336914, relativeTolerance: 1e-14))
            #expect(fit.residualSumsOfSquares[1].isApproximatelyEqual(to: 1.3212553904292592, relativeTolerance: 1e-14))
        }
        let condition = try LeastSquares.bySingularValues(referenceInputs, targets).condition
        #expect(condition.isApproximatelyEqual(to: 1.192735331586158 / 0.5973775038015962, relativeTolerance: 1e-13))
    }

    @Test("residuals are orthogonal to every input", arguments: [(30, 1), (30, 5), (2000, 12), (5001, 22), (5001, 47)])
    func normalEquations(shape: (Int, Int)) throws {
        let a = scattered(shape.0, shape.1)
        let b = scattered(shape.0, 2, seed: 9)
        for fit in try fits(a, b) {
            let fitted = a * fit.coefficients
            let residuals = Matrix(rows: shape.0, columns: 2) { b[$0, $1] - fitted[$0, $1] }
            #expect(distance(.product(a, residuals, transposing: .first), Matrix(rows: shape.1, columns: 2)) < 1e-11)
        }
    }

    @Test("one target or many, summed in registers or by BLAS: each is fitted as alone")
    func targetsAlone() throws {
        let (a, b) = (scattered(5001, 6), scattered(5001, 5, seed: 9))
        let together = try LeastSquares.solve(a, b)
        for c in 0..<5 {
            let alone = try LeastSquares.solve(a, Matrix(rows: 5001, columns: 1) { i, _ in b[i, c] })
            for j in 0..<6 { #expect((alone.coefficients[j, 0] - together.coefficients[j, c]).magnitude < 1e-14) }
            #expect(alone.residualSumsOfSquares[0].isApproximatelyEqual(to: together.residualSumsOfSquares[c], relativeTolerance: 1e-13))
        }
    }

    @Test("coefficients that made the targets are recovered, columns of very different size too")
    func recovery() throws {
        var a = scattered(100, 3)
        for i in 0..<100 {
            a[i, 0] *= 1e6
            a[i, 2] *= 1e-6
        }
        let made = Matrix<Double>(rows: 3, columns: 1, storage: [2e-6, -3, 4e6])
        for fit in [try LeastSquares.byQR(a, a * made), try LeastSquares.solve(a, a * made)] {
            #expect(zip(fit.coefficients.storage, made.storage).allSatisfy { $0.isApproximatelyEqual(to: $1, relativeTolerance: 1e-9) })
        }
    }

    /// 9000 rows of three columns, the third within `gap` of the second's direction: the condition number is about 2/gap.
    private func nearlyDependent(gap: Double) -> Matrix<Double> {
        var a = scattered(9000, 3)
        for i in 0..<9000 { a[i, 2] = a[i, 1] + gap * a[i, 2] }
        return a
    }

    @Test("the correction gives back the digits that squaring the condition took", arguments: [1e-2, 1e-3, 1e-4])
    func correction(gap: Double) throws {
        let a = nearlyDependent(gap: gap)
        let b = scattered(9000, 2, seed: 9)
        let exact = try LeastSquares.bySingularValues(a, b)
        let fit = try LeastSquares.solve(a, b)
        #expect(fit.method == .normalEquations)
        // Uncorrected, the normal equations are off by 6e-5 at the last gap.
        #expect(distance(fit.coefficients, exact.coefficients) < 1e-11 / gap)
        for c in 0..<2 {
            #expect(fit.residualSumsOfSquares[c].isApproximatelyEqual(to: exact.residualSumsOfSquares[c], relativeTolerance: 1e-12))
        }
    }

    /// 40,000 rows of four columns; the last is `size` times as large in all but 500 rows, of which the first fit sees none.
    private func uneven(size: Double) -> Matrix<Double> {
        var a = scattered(40_000, 4)
        for i in 0..<40_000 where !(600..<1100).contains(i) { a[i, 3] *= size }
        return a
    }

    @Test("tall inputs: the first fit, of some rows, may be anything", arguments: [1, 1e-3, 1e-9, 0])
    func firstFit(size: Double) throws {
        let a = uneven(size: size)
        let b = scattered(40_000, 2, seed: 9)
        let (fit, exact) = (try LeastSquares.solve(a, b), try LeastSquares.byQR(a, b))
        #expect(fit.method == .normalEquations)
        #expect(distance(fit.coefficients, exact.coefficients) < 1e-14)
        for c in 0..<2 {
            #expect(fit.residualSumsOfSquares[c].isApproximatelyEqual(to: exact.residualSumsOfSquares[c], relativeTolerance: 1e-13))
        }
    }

    @Test("tall inputs: what a poor first fit leaves does not blur the residuals", arguments: [1e-3, 0])
    func exactTargets(size: Double) throws {
        let a = uneven(size: size)
        let made = Matrix<Double>(rows: 4, columns: 1, storage: [2, -3, 4, 5])
        let fit = try LeastSquares.solve(a, a * made)
        #expect(fit.method == .normalEquations)
        #expect(distance(fit.coefficients, made) < 1e-13)
        #expect(fit.residualSumsOfSquares[0] < 1e-24)
    }

    @Test("tall inputs, close columns, targets that are all but fitted: the passes that it takes are made", arguments: [1e-1, 1e-2, 1e-4])
    func repeatedPasses(gap: Double) throws {
        var a = scattered(40_000, 3)
        for i in 0..<40_000 { a[i, 2] = a[i, 1] + gap * a[i, 2] }
        let made = Matrix<Double>(rows: 3, columns: 1, storage: [2, -3, 4])
        var b = a * made
        for i in 0..<20_000 { b[i, 0] += 1e-3 * a[i, 0] }
        let (fit, exact) = (try LeastSquares.solve(a, b), try LeastSquares.bySingularValues(a, b))
        #expect(fit.method == .normalEquations)
        #expect(distance(fit.coefficients, exact.coefficients) < 1e-14 / gap)
        #expect(fit.residualSumsOfSquares[0].isApproximatelyEqual(to: exact.residualSumsOfSquares[0], relativeTolerance: 1e-11))
    }

    @Test("columns too nearly dependent for the normal equations go to QR, numbers that are none are refused")
    func fallback() throws {
        let close = nearlyDependent(gap: 1e-7)
        let b = scattered(9000, 1, seed: 9)
        #expect(try LeastSquares.solve(close, b) == LeastSquares.byQR(close, b))
        #expect(throws: LinearAlgebraError.self) { try LeastSquares.solve(nearlyDependent(gap: 0), b) }
        var broken = scattered(9000, 3)
        broken[8999, 1] = .nan
        #expect(throws: LinearAlgebraError.self) { try LeastSquares.solve(broken, b) }
        var target = b
        target[17, 0] = .infinity
        #expect(throws: LinearAlgebraError.self) { try LeastSquares.solve(scattered(9000, 3), target) }
    }

    @Test("the bits do not depend on the threads")
    func threads() throws {
        let (a, b) = (scattered(9000, 5), scattered(9000, 2, seed: 9))
        #expect(try LeastSquares.solve(a, b, workers: Workers(threads: 1)) == LeastSquares.solve(a, b, workers: Workers(threads: 3)))
    }

    @Test("a dependent column is refused by QR with its number and resolved by singular values")
    func rankDeficiency() throws {
        let wide = Matrix(rows: 7, columns: 5) { i, j in
            j < 4 ? referenceInputs[i, j] : referenceInputs[i, 0] + 2 * referenceInputs[i, 1]
        }
        var refusal: LinearAlgebraError?
        do throws(LinearAlgebraError) { _ = try LeastSquares.byQR(wide, targets) } catch { refusal = error }
        guard case .rankDeficient(let rank, let columns, let dependent, _) = refusal else {
            Issue.record("\(String(describing: refusal)) instead of a rank deficiency")
            return
        }
        #expect(rank == 4 && columns == 5)
        #expect([0, 1, 4].contains(dependent))
        let fit = try LeastSquares.bySingularValues(wide, targets)
        #expect(fit.rank == 4)
        let leastNorm = [-0.1467184178542882, 0.3534401710873555, 0.2955549154613689, -0.35375760430381836, 0.560161924320423]
        #expect(zip(fit.coefficients.column(0), leastNorm).allSatisfy { ($0 - $1).magnitude < 1e-13 })
        #expect(fit.residualSumsOfSquares[0].isApproximatelyEqual(to: 1.3564327255336914, relativeTolerance: 1e-13))
    }

    @Test("one by one, no column, no row and fewer rows than columns")
    func smallShapes() throws {
        let one = Matrix<Double>(rows: 1, columns: 1, storage: [4])
        #expect(try LeastSquares.byQR(one, Matrix(rows: 1, columns: 1, storage: [2])).coefficients.storage == [0.5])
        let none = try LeastSquares.byQR(Matrix(rows: 2, columns: 0), Matrix(rows: 2, columns: 1, storage: [3, 4]))
        #expect(none.coefficients.rows == 0 && none.residualSumsOfSquares == [25])
        #expect(try LeastSquares.bySingularValues(Matrix(rows: 0, columns: 2), Matrix(rows: 0, columns: 1)).coefficients.storage == [0, 0])
        #expect(throws: LinearAlgebraError.tooFewRows(rows: 1, columns: 2)) {
            try LeastSquares.solve(Matrix(rows: 1, columns: 2), Matrix(rows: 1, columns: 1))
        }
        #expect(throws: LinearAlgebraError.self) { try LeastSquares.byQR(Matrix(rows: 3, columns: 1), Matrix(rows: 3, columns: 1)) }
        let wide = try LeastSquares.bySingularValues(
            Matrix(rows: 1, columns: 2, storage: [1, 1]), Matrix(rows: 1, columns: 1, storage: [2]))
        #expect(wide.coefficients.storage.allSatisfy { $0.isApproximatelyEqual(to: 1) } && wide.rank == 1)
    }
}
