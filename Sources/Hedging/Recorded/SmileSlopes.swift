import Market
import RealModule

/// Slopes of a venue's mark volatilities in log-moneyness, one expiry at a time and without a surface fit.
///
///     ∂σ/∂k at k₀: the linear coefficient of a least-squares parabola in k − k₀ through the five strikes nearest to k₀
///
/// Marks are rounded to four decimals and strikes lie about 2 % apart, so that a difference of neighbours would be a third noise.
struct SmileSlopes {
    /// Distinct log-moneynesses, ascending, and their mean mark volatility.
    private let moneyness: [Double]
    private let volatilities: [Double]

    static let window = 5

    /// - Parameter marks: (log-moneyness, mark volatility) of one expiry, in any order; a call and a put may share a strike.
    init(marks: [(moneyness: Double, volatility: Double)]) {
        let sorted = marks.sorted { ($0.moneyness, $0.volatility) < ($1.moneyness, $1.volatility) }
        var moneyness: [Double] = []
        var sums: [(sum: Double, count: Double)] = []
        for mark in sorted {
            // A call's and a put's row are read at slightly different forwards: within 1e-3 it is one strike.
            if let last = moneyness.last, mark.moneyness - last < 1e-3 {
                sums[sums.count - 1].sum += mark.volatility
                sums[sums.count - 1].count += 1
            } else {
                moneyness.append(mark.moneyness)
                sums.append((mark.volatility, 1))
            }
        }
        self.moneyness = moneyness
        volatilities = sums.map { $0.sum / $0.count }
    }

    /// ∂σ/∂k at one log-moneyness; zero where there are fewer than three strikes.
    func slope(at k: Double) -> Double {
        let count = moneyness.count
        guard count >= 3 else { return 0 }
        let width = min(Self.window, count)
        var start = firstIndex(notBelow: k) - width / 2
        start = min(max(start, 0), count - width)
        // Slide to the nearest strikes: uneven spacing can put the centre off.
        while start > 0, k - moneyness[start - 1] < moneyness[start + width - 1] - k { start -= 1 }
        while start + width < count, moneyness[start + width] - k < k - moneyness[start] { start += 1 }

        let scale = max(moneyness[start + width - 1] - moneyness[start], 1e-12)
        var (s1, s2, s3, s4) = (0.0, 0.0, 0.0, 0.0)
        var (t0, t1, t2) = (0.0, 0.0, 0.0)
        for index in start..<start + width {
            let x = (moneyness[index] - k) / scale
            let y = volatilities[index]
            let xx = x * x
            s1 += x
            s2 += xx
            s3 += xx * x
            s4 += xx * xx
            t0 += y
            t1 += x * y
            t2 += xx * y
        }
        let s0 = Double(width)
        let determinant = s0 * (s2 * s4 - s3 * s3) - s1 * (s1 * s4 - s3 * s2) + s2 * (s1 * s3 - s2 * s2)
        guard determinant.magnitude > 1e-12 else { return 0 }
        let linear = s0 * (t1 * s4 - s3 * t2) - t0 * (s1 * s4 - s3 * s2) + s2 * (s1 * t2 - t1 * s2)
        return linear / determinant / scale
    }

    private func firstIndex(notBelow k: Double) -> Int {
        var (low, high) = (0, moneyness.count)
        while low < high {
            let middle = (low + high) / 2
            if moneyness[middle] < k { low = middle + 1 } else { high = middle }
        }
        return low
    }
}
