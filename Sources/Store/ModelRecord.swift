public import Hedging
public import StrictJSON

/// What `model.json` says of one model version.
public struct ModelRecord: Sendable, Equatable, Codable {
    /// The newest format that this code reads and the one it writes. The first had no units and versions of features.
    public static let format = 2

    public var formatVersion: Int
    public var name: String
    public var version: Int
    /// What the strategy is called in reports.
    public var strategy: String
    public var featureSchema: FeatureSchema
    /// The rule without its weights: kind, features and how they are standardised, instruments, layers.
    public var policy: HedgePolicy
    /// The experiment that trained it, whole.
    public var experiment: JSONValue
    public var seed: Int
    /// What it learned from; empty for a simulated market, which seed and experiment determine.
    public var data: [DataReference]
    public var codeVersion: String
    public var trainedAt: String
    public var metrics: ModelMetrics
    public var notes: ModelNotes
    /// SHA-256 of each file beside this one, by name.
    public var files: [String: String]

    /// A model before it is saved: the store gives version and checksums.
    public init(
        name: String, hedge: LearnedHedge, experiment: JSONValue, seed: Int,
        data: [DataReference] = [], codeVersion: String = CodeVersion.package, trainedAt: String, metrics: ModelMetrics, notes: ModelNotes
    ) {
        formatVersion = Self.format
        self.name = name
        version = 0
        strategy = hedge.name
        featureSchema = FeatureSchema(hedge.inputs)
        policy = hedge.policy
        self.experiment = experiment
        self.seed = seed
        self.data = data
        self.codeVersion = codeVersion
        self.trainedAt = trainedAt
        self.metrics = metrics
        self.notes = notes
        files = [:]
    }
}

/// What a person must know before using the model, in sentences; the figures stand in `ModelMetrics`.
public struct ModelNotes: Sendable, Equatable, Codable {
    /// What liability it hedges, with which instruments and at which times.
    public var hedges: String
    /// How it was trained.
    public var training: String
    /// What its trial said: to use it, or which other hedge. Nil in records that were written without one.
    public var verdict: String?
    /// Where it must not be trusted.
    public var limits: [String]

    public init(hedges: String, training: String, verdict: String? = nil, limits: [String]) {
        self.hedges = hedges
        self.training = training
        self.verdict = verdict
        self.limits = limits
    }
}

/// How a model did beside analytic hedges on the same paths or intervals, net of the same costs.
public struct ModelMetrics: Sendable, Equatable, Codable {
    /// A figure with its interval, where it has one.
    public struct Figure: Sendable, Equatable, Codable {
        public var measure: String
        public var value: Double
        public var low: Double?
        public var high: Double?

        public init(_ measure: String, _ value: Double, low: Double? = nil, high: Double? = nil) {
            self.measure = measure
            self.value = value
            self.low = low
            self.high = high
        }
    }

    public struct Row: Sendable, Equatable, Codable {
        public var strategy: String
        public var isLearned: Bool
        public var figures: [Figure]

        public init(_ strategy: String, isLearned: Bool, figures: [Figure]) {
            self.strategy = strategy
            self.isLearned = isLearned
            self.figures = figures
        }
    }

    /// This model less another strategy, path by path.
    public struct Difference: Sendable, Equatable, Codable {
        public var against: String
        public var difference: Figure

        public init(against: String, _ difference: Figure) {
            self.against = against
            self.difference = difference
        }
    }

    /// The market and its size: "1 000 000 simulated paths".
    public var evaluatedOn: String
    /// Currency of the figures.
    public var unit: String
    /// Coverage of every interval, 0.95.
    public var confidence: Double
    /// The optimum, where theory knows it.
    public var exact: Figure?
    public var rows: [Row]
    public var differences: [Difference]

    public init(
        evaluatedOn: String, unit: String, confidence: Double = 0.95, exact: Figure? = nil, rows: [Row], differences: [Difference] = []
    ) {
        self.evaluatedOn = evaluatedOn
        self.unit = unit
        self.confidence = confidence
        self.exact = exact
        self.rows = rows
        self.differences = differences
    }
}

extension ModelRecord {
    /// What a file could say of a policy though no program builds such a one; nil where all parts fit each other.
    var policyProblem: String? {
        let (standardizer, architecture) = (policy.standardizer, policy.architecture)
        let layers = architecture.hidden
        let count = policy.features.count
        guard standardizer.centers.count == count, standardizer.scales.count == count else {
            return
                "'policy' has \(count) features, but a standardiser of \(standardizer.centers.count) centers and \(standardizer.scales.count) scales"
        }
        guard standardizer.scales.allSatisfy({ $0 > 0 }) else { return "'policy.standardizer.scales' has a scale that is not positive" }
        guard policy.holdingScales.count == policy.instruments.count, policy.holdingScales.allSatisfy({ $0 > 0 }) else {
            return "'policy' has \(policy.instruments.count) instruments, expected as many positive 'holdingScales'"
        }
        guard layers.count <= 64, layers.allSatisfy({ (1...65536).contains($0) }) else {
            return "'policy.architecture.hidden' is \(layers), expected at most 64 layers of 1 to 65536"
        }
        guard architecture.cell.map({ (1...65536).contains($0.units) }) ?? true else {
            return "'policy.architecture.cell' has \(architecture.cell?.units ?? 0) units, expected 1 to 65536"
        }
        if let times = policy.decisionTimes {
            guard (1...100_000).contains(times.count), times.allSatisfy({ $0 > 0 }), zip(times, times.dropFirst()).allSatisfy(>) else {
                return "'policy.decisionTimes' are \(times.count) times, expected 1 to 100000 positive ones, each below the one before"
            }
        }
        for condition in policy.conditions ?? [] where !(condition.lowest < condition.highest) {
            return "'policy.conditions' has \(condition.name) from \(condition.lowest) to \(condition.highest), expected a range"
        }
        guard policy.kind != .linear || layers.isEmpty, policy.center != .holdings || !policy.kind.drawsBand,
            (policy.kind == .recurrent) == (architecture.cell != nil), (policy.kind == .perStep) == (policy.decisionTimes != nil)
        else { return "'policy.kind' is \(policy.kind.rawValue), which does not fit the layers, cell, decision times or centre beside it" }
        if let assets = policy.sharingAssets {
            let parts = [policy.features.count, policy.instruments.count]
            guard assets > 0, parts.allSatisfy({ $0 % assets == 0 }), [.feedForward, .noTransactionBand, .linear].contains(policy.kind)
            else {
                return "'policy.sharingAssets' is \(assets), which does not fit \(parts[0]) features, \(parts[1]) instruments and the kind"
            }
        }
        let built = HedgePolicy(
            kind: policy.kind, center: policy.center, features: policy.features, standardizer: standardizer,
            instruments: policy.instruments,
            holdingScales: policy.holdingScales, seesHoldings: policy.seesHoldings, learnsShift: policy.learnsShift, hidden: layers,
            activation: architecture.activation, normalization: architecture.normalization, cell: architecture.cell,
            decisionTimes: policy.decisionTimes, conditions: policy.conditions, sharingAssets: policy.sharingAssets)
        guard built == policy else { return "'policy.architecture' does not fit its features and instruments" }
        guard featureSchema.names == policy.inputs else {
            return "'featureSchema' lists \(featureSchema.names), the policy reads \(policy.inputs)"
        }
        if let difference = featureSchema.difference(from: FeatureSchema(policy.inputs)) {
            return "'featureSchema': \(difference)"
        }
        return nil
    }
}
