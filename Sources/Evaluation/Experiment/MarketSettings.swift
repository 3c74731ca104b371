import LinearAlgebra
public import Market
public import Stochastics

/// Where the paths come from.
public enum MarketSettings: Sendable, Equatable {
    /// `{model: black-scholes, spot: 100, volatility: 0.2}`: a simulator of the catalogue and its parameters; `assets: 5` takes so many
    /// independent ones.
    case simulated(SimulatorSettings)
    /// `{recorded: PATH, currency: BTC, from: DATE, to: DATE, trainUntil: DATE}`.
    case recorded(RecordedSettings)

    public var isRecorded: Bool {
        if case .recorded = self { true } else { false }
    }

    /// Whether books are valued in coin, and their net delta is what is hedged.
    public var isInCoin: Bool {
        switch self {
        case .simulated(let settings): settings.settlement == .inverse
        case .recorded: true
        }
    }

    init(_ node: ConfigNode) throws(ConfigError) {
        var reader = try ConfigReader(node, path: "market")
        self =
            reader.keys.contains("recorded")
            ? .recorded(try RecordedSettings(&reader)) : .simulated(try SimulatorSettings(&reader))
    }

    /// The simulator, for a market that is one.
    public var simulator: (any PathSimulator)? {
        get throws(SimulatorError) {
            guard case .simulated(let settings) = self else { return nil }
            return try settings.simulator
        }
    }

    var node: ConfigNode {
        switch self {
        case .simulated(let settings): settings.node
        case .recorded(let settings): settings.node
        }
    }
}

/// A simulator of the catalogue and its parameters, complete.
public struct SimulatorSettings: Sendable, Equatable {
    public var model: String
    public var parameters: [String: Double] = [:]
    public var choices: [String: String] = [:]
    /// What claims and hedges pay in.
    public var settlement = Settlement.linear
    /// What differs by asset where there are several, a map for each; empty for one asset.
    public var assets: [[String: Double]] = []
    /// Of the assets' log returns; empty where they are independent.
    public var correlations: [[Double]] = []
    /// A file of price bars, relative to the working directory, for models that are made of recorded returns.
    public var history: String?
    /// The log returns of `history`, which whoever may open files puts here; no part of what an experiment says.
    public var returns: [Double] = []

    init(_ reader: inout ConfigReader) throws(ConfigError) {
        model = try reader.choice("model", of: SimulatorCatalog.all.map(\.name))
        guard let entry = SimulatorCatalog.entry(named: model) else { preconditionFailure("\(model) was chosen among the known models") }
        for (parameter, standard) in entry.parameters {
            parameters[parameter] = try reader.number(parameter, .finite, default: standard)
        }
        for (choice, known) in entry.choices { choices[choice] = try reader.choice(choice, of: known, default: known[0]) }
        if entry.needsReturns { history = try reader.text("history", expected: "a file of price bars") }
        settlement =
            try reader.choice("settlement", of: [Settlement.linear.rawValue, Settlement.inverse.rawValue], default: settlement.rawValue)
            == Settlement.inverse.rawValue ? .inverse : .linear
        let assetReaders = try Self.assets(&reader, entry: entry, &assets)
        correlations = try Self.correlations(&reader)
        try reader.finish()
        try check([:], &reader)
        for index in assetReaders.indices {
            var own = assetReaders[index]
            try check(assets[index], &own)
        }
        do {
            _ = try assetSimulator
        } catch let error as MultiAssetError {
            throw .invalid(
                path: "market.correlations", found: "\(error)", expected: "a correlation matrix, [[1, 0.5], [0.5, 1]] of two assets",
                line: reader.node("correlations")?.line ?? reader.line)
        } catch {
            // A law's own mistakes were named before; recorded returns may not be read yet.
        }
    }

