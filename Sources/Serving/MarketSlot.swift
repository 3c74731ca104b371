public import Features
public import Market

public enum MarketSlotError: Error, Equatable, CustomStringConvertible {
    case notNewer(found: Timestamp, current: Timestamp)
    /// What happened beside the snapshots comes in order of time, so that what is sent again is not counted twice.
    case notLater(list: String, found: Timestamp, last: Timestamp)

    public var description: String {
        switch self {
        case .notNewer(let found, let current):
            "time: found \(found), expected later than \(current), the time of the market at hand; an older market never replaces a newer one"
        case .notLater(let list, let found, let last):
            "\(list)[0].time: found \(found), expected later than \(last), the last that is known; nothing of this message was taken"
        }
    }
}

/// The last fitted market of each currency and its past, the last inventory, and the account of each currency. Each is an immutable value,
/// swapped whole.
public actor MarketSlot {
    /// A market and when it came in, by the clock that cannot be set.
    public struct Entry: Sendable {
        public let market: FittedMarket
        /// What was recorded beside the currency's markets, completed by those that came in so far, this one included.
        public let past: MarketHistory
        public let received: ContinuousClock.Instant
    }

    private var markets: [Currency: (market: FittedMarket, received: ContinuousClock.Instant)] = [:]
    private var seen: [Currency: MarketHistory] = [:]
    private var recorded: [Currency: MarketHistory] = [:]
    private var accounts: [Currency: Account] = [:]
    private var book: Book?

    public init() {}

    public func publish(_ market: FittedMarket) throws(MarketSlotError) {
        let (currency, time) = (market.snapshot.currency, market.snapshot.time)
        if let current = markets[currency]?.market.snapshot.time, time <= current { throw .notNewer(found: time, current: current) }
        if let observed = market.observed { seen[currency, default: MarketHistory()].append(observed) }
        seen[currency]?.forget(before: time)
        recorded[currency]?.forget(before: time)
        markets[currency] = (market, .now)
    }

    /// Adds what happened beside a currency's markets; all of it or nothing.
    public func record(_ history: MarketHistory, of currency: Currency) throws(MarketSlotError) {
        var known = recorded.removeValue(forKey: currency) ?? MarketHistory()
        defer { recorded[currency] = known }
        try known.append(history)
    }

    /// What was recorded beside a currency's markets.
    public func history(_ currency: Currency) -> MarketHistory { recorded[currency] ?? MarketHistory() }

    public func publish(_ book: Book) { self.book = book }

    public func publish(_ account: Account, of currency: Currency) { accounts[currency] = account }

    public func market(_ currency: Currency) -> Entry? {
        markets[currency].map { last in
            let past = (recorded[currency] ?? MarketHistory()).completed(by: seen[currency] ?? MarketHistory())
            return Entry(market: last.market, past: past, received: last.received)
        }
    }

    public func inventory() -> Book? { book }

    /// Nothing is known of an account that was not posted.
    public func account(_ currency: Currency) -> Account { accounts[currency] ?? Account() }

    public var currencies: [Currency] { markets.keys.sorted() }
}

extension MarketHistory {
    /// Each list of another history behind this one's, which it must be later than; surfaces apart, which come of snapshots.
    fileprivate mutating func append(_ more: MarketHistory) throws(MarketSlotError) {
        func check(_ list: String, _ first: Timestamp?, after last: Timestamp?) throws(MarketSlotError) {
            if let first, let last, first <= last { throw .notLater(list: list, found: first, last: last) }
        }
        try check("prices", more.prices.bars.first?.end, after: prices.bars.last?.end)
        try check("funding", more.funding.elements.first?.time, after: funding.last?.time)
        try check("volatilityIndex", more.volatilityIndex.elements.first?.time, after: volatilityIndex.last?.time)
        try check("quotes", more.quotes.elements.first?.time, after: quotes.last?.time)
        try check("trades", more.trades.elements.first?.time, after: trades.last?.time)
        try check("stablecoin", more.stablecoin.elements.first?.time, after: stablecoin.last?.time)
        for bar in more.prices.bars { prices.append(bar) }
        for payment in more.funding.elements { funding.insert(payment) }
        for point in more.volatilityIndex.elements { volatilityIndex.insert(point) }
        for quote in more.quotes.elements { quotes.insert(quote) }
        for trade in more.trades.elements { trades.insert(trade) }
        for point in more.stablecoin.elements { stablecoin.insert(point) }
    }
}
