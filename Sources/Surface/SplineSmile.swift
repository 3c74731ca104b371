import LinearAlgebra
import RealModule

/// A hyperbola and a cubic spline on top of it: w(k) = w_base(k) + s(k).
///
/// s runs through its values at the knots with continuous second derivative. Beyond the outer knots it falls off as the cubic that ends at
/// zero, with slope zero, one knot range further out: the wings are the base's.
public struct SplineSmile: SmileModel, Equatable, Codable {
    public var base: SVISlice
    /// Log-moneyness, rising; at least 3.
    public private(set) var knots: [Double]
    /// s at the knots.
    public private(set) var values: [Double]
    /// s″ at the knots; zero at both ends.
    public private(set) var curvatures: [Double]

    /// - Parameter share: Of the spline that is put on the base.
    public init(base: SVISlice, residual: SmoothingSpline, share: Double = 1) {
        self.base = base
        knots = residual.knots
        values = residual.values.map { share * $0 }
        curvatures = residual.curvatures.map { share * $0 }
    }

    public func totalVariance(atLogMoneyness k: Double) -> Double { max(base.totalVariance(atLogMoneyness: k) + spline(k).value, 0) }
    public func slope(atLogMoneyness k: Double) -> Double { base.slope(atLogMoneyness: k) + spline(k).slope }
    public func curvature(atLogMoneyness k: Double) -> Double { base.curvature(atLogMoneyness: k) + spline(k).curvature }

    /// The lowest g on a range: on the grid that every smile is judged by, and on one of every interval between knots, where g has kinks.
    func minimumButterflyDensity(between range: ClosedRange<Double>) -> Double {
        var lowest = minimumButterflyDensity(over: range).density
        for (left, right) in zip(knots, knots.dropFirst()) {
            for i in 0...10 {
                let k = left + (right - left) * Double(i) / 10
                if range.contains(k) { lowest = min(lowest, butterflyDensity(atLogMoneyness: k)) }
            }
        }
        return lowest
    }

    /// s, s′ and s″.
    private func spline(_ k: Double) -> (value: Double, slope: Double, curvature: Double) {
        let last = knots.count - 1
        if k < knots[0] { return beyond(knots[0] - k, values[0], slope: -slope(interval: 0, at: 0), mirrored: true) }
        if k > knots[last] { return beyond(k - knots[last], values[last], slope: slope(interval: last - 1, at: 1), mirrored: false) }
        var (low, high) = (0, last)
        while high - low > 1 {
            let middle = (low + high) / 2
            if knots[middle] <= k { low = middle } else { high = middle }
        }
        let h = knots[high] - knots[low]
        let b = (k - knots[low]) / h
        let a = 1 - b
        return (
            a * values[low] + b * values[high] + h * h / 6 * ((a * a * a - a) * curvatures[low] + (b * b * b - b) * curvatures[high]),
            slope(interval: low, at: b), a * curvatures[low] + b * curvatures[high]
        )
    }

    /// s′ at the share b of an interval.
    private func slope(interval i: Int, at b: Double) -> Double {
        let h = knots[i + 1] - knots[i]
        let a = 1 - b
        return (values[i + 1] - values[i]) / h
            + h / 6 * ((1 - 3 * a * a) * curvatures[i] + (3 * b * b - 1) * curvatures[i + 1])
    }

    /// The Hermite cubic from a value and outward slope to zero, at a distance from the end.
    private func beyond(_ distance: Double, _ value: Double, slope: Double, mirrored: Bool) -> (Double, Double, Double) {
        let reach = knots[knots.count - 1] - knots[0]
        let t = distance / reach
        guard t < 1 else { return (0, 0, 0) }
        let (u, v) = (value, slope * reach)
        let sign = mirrored ? -1.0 : 1
        return (
            u * (1 + 2 * t) * (1 - t) * (1 - t) + v * t * (1 - t) * (1 - t),
            sign * (u * 6 * t * (t - 1) + v * (1 - t) * (1 - 3 * t)) / reach,
            (u * (12 * t - 6) + v * (6 * t - 4)) / (reach * reach)
        )
    }
}

