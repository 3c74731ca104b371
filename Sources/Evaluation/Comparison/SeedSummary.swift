/// One experiment with several seeds: mean and worst of every figure.
public struct SeedSummary: Sendable, Equatable, Codable {
    public var experiment: String
    public var seeds: [UInt64]
    /// Nil where no reference exists.
    public var exactPrice: Double?
    public var strategies: [Row]
    public var runs: [ComparisonReport]

    public struct Row: Sendable, Equatable, Codable {
        public var name: String
        public var price: Spread
        public var standardDeviation: Spread
        public var expectedShortfall99: Spread
        /// Learned price over the exact one less 1, in per cent; only of the learned strategy.
        public var gapPercent: Spread?
        /// Only on recorded markets.
        public var rmseReduction: Spread?
    }

    public struct Spread: Sendable, Equatable, Codable {
        public var mean: Double
        /// The largest where less is better, else the smallest.
        public var worst: Double

        init(_ values: [Double], lowerIsBetter: Bool = true) {
            mean = values.reduce(0, +) / Double(values.count)
            worst = (lowerIsBetter ? values.max() : values.min()) ?? .nan
        }
    }

    public init(_ runs: [ComparisonReport]) {
        precondition(!runs.isEmpty, "no runs")
        self.runs = runs
        experiment = runs[0].experiment
        seeds = runs.map(\.seed)
        exactPrice = runs[0].exact?.price
        strategies = runs[0].strategies.map { first in
            let rows = runs.compactMap { $0.summary(named: first.name) }
            let gaps = first.name == "learned" ? runs.compactMap { $0.exact?.gapPercent } : []
            let reductions = rows.compactMap { $0.recorded?.rmseReduction }
            return Row(
                name: first.name, price: Spread(rows.map(\.price)), standardDeviation: Spread(rows.map(\.standardDeviation)),
                expectedShortfall99: Spread(rows.compactMap { $0.expectedShortfall["0.99"] }),
                gapPercent: gaps.isEmpty ? nil : Spread(gaps),
                rmseReduction: reductions.isEmpty ? nil : Spread(reductions, lowerIsBetter: false))
        }
    }
}
