public import Features
public import Market

public enum MarketSlotError: Error, Equatable, CustomStringConvertible {
    case notNewer(found: Timestamp, current: Timestamp)

    public var description: String {
        switch self {
        case .notNewer(let found, let current):
            "time: found \(found), expected later than \(current), the time of the market at hand; an older market never replaces a newer one"
        }
    }
}

/// The last fitted market of each currency and the last inventory. Each is an immutable value, swapped whole.
public actor MarketSlot {
    /// A market and when it came in, by the clock that cannot be set.
    public struct Entry: Sendable {
        public let market: FittedMarket
        /// The currency's markets that came in so far, this one included.
        public let past: MarketHistory
        public let received: ContinuousClock.Instant
    }

    private var markets: [Currency: Entry] = [:]
    private var book: Book?

    public init() {}

    public func publish(_ market: FittedMarket) throws(MarketSlotError) {
        if let current = markets[market.snapshot.currency]?.market.snapshot.time, market.snapshot.time <= current {
            throw .notNewer(found: market.snapshot.time, current: current)
        }
        var past = markets[market.snapshot.currency]?.past ?? MarketHistory()
        if let observed = market.observed { past.append(observed) }
        past.forget(before: market.snapshot.time)
        markets[market.snapshot.currency] = Entry(market: market, past: past, received: .now)
    }

    public func publish(_ book: Book) { self.book = book }

    public func market(_ currency: Currency) -> Entry? { markets[currency] }

    public func inventory() -> Book? { book }

    public var currencies: [Currency] { markets.keys.sorted() }
}
