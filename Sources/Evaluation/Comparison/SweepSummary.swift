/// One experiment under several settings, each with several seeds: how the learned hedge did, and which settings did best.
public struct SweepSummary: Sendable, Equatable, Codable {
    public var experiment: String
    public var seeds: [UInt64]
    /// Nil where no reference exists, or where it differs between rows.
    public var exactPrice: Double?
    public var rows: [Row]
    /// The row of the best mean: lowest price, on recorded markets the largest reduction. Nil where no row is done.
    public var best: Int?

    /// A value given to one key of the experiment.
    public struct Setting: Sendable, Equatable, Codable {
        /// Dotted: `training.learningRate`.
        public var path: String
        public var value: String

        public init(path: String, value: String) {
            self.path = path
            self.value = value
        }
    }

    public struct Row: Sendable, Equatable, Codable {
        public var settings: [Setting]
        /// Seeds that are done, and what went wrong with others.
        public var seeds: [UInt64]
        public var failures: [String]
        /// Of the learned hedge over the seeds that are done; nil where none is.
        public var price: SeedSummary.Spread?
        public var gapPercent: SeedSummary.Spread?
        /// Only on recorded markets.
        public var rmseReduction: SeedSummary.Spread?
        /// Mean seconds of training.
        public var seconds: Double?
        public var exactPrice: Double?

        /// - Parameter runs: Of the seeds that are done.
        public init(_ settings: [Setting], runs: [ComparisonReport], failures: [String] = []) {
            self.settings = settings
            self.failures = failures
            seeds = runs.map(\.seed)
            guard !runs.isEmpty else { return }
            let summary = SeedSummary(runs)
            let learned = summary.strategies.first { $0.name == "learned" }
            price = learned?.price
            gapPercent = learned?.gapPercent
            rmseReduction = learned?.rmseReduction
            exactPrice = summary.exactPrice
            seconds = runs.reduce(0) { $0 + $1.seconds.train } / Double(runs.count)
        }

        /// What rows are ranked by, lower is better.
        var badness: Double? { rmseReduction.map { -$0.mean } ?? price?.mean }
    }

    public init(experiment: String, seeds: [UInt64], rows: [Row]) {
        self.experiment = experiment
        self.seeds = seeds
        self.rows = rows
        let exact = rows.compactMap(\.exactPrice)
        exactPrice = exact.first.flatMap { first in exact.count == rows.count && exact.allSatisfy { $0 == first } ? first : nil }
        best = rows.indices.filter { rows[$0].badness != nil }.min { rows[$0].badness! < rows[$1].badness! }
    }
}
