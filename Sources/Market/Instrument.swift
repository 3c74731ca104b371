/// A currency or coin: `BTC`, `ETH`, `USD`, `USDC`.
public struct Currency: Sendable, Hashable, Codable, RawRepresentable, ExpressibleByStringLiteral, Comparable {
    public let rawValue: String
    public init(rawValue: String) { self.rawValue = rawValue }
    public init(stringLiteral value: String) { self.init(rawValue: value) }
    public static func < (a: Currency, b: Currency) -> Bool { a.rawValue < b.rawValue }
}

public enum OptionKind: String, Sendable, Hashable, Codable, CaseIterable {
    case call, put

    /// ω: +1 for a call, −1 for a put.
    @inlinable public var sign: Double { self == .call ? 1 : -1 }
}

/// What a contract pays in.
public enum Settlement: String, Sendable, Hashable, Codable {
    /// In the underlying coin: premium and payoff are coin per coin of underlying.
    case inverse
    /// In the quote currency, dollars.
    case linear
}

/// A European option on one unit of `underlying`.
public struct OptionContract: Sendable, Hashable, Codable {
    public var underlying: Currency
    public var kind: OptionKind
    /// In quote currency per unit of underlying. Positive.
    public var strike: Double
    public var expiry: Timestamp
    public var settlement: Settlement

    public init(underlying: Currency, kind: OptionKind, strike: Double, expiry: Timestamp, settlement: Settlement) {
        self.underlying = underlying
        self.kind = kind
        self.strike = strike
        self.expiry = expiry
        self.settlement = settlement
    }

    /// Strike, expiry and kind tell the contracts of a chain apart.
    public func hash(into hasher: inout Hasher) {
        hasher.combine(strike)
        hasher.combine(expiry)
        hasher.combine(kind == .call)
    }
}

/// What can be held: as a liability to hedge or as a hedge.
public enum Instrument: Sendable, Hashable, Codable {
    case option(OptionContract)
    case future(underlying: Currency, expiry: Timestamp, settlement: Settlement)
    case perpetual(underlying: Currency, settlement: Settlement)
    case spot(Currency)

    public var underlying: Currency {
        switch self {
        case .option(let contract): contract.underlying
        case .future(let underlying, _, _), .perpetual(let underlying, _), .spot(let underlying): underlying
        }
    }

    public var expiry: Timestamp? {
        switch self {
        case .option(let contract): contract.expiry
        case .future(_, let expiry, _): expiry
        case .perpetual, .spot: nil
        }
    }
}