    /// Throws what is wrong with the parameters of one asset, which `reader` read.
    private func check(_ own: [String: Double], _ reader: inout ConfigReader) throws(ConfigError) {
        do {
            _ = try simulator(own)
        } catch .tooFewReturns where returns.isEmpty {
            // Not read yet.
        } catch .outOfRange(let parameter, let found, let expected) {
            throw .invalid(
                path: reader.path(of: parameter), found: ConfigNode.number(found).excerpt, expected: expected,
                line: reader.node(parameter)?.line ?? reader.line)
        } catch {
            throw .invalid(path: reader.path, found: "\(error)", expected: "a simulator of the catalogue", line: reader.line)
        }
    }

    /// `assets: 5`, or a list of what differs by asset; the readers of that list.
    private static func assets(
        _ reader: inout ConfigReader, entry: SimulatorCatalog.Entry, _ assets: inout [[String: Double]]
    ) throws(ConfigError) -> [ConfigReader] {
        guard let node = reader.node("assets") else { return [] }
        guard case .list = node.value else {
            assets = Array(repeating: [:], count: try reader.count("assets", in: 1...100))
            return []
        }
        var readers: [ConfigReader] = []
        for item in try reader.list("assets", expected: "a number of assets, or a list of what differs by asset") ?? [] {
            var own = try ConfigReader(item.node, path: item.path)
            var parameters: [String: Double] = [:]
            for (parameter, _) in entry.parameters where own.keys.contains(parameter) {
                parameters[parameter] = try own.number(parameter, .finite)
            }
            try own.finish()
            readers.append(own)
            assets.append(parameters)
        }
        guard !assets.isEmpty else {
            throw .invalid(path: reader.path(of: "assets"), found: "an empty list", expected: "at least one asset", line: node.line)
        }
        return readers
    }

    private static func correlations(_ reader: inout ConfigReader) throws(ConfigError) -> [[Double]] {
        let expected = "a list of rows, [[1, 0.5], [0.5, 1]] of two assets"
        var correlations: [[Double]] = []
        for row in try reader.list("correlations", expected: expected) ?? [] {
            guard case .list(let items) = row.node.value else {
                throw .invalid(path: row.path, found: row.node.excerpt, expected: expected, line: row.node.line)
            }
            var numbers: [Double] = []
            for (column, item) in items.enumerated() {
                numbers.append(try ConfigReader.number(item, .correlation, path: "\(row.path)[\(column)]"))
            }
            correlations.append(numbers)
        }
        return correlations
    }

    public var simulator: any PathSimulator {
        get throws(SimulatorError) {
            try simulator([:])
        }
    }

    /// - Parameter own: What is different for one of several assets.
    private func simulator(_ own: [String: Double]) throws(SimulatorError) -> any PathSimulator {
        try SimulatorCatalog.simulator(
            named: model, parameters: parameters.merging(own) { $1 }, choices: choices, returns: returns)
    }

    /// All assets together; nil where there is one.
    public var assetSimulator: MultiAssetSimulator? {
        get throws {
            guard !assets.isEmpty || !correlations.isEmpty else { return nil }
            let laws = try assets.map { try simulator($0) }
            guard !correlations.isEmpty else { return MultiAssetSimulator(laws) }
            let width = correlations.map(\.count).max() ?? 0
            guard correlations.allSatisfy({ $0.count == width }) else {
                throw MultiAssetError.shape(rows: correlations.count, columns: width, assets: laws.count)
            }
            return try MultiAssetSimulator(
                laws, correlations: Matrix(rows: correlations.count, columns: width, storage: correlations.flatMap { $0 }))
        }
    }

    /// In the catalogue's order, so that two writings of one experiment are equal byte for byte.
    var node: ConfigNode {
        let entry = SimulatorCatalog.entry(named: model)
        return .map(
            [("model", .text(model)), ("history", history.map(ConfigNode.text))]
                + (entry?.parameters ?? []).map { ($0.name, parameters[$0.name].map(ConfigNode.number)) }
                + (entry?.choices ?? []).map { ($0.name, choices[$0.name].map(ConfigNode.text)) }
                + [
                    ("settlement", settlement == .linear ? nil : .text(settlement.rawValue)), ("assets", assetsNode),
                    ("correlations", correlations.isEmpty ? nil : .list(correlations.map { .list($0.map(ConfigNode.number)) })),
                ])
    }

