import RealModule

/// What a sample says of its law: moments about the mean, and the ends.
public struct SampleStatistics: Sendable, Equatable, Codable {
    public let count: Int
    public let mean: Double
    /// Unbiased, divided by N − 1; zero for one observation.
    public let variance: Double
    /// Third moment over the 3/2 power of the second (both divided by N); zero where all values are equal.
    public let skewness: Double
    /// Fourth moment over the square of the second, less the normal law's 3; zero where all values are equal.
    public let excessKurtosis: Double
    public let minimum: Double
    public let maximum: Double

    /// Two passes, sums in blocks: values far from zero keep their spread.
    public init(_ values: [Double]) throws(RiskError) {
        guard !values.isEmpty else { throw .tooFewObservations(found: 0, needed: 1) }
        if let index = values.firstIndex(where: { !$0.isFinite }) { throw .nonFinite(index: index, value: values[index]) }
        let n = Double(values.count)
        let mean = summed(values.count) { values[$0] } / n
        let second = summed(values.count) { (values[$0] - mean) * (values[$0] - mean) } / n
        let third = summed(values.count) { (values[$0] - mean) * (values[$0] - mean) * (values[$0] - mean) } / n
        let fourth = summed(values.count) {
            let square = (values[$0] - mean) * (values[$0] - mean)
            return square * square
        }
        count = values.count
        self.mean = mean
        variance = values.count > 1 ? second * n / (n - 1) : 0
        skewness = second > 0 ? third / (second * second.squareRoot()) : 0
        excessKurtosis = second > 0 ? fourth / n / (second * second) - 3 : 0
        minimum = values.min()!
        maximum = values.max()!
    }

    public var standardDeviation: Double { variance.squareRoot() }

    /// Of the mean, for independent observations.
    public var standardError: Double { (variance / Double(count)).squareRoot() }

    /// The value below which the share `p` of the sample lies, linear between neighbours (numpy's default, Hyndman and Fan's type 7).
    ///
    /// - Parameter p: Within 0...1; 0 gives the smallest value, 1 the largest.
    public static func quantile(_ p: Double, of values: [Double]) throws(RiskError) -> Double {
        try quantiles([p], of: values)[0]
    }

    /// Several quantiles of one sample, for one sort.
    public static func quantiles(_ shares: [Double], of values: [Double]) throws(RiskError) -> [Double] {
        guard !values.isEmpty else { throw .tooFewObservations(found: 0, needed: 1) }
        if let index = values.firstIndex(where: { $0.isNaN }) { throw .nonFinite(index: index, value: values[index]) }
        let sorted = values.sorted()
        return shares.map { quantile($0, ofSorted: sorted) }
    }

    /// `quantile` of values that already rise.
    public static func quantile(_ p: Double, ofSorted sorted: [Double]) -> Double {
        precondition(p >= 0 && p <= 1, "share \(p) is outside 0...1")
        precondition(!sorted.isEmpty, "a quantile of nothing")
        let place = p * Double(sorted.count - 1)
        let below = min(Int(place), sorted.count - 1)
        let above = min(below + 1, sorted.count - 1)
        let part = place - Double(below)
        return part == 0 ? sorted[below] : sorted[below] + part * (sorted[above] - sorted[below])
    }
}
