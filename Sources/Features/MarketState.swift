public import Market
public import Surface

/// Everything a feature may look at: one currency, one time, nothing later.
///
/// Offline there are many states, from recordings or a simulator; online there is one. Whoever makes a state cannot give it a future:
/// the price history is cut at the state's time.
public struct MarketState: Sendable {
    public let time: Timestamp
    public let currency: Currency
    /// Spot index, quote currency per unit.
    public let index: Double
    /// The perpetual's mark, else its mid; nil where it was not recorded.
    public let perpetual: Double?
    /// The venue's current funding rate of eight hours; nil where it is not given.
    public let fundingRate: Double?
    public let surface: VolatilitySurface
    /// The liquid quotes the surface was fitted to, by expiry.
    public let chains: [ExpiryChain]
    public let book: Book
    /// The book's options with their sensitivities on the surface.
    public let valued: ValuedBook
    public let history: PriceHistory

    /// - Parameters:
    ///   - surface: Of the same time and currency as the snapshot.
    ///   - history: Of the index or forward; what ended after the snapshot's time is dropped.
    public init(
        snapshot: MarketSnapshot, surface: VolatilitySurface, book: Book = Book([]), history: PriceHistory = PriceHistory(),
        fundingRate: Double? = nil, filter: LiquidityFilter = .quotesAlone
    ) {
        precondition(
            surface.time == snapshot.time && surface.currency == snapshot.currency,
            "a surface of \(surface.currency.rawValue) at \(surface.time) for a snapshot of \(snapshot.currency.rawValue) at \(snapshot.time)"
        )
        self.init(
            surface: surface, perpetual: snapshot.perpetual.flatMap { $0.mark ?? $0.mid },
            chains: ExpiryChain.chains(of: snapshot, filter: filter), book: book, history: history, fundingRate: fundingRate)
    }

    /// A state without quotes, for simulated markets that know their surface.
    public init(
        surface: VolatilitySurface, perpetual: Double? = nil, chains: [ExpiryChain] = [], book: Book = Book([]),
        history: PriceHistory = PriceHistory(), fundingRate: Double? = nil
    ) {
        time = surface.time
        currency = surface.currency
        index = surface.index
        self.perpetual = perpetual
        self.fundingRate = fundingRate
        self.surface = surface
        self.chains = chains
        self.book = book
        valued = ValuedBook(book, on: surface)
        self.history = history.known(at: surface.time)
    }
}
