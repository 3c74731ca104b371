/// Every simulator an experiment may name, with the parameters it takes.
public enum SimulatorCatalog {
    public static let all: [Entry] = [
        blackScholes, heston, merton, kou, bates, svcj, sabr, garch, localVolatility, roughBergomi, bootstrap,
    ]

    public struct Entry: Sendable {
        public let name: String
        public let summary: String
        /// Parameter names as experiments write them, with the value taken where one is left out; nil must be given.
        public let parameters: [(name: String, standard: Double?)]
        /// What is chosen by a word, with the words known; the first is taken where it is left out.
        public let choices: [(name: String, known: [String])]
        /// Whether the paths are made of recorded returns, which must be given.
        public let needsReturns: Bool
        /// Builds the simulator from complete arguments.
        let make: @Sendable (SimulatorArguments) throws(SimulatorError) -> any PathSimulator

        init(
            name: String, summary: String, parameters: [(name: String, standard: Double?)],
            choices: [(name: String, known: [String])] = [], needsReturns: Bool = false,
            make: @escaping @Sendable (SimulatorArguments) throws(SimulatorError) -> any PathSimulator
        ) {
            self.name = name
            self.summary = summary
            self.parameters = parameters
            self.choices = choices
            self.needsReturns = needsReturns
            self.make = make
        }
    }

    public static func entry(named name: String) -> Entry? { all.first { $0.name == name } }

    /// The simulator of that name.
    ///
    /// - Parameter returns: Log returns of one step each, for the entries that need them.
    public static func simulator(
        named name: String, parameters: [String: Double] = [:], choices: [String: String] = [:], returns: [Double] = []
    ) throws(SimulatorError) -> any PathSimulator {
        guard let entry = entry(named: name) else { throw .unknownSimulator(name, known: all.map(\.name)) }
        let known = entry.parameters.map(\.name) + entry.choices.map(\.name)
        for found in parameters.keys.sorted() + choices.keys.sorted() where !known.contains(found) {
            throw .unknownParameter(found, simulator: name, known: known)
        }
        var complete = SimulatorArguments(returns: returns)
        for (parameter, standard) in entry.parameters {
            guard let value = parameters[parameter] ?? standard else { throw .missingParameter(parameter, simulator: name) }
            guard value.isFinite else { throw .outOfRange(parameter, found: value, expected: "a finite number") }
            complete.numbers[parameter] = value
        }
        for (choice, known) in entry.choices {
            let value = choices[choice] ?? known[0]
            guard known.contains(value) else { throw .unknownChoice(choice, found: value, known: known) }
            complete.choices[choice] = value
        }
        return try entry.make(complete)
    }
}

/// A complete set of what a simulator is built from, handed out with its ranges checked.
struct SimulatorArguments: Sendable {
    var numbers: [String: Double] = [:]
    var choices: [String: String] = [:]
    var returns: [Double] = []

    subscript(_ name: String) -> Double {
        guard let value = numbers[name] else { preconditionFailure("the entry lists no parameter '\(name)'") }
        return value
    }

    func positive(_ name: String) throws(SimulatorError) -> Double {
        try checked(name, "a positive number") { $0 > 0 }
    }

    func notNegative(_ name: String) throws(SimulatorError) -> Double {
        try checked(name, "zero or a positive number") { $0 >= 0 }
    }

    /// Strictly between −1 and 1.
    func correlation(_ name: String = "correlation") throws(SimulatorError) -> Double {
        try checked(name, "a number between -1 and 1") { $0.magnitude < 1 }
    }

    func count(_ name: String) throws(SimulatorError) -> Int {
        Int(try checked(name, "a whole number from 1 to 1000") { $0 == $0.rounded() && (1...1000).contains($0) })
    }

    func checked(_ name: String, _ expected: String, _ holds: (Double) -> Bool) throws(SimulatorError) -> Double {
        guard holds(self[name]) else { throw .outOfRange(name, found: self[name], expected: expected) }
        return self[name]
    }
}

/// What is wrong with a simulator that was asked for.
public enum SimulatorError: Error, Equatable {
    case unknownSimulator(String, known: [String])
    case unknownParameter(String, simulator: String, known: [String])
    case missingParameter(String, simulator: String)
    case outOfRange(String, found: Double, expected: String)
    case unknownChoice(String, found: String, known: [String])
    case tooFewReturns(found: Int, needed: Int)
}
