import Learning
import LinearAlgebra
import Probability
import Testing

@Suite struct RegressionTests {
    static func data(rows: Int, features: Int, noise: Double = 0) -> (Matrix<Double>, Matrix<Double>, Matrix<Double>) {
        let stream = RandomStream(seed: 5, purpose: .data)
        let x = Matrix(rows: rows, columns: features) { stream.normal(path: $0, step: $1) * Double($1 + 1) + Double($1) }
        let b = Matrix(rows: features, columns: 2) { Double($0) - 1.5 * Double($1) }
        let clean = x * b
        let y = Matrix(rows: rows, columns: 2) { clean[$0, $1] + Double($1) + noise * stream.normal(path: $0, step: 90 + $1) }
        return (x, b, y)
    }

    @Test("without penalty it returns the coefficients that made the data")
    func recovers() throws {
        let (x, b, y) = Self.data(rows: 60, features: 4)
        let model = try RidgeRegression(penalty: 0).fit(x, targets: y)
        for k in b.storage.indices { #expect((model.coefficients.storage[k] - b.storage[k]).magnitude < 1e-11) }
        #expect((model.intercepts[0]).magnitude < 1e-10 && (model.intercepts[1] - 1).magnitude < 1e-10)
        let predicted = model(x)
        for k in y.storage.indices { #expect((predicted.storage[k] - y.storage[k]).magnitude < 1e-10) }
    }

    @Test("it is least squares over rows joined by penalty rows", arguments: [true, false])
    func augmented(hasIntercept: Bool) throws {
        let (x, _, y) = Self.data(rows: 40, features: 3, noise: 1)
        let penalty = 0.3
        let model = try RidgeRegression(penalty: penalty, hasIntercept: hasIntercept).fit(x, targets: y)
        // Centre by hand, then append √(N·penalty)·scale rows with target 0 and solve by QR.
        let n = 40.0
        let means = (0..<3).map { f in hasIntercept ? x.column(f).reduce(0, +) / n : 0 }
        let targets = (0..<2).map { h in hasIntercept ? y.column(h).reduce(0, +) / n : 0 }
        let scales = (0..<3).map { f in (x.column(f).reduce(0) { $0 + ($1 - means[f]) * ($1 - means[f]) } / n).squareRoot() }
        let rows = Matrix(rows: 43, columns: 3) { i, f in
            i < 40 ? x[i, f] - means[f] : i - 40 == f ? (n * penalty).squareRoot() * scales[f] : 0
        }
        let right = Matrix(rows: 43, columns: 2) { i, h in i < 40 ? y[i, h] - targets[h] : 0 }
        let normal = Matrix.product(rows, rows, transposing: .first)
        let expected = try Cholesky(normal).solve(Matrix.product(rows, right, transposing: .first))
        for k in expected.storage.indices { #expect((model.coefficients.storage[k] - expected.storage[k]).magnitude < 1e-10) }
    }

    @Test("weights count rows: weight 2 is the row twice, weight 0 its absence")
    func weights() throws {
        let (x, _, y) = Self.data(rows: 20, features: 3, noise: 1)
        let weights = (0..<20).map { Double($0 % 3) }
        let kept = (0..<20).flatMap { Array(repeating: $0, count: $0 % 3) }
        let weighted = try RidgeRegression(penalty: 0.1).fit(x, targets: y, weights: weights)
        let repeated = try RidgeRegression(penalty: 0.1).fit(
            Matrix(rows: kept.count, columns: 3) { x[kept[$0], $1] }, targets: Matrix(rows: kept.count, columns: 2) { y[kept[$0], $1] })
        for k in weighted.coefficients.storage.indices {
            #expect((weighted.coefficients.storage[k] - repeated.coefficients.storage[k]).magnitude < 1e-12)
        }
    }

    @Test("a constant column gets no coefficient, dependent columns without penalty are named, NaN is refused")
    func degenerate() throws {
        let (x, _, y) = Self.data(rows: 30, features: 2)
        let constant = Matrix(rows: 30, columns: 3) { $1 < 2 ? x[$0, $1] : 7.7 }
        #expect(try RidgeRegression().fit(constant, targets: y).coefficients[2, 0] == 0)
        let zeroed = Matrix(rows: 30, columns: 2) { $1 == 0 ? x[$0, 0] : 4 * x[$0, 0] }
        #expect(throws: LinearAlgebraError.self) { try RidgeRegression(penalty: 0).fit(zeroed, targets: y) }
        var bad = x
        bad[4, 1] = .nan
        let error = #expect(throws: LinearAlgebraError.self) { try RidgeRegression().fit(bad, targets: y) }
        #expect(error.map { "\($0)".contains("(4, 1)") } == true)
    }

    @Test("recursive least squares equals the weighted batch solution to 1e-9", arguments: [1, 0.99, 0.9])
    func recursiveIdentity(forgetting: Double) throws {
        let count = 3
        let stream = RandomStream(seed: 9, purpose: .data)
        let start = [0.5, -1, 2]
        let prior = Matrix(rows: 3, columns: 3) { $0 == $1 ? 2.0 + Double($0) : 0.3 }
        var recursive = RecursiveLeastSquares(forgetting: forgetting, weights: start, covariance: prior)
        var xs: [[Double]] = []
        var ys: [Double] = []
        for n in 0..<80 {
            let x = (0..<count).map { stream.normal(path: n, step: $0) }
            let y = 1 + x[0] - 2 * x[2] + 0.1 * stream.normal(path: n, step: 7)
            xs.append(x)
            ys.append(y)
            let before = recursive.prediction(x)
            let update = try recursive.update(x, target: y)
            #expect(update.predictionError == y - before && !update.isGuarded)
        }
        let n = xs.count
        func fading(_ age: Int) -> Double { (0..<age).reduce(1.0) { weight, _ in weight * forgetting } }
        var normal = try Cholesky(prior).inverse
        var right = normal.times(start)
        for k in normal.storage.indices { normal.storage[k] *= fading(n) }
        right = right.map { $0 * fading(n) }
        for i in 0..<n {
            let weight = fading(n - 1 - i)
            for a in 0..<count {
                right[a] += weight * xs[i][a] * ys[i]
                for b in 0..<count { normal[a, b] += weight * xs[i][a] * xs[i][b] }
            }
        }
        let expected = try Cholesky(normal).solve(right)
        for (found, wanted) in zip(recursive.weights, expected) { #expect((found - wanted).magnitude < 1e-9) }
        let inverse = try Cholesky(normal).inverse
        for k in inverse.storage.indices { #expect((recursive.covariance.storage[k] - inverse.storage[k]).magnitude < 1e-9) }
        #expect(recursive.covariance == recursive.covariance.transposed)
    }

    @Test("guards: no wind-up without news, a capped step, and NaN leaves the state alone")
    func guards() throws {
        var quiet = RecursiveLeastSquares(forgetting: 0.9, count: 2, variance: 1)
        quiet.leastExcitation = 1e-6
        for _ in 0..<1000 { _ = try quiet.update([1, 0], target: 1) }
        for _ in 0..<1000 { _ = try quiet.update([0, 0], target: 0) }
        #expect(quiet.covariance.storage.allSatisfy { $0.isFinite && $0.magnitude < 1e50 })
        var traced = RecursiveLeastSquares(forgetting: 0.9, count: 2, variance: 1)
        traced.largestTrace = 10
        for _ in 0..<1000 { _ = try traced.update([1, 0], target: 1) }
        #expect(traced.covariance[0, 0] + traced.covariance[1, 1] <= 10 * (1 + 1e-12))
        var capped = RecursiveLeastSquares(forgetting: 1, count: 1)
        capped.largestStep = 0.01
        let update = try capped.update([1], target: 100)
        #expect(update.isGuarded && (capped.weights[0] - 0.01).magnitude < 1e-15)
        let before = capped
        #expect(throws: RecursiveLeastSquaresError.self) { try capped.update([.nan], target: 1) }
        #expect(throws: RecursiveLeastSquaresError.nonFiniteTarget(.infinity)) { try capped.update([1], target: .infinity) }
        #expect(capped == before)
    }

    @Test("a standardizer gives mean 0 and deviation 1, leaves a constant column at zero, and adds up over pieces")
    func standardizer() {
        let x = Matrix(rows: 50, columns: 2) { $1 == 0 ? Double($0 * $0) : 0.2 }
        let standardizer = Standardizer(fitting: x)
        let first = (0..<50).map { Double(standardizer.standardize(x[$0, 0], at: 0)) }
        #expect((first.reduce(0, +) / 50).magnitude < 1e-6)
        #expect((first.reduce(0) { $0 + $1 * $1 } / 50 - 1).magnitude < 1e-6)
        #expect(standardizer.scales[1] == 1 && standardizer.standardize(0.2, at: 1).magnitude < 1e-7)
        var pieces = Standardizer.Moments(count: 2)
        for f in 0..<2 {
            pieces.add(Array(x.column(f).prefix(20)), at: f)
            pieces.add(Array(x.column(f).suffix(30)), at: f)
        }
        #expect(pieces.standardizer == standardizer)
    }
}
