/// A market by what is traded and what it is paid in: the coin-settled and the dollar-settled contracts on one coin are two markets.
public struct MarketID: Sendable, Hashable, Comparable, CustomStringConvertible {
    public var currency: Currency
    public var settlement: Settlement

    public init(_ currency: Currency, _ settlement: Settlement) {
        self.currency = currency
        self.settlement = settlement
    }

    /// The market whose ``description`` that is.
    public init(_ text: String) {
        let isLinear = text.hasSuffix(Self.linear)
        currency = Currency(rawValue: isLinear ? String(text.dropLast(Self.linear.count)) : text)
        settlement = isLinear ? .linear : .inverse
    }

    /// `BTC`, or `BTC-linear` for contracts that pay dollars.
    public var description: String { settlement == .linear ? currency.rawValue + Self.linear : currency.rawValue }

    /// By currency, coin-settled first.
    public static func < (a: MarketID, b: MarketID) -> Bool {
        a.currency == b.currency ? a.settlement == .inverse && b.settlement == .linear : a.currency < b.currency
    }

    private static let linear = "-linear"
}

extension MarketSnapshot {
    public var id: MarketID { MarketID(currency, settlement) }
}

extension Instrument {
    /// Where it is traded; nil for spot.
    public var market: MarketID? {
        switch self {
        case .option(let contract): MarketID(contract.underlying, contract.settlement)
        case .future(let underlying, _, let settlement), .perpetual(let underlying, let settlement): MarketID(underlying, settlement)
        case .spot: nil
        }
    }
}