    private var assetsNode: ConfigNode? {
        guard !assets.isEmpty else { return nil }
        guard assets.contains(where: { !$0.isEmpty }) else { return .integer(assets.count) }
        let names = SimulatorCatalog.entry(named: model)?.parameters.map(\.name) ?? []
        return .list(assets.map { own in .map(names.map { ($0, own[$0].map(ConfigNode.number)) }) })
    }
}

/// Recorded option chains and the part of them that is used.
public struct RecordedSettings: Sendable, Equatable {
    /// Which price of an option its gains are measured in.
    public enum Prices: String, Sendable, CaseIterable {
        case mark, mid
    }

    /// A folder of chain files, relative to the working directory.
    public var path: String
    public var currency: Currency
    /// First and last day, both included; nil takes all there is.
    public var from: CivilDate?
    public var to: CivilDate?
    /// The last day that fitted hedges may learn from; judged are the days after it. Nil judges every day, and nothing is fitted.
    public var trainUntil: CivilDate?
    public var prices = Prices.mark

    init(_ reader: inout ConfigReader) throws(ConfigError) {
        path = try reader.text("recorded", expected: "the folder of the recorded chains")
        currency = Currency(rawValue: try reader.text("currency", expected: "a currency such as BTC"))
        from = try Self.date("from", &reader)
        to = try Self.date("to", &reader)
        trainUntil = try Self.date("trainUntil", &reader)
        let prices = try reader.choice("prices", of: Prices.allCases.map(\.rawValue), default: Prices.mark.rawValue)
        self.prices = Prices(rawValue: prices) ?? .mark
        try reader.finish()
        let days = [("from", from), ("trainUntil", trainUntil), ("to", to)].compactMap { key, date in date.map { (key, $0) } }
        for ((_, earlier), (key, later)) in zip(days, days.dropFirst()) where later < earlier {
            throw .invalid(
                path: reader.path(of: key), found: later.description, expected: "a day not before \(earlier)", line: reader.node(key)?.line)
        }
    }

    private static func date(_ key: String, _ reader: inout ConfigReader) throws(ConfigError) -> CivilDate? {
        guard let node = reader.node(key) else { return nil }
        do {
            return try CivilDate(iso8601: node.text ?? "")
        } catch {
            throw .invalid(path: reader.path(of: key), found: node.excerpt, expected: "a day such as 2026-01-31", line: node.line)
        }
    }

    var node: ConfigNode {
        .map([
            ("recorded", .text(path)), ("currency", .text(currency.rawValue)), ("from", from.map { .text($0.description) }),
            ("to", to.map { .text($0.description) }), ("trainUntil", trainUntil.map { .text($0.description) }),
            ("prices", .text(prices.rawValue)),
        ])
    }
}

/// `{maturityDays: 30, daysPerYear: 365, steps: 30}`; recorded markets bring their own times.
public struct CalendarSettings: Sendable, Equatable {
    public var maturityDays = 30.0
    public var daysPerYear = 365.0
    /// Decisions, equally spaced, the first at once.
    public var steps = 30

    init(_ reader: ConfigReader?) throws(ConfigError) {
        guard var reader else { return }
        maturityDays = try reader.number("maturityDays", .positive, default: maturityDays)
        daysPerYear = try reader.number("daysPerYear", .positive, default: daysPerYear)
        steps = try reader.count("steps", in: 1...10_000, default: steps)
        try reader.finish()
    }

    public var grid: TimeGrid { TimeGrid(maturityDays: maturityDays, daysPerYear: daysPerYear, steps: steps) }

    var node: ConfigNode {
        .map([("maturityDays", .number(maturityDays)), ("daysPerYear", .number(daysPerYear)), ("steps", .integer(steps))])
    }
}
