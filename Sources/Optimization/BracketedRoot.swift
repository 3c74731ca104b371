/// Why a search cannot begin.
public enum OptimizationError: Error, Equatable, CustomStringConvertible {
    case noSignChange(low: Double, high: Double, valueAtLow: Double, valueAtHigh: Double)
    case notFinite(at: Double, value: Double)

    public var description: String {
        switch self {
        case .noSignChange(let low, let high, let valueAtLow, let valueAtHigh):
            "no change of sign: f(\(low)) = \(valueAtLow), f(\(high)) = \(valueAtHigh)"
        case .notFinite(let at, let value):
            "f(\(at)) is \(value), expected a finite number"
        }
    }
}

/// The root of a continuous function between two points where its sign differs.
public enum BracketedRoot {
    /// Brent's method: inverse quadratic or secant steps, halving where they do not help; never leaves the bracket.
    ///
    /// - Parameters:
    ///   - tolerance: The root is known to twice this, plus its rounding.
    /// - Returns: The root, and a report whose residual is |f(root)|.
    ///
    /// Reference: Brent, *Algorithms for minimization without derivatives* (1973), chapter 4.
    public static func find(
        in bracket: ClosedRange<Double>, tolerance: Double = 1e-14, maximumIterations: Int = 200, _ f: (Double) -> Double
    ) throws(OptimizationError) -> (root: Double, report: FitReport) {
        var a = bracket.lowerBound
        var b = bracket.upperBound
        var fa = f(a)
        var fb = f(b)
        guard fa.isFinite else { throw .notFinite(at: a, value: fa) }
        guard fb.isFinite else { throw .notFinite(at: b, value: fb) }
        func result(_ root: Double, _ value: Double, _ iterations: Int, _ reason: FitReport.Reason) -> (Double, FitReport) {
            (
                root,
                FitReport(
                    converged: reason != .iterations, iterations: iterations, evaluations: iterations + 2, residual: value.magnitude,
                    reason: reason)
            )
        }
        if fa == 0 { return result(a, fa, 0, .value) }
        if fb == 0 { return result(b, fb, 0, .value) }
        guard (fa < 0) != (fb < 0) else { throw .noSignChange(low: a, high: b, valueAtLow: fa, valueAtHigh: fb) }
        // b is the best point, a the one before it, c holds the other sign.
        var (c, fc) = (a, fa)
        var width = b - a
        var previousWidth = width
        for iteration in 0..<maximumIterations {
            if (fb < 0) == (fc < 0) {
                (c, fc) = (a, fa)
                width = b - a
                previousWidth = width
            }
            if fc.magnitude < fb.magnitude {
                (a, fa) = (b, fb)
                (b, fb) = (c, fc)
                (c, fc) = (a, fa)
            }
            let reach = 2 * b.ulp + tolerance
            let half = (c - b) / 2
            if fb == 0 { return result(b, fb, iteration, .value) }
            if half.magnitude <= reach { return result(b, fb, iteration, .step) }
            if previousWidth.magnitude < reach || fa.magnitude <= fb.magnitude {
                width = half
                previousWidth = half
            } else {
                let s = fb / fa
                var p: Double
                var q: Double
                if a == c {
                    p = 2 * half * s
                    q = 1 - s
                } else {
                    let (u, v) = (fa / fc, fb / fc)
                    p = s * (2 * half * u * (u - v) - (b - a) * (v - 1))
                    q = (u - 1) * (v - 1) * (s - 1)
                }
                if p > 0 { q = -q } else { p = -p }
                if 2 * p < min(3 * half * q - (reach * q).magnitude, (previousWidth * q).magnitude) {
                    previousWidth = width
                    width = p / q
                } else {
                    width = half
                    previousWidth = half
                }
            }
            (a, fa) = (b, fb)
            b += width.magnitude > reach ? width : half > 0 ? reach : -reach
            fb = f(b)
            guard fb.isFinite else { throw .notFinite(at: b, value: fb) }
        }
        return result(b, fb, maximumIterations, .iterations)
    }
}
