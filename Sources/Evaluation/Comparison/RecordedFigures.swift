import Probability

/// What hedging achieved on recorded intervals. Reductions are 1 - statistic(hedged) / statistic(unhedged), fractions of 1.
public struct RecordedFigures: Sendable, Equatable, Codable {
    /// Intervals, or whole paths of books.
    public var intervals: Int
    /// Of the root mean square profit.
    public var rmseReduction: Double
    /// Of the mean absolute profit.
    public var maeReduction: Double
    /// Of the variance of profit about its mean.
    public var varianceReduction: Double
    /// Share of intervals whose hedged profit is nearer to zero than the unhedged one.
    public var hitRate: Double
    /// 5 % quantile of profit, coin.
    public var quantile5: Double
    /// Mean of the profits at or below it, coin.
    public var expectedShortfall5: Double
    /// Mean cost of trading, coin.
    public var costs: Double
    public var months: [Month]?

    /// One calendar month, `2026-02`.
    public struct Month: Sendable, Equatable, Codable {
        public var month: String
        public var intervals: Int
        public var rmseReduction: Double
        public var maeReduction: Double
    }

    /// - Parameters:
    ///   - hedged: Profits of the strategy.
    ///   - unhedged: Profits of the same intervals without a hedge.
    ///   - months: The month each interval begins in, `2026-02`; empty for no breakdown.
    public init(hedged: [Double], unhedged: [Double], tradingCosts: [Double], months labels: [String] = []) {
        precondition(!hedged.isEmpty && hedged.count == unhedged.count, "\(hedged.count) hedged, \(unhedged.count) unhedged")
        intervals = hedged.count
        rmseReduction = Self.reduction(hedged, unhedged, Self.rootMeanSquare)
        maeReduction = Self.reduction(hedged, unhedged, Self.meanAbsolute)
        varianceReduction = Self.reduction(hedged, unhedged, Self.variance)
        let hits = zip(hedged, unhedged).reduce(0) { $0 + ($1.0.magnitude < $1.1.magnitude ? 1 : 0) }
        hitRate = Double(hits) / Double(hedged.count)
        let sorted = hedged.sorted()
        let quantile = SampleStatistics.quantile(0.05, ofSorted: sorted)
        let tail = sorted.prefix { $0 <= quantile }
        quantile5 = quantile
        expectedShortfall5 = tail.reduce(0, +) / Double(max(tail.count, 1))
        costs = tradingCosts.reduce(0, +) / Double(hedged.count)
        months = nil
        guard !labels.isEmpty else { return }
        precondition(labels.count == hedged.count, "\(labels.count) months for \(hedged.count) intervals")
        var rows: [String: [Int]] = [:]
        for (index, label) in labels.enumerated() { rows[label, default: []].append(index) }
        months = rows.keys.sorted().map { label in
            let indices = rows[label, default: []]
            let (inside, outside) = (indices.map { hedged[$0] }, indices.map { unhedged[$0] })
            return Month(
                month: label, intervals: indices.count, rmseReduction: Self.reduction(inside, outside, Self.rootMeanSquare),
                maeReduction: Self.reduction(inside, outside, Self.meanAbsolute))
        }
    }

    /// Zero where there was nothing to reduce.
    static func reduction(_ hedged: [Double], _ unhedged: [Double], _ statistic: ([Double]) -> Double) -> Double {
        let before = statistic(unhedged)
        return before > 0 ? 1 - statistic(hedged) / before : 0
    }

    static func rootMeanSquare(_ x: [Double]) -> Double { (x.reduce(0) { $0 + $1 * $1 } / Double(x.count)).squareRoot() }
    static func meanAbsolute(_ x: [Double]) -> Double { x.reduce(0) { $0 + $1.magnitude } / Double(x.count) }
    static func variance(_ x: [Double]) -> Double {
        let mean = x.reduce(0, +) / Double(x.count)
        return x.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / Double(x.count)
    }
}
