public import Hedging
public import Learning
public import Probability

/// What learns: `{kind: no-transaction-band, hidden: [32, 32, 32, 32]}`.
public struct PolicySettings: Sendable, Equatable {
    public var kind = PolicyKind.feedForward
    /// Widths of the hidden layers; where nothing is said those that the kind usually has.
    public var hidden = PolicyKind.feedForward.standardHidden
    /// What the hidden layers do to their sums.
    public var activation = Activation.relu
    /// What is done to the sums of hidden layers before; nil for nothing.
    public var normalization: Normalization?
    /// What remembers in a recurrent policy.
    public var cell = RecurrentCell(.gru, units: 32)
    /// Feature columns it reads; nil takes the market's own choice.
    public var features: [String]?
    /// The analytic holding its outputs are measured from; nil is the delta that fits the book's currency.
    public var center: PolicyCenter?
    /// Whether a band's centre may move away from `center`.
    public var learnsShift = false
    /// Whether the holding before the decision is an input; nil lets the kind decide.
    public var previousHolding: Bool?
    /// What the policy is told and trained over ranges of; empty where it is trained for the experiment alone.
    public var conditioning: [PolicyCondition] = []

    init(_ reader: ConfigReader?) throws(ConfigError) {
        guard var reader else { return }
        kind = PolicyKind(rawValue: try reader.choice("kind", of: PolicyKind.allCases.map(\.rawValue), default: kind.rawValue)) ?? kind
        hidden = kind.standardHidden
        if let items = try reader.list("hidden", expected: "a list of layer widths such as [32, 32]") {
            hidden = []
            for item in items {
                guard let number = item.node.number, let width = Int(exactly: number), (1...4096).contains(width) else {
                    throw .invalid(
                        path: item.path, found: item.node.excerpt, expected: "a whole number from 1 to 4096", line: item.node.line)
                }
                hidden.append(width)
            }
            guard kind != .linear || items.isEmpty else {
                throw .invalid(
                    path: reader.path(of: "hidden"), found: items[0].node.excerpt, expected: "no hidden layer in a linear policy",
                    line: items[0].node.line)
            }
        }
        if reader.keys.contains("normalization") {
            normalization = Normalization(rawValue: try reader.choice("normalization", of: Normalization.allCases.map(\.rawValue)))
        }
        // Other kinds have no cell: there `finish` refuses the keys.
        if kind == .recurrent {
            let known = RecurrentCell.Kind.allCases.map(\.rawValue)
            let name = try reader.choice("cell", of: known, default: cell.kind.rawValue)
            cell = RecurrentCell(
                RecurrentCell.Kind(rawValue: name) ?? cell.kind, units: try reader.count("units", in: 1...4096, default: cell.units))
        }
        activation =
            Activation(rawValue: try reader.choice("activation", of: Activation.allCases.map(\.rawValue), default: activation.rawValue))
            ?? activation
        if reader.keys.contains("center") {
            center = PolicyCenter(rawValue: try reader.choice("center", of: PolicyCenter.allCases.map(\.rawValue)))
        }
        learnsShift = try reader.flag("learnsShift", default: learnsShift)
        if let items = try reader.list("features", expected: "a list of feature names") {
            var names: [String] = []
            for item in items {
                guard let name = item.node.text, !name.isEmpty else {
                    throw .invalid(path: item.path, found: item.node.excerpt, expected: "a feature name", line: item.node.line)
                }
                names.append(name)
            }
            features = names
        }
        conditioning = try Self.conditions(&reader)
        previousHolding = reader.keys.contains("previousHolding") ? try reader.flag("previousHolding", default: true) : nil
        try reader.finish()
    }

    var node: ConfigNode {
        .map([
            ("kind", .text(kind.rawValue)), ("hidden", .list(hidden.map { .integer($0) })),
            ("activation", .text(activation.rawValue)), ("normalization", normalization.map { .text($0.rawValue) }),
            ("cell", kind == .recurrent ? .text(cell.kind.rawValue) : nil), ("units", kind == .recurrent ? .integer(cell.units) : nil),
            ("features", features.map { .list($0.map(ConfigNode.text)) }), ("center", center.map { .text($0.rawValue) }),
            ("learnsShift", .flag(learnsShift)),
            ("previousHolding", previousHolding.map(ConfigNode.flag)), ("conditioning", conditioningNode),
        ])
    }
}

