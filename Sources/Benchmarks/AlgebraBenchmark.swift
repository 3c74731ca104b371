import LinearAlgebra
import Optimization
import Probability
import RealModule

extension Benchmark {
    static let algebra = Benchmark(name: "algebra", summary: "products, factorisations, fits and statistics on one thread") { run in
        var rows: [BenchmarkRow] = []
        let stream = RandomStream(seed: 1, purpose: .data)

        let n = run.size(384, minimum: 8)
        let a = Matrix(rows: n, columns: n) { stream.normal(path: $0, step: $1) }
        let b = Matrix(rows: n, columns: n) { stream.normal(path: $0, step: $1 + n) }
        rows += try run.row(
            "matrix product", work: "\(n)^3 Double, flops", units: 2 * Double(n) * Double(n) * Double(n), peer: "three loops",
            own: { (a * b)[0, 0] }, than: { plainProduct(a, b)[0, 0] })

        let positive = a.gram
        rows += try run.row(
            "Cholesky", work: "order \(n)", units: 1, peer: "three loops", own: { try Cholesky(positive).lower[n - 1, n - 1] },
            than: { plainCholesky(positive) })

        let rowCount = run.size(100_000, minimum: 100)
        let inputs = Matrix(rows: rowCount, columns: 12) { stream.normal(path: $0, step: $1) }
        let targets = Matrix(rows: rowCount, columns: 1) { row, _ in inputs[row, 0] - inputs[row, 5] + stream.normal(path: row, step: 50) }
        rows += try run.row(
            "least squares", work: "\(grouped(rowCount)) rows x 12", units: Double(rowCount), peer: "QR",
            own: { try LeastSquares.solve(inputs, targets, workers: Workers(threads: 1)).coefficients[0, 0] },
            than: { try LeastSquares.byQR(inputs, targets).coefficients[0, 0] })

        rows += try tallLeastSquares(run)

        rows += try smileFit(run)

        let count = run.size(1_000_000, minimum: 1000)
        var losses = [Double](repeating: 0, count: count)
        losses.withUnsafeMutableBufferPointer { stream.fillNormals($0, firstPath: 0, step: 0) }
        rows += try run.row(
            "expected shortfall with gradient", work: "\(grouped(count)) losses", units: Double(count), peer: "a sort",
            own: { try RiskMeasure.expectedShortfall(level: 0.95).valueAndGradient(losses: losses).value },
            than: { losses.sorted()[count / 20] })
        rows += try run.row(
            "entropic risk with gradient", work: "\(grouped(count)) losses", units: Double(count),
            own: { try RiskMeasure.entropic(aversion: 1).valueAndGradient(losses: losses).value })
        var bootstrap = Bootstrap(seed: 1)
        bootstrap.resamples = run.size(2000, minimum: 20)
        rows += try run.row(
            "bootstrap of a mean", work: "\(grouped(bootstrap.resamples)) resamples of \(grouped(count))",
            units: Double(bootstrap.resamples),
            own: { bootstrap.interval(ofMeans: [losses]) { $0[0] }.high })
        return rows
    }

    /// As many rows as a regression on recorded states has, on all threads.
    private static func tallLeastSquares(_ run: BenchmarkRun) throws -> [BenchmarkRow] {
        let stream = RandomStream(seed: 1, purpose: .data)
        let count = run.size(1_000_000, minimum: 1000)
        let work = "\(grouped(count)) rows x 20, \(run.workers.threads) threads"
        guard run.wants("least squares, \(work)") else { return [] }
        let inputs = Matrix(rows: count, columns: 20) { stream.normal(path: $0, step: $1) }
        let targets = Matrix(rows: count, columns: 1) { row, _ in inputs[row, 0] - inputs[row, 5] + stream.normal(path: row, step: 50) }
        func solve() throws -> Double { try LeastSquares.solve(inputs, targets, workers: run.workers).coefficients[0, 0] }
        return try run.row("least squares", work: work, units: Double(count), own: solve)
            + run.rows(
                "least squares", work: work, units: Double(count),
                engines: [
                    ("numpy-normal", "NumPy's normal equations"), ("sklearn-ridge", "scikit-learn's ridge"),
                    ("numpy-lstsq", "NumPy's lstsq"),
                ], ["--rows", "\(count)"], own: solve)
    }

    /// A smile of 60 quotes fitted by Levenberg-Marquardt in five parameters: cost of a step, with the analytic Jacobian.
    private static func smileFit(_ run: BenchmarkRun) throws -> [BenchmarkRow] {
        let strikes = (0..<60).map { -0.6 + 0.02 * Double($0) }
        func residuals(
            _ x: UnsafePointer<Double>, _ seen: [Double], _ r: UnsafeMutablePointer<Double>, _ jacobian: UnsafeMutablePointer<Double>?
        ) {
            for i in 0..<60 {
                let d = strikes[i] - x[3]
                let root = (d * d + x[4] * x[4]).squareRoot()
                r[i] = x[0] + x[1] * (x[2] * d + root) - seen[i]
                guard let row = jacobian.map({ $0 + 5 * i }) else { continue }
                row[0] = 1
                row[1] = x[2] * d + root
                row[2] = x[1] * d
                row[3] = -x[1] * (x[2] + d / root)
                row[4] = x[1] * x[4] / root
            }
        }
        var seen = [Double](repeating: 0, count: 60)
        [0.01, 0.2, -0.4, 0.05, 0.15].withUnsafeBufferPointer { made in
            let zeros = seen
            seen.withUnsafeMutableBufferPointer { residuals(made.baseAddress!, zeros, $0.baseAddress!, nil) }
        }
        var workspace = LevenbergMarquardt.Workspace(parameters: 5, residuals: 60)
        var steps = 0
        func fit() -> Double {
            var x = [0.02, 0.1, 0.0, 0.0, 0.3]
            let report = LevenbergMarquardt().minimise(
                &x, lower: [-1, 0, -0.999, -2, 1e-4], upper: [1, 10, 0.999, 2, 5], workspace: &workspace
            ) { x, r, jacobian in residuals(x, seen, r, jacobian) }
            steps = report.iterations
            return x[4]
        }
        _ = fit()
        return try run.row(
            "Levenberg-Marquardt", work: "5 parameters, 60 residuals, \(steps) steps", units: Double(steps), own: fit)
    }

    private static func plainProduct(_ a: Matrix<Double>, _ b: Matrix<Double>) -> Matrix<Double> {
        var c = Matrix<Double>(rows: a.rows, columns: b.columns)
        let (inner, width) = (a.columns, b.columns)
        c.storage.withUnsafeMutableBufferPointer { c in
            a.storage.withUnsafeBufferPointer { a in
                b.storage.withUnsafeBufferPointer { b in
                    for i in 0..<c.count / width {
                        for k in 0..<inner {
                            let factor = a[i * inner + k]
                            for j in 0..<width { c[i * width + j] += factor * b[k * width + j] }
                        }
                    }
                }
            }
        }
        return c
    }

    /// The last diagonal element of the factor.
    private static func plainCholesky(_ a: Matrix<Double>) -> Double {
        let n = a.rows
        var l = a.storage
        return l.withUnsafeMutableBufferPointer { l in
            for j in 0..<n {
                for i in j..<n {
                    var sum = l[i * n + j]
                    for k in 0..<j { sum -= l[i * n + k] * l[j * n + k] }
                    l[i * n + j] = i == j ? sum.squareRoot() : sum / l[j * n + j]
                }
            }
            return l[n * n - 1]
        }
    }
}
