import RealModule

/// min over x of Σ wᵢ rᵢ(x)², lower ≤ x ≤ upper: damped Gauss-Newton steps on dense normal equations.
///
/// A step solves (JᵀJ + μ D) d = −Jᵀr over the parameters that are not pressed against a bound, D the running maximum of diag JᵀJ, and is
/// clipped to the box; μ follows the ratio of the true to the predicted improvement. Nothing is allocated in the loop: for 5 parameters
/// and 100 residuals an iteration costs a few microseconds besides the residuals themselves.
///
///     var x = [0.1, 1.0]
///     var workspace = LevenbergMarquardt.Workspace(parameters: 2, residuals: times.count)
///     let report = LevenbergMarquardt().minimise(&x, workspace: &workspace) { x, r in
///         for i in times.indices { r[i] = x[0] * Double.exp(-x[1] * times[i]) - seen[i] }
///     }
///
/// References: Marquardt (1963); Nielsen, *Damping parameter in Marquardt's method* (1999); Moré (1978) for the tests of convergence.
public struct LevenbergMarquardt: Sendable, Equatable {
    /// Steps tried, accepted or not.
    public var maximumIterations = 200
    /// Settled when every |cos| between a Jacobian column and the residuals is below this.
    public var gradientTolerance = 1e-10
    /// Settled when every parameter moves by less than this, relative to itself.
    public var stepTolerance = 1e-10
    /// Settled when predicted and true improvement of the sum of squares are both below this, relative to it.
    public var valueTolerance = 1e-14
    /// μ at the start, against the diagonal of JᵀJ.
    public var initialDamping = 1e-3

    public init() {}

    /// Buffers for fits of one size. Make one for each thread and pass it to every fit.
    public struct Workspace: Sendable {
        public let parameters: Int
        public let residuals: Int
        var storage: [Double]
        var free: [Bool]

        public init(parameters: Int, residuals: Int) {
            precondition(parameters >= 1 && residuals >= 1, "\(parameters) parameters and \(residuals) residuals: at least one of each")
            self.parameters = parameters
            self.residuals = residuals
            storage = Array(repeating: 0, count: 2 * residuals + residuals * parameters + 2 * parameters * parameters + 6 * parameters)
            free = Array(repeating: true, count: parameters)
        }
    }

    /// Fits with the Jacobian by forward differences, which look inwards at an upper bound.
    ///
    /// - Parameters:
    ///   - x: The start, clipped to the box; on return the best point found.
    ///   - lower, upper: Bounds by parameter; nil for none.
    ///   - weights: wᵢ ≥ 0 by residual; nil for ones.
    ///   - residuals: Fills r(x). A value that is not finite makes the step be refused.
    public func minimise(
        _ x: inout [Double], lower: [Double]? = nil, upper: [Double]? = nil, weights: [Double]? = nil, workspace: inout Workspace,
        residuals: (_ x: UnsafePointer<Double>, _ residuals: UnsafeMutablePointer<Double>) -> Void
    ) -> FitReport {
        let (p, m) = (workspace.parameters, workspace.residuals)
        var point = x
        var differences = 0
        var started = false
        var report = minimise(&x, lower: lower, upper: upper, weights: weights, workspace: &workspace) { current, values, jacobian in
            if jacobian == nil || !started { residuals(current, values) }
            guard let jacobian else { return }
            started = true
            differences += p
            point.withUnsafeMutableBufferPointer { buffer in
                let point = buffer.baseAddress!
                point.update(from: current, count: p)
                // `values` already holds r(x).
                for j in 0..<p {
                    var step = 1.4901161193847656e-8 * max(current[j].magnitude, 1e-4)  // √2⁻⁵²
                    if let upper, current[j] + step > upper[j] { step = -step }
                    point[j] = current[j] + step
                    step = point[j] - current[j]
                    let column = jacobian + m * p  // m doubles that the caller lends beyond the Jacobian
                    residuals(point, column)
                    for i in 0..<m { jacobian[i * p + j] = (column[i] - values[i]) / step }
                    point[j] = current[j]
                }
            }
        }
        report.evaluations += differences
        return report
    }