/// `{paths: 50000, epochs: 200, budgetSeconds: 600}`. Where a setting is nil the trainer's own stands.
public struct TrainingSettings: Sendable, Equatable {
    /// Fresh paths of each epoch.
    public var paths = 50_000
    public var epochs = 200
    /// Paths of one update, a divisor of `paths`.
    public var batch: Int?
    /// Training stops with the epoch that passes this; the best weights so far are kept. A run that was cut short by it cannot be
    /// repeated to the last bit.
    public var budgetSeconds = 600.0
    /// Of the first updates after the warm-up.
    public var learningRate: Double?
    /// The share of `learningRate` that the last update has left; 1 keeps it constant.
    public var finalRate: Double?
    /// Updates over which the rate rises from zero.
    public var warmup: Int?
    /// Decoupled decay of the weights, in units of the learning rate.
    public var weightDecay: Double?
    /// The gradient is shortened to this norm where it is longer.
    public var gradientNorm: Double?
    /// Decay of the running mean of the weights, which is what is judged and kept; 0 keeps the last ones.
    public var averaging: Double?
    public var validationPaths: Int?
    /// Epochs from one validation to the next.
    public var validateEvery: Int?
    /// Stops after so many validations in a row without an improvement.
    public var patience: Int?
    /// What counts as one, in the objective's unit.
    public var minimumImprovement: Double?
    /// A fitted model whose weights are begun with, `NAME` or `NAME@VERSION`.
    public var from: String?
    /// A formula that the weights are fitted to before the first epoch.
    public var start: String?
    /// How an epoch's paths are drawn, on simulated markets.
    public var sampling = Sampling.independent

    init(_ reader: ConfigReader?) throws(ConfigError) {
        guard var reader else { return }
        paths = try reader.count("paths", in: 1...100_000_000, default: paths)
        epochs = try reader.count("epochs", in: 0...1_000_000, default: epochs)
        batch = try reader.optionalCount("batch", in: 1...100_000_000)
        budgetSeconds = try reader.number("budgetSeconds", .positive, default: budgetSeconds)
        learningRate = try reader.optionalNumber("learningRate", .positive)
        finalRate = try reader.optionalNumber("finalRate", .unit)
        warmup = try reader.optionalCount("warmup", in: 0...1_000_000)
        weightDecay = try reader.optionalNumber("weightDecay", .nonNegative)
        gradientNorm = try reader.optionalNumber("gradientNorm", .positive)
        averaging = try reader.optionalNumber("averaging", .share)
        validationPaths = try reader.optionalCount("validationPaths", in: 2...100_000_000)
        validateEvery = try reader.optionalCount("validateEvery", in: 1...1_000_000)
        patience = try reader.optionalCount("patience", in: 1...1_000_000)
        minimumImprovement = try reader.optionalNumber("minimumImprovement", .nonNegative)
        if reader.keys.contains("from") { from = try reader.text("from", expected: "a model: NAME or NAME@VERSION") }
        if reader.keys.contains("start") { start = try reader.choice("start", of: StrategyCatalog.all.map(\.name)) }
        if from != nil, start != nil {
            throw .invalid(
                path: reader.path(of: "start"), found: "given beside training.from", expected: "one of the two",
                line: reader.node("start")?.line)
        }
        if let batch, paths % batch != 0 {
            throw .invalid(
                path: reader.path(of: "batch"), found: "\(batch)", expected: "a divisor of training.paths, which is \(paths)",
                line: reader.node("batch")?.line)
        }
        sampling = try reader.sampling(default: sampling)
        try reader.finish()
    }

    var node: ConfigNode {
        .map([
            ("paths", .integer(paths)), ("epochs", .integer(epochs)), ("batch", batch.map { .integer($0) }),
            ("budgetSeconds", .number(budgetSeconds)), ("learningRate", learningRate.map(ConfigNode.number)),
            ("finalRate", finalRate.map(ConfigNode.number)), ("warmup", warmup.map { .integer($0) }),
            ("weightDecay", weightDecay.map(ConfigNode.number)), ("gradientNorm", gradientNorm.map(ConfigNode.number)),
            ("averaging", averaging.map(ConfigNode.number)), ("validationPaths", validationPaths.map { .integer($0) }),
            ("validateEvery", validateEvery.map { .integer($0) }), ("patience", patience.map { .integer($0) }),
            ("minimumImprovement", minimumImprovement.map(ConfigNode.number)), ("from", from.map(ConfigNode.text)),
            ("start", start.map(ConfigNode.text)),
            ("sampling", sampling == .independent ? nil : .text(sampling.rawValue)),
        ])
    }

    /// These settings on a trainer.
    func apply(to trainer: inout DeepHedgeTrainer) {
        trainer.paths = paths
        trainer.epochs = epochs
        trainer.batch = batch
        trainer.budgetSeconds = budgetSeconds
        if case .cosine(let peak, let floor, let rise) = trainer.learningRate {
            let rate = learningRate ?? peak
            trainer.learningRate = .cosine(
                peak: rate, floor: rate * (finalRate ?? floor / peak), warmup: warmup ?? rise)
        }
        if let weightDecay { trainer.optimizer.weightDecay = Float(weightDecay) }
        if let gradientNorm { trainer.optimizer.gradientNorm = Float(gradientNorm) }
        trainer.averaging = averaging ?? trainer.averaging
        trainer.validationPaths = validationPaths ?? trainer.validationPaths
        trainer.validateEvery = validateEvery ?? trainer.validateEvery
        trainer.patience = patience ?? trainer.patience
        trainer.minimumImprovement = minimumImprovement ?? trainer.minimumImprovement
    }
}

