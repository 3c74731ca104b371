/// The lowest point of a function of one number inside an interval.
public enum ScalarMinimum {
    /// Golden sections with parabolic steps where three points bend upwards. Finds the minimum of a unimodal function, a minimum of any other.
    ///
    /// - Parameter tolerance: Relative to the place; a minimum cannot be placed better than the square root of rounding, 1.5e-8.
    /// - Returns: The place, and a report whose residual is the lowest value.
    ///
    /// Reference: Brent (1973), chapter 5.
    public static func find(
        in interval: ClosedRange<Double>, tolerance: Double = 1.5e-8, maximumIterations: Int = 200, _ f: (Double) -> Double
    ) -> (place: Double, report: FitReport) {
        let golden = 0.3819660112501051  // (3 − √5)/2
        var low = interval.lowerBound
        var high = interval.upperBound
        var x = low + golden * (high - low)
        var fx = f(x)
        var (w, fw) = (x, fx)  // second best
        var (v, fv) = (x, fx)  // the one before it
        var width = 0.0
        var previousWidth = 0.0
        for iteration in 0..<maximumIterations {
            let middle = (low + high) / 2
            let reach = tolerance * x.magnitude + 1e-12 * (interval.upperBound - interval.lowerBound) + Double.leastNormalMagnitude
            if (x - middle).magnitude <= 2 * reach - (high - low) / 2 {
                return (
                    x,
                    FitReport(
                        converged: fx.isFinite, iterations: iteration, evaluations: iteration + 1, residual: fx,
                        reason: fx.isFinite ? .step : .notFinite)
                )
            }
            var parabolic = false
            if previousWidth.magnitude > reach {
                let r = (x - w) * (fx - fv)
                var q = (x - v) * (fx - fw)
                var p = (x - v) * q - (x - w) * r
                q = 2 * (q - r)
                if q > 0 { p = -p } else { q = -q }
                if p.magnitude < (0.5 * q * previousWidth).magnitude && p > q * (low - x) && p < q * (high - x) {
                    previousWidth = width
                    width = p / q
                    let next = x + width
                    if next - low < 2 * reach || high - next < 2 * reach { width = middle > x ? reach : -reach }
                    parabolic = true
                }
            }
            if !parabolic {
                previousWidth = x < middle ? high - x : low - x
                width = golden * previousWidth
            }
            let next = width.magnitude >= reach ? x + width : x + (width > 0 ? reach : -reach)
            let value = f(next)
            if value <= fx {
                if next < x { high = x } else { low = x }
                (v, fv) = (w, fw)
                (w, fw) = (x, fx)
                (x, fx) = (next, value)
            } else {
                if next < x { low = next } else { high = next }
                if value <= fw || w == x {
                    (v, fv) = (w, fw)
                    (w, fw) = (next, value)
                } else if value <= fv || v == x || v == w {
                    (v, fv) = (next, value)
                }
            }
        }
        return (
            x,
            FitReport(
                converged: false, iterations: maximumIterations, evaluations: maximumIterations + 1, residual: fx, reason: .iterations)
        )
    }
}
