import Stochastics

extension SmileModel {
    /// Durrleman's function g(k), see ``ButterflyDensity``. Negative means a butterfly can be bought for less than nothing.
    public func butterflyDensity(atLogMoneyness k: Double) -> Double {
        let w = totalVariance(atLogMoneyness: k)
        let first = slope(atLogMoneyness: k)
        guard w > 0 else { return first == 0 ? 1 : -.infinity }
        return ButterflyDensity.value(atLogMoneyness: k, variance: w, slope: first, curvature: curvature(atLogMoneyness: k))
    }

    /// The lowest g on a range and where it is: a grid, then golden-section steps around its lowest point.
    public func minimumButterflyDensity(
        over range: ClosedRange<Double>, gridPoints: Int = 101
    ) -> (logMoneyness: Double, density: Double) {
        precondition(gridPoints >= 2, "a grid needs at least 2 points, found \(gridPoints)")
        let step = (range.upperBound - range.lowerBound) / Double(gridPoints - 1)
        var best = (logMoneyness: range.lowerBound, density: butterflyDensity(atLogMoneyness: range.lowerBound))
        for i in 1..<gridPoints {
            let k = range.lowerBound + step * Double(i)
            let density = butterflyDensity(atLogMoneyness: k)
            if density < best.density { best = (k, density) }
        }
        // Golden section: 0.618^40 of a grid step is below 1e-8 of it.
        let ratio = 0.6180339887498949
        var low = max(best.logMoneyness - step, range.lowerBound)
        var high = min(best.logMoneyness + step, range.upperBound)
        for _ in 0..<40 {
            let left = high - ratio * (high - low)
            let right = low + ratio * (high - low)
            if butterflyDensity(atLogMoneyness: left) < butterflyDensity(atLogMoneyness: right) { high = right } else { low = left }
        }
        let middle = (low + high) / 2
        let density = butterflyDensity(atLogMoneyness: middle)
        return density < best.density ? (middle, density) : best
    }

    /// The lowest w(k) − w_earlier(k) on a grid over a range, and where: negative means calendar arbitrage against an earlier expiry.
    public func minimumCalendarGap(
        after earlier: some SmileModel, over range: ClosedRange<Double>, gridPoints: Int = 101
    ) -> (logMoneyness: Double, gap: Double) {
        precondition(gridPoints >= 2, "a grid needs at least 2 points, found \(gridPoints)")
        let step = (range.upperBound - range.lowerBound) / Double(gridPoints - 1)
        var lowest = (logMoneyness: range.lowerBound, gap: Double.infinity)
        for i in 0..<gridPoints {
            let k = range.lowerBound + step * Double(i)
            let gap = totalVariance(atLogMoneyness: k) - earlier.totalVariance(atLogMoneyness: k)
            if gap < lowest.gap { lowest = (k, gap) }
        }
        return lowest
    }
}

extension SVISlice {
    /// Whether both wings grow slowly enough for the moments of the price to exist as they must: b (1 + |ρ|) ≤ 2.
    ///
    /// Reference: Lee, *The moment formula for implied volatility at extreme strikes*, Mathematical Finance 14 (2004).
    public var respectsLeeBounds: Bool { b * (1 + rho.magnitude) <= 2 }
}
