/// Every simulator an experiment may name, with the parameters it takes.
public enum SimulatorCatalog {
    public struct Entry: Sendable {
        public let name: String
        public let summary: String
        /// Parameter names as experiments write them, with the value taken where one is left out; nil must be given.
        public let parameters: [(name: String, standard: Double?)]
        /// Builds the simulator from a complete set of parameters.
        let make: @Sendable ([String: Double]) throws(SimulatorError) -> any PathSimulator
    }

    public static let all: [Entry] = [blackScholes, heston]

    public static func entry(named name: String) -> Entry? { all.first { $0.name == name } }

    /// The simulator of that name.
    public static func simulator(
        named name: String, parameters: [String: Double] = [:]
    ) throws(SimulatorError) -> any PathSimulator {
        guard let entry = entry(named: name) else { throw .unknownSimulator(name, known: all.map(\.name)) }
        let known = entry.parameters.map(\.name)
        for found in parameters.keys.sorted() where !known.contains(found) {
            throw .unknownParameter(found, simulator: name, known: known)
        }
        var complete: [String: Double] = [:]
        for (parameter, standard) in entry.parameters {
            guard let value = parameters[parameter] ?? standard else { throw .missingParameter(parameter, simulator: name) }
            guard value.isFinite else { throw .outOfRange(parameter, found: value, expected: "a finite number") }
            complete[parameter] = value
        }
        return try entry.make(complete)
    }

    static let blackScholes = Entry(
        name: "black-scholes", summary: "geometric Brownian motion",
        parameters: [("spot", 100), ("volatility", 0.2), ("drift", 0)]
    ) { parameters throws(SimulatorError) in
        BlackScholesSimulator(
            spot: try positive("spot", parameters), volatility: try notNegative("volatility", parameters),
            drift: parameters["drift"] ?? 0)
    }

    static let heston = Entry(
        name: "heston", summary: "square-root stochastic variance",
        parameters: [
            ("spot", 100), ("initialVariance", 0.04), ("meanReversion", 1), ("longRunVariance", 0.04), ("volatilityOfVariance", 2),
            ("correlation", -0.7), ("drift", 0),
        ]
    ) { parameters throws(SimulatorError) in
        let correlation = parameters["correlation"] ?? 0
        guard correlation.magnitude < 1 else {
            throw .outOfRange("correlation", found: correlation, expected: "a number between -1 and 1")
        }
        return HestonSimulator(
            spot: try positive("spot", parameters), initialVariance: try notNegative("initialVariance", parameters),
            meanReversion: try notNegative("meanReversion", parameters), longRunVariance: try notNegative("longRunVariance", parameters),
            volatilityOfVariance: try positive("volatilityOfVariance", parameters), correlation: correlation,
            drift: parameters["drift"] ?? 0)
    }

    static func positive(_ name: String, _ parameters: [String: Double]) throws(SimulatorError) -> Double {
        guard let value = parameters[name], value > 0 else {
            throw .outOfRange(name, found: parameters[name] ?? .nan, expected: "a positive number")
        }
        return value
    }

    static func notNegative(_ name: String, _ parameters: [String: Double]) throws(SimulatorError) -> Double {
        guard let value = parameters[name], value >= 0 else {
            throw .outOfRange(name, found: parameters[name] ?? .nan, expected: "zero or a positive number")
        }
        return value
    }
}

/// What is wrong with a simulator that was asked for.
public enum SimulatorError: Error, Equatable {
    case unknownSimulator(String, known: [String])
    case unknownParameter(String, simulator: String, known: [String])
    case missingParameter(String, simulator: String)
    case outOfRange(String, found: Double, expected: String)
}
