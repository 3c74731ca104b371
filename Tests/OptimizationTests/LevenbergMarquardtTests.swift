import Optimization
import RealModule
import Testing

@Suite struct LevenbergMarquardtTests {
    /// SVI's total variance a + b (ρ (k − m) + √((k − m)² + σ²)) with its derivatives in (a, b, ρ, m, σ).
    private static func svi(_ x: UnsafePointer<Double>, _ k: Double) -> (value: Double, slopes: (Double, Double, Double, Double, Double)) {
        let d = k - x[3]
        let root = (d * d + x[4] * x[4]).squareRoot()
        return (x[0] + x[1] * (x[2] * d + root), (1, x[2] * d + root, x[1] * d, -x[1] * (x[2] + d / root), x[1] * x[4] / root))
    }

    private let strikes = (0..<60).map { -0.6 + 0.02 * Double($0) }
    private let made = [0.01, 0.2, -0.4, 0.05, 0.15]

    private var variances: [Double] {
        made.withUnsafeBufferPointer { made in strikes.map { Self.svi(made.baseAddress!, $0).value } }
    }

    @Test("parameters that made the data are recovered, with the Jacobian and without")
    func recovery() {
        let seen = variances
        for withJacobian in [true, false] {
            var x = [0.02, 0.1, 0.0, 0.0, 0.3]
            var workspace = LevenbergMarquardt.Workspace(parameters: 5, residuals: 60)
            let lower = [-1.0, 0, -0.999, -2, 1e-4]
            let upper = [1.0, 10, 0.999, 2, 5]
            let report: FitReport
            if withJacobian {
                report = LevenbergMarquardt().minimise(&x, lower: lower, upper: upper, workspace: &workspace) { x, r, jacobian in
                    for i in 0..<60 {
                        let (value, s) = Self.svi(x, strikes[i])
                        r[i] = value - seen[i]
                        guard let row = jacobian.map({ $0 + 5 * i }) else { continue }
                        (row[0], row[1], row[2], row[3], row[4]) = s
                    }
                }
            } else {
                report = LevenbergMarquardt().minimise(&x, lower: lower, upper: upper, workspace: &workspace) { x, r in
                    for i in 0..<60 { r[i] = Self.svi(x, strikes[i]).value - seen[i] }
                }
            }
            #expect(report.converged, "\(report)")
            #expect(report.residual < 1e-12)
            #expect(report.iterations < 60)
            #expect(zip(x, made).allSatisfy { ($0 - $1).magnitude < 1e-9 }, "\(x)")
        }
    }

    @Test("a linear problem ends at the weighted normal equations' solution")
    func linear() {
        let t = (0..<20).map { Double($0) / 10 }
        let y = t.map { 3 - 2 * $0 + 0.1 * Double.sin(37 * $0) }
        let weights = t.map { 1 + $0 }
        var x = [0.0, 0.0]
        var workspace = LevenbergMarquardt.Workspace(parameters: 2, residuals: 20)
        let report = LevenbergMarquardt().minimise(&x, weights: weights, workspace: &workspace) { x, r in
            for i in 0..<20 { r[i] = x[0] + x[1] * t[i] - y[i] }
        }
        #expect(report.converged)
        var (sw, st, stt, sy, sty) = (0.0, 0.0, 0.0, 0.0, 0.0)
        for (i, w) in weights.enumerated() {
            sw += w
            st += w * t[i]
            stt += w * t[i] * t[i]
            sy += w * y[i]
            sty += w * t[i] * y[i]
        }
        let slope = (sw * sty - st * sy) / (sw * stt - st * st)
        #expect(x[1].isApproximatelyEqual(to: slope, absoluteTolerance: 1e-7))
        #expect(x[0].isApproximatelyEqual(to: (sy - slope * st) / sw, absoluteTolerance: 1e-7))
        var left = 0.0
        for i in 0..<20 {
            let residual = x[0] + x[1] * t[i] - y[i]
            left += weights[i] * residual * residual
        }
        #expect(report.residual.isApproximatelyEqual(to: left.squareRoot(), relativeTolerance: 1e-12))
    }

