public import Probability

/// One experiment: a market, what is sold in it, what hedges it, what learns, what it is judged against.
///
/// The keys of the file are a contract; README's table lists them. A value is checked where it is read, so an `Experiment` that
/// exists can be run.
public struct Experiment: Sendable, Equatable {
    public var name: String
    public var seed: UInt64
    public var market: MarketSettings
    public var calendar: CalendarSettings
    public var claim: ClaimSettings
    public var instruments: [InstrumentSettings]
    public var costs: CostSettings
    /// The measure of the seller's loss that training lowers and that `price` reports.
    public var objective: RiskMeasure
    public var policy: PolicySettings
    public var training: TrainingSettings
    public var evaluation: EvaluationSettings

    public init(_ node: ConfigNode) throws(ConfigError) {
        var reader = try ConfigReader(node, path: "")
        name = try reader.text("name", expected: "a short name in kebab-case")
        guard name.utf8.count <= 64, name.utf8.allSatisfy(Self.mayNameFolders), name.utf8.first != UInt8(ascii: ".") else {
            throw .invalid(
                path: "name", found: "\"\(name)\"", expected: "at most 64 letters, digits, dots, dashes and underscores, no leading dot",
                line: reader.node("name")?.line)
        }
        seed = try reader.seed("seed", default: 1)
        market = try MarketSettings(reader.required("market", expected: "a map with model or recorded"))
        let recorded = market.isRecorded
        calendar = try CalendarSettings(reader.optionalMap("calendar"))
        claim = try ClaimSettings(reader.required("claim", expected: "a map with kind"), recorded: recorded)
        instruments = try InstrumentSettings.list(&reader, recorded: recorded)
        costs = try CostSettings(reader.optionalMap("costs"))
        guard !recorded || costs.quadratic == 0 else {
            throw .invalid(
                path: "costs.quadratic", found: ConfigNode.number(costs.quadratic).excerpt, expected: "none on a recorded market",
                line: reader.node("costs")?.line)
        }
        objective = try RiskMeasure(reader.node("objective"), path: "objective")
        policy = try PolicySettings(reader.optionalMap("policy"))
        training = try TrainingSettings(reader.optionalMap("training"))
        evaluation = try EvaluationSettings(reader.optionalMap("evaluation"))
        try reader.finish()
        guard evaluation.unit == .currency || (!recorded && objective.scalesWithCurrency) else {
            throw .invalid(
                path: "evaluation.unit", found: "\(evaluation.unit.rawValue) with \(recorded ? "a recorded market" : "\(objective)")",
                expected: "currency: only a simulated market has a model value, and only expected shortfall, standard deviation and mean "
                    + "deviation rank hedges alike in every unit", line: reader.node("evaluation")?.line)
        }
    }

    /// The experiment as a file would say it, defaults written out.
    public var node: ConfigNode {
        .map([
            ("name", .text(name)), ("seed", .integer(seed)), ("market", market.node), ("calendar", market.isRecorded ? nil : calendar.node),
            ("claim", claim.node), ("instruments", .list(instruments.map(\.node))), ("costs", costs.node), ("objective", objective.node),
            ("policy", policy.node), ("training", training.node), ("evaluation", evaluation.node),
        ])
    }

    private static func mayNameFolders(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"), UInt8(ascii: "0")...UInt8(ascii: "9"),
            UInt8(ascii: "-"), UInt8(ascii: "_"), UInt8(ascii: "."):
            true
        default: false
        }
    }
}

/// Models and runs keep their experiment as JSON, read back as strictly as the file was.
extension Experiment: Codable {
    public init(from decoder: any Decoder) throws { try self.init(ConfigNode(from: decoder)) }
    public func encode(to encoder: any Encoder) throws { try node.encode(to: encoder) }
}

extension RiskMeasure {
    /// Whether the measure of twice the losses is twice the measure, so that its optimum does not depend on the unit.
    var scalesWithCurrency: Bool {
        switch self {
        case .expectedShortfall, .standardDeviation, .meanDeviation: true
        case .entropic, .quadratic, .variance, .quadraticCVaR, .isoelastic: false
        }
    }

    /// `{risk: entropic, aversion: 1}`; entropic with aversion 1 where nothing is said.
    init(_ node: ConfigNode?, path: String) throws(ConfigError) {
        guard let node else {
            self = .entropic(aversion: 1)
            return
        }
        var reader = try ConfigReader(node, path: path)
        let name = try reader.choice("risk", of: Kind.allCases.map(\.rawValue))
        guard let kind = Kind(rawValue: name) else { preconditionFailure("\(name) was chosen among the known kinds") }
        var parameters: [String: Double] = [:]
        for (parameter, standard) in kind.parameters {
            parameters[parameter] = try reader.number(parameter, .finite, default: standard)
        }
        try reader.finish()
        do {
            try self.init(name: name, parameters: parameters)
        } catch {
            guard case .parameterOutOfRange(_, let parameter, let found, let expected) = error else {
                throw .invalid(path: path, found: "\(error)", expected: "a risk measure", line: node.line)
            }
            throw .invalid(
                path: "\(path).\(parameter)", found: "\(found)", expected: expected, line: reader.node(parameter)?.line ?? node.line)
        }
    }

    var node: ConfigNode {
        .map([("risk", .text(name))] + zip(kind.parameters, parameterValues).map { ($0.name, .number($1)) })
    }
}
