/// The names that experiments and model files use.
extension RiskMeasure {
    public enum Kind: String, Sendable, CaseIterable, Codable {
        case entropic
        case expectedShortfall = "expected-shortfall"
        case quadratic
        case variance
        case standardDeviation = "standard-deviation"
        case meanDeviation = "mean-deviation"
        case quadraticCVaR = "quadratic-cvar"
        case isoelastic

        /// The parameters of this kind in the order they are written, with the default of those that may be left out.
        public var parameters: [(name: String, default: Double?)] {
            switch self {
            case .entropic: [("aversion", nil)]
            case .expectedShortfall: [("level", nil)]
            case .quadratic, .variance, .standardDeviation: []
            case .meanDeviation: [("weight", nil)]
            case .quadraticCVaR: [("weight", 10)]
            case .isoelastic: [("aversion", 1), ("endowment", 0)]
            }
        }
    }

    public var kind: Kind {
        switch self {
        case .entropic: .entropic
        case .expectedShortfall: .expectedShortfall
        case .quadratic: .quadratic
        case .variance: .variance
        case .standardDeviation: .standardDeviation
        case .meanDeviation: .meanDeviation
        case .quadraticCVaR: .quadraticCVaR
        case .isoelastic: .isoelastic
        }
    }

    /// The name in an experiment: `entropic`, `expected-shortfall`, ...
    public var name: String { kind.rawValue }

    /// Values of `kind.parameters`, in that order.
    public var parameterValues: [Double] {
        switch self {
        case .entropic(let aversion): [aversion]
        case .expectedShortfall(let level): [level]
        case .quadratic, .variance, .standardDeviation: []
        case .meanDeviation(let weight), .quadraticCVaR(let weight): [weight]
        case .isoelastic(let aversion, let endowment): [aversion, endowment]
        }
    }

    /// The measure of an experiment's objective, parameters in their range.
    ///
    /// - Parameters:
    ///   - name: One of `Kind`'s raw values.
    ///   - parameters: By name. What has a default may be absent; what the measure does not take is refused.
    public init(name: String, parameters: [String: Double] = [:]) throws(RiskError) {
        guard let kind = Kind(rawValue: name) else { throw .unknownMeasure(found: name, known: Kind.allCases.map(\.rawValue)) }
        let known = kind.parameters.map(\.name)
        for found in parameters.keys.sorted() where !known.contains(found) {
            throw .unknownParameter(measure: name, found: found, known: known)
        }
        var values: [Double] = []
        for (parameter, standard) in kind.parameters {
            guard let value = parameters[parameter] ?? standard else { throw .missingParameter(measure: name, parameter: parameter) }
            values.append(value)
        }
        switch kind {
        case .entropic: self = .entropic(aversion: values[0])
        case .expectedShortfall: self = .expectedShortfall(level: values[0])
        case .quadratic: self = .quadratic
        case .variance: self = .variance
        case .standardDeviation: self = .standardDeviation
        case .meanDeviation: self = .meanDeviation(weight: values[0])
        case .quadraticCVaR: self = .quadraticCVaR(weight: values[0])
        case .isoelastic: self = .isoelastic(aversion: values[0], endowment: values[1])
        }
        try validate()
    }
}

/// `entropic(aversion: 1.0)`, as reports print it.
extension RiskMeasure: CustomStringConvertible {
    public var description: String {
        guard !parameterValues.isEmpty else { return name }
        let list = zip(kind.parameters, parameterValues).map { "\($0.name): \($1)" }
        return "\(name)(\(list.joined(separator: ", ")))"
    }
}

/// Coded as an experiment writes it: `{"risk": "entropic", "aversion": 1}`.
extension RiskMeasure: Codable {
    struct Key: CodingKey {
        let stringValue: String
        var intValue: Int? { nil }
        init(_ name: String) { stringValue = name }
        init?(stringValue: String) { self.init(stringValue) }
        init?(intValue: Int) { nil }
    }

    public init(from decoder: any Decoder) throws {
        let container = try decoder.container(keyedBy: Key.self)
        let name = try container.decode(String.self, forKey: Key("risk"))
        var parameters: [String: Double] = [:]
        for key in container.allKeys where key.stringValue != "risk" {
            parameters[key.stringValue] = try container.decode(Double.self, forKey: key)
        }
        try self.init(name: name, parameters: parameters)
    }

    public func encode(to encoder: any Encoder) throws {
        var container = encoder.container(keyedBy: Key.self)
        try container.encode(name, forKey: Key("risk"))
        for (parameter, value) in zip(kind.parameters, parameterValues) { try container.encode(value, forKey: Key(parameter.name)) }
    }
}