/// The cubic smoothing spline of weighted points, its smoothness chosen by generalised cross-validation.
///
///     min over s:   Σ Wᵢ (yᵢ − s(xᵢ))² + λ ∫ s″²,      λ: least (Σ W (y − s)²/n) / (1 − tr A/n)²,   A the matrix from y to s(x)
///
/// With Q the second differences and R the Gram matrix of the hat functions, (R + λ QᵀW⁻¹Q) s″ = Qᵀy and s = y − λ W⁻¹Q s″.
///
/// References: Reinsch, *Smoothing by spline functions*, Numerische Mathematik 10 (1967); Craven, Wahba (1979); Green, Silverman (1994),
/// ch. 2.
public struct SmoothingSpline: Sendable, Equatable {
    public let knots: [Double]
    public let values: [Double]
    /// s″ at the knots; zero at both ends.
    public let curvatures: [Double]
    /// The λ chosen.
    public let smoothness: Double

    /// - Parameters:
    ///   - x: Rising; at least 3.
    ///   - weights: Positive.
    ///   - smoothness: λ; nil lets cross-validation choose, among powers of 4 about the value at which both terms weigh alike.
    /// - Returns: nil where the points are too few or not finite.
    public init?(x: [Double], y: [Double], weights: [Double], smoothness given: Double? = nil) {
        let n = x.count
        guard n >= 3, y.count == n, weights.count == n, zip(x, x.dropFirst()).allSatisfy(<), (x + y + weights).allSatisfy(\.isFinite),
            weights.allSatisfy({ $0 > 0 })
        else { return nil }
        let h = (0..<n - 1).map { x[$0 + 1] - x[$0] }
        var q = Matrix<Double>(rows: n, columns: n - 2)
        var gram = Matrix<Double>(rows: n - 2, columns: n - 2)
        for j in 0..<n - 2 {
            q[j, j] = 1 / h[j]
            q[j + 1, j] = -1 / h[j] - 1 / h[j + 1]
            q[j + 2, j] = 1 / h[j + 1]
            gram[j, j] = (h[j] + h[j + 1]) / 3
            if j + 1 < n - 2 {
                gram[j, j + 1] = h[j + 1] / 6
                gram[j + 1, j] = h[j + 1] / 6
            }
        }
        var rough = Matrix<Double>(rows: n - 2, columns: n - 2)
        for i in 0..<n - 2 {
            for j in max(i - 2, 0)...min(i + 2, n - 3) {
                for k in max(i, j)..<min(i, j) + 3 { rough[i, j] += q[k, i] * q[k, j] / weights[k] }
            }
        }
        let turned: [Double] = (0..<n - 2).map { j in q[j, j] * y[j] + q[j + 1, j] * y[j + 1] + q[j + 2, j] * y[j + 2] }
        // λ is measured by the ratio of the two matrices' traces, which makes it free of units.
        func diagonal(_ matrix: Matrix<Double>) -> Double { (0..<n - 2).reduce(0.0) { $0 + matrix[$1, $1] } }
        let unit = diagonal(gram) / diagonal(rough)
        var best: (score: Double, values: [Double], curvatures: [Double], smoothness: Double)?
        for smoothness in given.map({ [$0] }) ?? (-4...12).map({ unit * Double.exp2(Double(2 * $0)) }) {
            let system = Matrix<Double>(rows: n - 2, columns: n - 2) { i, j in gram[i, j] + smoothness * rough[i, j] }
            guard let factor = try? Cholesky(system) else { continue }
            let inner = factor.solve(turned)
            var values = y
            for j in 0..<n - 2 {
                for i in j..<j + 3 { values[i] -= smoothness / weights[i] * q[i, j] * inner[j] }
            }
            // tr A = n − λ tr((R + λM)⁻¹M).
            var trace = Double(n)
            for j in 0..<n - 2 { trace -= smoothness * factor.solve((0..<n - 2).map { rough[$0, j] })[j] }
            var misfit = 0.0
            for i in 0..<n { misfit += weights[i] * (y[i] - values[i]) * (y[i] - values[i]) }
            let freedom = 1 - trace / Double(n)
            // A spline through all points says nothing of the next one.
            guard freedom > 1e-9 || given != nil else { continue }
            let score = given == nil ? misfit / (freedom * freedom) : 0
            if score < best?.score ?? .infinity { best = (score, values, [0] + inner + [0], smoothness) }
        }
        guard let best else { return nil }
        knots = x
        values = best.values
        curvatures = best.curvatures
        smoothness = best.smoothness
    }
}