    /// Fits with the caller's Jacobian.
    ///
    /// - Parameter evaluate: Fills r(x), and where a third pointer is given also J [M, P] row-major, J[i, j] = ∂rᵢ/∂xⱼ. Called with a
    ///   Jacobian first at the start and then only where it was just called without one, so that r(x) is still in place.
    public func minimise(
        _ x: inout [Double], lower: [Double]? = nil, upper: [Double]? = nil, weights: [Double]? = nil, workspace: inout Workspace,
        evaluate: (
            _ x: UnsafePointer<Double>, _ residuals: UnsafeMutablePointer<Double>, _ jacobian: UnsafeMutablePointer<Double>?
        ) -> Void
    ) -> FitReport {
        let (p, m) = (workspace.parameters, workspace.residuals)
        precondition(x.count == p, "\(x.count) parameters for a workspace of \(p)")
        precondition(lower.map { $0.count == p } ?? true, "\(lower!.count) lower bounds for \(p) parameters")
        precondition(upper.map { $0.count == p } ?? true, "\(upper!.count) upper bounds for \(p) parameters")
        precondition(weights.map { $0.count == m } ?? true, "\(weights!.count) weights for \(m) residuals")
        for j in 0..<p {
            let (low, high) = (lower?[j] ?? -.infinity, upper?[j] ?? .infinity)
            precondition(low <= high, "bounds of parameter \(j) are \(low) and \(high)")
            x[j] = min(max(x[j], low), high)
        }
        return x.withUnsafeMutableBufferPointer { x in
            workspace.storage.withUnsafeMutableBufferPointer { storage in
                workspace.free.withUnsafeMutableBufferPointer { free in
                    search(
                        x.baseAddress!, p, m, lower, upper, weights, storage.baseAddress!, free.baseAddress!, evaluate)
                }
            }
        }
    }

    private func search(
        _ x: UnsafeMutablePointer<Double>, _ p: Int, _ m: Int, _ lower: [Double]?, _ upper: [Double]?, _ weights: [Double]?,
        _ storage: UnsafeMutablePointer<Double>, _ free: UnsafeMutablePointer<Bool>,
        _ evaluate: (UnsafePointer<Double>, UnsafeMutablePointer<Double>, UnsafeMutablePointer<Double>?) -> Void
    ) -> FitReport {
        let residuals = storage
        let jacobian = residuals + m  // [M, P], and M more lent to differences
        let normal = jacobian + m * p + m  // JᵀJ
        let factor = normal + p * p
        let gradient = factor + p * p  // Jᵀr
        let scale = gradient + p
        let step = scale + p
        let trial = step + p
        let low = trial + p
        let high = low + p
        for j in 0..<p {
            low[j] = lower?[j] ?? -.infinity
            high[j] = upper?[j] ?? .infinity
            scale[j] = 0
        }

        /// Σ w r² of what lies in `residuals`.
        func sumOfSquares() -> Double {
            var sum = 0.0
            if let weights {
                for i in 0..<m { sum += weights[i] * residuals[i] * residuals[i] }
            } else {
                for i in 0..<m { sum += residuals[i] * residuals[i] }
            }
            return sum
        }

        /// JᵀJ and Jᵀr with the weights, lower triangle.
        func formNormalEquations() {
            for k in 0..<p * p { normal[k] = 0 }
            for j in 0..<p { gradient[j] = 0 }
            for i in 0..<m {
                let row = jacobian + i * p
                let weight = weights?[i] ?? 1
                for j in 0..<p {
                    let weighted = weight * row[j]
                    gradient[j] += weighted * residuals[i]
                    for k in 0...j { normal[j * p + k] += weighted * row[k] }
                }
            }
            for j in 0..<p { scale[j] = max(scale[j], normal[j * p + j]) }
        }

        var evaluations = 1
        evaluate(x, residuals, jacobian)
        var value = sumOfSquares()
        func report(_ converged: Bool, _ iterations: Int, _ reason: FitReport.Reason) -> FitReport {
            FitReport(
                converged: converged, iterations: iterations, evaluations: evaluations, residual: value.squareRoot(), reason: reason)
        }
        guard value.isFinite else { return report(false, 0, .notFinite) }
        formNormalEquations()
        var damping = initialDamping
        var growth = 2.0
        for iteration in 1...max(maximumIterations, 1) {
            // Parameters pressed against a bound rest; the others are free, and their cosines say whether anything is left to gain.
            var cosine = 0.0
            let length = value.squareRoot()
            for j in 0..<p {
                free[j] = !(x[j] <= low[j] && gradient[j] > 0) && !(x[j] >= high[j] && gradient[j] < 0) && low[j] < high[j]
                guard free[j], gradient[j] != 0 else { continue }
                cosine = max(cosine, gradient[j].magnitude / (normal[j * p + j].squareRoot() * length))
            }
            guard cosine.isFinite else { return report(false, iteration - 1, .notFinite) }
            if cosine <= gradientTolerance { return report(true, iteration - 1, .gradient) }

            // A step that would push a parameter through the bound it lies on is solved again without that parameter.
            var solved = false
            while !solved {
                solved = Self.solveDamped(normal, scale, damping, gradient, free, factor, step, p)
                if solved {
                    for j in 0..<p where free[j] && (x[j] <= low[j] && step[j] < 0 || x[j] >= high[j] && step[j] > 0) {
                        free[j] = false
                        solved = false
                    }
                } else {
                    damping = max(10 * damping, 1e-12)
                    guard damping < 1e100 else { return report(false, iteration - 1, .stalled) }
                }
            }
            var moves = false
            for j in 0..<p where step[j] != 0 { moves = true }
            guard moves else {  // every direction was blocked; more damping turns the step towards the gradient, which is not
                damping = max(10 * damping, 1e-12)
                guard damping < 1e100 else { return report(false, iteration, .stalled) }
                continue
            }
            var small = true
            for j in 0..<p {
                trial[j] = min(max(x[j] + step[j], low[j]), high[j])
                step[j] = trial[j] - x[j]
                if step[j].magnitude > stepTolerance * (x[j].magnitude + stepTolerance) { small = false }
            }
            var predicted = 0.0  // of the sum of squares
            for j in 0..<p {
                var product = normal[j * p + j] * step[j]
                for k in 0..<j { product += 2 * normal[j * p + k] * step[k] }
                predicted -= step[j] * (2 * gradient[j] + product)
            }
            evaluate(trial, residuals, nil)
            evaluations += 1
            let candidate = sumOfSquares()
            let gain = value - candidate
            if candidate.isFinite && gain > 0 && predicted > 0 {
                let ratio = gain / predicted
                let settled = gain <= valueTolerance * value && predicted <= valueTolerance * value && ratio <= 2
                for j in 0..<p { x[j] = trial[j] }
                value = candidate
                if settled { return report(true, iteration, .value) }
                if small { return report(true, iteration, .step) }
                evaluate(x, residuals, jacobian)
                formNormalEquations()
                let bend = 2 * ratio - 1
                damping *= max(1 / 3.0, 1 - bend * bend * bend)
                growth = 2
            } else {
                let level = predicted.magnitude <= valueTolerance * value && gain.magnitude <= valueTolerance * value
                // A short step that fails is rounding at the minimum, unless it is short only because the damping is heavy.
                if small || level {
                    let settled = damping <= 1 || cosine <= 1e-6
                    return report(settled, iteration, !settled ? .stalled : small ? .step : .value)
                }
                damping *= growth
                growth *= 2
                guard damping < 1e100 else { return report(false, iteration, .stalled) }
            }
        }
        return report(false, maximumIterations, .iterations)
    }

