public import Market
public import Stochastics

/// One hedge instrument: a name alone, or a map with its own cost.
public struct InstrumentSettings: Sendable, Equatable {
    public enum Kind: Sendable, Equatable {
        case spot
        case perpetual
        /// The dated future of the option's own expiry.
        case future
        case varianceSwap
        /// A listed option; nil is the calendar's maturity.
        case option(OptionKind, strike: Double, maturityDays: Double?)
        /// `{kind: perpetual, funding: 0.1}`: a simulated one.
        case simulatedPerpetual(FundingProcess)
        /// `{kind: future, basis: 0.05, maturityDays: 90}`: a simulated one; nil is the calendar's maturity.
        case simulatedFuture(basis: Double, maturityDays: Double?)
        /// The liquid listed options of the recorded market.
        case listedOptions
    }

    public var kind: Kind
    /// Fraction of traded value; nil is the experiment's.
    public var proportional: Double?

    public init(_ kind: Kind, proportional: Double? = nil) {
        self.kind = kind
        self.proportional = proportional
    }

    static let simulatedKinds = ["spot", "variance-swap", "perpetual", "future", "call", "put"]
    static let recordedKinds = ["perpetual", "future", "options"]

    static func list(_ reader: inout ConfigReader, recorded: Bool) throws(ConfigError) -> [InstrumentSettings] {
        guard let items = try reader.list("instruments", expected: "a list such as [spot]") else {
            return [InstrumentSettings(recorded ? .future : .spot)]
        }
        guard !items.isEmpty else {
            throw .invalid(
                path: "instruments", found: "an empty list", expected: "at least one instrument", line: reader.node("instruments")?.line)
        }
        var instruments: [InstrumentSettings] = []
        for item in items { instruments.append(try InstrumentSettings(item.node, path: item.path, recorded: recorded)) }
        return instruments
    }

    init(_ node: ConfigNode, path: String, recorded: Bool) throws(ConfigError) {
        let known = recorded ? Self.recordedKinds : Self.simulatedKinds
        guard case .map = node.value else {
            kind = Self.plain(
                try ConfigReader.choice(node, of: known.filter { $0 != "call" && $0 != "put" }, path: path), recorded: recorded)
            return
        }
        var reader = try ConfigReader(node, path: path)
        let name = try reader.choice("kind", of: known)
        if name == "call" || name == "put" {
            let strike = try reader.number("strike", .positive)
            let maturity = reader.keys.contains("maturityDays") ? try reader.number("maturityDays", .positive) : nil
            kind = .option(name == "call" ? .call : .put, strike: strike, maturityDays: maturity)
        } else if !recorded, name == "perpetual" {
            kind = .simulatedPerpetual(
                FundingProcess(
                    mean: try reader.number("funding", .finite, default: 0),
                    meanReversion: try reader.number("fundingReversion", .positive, default: FundingProcess().meanReversion),
                    volatility: try reader.number("fundingVolatility", .nonNegative, default: 0)))
        } else if !recorded, name == "future" {
            let basis = try reader.number("basis", .finite, default: 0)
            kind = .simulatedFuture(
                basis: basis, maturityDays: reader.keys.contains("maturityDays") ? try reader.number("maturityDays", .positive) : nil)
        } else {
            kind = Self.plain(name, recorded: recorded)
        }
        proportional = reader.keys.contains("proportional") ? try reader.number("proportional", .nonNegative) : nil
        try reader.finish()
    }

    private static func plain(_ name: String, recorded: Bool) -> Kind {
        switch name {
        case "perpetual": recorded ? .perpetual : .simulatedPerpetual(FundingProcess())
        case "future": recorded ? .future : .simulatedFuture(basis: 0, maturityDays: nil)
        case "variance-swap": .varianceSwap
        case "options": .listedOptions
        default: .spot
        }
    }

    /// As experiments and reports write it.
    public var name: String {
        switch kind {
        case .spot: "spot"
        case .perpetual, .simulatedPerpetual: "perpetual"
        case .future, .simulatedFuture: "future"
        case .varianceSwap: "variance-swap"
        case .option(let kind, _, _): kind.rawValue
        case .listedOptions: "options"
        }
    }

    var node: ConfigNode {
        let cost = proportional.map(ConfigNode.number)
        if case .option(_, let strike, let maturityDays) = kind {
            return .map([
                ("kind", .text(name)), ("strike", .number(strike)), ("maturityDays", maturityDays.map(ConfigNode.number)),
                ("proportional", cost),
            ])
        }
        if case .simulatedPerpetual(let funding) = kind, funding != FundingProcess() {
            return .map([
                ("kind", .text(name)), ("funding", .number(funding.mean)), ("fundingReversion", .number(funding.meanReversion)),
                ("fundingVolatility", .number(funding.volatility)), ("proportional", cost),
            ])
        }
        if case .simulatedFuture(let basis, let maturityDays) = kind, basis != 0 || maturityDays != nil {
            return .map([
                ("kind", .text(name)), ("basis", .number(basis)), ("maturityDays", maturityDays.map(ConfigNode.number)),
                ("proportional", cost),
            ])
        }
        return cost == nil ? .text(name) : .map([("kind", .text(name)), ("proportional", cost)])
    }
}

/// `{proportional: 0.001, fixed: 0, quadratic: 0, terminal: false}`.
public struct CostSettings: Sendable, Equatable {
    /// Fraction of traded value.
    public var proportional = 0.0
    /// Book currency per trade.
    public var fixed = 0.0
    /// Fraction of traded value, for each unit of a trade; simulated markets only.
    public var quadratic = 0.0
    /// Whether unwinding at the end is charged: it moves prices by up to a quarter.
    public var terminal = false

    init(_ reader: ConfigReader?) throws(ConfigError) {
        guard var reader else { return }
        proportional = try reader.number("proportional", .share, default: 0)
        fixed = try reader.number("fixed", .nonNegative, default: 0)
        quadratic = try reader.number("quadratic", .nonNegative, default: 0)
        terminal = try reader.flag("terminal", default: false)
        try reader.finish()
    }

    var node: ConfigNode {
        .map([
            ("proportional", .number(proportional)), ("fixed", .number(fixed)),
            ("quadratic", quadratic == 0 ? nil : .number(quadratic)), ("terminal", .flag(terminal)),
        ])
    }
}
