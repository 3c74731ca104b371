import LinearAlgebra
import RealModule
import Testing

/// Hilbert's matrix 1/(i + j + 1): positive definite and badly conditioned.
private func hilbert(_ size: Int) -> Matrix<Double> { Matrix(rows: size, columns: size) { 1 / Double($0 + $1 + 1) } }

/// The [7, 4] matrix of Tests/References/linear_algebra.py.
let referenceInputs = Matrix<Double>(rows: 7, columns: 4) { i, j in
    1 / Double(i + j + 1) + (i == j ? 0.3 * Double(i) : 0) - 0.1 * Double((2 * i + 3 * j) % 5)
}

private let shapes = [(1, 1), (5, 5), (40, 7), (7, 40), (300, 20), (3, 1), (1, 3)]

@Suite struct FactorisationTests {
    @Test("L Lᵀ is the matrix and the solution solves", arguments: [1, 2, 7, 60])
    func cholesky(size: Int) throws {
        let a = Matrix.product(scattered(size + 5, size), scattered(size + 5, size), transposing: .first)
        let factor = try Cholesky(a)
        #expect(distance(.product(factor.lower, factor.lower, transposing: .second), a) < 1e-12)
        for i in 0..<size { for j in i + 1..<max(size, i + 1) { #expect(factor.lower[i, j] == 0) } }
        let x = scattered(size, 3, seed: 4)
        #expect(distance(a * factor.solve(a * x), a * x) < 1e-10)
        #expect(distance(a * factor.inverse, .identity(size)) < 1e-8)
    }

    @Test("Cholesky agrees with SciPy and names the minor that is not positive")
    func choleskyReference() throws {
        let last = try Cholesky(hilbert(6)).lower.row(5)
        let reference = [
            0.16666666666666666, 0.20619652471058064, 0.13309928437498728, 0.05249506569572305, 0.011904761904778328,
            0.0011964735895869001,
        ]
        #expect(zip(last, reference).allSatisfy { ($0 - $1).magnitude < 1e-14 })
        #expect(try Cholesky(Matrix(rows: 2, columns: 2, storage: [4, 0, 0, 9])).logDeterminant.isApproximatelyEqual(to: Double.log(36)))
        #expect(throws: LinearAlgebraError.notPositiveDefinite(minor: 2, order: 3)) {
            try Cholesky(Matrix(rows: 3, columns: 3, storage: [1, 2, 0, 2, 1, 0, 0, 0, 1]))
        }
        #expect(throws: LinearAlgebraError.notSquare(rows: 2, columns: 3)) { try Cholesky(Matrix(rows: 2, columns: 3)) }
    }

    @Test("Q has orthonormal columns, R is triangular, Q R is the matrix", arguments: shapes)
    func qr(shape: (Int, Int)) throws {
        let a = scattered(shape.0, shape.1)
        let factors = try QRFactors(a)
        let k = min(shape.0, shape.1)
        #expect(distance(factors.q * factors.r, a) < 1e-13)
        #expect(distance(factors.q.gram, .identity(k)) < 1e-13)
        for i in 0..<k { for j in 0..<min(i, shape.1) { #expect(factors.r[i, j] == 0) } }
    }

    @Test("U and V have orthonormal columns, U diag(s) Vᵀ is the matrix, s falls", arguments: shapes)
    func singularValues(shape: (Int, Int)) throws {
        let a = scattered(shape.0, shape.1)
        let factors = try SingularValues(a)
        let scaled = Matrix(rows: shape.0, columns: factors.values.count) { factors.left[$0, $1] * factors.values[$1] }
        #expect(distance(.product(scaled, factors.right, transposing: .second), a) < 1e-12)
        #expect(distance(factors.left.gram, .identity(factors.values.count)) < 1e-13)
        #expect(distance(factors.right.gram, .identity(factors.values.count)) < 1e-13)
        #expect(zip(factors.values, factors.values.dropFirst()).allSatisfy { $0 >= $1 })
    }

    @Test("V diag(values) Vᵀ is the symmetric matrix, V is orthogonal, values rise", arguments: [1, 2, 9, 50])
    func eigen(size: Int) throws {
        let half = scattered(size, size)
        let a = Matrix(rows: size, columns: size) { half[$0, $1] + half[$1, $0] }
        let eigen = try SymmetricEigen(a)
        let scaled = Matrix(rows: size, columns: size) { eigen.vectors[$0, $1] * eigen.values[$1] }
        #expect(distance(.product(scaled, eigen.vectors, transposing: .second), a) < 1e-12)
        #expect(distance(eigen.vectors.gram, .identity(size)) < 1e-13)
        #expect(zip(eigen.values, eigen.values.dropFirst()).allSatisfy { $0 <= $1 })
        #expect(eigen.values.reduce(0, +).isApproximatelyEqual(to: (0..<size).reduce(0) { $0 + a[$1, $1] }, absoluteTolerance: 1e-11))
    }

    @Test("singular values, eigenvalues and condition agree with SciPy")
    func spectraReference() throws {
        let singular = try SingularValues(referenceInputs)
        let values = [1.192735331586158, 1.1025245145161646, 0.8477716722503754, 0.5973775038015962]
        #expect(zip(singular.values, values).allSatisfy { ($0 - $1).magnitude < 1e-14 })
        #expect(singular.rank() == 4)
        let eigenvalues = try SymmetricEigen(hilbert(6)).values
        let expected = [
            1.0827994845192786e-07, 1.257075712263069e-05, 0.0006157483541825938, 0.016321521319875708, 0.2423608705752093,
            1.6188998589243386,
        ]
        #expect(zip(eigenvalues, expected).allSatisfy { ($0 - $1).magnitude < 1e-15 })
        // The condition 1.5e7 leaves nine digits.
        #expect(try SingularValues(hilbert(6)).condition.isApproximatelyEqual(to: 14951058.64177819, relativeTolerance: 1e-8))
        #expect(try SingularValues(Matrix(rows: 3, columns: 2)).rank() == 0)
        #expect(try SingularValues(Matrix(rows: 3, columns: 2)).condition == .infinity)
        #expect(try SingularValues(.product(scattered(9, 2), scattered(2, 5, seed: 3))).rank() == 2)
    }

    @Test("empty matrices have empty factors")
    func empty() throws {
        let none = Matrix<Double>(rows: 0, columns: 0)
        #expect(try Cholesky(none).lower == none)
        #expect(try SymmetricEigen(none).values == [])
        #expect(try QRFactors(Matrix(rows: 0, columns: 3)).r == Matrix(rows: 0, columns: 3))
        #expect(try SingularValues(Matrix(rows: 4, columns: 0)).values == [])
    }

    @Test("an element that is no number is refused with its place", arguments: [Double.nan, .infinity, -.infinity])
    func nonFinite(value: Double) {
        var a = Matrix<Double>.identity(3)
        a[2, 1] = value
        func place(_ body: () throws(LinearAlgebraError) -> Void) -> [Int] {
            do {
                try body()
                return []
            } catch {
                if case .nonFinite(let row, let column, _) = error { return [row, column] }
                return []
            }
        }
        #expect(place { () throws(LinearAlgebraError) in _ = try Cholesky(a) } == [2, 1])
        #expect(place { () throws(LinearAlgebraError) in _ = try QRFactors(a) } == [2, 1])
        #expect(place { () throws(LinearAlgebraError) in _ = try SingularValues(a) } == [2, 1])
        #expect(place { () throws(LinearAlgebraError) in _ = try SymmetricEigen(a) } == [2, 1])
        #expect(place { () throws(LinearAlgebraError) in _ = try LeastSquares.byQR(.identity(3), a) } == [2, 1])
        #expect(place { () throws(LinearAlgebraError) in _ = try LeastSquares.bySingularValues(a, .identity(3)) } == [2, 1])
    }
}
