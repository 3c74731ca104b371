public import Hedging
public import Probability

/// Strategies side by side on the same paths, net of the same costs: what `hedge compare --json` prints.
public struct ComparisonReport: Sendable, Equatable, Codable {
    public var experiment: String
    public var seed: UInt64
    /// Paths, or recorded intervals, that everyone was judged on.
    public var paths: Int
    public var objective: RiskMeasure
    /// Taken off every loss before the objective is applied: the claim's model value under a mean square, else zero.
    public var premium: Double
    /// What amounts are counted in; nil is the book's currency, as reports that do not say.
    public var unit: EvaluationSettings.Unit?
    /// Nil where no reference exists, `null` in JSON.
    public var exact: ExactPrice?
    public var strategies: [StrategySummary]
    /// The learned strategy less each other one.
    public var paired: [PairedDifference]
    public var verdict: Verdict
    /// Nil where nothing was learned.
    public var training: TrainingSummary?
    public var seconds: Seconds
    /// On recorded options: each other strategy held against net delta, with and without the few intervals that carry most of the error.
    public var robustness: [RecordedReport]?
    /// What the same learned hedge is worth at other values of its conditions.
    public var elsewhere: [ConditionSummary]?

    public struct Seconds: Sendable, Equatable, Codable {
        public var train: Double
        public var evaluate: Double

        public init(train: Double, evaluate: Double) {
            self.train = train
            self.evaluate = evaluate
        }
    }

    /// The optimum of the objective, where theory knows it.
    public struct ExactPrice: Sendable, Equatable, Codable {
        public var price: Double
        public var method: String
        /// Learned price over this one less 1, in per cent; nil where nothing was learned.
        public var gapPercent: Double?

        public init(price: Double, method: String, gapPercent: Double? = nil) {
            self.price = price
            self.method = method
            self.gapPercent = gapPercent
        }
    }

    public init(
        experiment: String, seed: UInt64, paths: Int, objective: RiskMeasure, premium: Double, exact: ExactPrice?,
        strategies: [StrategySummary],
        paired: [PairedDifference], seconds: Seconds
    ) {
        self.experiment = experiment
        self.seed = seed
        self.paths = paths
        self.objective = objective
        self.premium = premium
        self.exact = exact
        self.strategies = strategies
        self.paired = paired
        self.seconds = seconds
        verdict = Verdict(strategies: strategies, paired: paired)
    }

    /// Adds what is to be said of the training behind the learned hedge.
    ///
    /// - Parameter isRecorded: Whether it learned from a recording.
    public mutating func describe(_ training: TrainingReport, isRecorded: Bool) {
        self.training = TrainingSummary(training, isRecorded: isRecorded, learned: summary(named: "learned"), exact: exact?.price)
        seconds.train = training.seconds
    }

    public func summary(named name: String) -> StrategySummary? { strategies.first { $0.name == name } }

    enum CodingKeys: String, CodingKey {
        case experiment, seed, paths, objective, premium, unit, exact, strategies, paired, verdict, training, seconds, robustness, elsewhere
    }

    public func encode(to encoder: any Encoder) throws {
        var container = encoder.container(keyedBy: CodingKeys.self)
        try container.encode(experiment, forKey: .experiment)
        try container.encode(seed, forKey: .seed)
        try container.encode(paths, forKey: .paths)
        try container.encode(objective, forKey: .objective)
        try container.encode(premium, forKey: .premium)
        try container.encodeIfPresent(unit, forKey: .unit)
        // Null, not absent: a reader asks for the key.
        if let exact { try container.encode(exact, forKey: .exact) } else { try container.encodeNil(forKey: .exact) }
        try container.encode(strategies, forKey: .strategies)
        try container.encode(paired, forKey: .paired)
        try container.encode(verdict, forKey: .verdict)
        try container.encodeIfPresent(training, forKey: .training)
        try container.encode(seconds, forKey: .seconds)
        try container.encodeIfPresent(robustness, forKey: .robustness)
        try container.encodeIfPresent(elsewhere, forKey: .elsewhere)
    }
}

/// Which hedge to use, in a sentence. Where learning does not pay, it says so.
public struct Verdict: Sendable, Equatable, Codable {
    public var use: String
    public var reason: String

    /// - Parameter strategies: All that ran; the learned one is called `learned`.
    init(strategies: [StrategySummary], paired: [PairedDifference]) {
        func best(_ among: [StrategySummary]) -> StrategySummary? {
            among.min { Self.badness($0) < Self.badness($1) }
        }
        let others = strategies.filter { $0.name != "learned" }
        guard strategies.contains(where: { $0.name == "learned" }) else {
            use = best(strategies)?.name ?? "none"
            reason = "The best of the strategies that ran; nothing was learned."
            return
        }
        guard let rival = best(others), let difference = paired.first(where: { $0.against == rival.name }) else {
            use = "learned"
            reason = "Nothing else ran beside it."
            return
        }
        if difference.isBetter {
            use = "learned"
            reason = "Better than the best analytic hedge, \(rival.name), beyond the 95 % interval."
        } else if difference.isWorse {
            use = rival.name
            reason = "Learning does not pay here: \(rival.name) is better beyond the 95 % interval."
        } else {
            use = rival.name
            reason = "Learning does not pay here: it cannot be told apart from \(rival.name), which needs no training."
        }
    }

    /// What strategies are ranked by, lower is better.
    private static func badness(_ summary: StrategySummary) -> Double {
        summary.recorded.map { -$0.rmseReduction } ?? summary.price
    }
}
