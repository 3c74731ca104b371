public import Hedging
import Probability

/// One policy for a range of experiments: `policy.conditioning: {costRate: [1e-4, 1e-2], riskAversion: [0.5, 4], volatility: [0.1, 0.4]}`.
///
/// `costRate` is `costs.proportional`, `riskAversion` the objective's `aversion`; any other name is a parameter of the market's model.
extension Experiment {
    private static let costRate = "costRate"
    private static let riskAversion = "riskAversion"

    /// The experiment's own value of every condition: what its learned hedge is told where it is judged.
    public var conditionValues: [String: Double] {
        policy.conditioning.reduce(into: [:]) { $0[$1.name] = value(of: $1.name) }
    }

    /// The experiments that the policy is trained for; nil where it is trained for this one alone.
    public func family() throws(SetupError) -> ProblemFamily? {
        guard !policy.conditioning.isEmpty else { return nil }
        guard training.start == nil && training.from == nil else {
            throw .market("policy.conditioning starts from random weights; leave out training.start and training.from")
        }
        for condition in policy.conditioning {
            guard let own = value(of: condition.name) else {
                throw .market(
                    "policy.conditioning.\(condition.name) is none of: \(conditionNames.joined(separator: ", "))")
            }
            guard (condition.lowest...condition.highest).contains(own) else {
                throw .market(
                    "policy.conditioning.\(condition.name) is from \(condition.lowest) to \(condition.highest), "
                        + "which leaves out the experiment's own \(own)")
            }
        }
        let names = policy.conditioning.map(\.name)
        return ProblemFamily(policy.conditioning) { [self] values, purpose in
            var one = self
            for (name, value) in zip(names, values) { one.set(name, to: value) }
            guard let market = try one.market(purpose) else {
                throw SetupError.market("policy.conditioning is for simulated markets, found \(one.market.name)")
            }
            return ProblemFamily.Problem(market: market, risk: one.objective)
        }
    }

    /// The experiments that `evaluation.elsewhere` asks for, with the value that each differs in.
    func elsewhere() throws(SetupError) -> [(condition: String, value: Double, experiment: Experiment)] {
        var experiments: [(condition: String, value: Double, experiment: Experiment)] = []
        for asked in evaluation.elsewhere {
            guard let range = policy.conditioning.first(where: { $0.name == asked.condition }) else {
                let known = policy.conditioning.map(\.name).joined(separator: ", ")
                throw .market(
                    "evaluation.elsewhere.\(asked.condition) is none of the policy's conditions: \(known.isEmpty ? "it has none" : known)")
            }
            for value in asked.values {
                guard (range.lowest...range.highest).contains(value) else {
                    throw .market(
                        "evaluation.elsewhere.\(asked.condition) has \(value), and the policy is trained for "
                            + "\(range.lowest) to \(range.highest)")
                }
                var one = self
                one.set(asked.condition, to: value)
                one.evaluation.elsewhere = []
                experiments.append((asked.condition, value, one))
            }
        }
        return experiments
    }

    private var conditionNames: [String] {
        var names = [Self.costRate]
        if value(of: Self.riskAversion) != nil { names.append(Self.riskAversion) }
        if case .simulated(let settings) = market { names += settings.parameters.keys.sorted() }
        return names
    }

    private func value(of name: String) -> Double? {
        switch (name, objective) {
        case (Self.costRate, _): return costs.proportional
        case (Self.riskAversion, .entropic(let aversion)), (Self.riskAversion, .isoelastic(let aversion, _)): return aversion
        case (Self.riskAversion, _): return nil
        default:
            guard case .simulated(let settings) = market else { return nil }
            return settings.parameters[name]
        }
    }

    private mutating func set(_ name: String, to value: Double) {
        switch (name, objective) {
        case (Self.costRate, _): costs.proportional = value
        case (Self.riskAversion, .isoelastic(_, let endowment)): objective = .isoelastic(aversion: value, endowment: endowment)
        case (Self.riskAversion, _): objective = .entropic(aversion: value)
        default:
            guard case .simulated(var settings) = market else { return }
            settings.parameters[name] = value
            market = .simulated(settings)
        }
    }
}

extension PolicySettings {
    /// The ranges of `conditioning`, in the order they were written.
    static func conditions(_ reader: inout ConfigReader) throws(ConfigError) -> [PolicyCondition] {
        guard var ranges = try reader.optionalMap("conditioning") else { return [] }
        var conditions: [PolicyCondition] = []
        for name in ranges.keys {
            let expected = "a range [lowest, highest]"
            let items = try ranges.list(name, expected: expected) ?? []
            let numbers = items.compactMap(\.node.number)
            guard items.count == 2, numbers.count == 2, numbers[0] < numbers[1] else {
                throw .invalid(
                    path: ranges.path(of: name), found: ranges.node(name)?.excerpt ?? "nothing", expected: expected, line: ranges.line)
            }
            conditions.append(PolicyCondition(name, numbers[0]...numbers[1]))
        }
        return conditions
    }

    var conditioningNode: ConfigNode? {
        guard !conditioning.isEmpty else { return nil }
        return .map(conditioning.map { ($0.name, .list([.number($0.lowest), .number($0.highest)])) })
    }
}
