/// A holding of one instrument. Sold is negative.
///
/// Quantity: units of underlying for options, spot and linear contracts; **coin notional** for inverse futures and
/// perpetuals, that is USD notional over the price (a venue's contract count is converted at the door).
public struct Position: Sendable, Hashable, Codable {
    public var instrument: Instrument
    public var quantity: Double
    public var venue: VenueName

    public init(_ instrument: Instrument, quantity: Double, venue: VenueName = "deribit") {
        self.instrument = instrument
        self.quantity = quantity
        self.venue = venue
    }
}

/// The inventory that is hedged: signed positions. One option is a book of one.
public struct Book: Sendable, Hashable, Codable {
    public var positions: [Position]
    public init(_ positions: [Position]) { self.positions = positions }
}

public struct VenueName: Sendable, Hashable, Codable, RawRepresentable, ExpressibleByStringLiteral {
    public let rawValue: String
    public init(rawValue: String) { self.rawValue = rawValue }
    public init(stringLiteral value: String) { self.init(rawValue: value) }
}
