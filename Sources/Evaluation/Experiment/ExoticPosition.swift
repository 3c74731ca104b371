public import Hedging
import Market

/// `{kind: barrier, option: call, strike: 100, barrier: 120, knock: up-out, quantity: -1}`: a claim on the simulated path.
public struct ExoticPosition: Sendable, Equatable {
    public var option: ExoticOption
    /// Sold is negative.
    public var quantity: Double

    static let kinds = ["digital", "barrier", "lookback", "asian", "forward-start", "variance-swap"]

    init(_ reader: inout ConfigReader, kind: String) throws(ConfigError) {
        func side(_ reader: inout ConfigReader) throws(ConfigError) -> OptionKind {
            try reader.choice("option", of: OptionKind.allCases.map(\.rawValue), default: "call") == "call" ? .call : .put
        }
        switch kind {
        case "digital":
            option = .digital(
                try side(&reader), strike: try reader.number("strike", .positive), cash: try reader.number("cash", .positive, default: 1))
        case "barrier":
            let known = ExoticOption.Knock.allCases.map(\.rawValue)
            option = .barrier(
                try side(&reader), strike: try reader.number("strike", .positive), barrier: try reader.number("barrier", .positive),
                ExoticOption.Knock(rawValue: try reader.choice("knock", of: known)) ?? .upOut)
        case "lookback":
            let kind = try side(&reader)
            option = .lookback(kind, strike: reader.keys.contains("strike") ? try reader.number("strike", .positive) : nil)
        case "asian":
            let known = ExoticOption.Average.allCases.map(\.rawValue)
            option = .asian(
                try side(&reader), strike: try reader.number("strike", .positive),
                ExoticOption.Average(rawValue: try reader.choice("average", of: known, default: known[0])) ?? .arithmetic)
        case "forward-start":
            option = .forwardStart(
                try side(&reader), moneyness: try reader.number("moneyness", .positive, default: 1),
                start: try reader.count("startStep", in: 1...10_000))
        default:
            option = .varianceSwap(strike: try reader.number("strike", .nonNegative, default: 0))
        }
        quantity = try reader.number("quantity", .finite, default: -1)
    }

    var node: ConfigNode {
        let own: [(String, ConfigNode?)] =
            switch option {
            case .digital(let kind, let strike, let cash):
                [("option", .text(kind.rawValue)), ("strike", .number(strike)), ("cash", .number(cash))]
            case .barrier(let kind, let strike, let barrier, let knock):
                [
                    ("option", .text(kind.rawValue)), ("strike", .number(strike)), ("barrier", .number(barrier)),
                    ("knock", .text(knock.rawValue)),
                ]
            case .lookback(let kind, let strike): [("option", .text(kind.rawValue)), ("strike", strike.map(ConfigNode.number))]
            case .asian(let kind, let strike, let average):
                [("option", .text(kind.rawValue)), ("strike", .number(strike)), ("average", .text(average.rawValue))]
            case .forwardStart(let kind, let moneyness, let start):
                [("option", .text(kind.rawValue)), ("moneyness", .number(moneyness)), ("startStep", .integer(start))]
            case .varianceSwap(let strike): [("strike", .number(strike))]
            }
        return .map([("kind", .text(option.name))] + own + [("quantity", .number(quantity))])
    }
}
