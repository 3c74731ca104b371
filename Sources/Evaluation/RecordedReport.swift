public import Market
public import Probability

/// Whether a rule's gain over another on recorded intervals is more than luck in a few of them.
///
/// A few intervals carry most of the squared error of any recording, so that a total says little by itself. Each figure is the rule's
/// squared error over the baseline's less 1: negative is better.
///
///     change = Σ e² / Σ b² − 1,   e and b the profits of one option and interval under the rule and under the baseline
public struct RecordedReport: Sendable, Equatable, Codable {
    public struct Month: Sendable, Equatable, Codable {
        /// `2026-02`.
        public var month: String
        public var change: Double
    }

    /// The rule's name, and that of the rule it is held against.
    public var name: String
    public var baseline: String
    public var options: Int
    public var intervals: Int
    public var change: Double
    public var months: [Month]
    public var worstMonth: Double
    /// Without the five intervals in which the baseline's squared error is largest.
    public var withoutLargestFive: Double
    /// Share of all squared error of the baseline that those five carry.
    public var shareOfLargestFive: Double
    /// With each interval's squared error, of either rule, cut off at the 95 % quantile of the baseline's.
    public var capped: Double
    /// Share of intervals in which the rule's squared error is the smaller one. Where they are equal counts as no improvement.
    public var shareImproved: Double
    /// Ends of the 95 % interval of `change`, whole weeks drawn again.
    public var low: Double
    public var high: Double

    /// - Parameters:
    ///   - profits: Of each option and interval under the rule, coin.
    ///   - baselineProfits: The same under the rule it is held against.
    ///   - intervals: Which interval each row belongs to.
    ///   - starts: When each row's interval begins.
    public init(
        name: String, baseline: String, profits: [Double], baselineProfits: [Double], intervals rows: [Int], starts: [Timestamp],
        bootstrap: Bootstrap = Bootstrap(seed: 1)
    ) {
        let count = profits.count
        precondition(
            count > 0 && baselineProfits.count == count && rows.count == count && starts.count == count,
            "lengths differ: \(count), \(baselineProfits.count), \(rows.count), \(starts.count)")
        self.name = name
        self.baseline = baseline
        options = count

        // Squared errors by interval, in order of time.
        var errors: [(rule: Double, base: Double, start: Timestamp)] = []
        for row in 0..<count {
            if row == 0 || rows[row] != rows[row - 1] { errors.append((0, 0, starts[row])) }
            errors[errors.count - 1].rule += profits[row] * profits[row]
            errors[errors.count - 1].base += baselineProfits[row] * baselineProfits[row]
        }
        intervals = errors.count
        change = Self.change(errors.map { ($0.rule, $0.base) })

        var byMonth: [(month: String, sums: [(Double, Double)])] = []
        for error in errors {
            let date = error.start.date
            let label = "\(date.year)-\(date.month < 10 ? "0" : "")\(date.month)"
            if byMonth.last?.month != label { byMonth.append((label, [])) }
            byMonth[byMonth.count - 1].sums.append((error.rule, error.base))
        }
        months = byMonth.map { Month(month: $0.month, change: Self.change($0.sums)) }
        worstMonth = months.map(\.change).max() ?? 0

        let byError = errors.sorted { $0.base > $1.base }
        let rest = byError.dropFirst(5).map { ($0.rule, $0.base) }
        withoutLargestFive = Self.change(rest)
        let total = errors.reduce(0) { $0 + $1.base }
        shareOfLargestFive = total > 0 ? byError.prefix(5).reduce(0) { $0 + $1.base } / total : 0
        let cap = byError[min(byError.count - 1, Int((Double(byError.count) * 0.05).rounded(.down)))].base
        capped = Self.change(errors.map { (min($0.rule, cap), min($0.base, cap)) })
        shareImproved = Double(errors.filter { $0.rule < $0.base }.count) / Double(errors.count)

        var weeks: [Int: (Double, Double)] = [:]
        for error in errors {
            // Weeks from Monday: 1970-01-01 was a Thursday.
            let week = (error.start.date.daysSinceEpoch + 3) / 7
            let sum = weeks[week] ?? (0, 0)
            weeks[week] = (sum.0 + error.rule, sum.1 + error.base)
        }
        let blocks = weeks.keys.sorted().map { weeks[$0] ?? (0, 0) }
        let interval = bootstrap.interval(ofMeans: [blocks.map(\.0), blocks.map(\.1)]) { Self.change([($0[0], $0[1])]) }
        (low, high) = (interval.low, interval.high)
    }

    /// Zero where the baseline made no error.
    private static func change(_ sums: [(rule: Double, base: Double)]) -> Double {
        let (rule, base) = sums.reduce((0, 0)) { ($0.0 + $1.rule, $0.1 + $1.base) }
        return base > 0 ? rule / base - 1 : 0
    }
}
