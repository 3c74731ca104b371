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
        // Q by its columns' three elements, R and M = QᵀW⁻¹Q by their bands.
        let second = (0..<n - 2).map { (j: Int) -> SIMD3<Double> in
            let (left, right) = (1 / h[j], 1 / h[j + 1])
            return SIMD3(left, -left - right, right)
        }
        var gram = BandedSymmetric(order: n - 2)
        var rough = BandedSymmetric(order: n - 2)
        for j in 0..<n - 2 {
            gram.diagonal[j] = (h[j] + h[j + 1]) / 3
            let spread = 1 / SIMD3<Double>(weights[j], weights[j + 1], weights[j + 2])
            rough.diagonal[j] = (second[j] * second[j] * spread).sum()
            if j + 1 < n - 2 {
                gram.first[j] = h[j + 1] / 6
                let shifted = SIMD3<Double>(0, second[j + 1][0], second[j + 1][1])
                rough.first[j] = (second[j] * shifted * spread).sum()
            }
            if j + 2 < n - 2 { rough.second[j] = second[j][2] * second[j + 2][0] * spread[2] }
        }
        let turned = (0..<n - 2).map { (j: Int) -> Double in (second[j] * SIMD3<Double>(y[j], y[j + 1], y[j + 2])).sum() }
        // λ is measured by the ratio of the two matrices' traces, which makes it free of units.
        let unit = gram.diagonal.reduce(0, +) / rough.diagonal.reduce(0, +)
        var best: (score: Double, values: [Double], curvatures: [Double], smoothness: Double)?
        for smoothness in given.map({ [$0] }) ?? (-4...12).map({ unit * Double.exp2(Double(2 * $0)) }) {
            guard let factor = gram.adding(rough, times: smoothness).factor() else { continue }
            let inner = factor.solve(turned)
            var values = y
            for j in 0..<n - 2 {
                for i in 0..<3 { values[j + i] -= smoothness / weights[j + i] * second[j][i] * inner[j] }
            }
            // tr A = n − λ tr((R + λM)⁻¹M).
            let trace = Double(n) - smoothness * factor.traceOfInverse(times: rough)
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

/// A symmetric matrix with two bands beside the diagonal.
private struct BandedSymmetric {
    var diagonal: [Double]
    /// A[i, i + 1] and A[i, i + 2]; the last ones are zero.
    var first: [Double]
    var second: [Double]

    init(order: Int) {
        diagonal = [Double](repeating: 0, count: order)
        first = diagonal
        second = diagonal
    }

    func adding(_ other: BandedSymmetric, times factor: Double) -> BandedSymmetric {
        var sum = self
        for i in diagonal.indices {
            sum.diagonal[i] += factor * other.diagonal[i]
            sum.first[i] += factor * other.first[i]
            sum.second[i] += factor * other.second[i]
        }
        return sum
    }

    /// A = L D Lᵀ; nil where A is not positive definite.
    func factor() -> Factor? {
        var (d, l, m) = (diagonal, first, second)
        for i in d.indices {
            if i > 0 {
                d[i] -= l[i - 1] * l[i - 1] * d[i - 1]
                l[i] -= l[i - 1] * m[i - 1] * d[i - 1]
            }
            if i > 1 { d[i] -= m[i - 2] * m[i - 2] * d[i - 2] }
            guard d[i] > 0, d[i].isFinite else { return nil }
            l[i] /= d[i]
            m[i] /= d[i]
        }
        return Factor(d: d, l: l, m: m)
    }

    /// D, and the two bands of L below its diagonal of ones.
    struct Factor {
        let d: [Double]
        /// L[i + 1, i] and L[i + 2, i].
        let l: [Double]
        let m: [Double]

        func solve(_ b: [Double]) -> [Double] {
            var x = b
            for i in x.indices {
                if i > 0 { x[i] -= l[i - 1] * x[i - 1] }
                if i > 1 { x[i] -= m[i - 2] * x[i - 2] }
            }
            for i in x.indices.reversed() {
                x[i] /= d[i]
                if i + 1 < x.count { x[i] -= l[i] * x[i + 1] }
                if i + 2 < x.count { x[i] -= m[i] * x[i + 2] }
            }
            return x
        }

        /// tr(A⁻¹B) by the bands of A⁻¹ that B has, from the last row up.
        ///
        /// Reference: Hutchinson, de Hoog, *Smoothing noisy data with spline functions*, Numerische Mathematik 47 (1985).
        func traceOfInverse(times b: BandedSymmetric) -> Double {
            // A⁻¹[i, i], [i, i + 1] and [i, i + 2] of the row below and of the one below that.
            var (below, next) = (SIMD3<Double>(), SIMD3<Double>())
            var trace = 0.0
            for i in d.indices.reversed() {
                let one = -l[i] * below[0] - m[i] * below[1]
                let two = -l[i] * below[1] - m[i] * next[0]
                let row = SIMD3(1 / d[i] - l[i] * one - m[i] * two, one, two)
                trace += row[0] * b.diagonal[i] + 2 * (row[1] * b.first[i] + row[2] * b.second[i])
                (below, next) = (row, below)
            }
            return trace
        }
    }
}