/// `{paths: 1000000, against: [delta, whalley-wilmott, none]}`.
public struct EvaluationSettings: Sendable, Equatable {
    /// Paths everyone is judged on, drawn apart from those of training. Recorded markets judge on all there are.
    public var paths = 100_000
    /// Names of the strategies beside the learned one, in the order of the report.
    public var against: [String] = ["delta", "none"]

    /// How those paths are drawn, on simulated markets.
    public var sampling = Sampling.independent
    /// Whether what prices owe to chance means of sums whose true mean is known is taken off them.
    public var controlVariate = false

    /// What amounts are counted in.
    public enum Unit: String, Sendable, Codable, CaseIterable {
        /// The book's currency, premium not included.
        case currency
        /// Per cent of the claim's model value, which is taken off every loss: what hedging costs, as a share of what it earns.
        case premium
    }

    /// Values of the policy's conditions at which its hedge is judged besides the experiment's own, one condition at a time.
    public var elsewhere: [Elsewhere] = []

    /// Values of one condition.
    public struct Elsewhere: Sendable, Equatable {
        /// As under `policy.conditioning`.
        public var condition: String
        public var values: [Double]

        public init(condition: String, values: [Double]) {
            self.condition = condition
            self.values = values
        }
    }

    /// When regressions are fitted again on recorded markets.
    public var refit = HedgeRegression.Refit.monthly
    public var unit = Unit.currency

    /// Formulas, regressions, and what hedges recorded books; a market refuses those that it cannot run.
    public static var knownStrategies: [String] {
        let formulas = StrategyCatalog.all.map(\.name)
        return (formulas + StrategyCatalog.fitted.map(\.name) + RegressionCatalog.names + RecordedBookStudy.strategyNames).reduce(into: [])
        { names, name in
            if !names.contains(name) { names.append(name) }
        }
    }

    init(_ reader: ConfigReader?) throws(ConfigError) {
        guard var reader else { return }
        paths = try reader.count("paths", in: 2...1_000_000_000, default: paths)
        sampling = try reader.sampling(default: sampling)
        controlVariate = try reader.flag("controlVariate", default: controlVariate)
        let refits = HedgeRegression.Refit.allCases.map(\.rawValue)
        refit = HedgeRegression.Refit(rawValue: try reader.choice("refit", of: refits, default: refit.rawValue)) ?? refit
        unit = Unit(rawValue: try reader.choice("unit", of: Unit.allCases.map(\.rawValue), default: unit.rawValue)) ?? unit
        elsewhere = try Self.elsewhere(&reader)
        if let items = try reader.list("against", expected: "a list of strategy names") {
            against = []
            for item in items {
                let name = try ConfigReader.choice(item.node, of: Self.knownStrategies, path: item.path)
                guard !against.contains(name) else {
                    throw .invalid(path: item.path, found: name, expected: "each strategy once", line: item.node.line)
                }
                against.append(name)
            }
        }
        try reader.finish()
    }

    private static func elsewhere(_ reader: inout ConfigReader) throws(ConfigError) -> [Elsewhere] {
        guard var conditions = try reader.optionalMap("elsewhere") else { return [] }
        var elsewhere: [Elsewhere] = []
        for name in conditions.keys {
            let items = try conditions.list(name, expected: "a list of values") ?? []
            elsewhere.append(
                Elsewhere(
                    condition: name,
                    values: try items.map { item throws(ConfigError) in
                        try ConfigReader.number(item.node, .finite, path: item.path)
                    }))
        }
        return elsewhere
    }

    private var elsewhereNode: ConfigNode? {
        guard !elsewhere.isEmpty else { return nil }
        return .map(elsewhere.map { ($0.condition, .list($0.values.map(ConfigNode.number))) })
    }

    var node: ConfigNode {
        .map([
            ("paths", .integer(paths)), ("elsewhere", elsewhereNode), ("against", .list(against.map(ConfigNode.text))),
            ("refit", .text(refit.rawValue)),
            ("unit", .text(unit.rawValue)),
            ("sampling", sampling == .independent ? nil : .text(sampling.rawValue)), ("controlVariate", controlVariate ? .flag(true) : nil),
        ])
    }
}

extension ConfigReader {
    mutating func sampling(default standard: Sampling) throws(ConfigError) -> Sampling {
        let known = Sampling.allCases.map(\.rawValue)
        return Sampling(rawValue: try choice("sampling", of: known, default: standard.rawValue)) ?? standard
    }
}