    @Test("Rosenbrock's valley, and its minimum on a bound")
    func rosenbrock() {
        func fit(_ upper: [Double]?) -> ([Double], FitReport) {
            var x = [-1.2, 1]
            var workspace = LevenbergMarquardt.Workspace(parameters: 2, residuals: 2)
            let report = LevenbergMarquardt().minimise(&x, upper: upper, workspace: &workspace) { x, r, jacobian in
                r[0] = 10 * (x[1] - x[0] * x[0])
                r[1] = 1 - x[0]
                guard let jacobian else { return }
                (jacobian[0], jacobian[1], jacobian[2], jacobian[3]) = (-20 * x[0], 10, -1, 0)
            }
            return (x, report)
        }
        let (free, report) = fit(nil)
        #expect(report.converged && (free[0] - 1).magnitude < 1e-10 && (free[1] - 1).magnitude < 1e-10)
        let (bound, boundReport) = fit([0.5, 10])
        #expect(boundReport.converged && bound[0] == 0.5)
        #expect(bound[1].isApproximatelyEqual(to: 0.25, absoluteTolerance: 1e-9))
        // The lower parameter held too: x1 <= 0.1 and x0 <= 0.5 leave x0 where 10 (0.1 - x0²) and 1 - x0 balance.
        let (both, bothReport) = fit([0.5, 0.1])
        #expect(bothReport.converged && both[1] == 0.1)
        let slope = { (x: Double) in -400 * x * (0.1 - x * x) - 2 * (1 - x) }
        #expect(slope(both[0]).magnitude < 1e-6)
    }

    @Test("a parameter without effect, a fixed one and a start outside the box do no harm")
    func degenerate() {
        var x = [5.0, 7, 100]
        var workspace = LevenbergMarquardt.Workspace(parameters: 3, residuals: 2)
        let report = LevenbergMarquardt().minimise(&x, lower: [0, 7, 0], upper: [10, 7, 50], workspace: &workspace) { x, r in
            r[0] = x[0] - 2
            r[1] = (x[1] - 3) + 0.5 * (x[0] - 2)
        }
        #expect(report.converged)
        #expect(x[1] == 7 && x[2] == 50)
        #expect(x[0].isApproximatelyEqual(to: 2 - 2 / 1.25, absoluteTolerance: 1e-7))
    }

    @Test("regions where the residuals are no numbers are stepped around; a start in one is reported")
    func notFinite() {
        var x = [4.0]
        var workspace = LevenbergMarquardt.Workspace(parameters: 1, residuals: 1)
        let report = LevenbergMarquardt().minimise(&x, workspace: &workspace) { x, r in r[0] = x[0] > 0 ? Double.log(x[0]) : .nan }
        #expect(report.converged && x[0].isApproximatelyEqual(to: 1, absoluteTolerance: 1e-9))
        var bad = [-1.0]
        let refused = LevenbergMarquardt().minimise(&bad, workspace: &workspace) { x, r in r[0] = Double.log(x[0]) }
        #expect(!refused.converged && refused.reason == .notFinite)
        #expect(bad == [-1])
    }

    @Test("a wrong Jacobian is not called convergence, an iteration limit is reported")
    func honestReports() {
        var x = [3.0, -2]
        var workspace = LevenbergMarquardt.Workspace(parameters: 2, residuals: 2)
        let wrong = LevenbergMarquardt().minimise(&x, workspace: &workspace) { x, r, jacobian in
            r[0] = x[0] - 1
            r[1] = x[1] - 1
            guard let jacobian else { return }
            (jacobian[0], jacobian[1], jacobian[2], jacobian[3]) = (-1, 0, 0, -1)
        }
        #expect(!wrong.converged && wrong.reason == .stalled, "\(wrong)")
        var limited = LevenbergMarquardt()
        limited.maximumIterations = 2
        var y = [-1.2, 1]
        let stopped = limited.minimise(&y, workspace: &workspace) { x, r in
            r[0] = 10 * (x[1] - x[0] * x[0])
            r[1] = 1 - x[0]
        }
        #expect(!stopped.converged && stopped.reason == .iterations && stopped.iterations == 2)
    }
}
