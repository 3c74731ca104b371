public import Market
public import Surface

/// Everything a feature may look at: one currency, one time, nothing later.
///
/// Offline there are many states, from recordings or a simulator; online there is one. Whoever makes a state cannot give it a future:
/// the market's history and the account's fills are cut at the state's time.
public struct MarketState: Sendable {
    public let market: ObservedMarket
    public let past: MarketHistory
    public let book: Book
    /// The book's options with their sensitivities on the surface.
    public let valued: ValuedBook
    public let account: Account
    private let sharedLadder = Once<ScenarioLadder>()
    private let sharedPast: Once<PastFigures>

    /// - Parameter past: What ended after the market's time is dropped.
    public init(_ market: ObservedMarket, book: Book = Book([]), past: MarketHistory = MarketHistory(), account: Account = Account()) {
        self.market = market
        self.past = past.known(at: market.time)
        self.book = book
        valued = ValuedBook(book, on: market.surface)
        self.account = account.known(at: market.time)
        sharedPast = Once()
    }

    /// The same market and past with another book: what does not depend on the book is computed once for both.
    public func holding(_ book: Book, account: Account = Account()) -> MarketState {
        MarketState(self, book: book, account: account)
    }

    private init(_ other: MarketState, book: Book, account: Account) {
        market = other.market
        past = other.past
        self.book = book
        valued = ValuedBook(book, on: other.surface)
        self.account = account.known(at: other.time)
        sharedPast = other.sharedPast
    }

    /// - Parameters:
    ///   - surface: Of the same time and currency as the snapshot.
    ///   - history: Of the index or forward; what ended after the snapshot's time is dropped.
    public init(
        snapshot: MarketSnapshot, surface: VolatilitySurface, book: Book = Book([]), history: PriceHistory = PriceHistory(),
        filter: LiquidityFilter = .quotesAlone
    ) {
        self.init(
            ObservedMarket(snapshot: snapshot, surface: surface, filter: filter), book: book, past: MarketHistory(prices: history))
    }

    /// A state without quotes, for simulated markets that know their surface.
    public init(
        surface: VolatilitySurface, perpetual: Double? = nil, chains: [ExpiryChain] = [], book: Book = Book([]),
        history: PriceHistory = PriceHistory(), fundingRate: Double? = nil
    ) {
        self.init(
            ObservedMarket(surface: surface, perpetual: perpetual, chains: chains, fundingRate: fundingRate), book: book,
            past: MarketHistory(prices: history))
    }

    public var time: Timestamp { market.time }
    public var currency: Currency { market.currency }
    /// Spot index, quote currency per unit.
    public var index: Double { market.index }
    /// The perpetual's mark, else its mid; nil where it was not recorded.
    public var perpetual: Double? { market.perpetual }
    /// The venue's current funding rate of eight hours; nil where it is not given.
    public var fundingRate: Double? { market.fundingRate }
    public var surface: VolatilitySurface { market.surface }
    /// The liquid quotes the surface was fitted to, by expiry.
    public var chains: [ExpiryChain] { market.chains }
    /// The past of the index or forward.
    public var history: PriceHistory { past.prices }

    /// The book revalued over moves of forward, volatility and rate.
    public var ladder: ScenarioLadder { sharedLadder.value { ScenarioLadder(valued, index: index) } }

    /// What several features read of the past.
    var pastFigures: PastFigures { sharedPast.value { PastFigures(self) } }
}