    /// d of (N + μ diag s) d = −g over the free parameters, zero elsewhere; false where the damped matrix is not positive definite.
    private static func solveDamped(
        _ normal: UnsafePointer<Double>, _ scale: UnsafePointer<Double>, _ damping: Double, _ gradient: UnsafePointer<Double>,
        _ free: UnsafePointer<Bool>, _ factor: UnsafeMutablePointer<Double>, _ step: UnsafeMutablePointer<Double>, _ p: Int
    ) -> Bool {
        for i in 0..<p {
            for j in 0...i {
                if !free[i] || !free[j] {
                    factor[i * p + j] = i == j ? 1 : 0
                    continue
                }
                var sum = normal[i * p + j]
                if i == j { sum += damping * (scale[i] > 0 ? scale[i] : 1) }
                let floor = sum * 1e-15  // below this the pivot is rounding error
                for k in 0..<j { sum -= factor[i * p + k] * factor[j * p + k] }
                if i == j {
                    guard sum > floor else { return false }
                    factor[i * p + i] = sum.squareRoot()
                } else {
                    factor[i * p + j] = sum / factor[j * p + j]
                }
            }
        }
        for i in 0..<p {
            var sum = free[i] ? -gradient[i] : 0
            for k in 0..<i { sum -= factor[i * p + k] * step[k] }
            step[i] = sum / factor[i * p + i]
        }
        for i in stride(from: p - 1, through: 0, by: -1) {
            var sum = step[i]
            for k in i + 1..<p { sum -= factor[k * p + i] * step[k] }
            step[i] = sum / factor[i * p + i]
        }
        return true
    }
}
