public import Hedging
public import Market

/// What is sold, or bought, and then hedged.
public enum ClaimSettings: Sendable, Equatable {
    /// Options that all expire at the calendar's maturity, or later: one option, a spread, any book.
    case options([OptionPosition])
    /// The same with claims on the path among them, which need a simulated market.
    case exotics([ExoticPosition], options: [OptionPosition])
    /// An option on several simulated assets together.
    case basket(BasketOption)
    /// One sold option per liquid quote and recorded interval.
    case everyOption
    /// Books drawn from the recorded quotes, each held for a number of snapshots.
    case randomBooks(options: Int, count: Int, holdSnapshots: Int)
    /// A dealer's book that clients add to, hedged with the option of the day.
    case poissonBook(PoissonBookMarket.Settings)

    public struct OptionPosition: Sendable, Equatable {
        public var kind: OptionKind
        public var strike: Double
        /// Nil is the calendar's maturity.
        public var maturityDays: Double?
        /// Units of underlying, sold negative.
        public var quantity: Double

        public init(kind: OptionKind, strike: Double, maturityDays: Double? = nil, quantity: Double) {
            self.kind = kind
            self.strike = strike
            self.maturityDays = maturityDays
            self.quantity = quantity
        }
    }

    static let simulatedKinds = ["call", "put", "call-spread", "put-spread", "book", "basket", "poisson-book"] + ExoticPosition.kinds
    static let recordedKinds = ["every-option", "random-books"]

    init(_ node: ConfigNode, recorded: Bool) throws(ConfigError) {
        var reader = try ConfigReader(node, path: "claim")
        let kind = try reader.choice("kind", of: recorded ? Self.recordedKinds : Self.simulatedKinds)
        switch kind {
        case "every-option": self = .everyOption
        case "random-books":
            self = .randomBooks(
                options: try reader.count("options", in: 1...1000, default: 20),
                count: try reader.count("count", in: 1...100_000, default: 200),
                holdSnapshots: try reader.count("holdSnapshots", in: 1...10_000, default: 28))
        case "poisson-book":
            var book = PoissonBookMarket.Settings()
            book.arrivalsPerDay = try reader.number("arrivalsPerDay", .nonNegative, default: book.arrivalsPerDay)
            book.clientDays = try reader.number("maturityDays", .positive, default: book.clientDays)
            book.hedgeDays = try reader.number("hedgeMaturityDays", .positive, default: book.hedgeDays)
            book.contractSize = try reader.number("contractSize", .positive, default: book.contractSize)
            self = .poissonBook(book)
        case "call-spread", "put-spread":
            let strikes = try reader.list("strikes", expected: "two strikes, the lower first") ?? []
            let quantity = try reader.number("quantity", .finite, default: -1)
            guard strikes.count == 2 else {
                throw .invalid(
                    path: "claim.strikes", found: "\(strikes.count) strikes", expected: "two strikes, the lower first", line: reader.line)
            }
            var values: [Double] = []
            for strike in strikes { values.append(try ConfigReader.number(strike.node, .positive, path: strike.path)) }
            guard values[0] < values[1] else {
                throw .invalid(
                    path: "claim.strikes", found: "\(values[0]) then \(values[1])", expected: "two strikes, the lower first",
                    line: strikes[0].node.line)
            }
            // A call spread is long the lower strike, a put spread the upper one.
            self = .options(
                kind == "call-spread"
                    ? [
                        .init(kind: .call, strike: values[0], quantity: quantity),
                        .init(kind: .call, strike: values[1], quantity: -quantity),
                    ]
                    : [.init(kind: .put, strike: values[1], quantity: quantity), .init(kind: .put, strike: values[0], quantity: -quantity)])
        case "basket":
            let option =
                try reader.choice("option", of: OptionKind.allCases.map(\.rawValue), default: "call") == "call" ? OptionKind.call : .put
            var weights: [Double] = []
            for item in try reader.list("weights", expected: "a list of positive weights, one for each asset") ?? [] {
                weights.append(try ConfigReader.number(item.node, .positive, path: item.path))
            }
            guard !weights.isEmpty else {
                throw .missing(path: "claim.weights", expected: "a list of positive weights, one for each asset", line: reader.line)
            }
            self = .basket(
                BasketOption(
                    option, weights: weights, strike: try reader.number("strike", .positive),
                    quantity: try reader.number("quantity", .finite, default: -1)))
        case "book":
            guard let items = try reader.list("positions", expected: "a list of options"), !items.isEmpty else {
                throw .missing(path: "claim.positions", expected: "a list of options, at least one", line: reader.line)
            }
            var positions: [OptionPosition] = []
            var exotics: [ExoticPosition] = []
            for item in items {
                var position = try ConfigReader(item.node, path: item.path)
                let kind = try position.choice("kind", of: OptionKind.allCases.map(\.rawValue) + ExoticPosition.kinds)
                if ExoticPosition.kinds.contains(kind) {
                    exotics.append(try ExoticPosition(&position, kind: kind))
                } else {
                    positions.append(try OptionPosition(&position))
                }
                try position.finish()
            }
            self = exotics.isEmpty ? .options(positions) : .exotics(exotics, options: positions)
        case "call", "put":
            self = .options([try OptionPosition(&reader)])
        default:
            self = .exotics([try ExoticPosition(&reader, kind: kind)], options: [])
        }
        try reader.finish()
    }

    var node: ConfigNode {
        switch self {
        case .everyOption: .map([("kind", .text("every-option"))])
        case .randomBooks(let options, let count, let holdSnapshots):
            .map([
                ("kind", .text("random-books")), ("options", .integer(options)), ("count", .integer(count)),
                ("holdSnapshots", .integer(holdSnapshots)),
            ])
        case .basket(let basket):
            .map([
                ("kind", .text("basket")), ("option", .text(basket.kind.rawValue)), ("strike", .number(basket.strike)),
                ("weights", .list(basket.weights.map(ConfigNode.number))), ("quantity", .number(basket.quantity)),
            ])
        case .exotics(let exotics, let options):
            exotics.count == 1 && options.isEmpty
                ? exotics[0].node : .map([("kind", .text("book")), ("positions", .list(options.map(\.node) + exotics.map(\.node)))])
        case .poissonBook(let book):
            .map([
                ("kind", .text("poisson-book")), ("arrivalsPerDay", .number(book.arrivalsPerDay)),
                ("maturityDays", .number(book.clientDays)), ("hedgeMaturityDays", .number(book.hedgeDays)),
                ("contractSize", .number(book.contractSize)),
            ])
        case .options(let positions):
            positions.count == 1 ? positions[0].node : .map([("kind", .text("book")), ("positions", .list(positions.map(\.node)))])
        }
    }
}

extension ClaimSettings.OptionPosition {
    init(_ reader: inout ConfigReader) throws(ConfigError) {
        kind = try reader.choice("kind", of: OptionKind.allCases.map(\.rawValue)) == "call" ? .call : .put
        strike = try reader.number("strike", .positive)
        maturityDays = reader.keys.contains("maturityDays") ? try reader.number("maturityDays", .positive) : nil
        quantity = try reader.number("quantity", .finite, default: -1)
    }

    var node: ConfigNode {
        .map([
            ("kind", .text(kind.rawValue)), ("strike", .number(strike)), ("maturityDays", maturityDays.map(ConfigNode.number)),
            ("quantity", .number(quantity)),
        ])
    }
}
