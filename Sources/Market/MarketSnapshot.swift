/// The best prices of one instrument; nil where the venue shows none.
public struct Quote: Sendable, Hashable, Codable {
    public var bid: Double?
    public var ask: Double?
    /// The venue's own fair price.
    public var mark: Double?

    public init(bid: Double? = nil, ask: Double? = nil, mark: Double? = nil) {
        self.bid = bid
        self.ask = ask
        self.mark = mark
    }

    /// (bid + ask)/2 where both are there.
    public var mid: Double? {
        guard let bid, let ask else { return nil }
        return (bid + ask) / 2
    }
}

/// One option as a venue shows it, in house units.
public struct OptionQuote: Sendable, Hashable, Codable {
    public var contract: OptionContract
    /// In settlement currency per unit of underlying: coin for inverse options, dollars for linear ones.
    public var quote: Quote
    /// The venue's mark volatility, annual decimal.
    public var markVolatility: Double?
    /// The venue's Black delta to the forward, not premium-adjusted.
    public var delta: Double?
    /// Quote currency per 1.00 of volatility (the venue's per-point figure times 100).
    public var vega: Double?
    public var openInterest: Double
    public var volume: Double
    /// The forward that the venue names for this expiry, as read with this row.
    public var forward: Double
    /// Where that forward comes from: a dated future, a synthetic one, or `INDEX`.
    public var forwardName: String
    /// The venue's spot index as read with this row.
    public var index: Double

    public init(
        contract: OptionContract, quote: Quote, markVolatility: Double?, delta: Double?, vega: Double?, openInterest: Double,
        volume: Double, forward: Double, forwardName: String, index: Double
    ) {
        self.contract = contract
        self.quote = quote
        self.markVolatility = markVolatility
        self.delta = delta
        self.vega = vega
        self.openInterest = openInterest
        self.volume = volume
        self.forward = forward
        self.forwardName = forwardName
        self.index = index
    }
}

/// A dated future's price and expiry.
public struct FutureQuote: Sendable, Hashable, Codable {
    public var expiry: Timestamp
    public var quote: Quote

    public init(expiry: Timestamp, quote: Quote) {
        self.expiry = expiry
        self.quote = quote
    }
}

/// One venue's market in one currency at one time: of its coin-settled contracts, or of its dollar-settled ones.
public struct MarketSnapshot: Sendable, Hashable, Codable {
    public var time: Timestamp
    public var currency: Currency
    /// What all its contracts pay in.
    public var settlement: Settlement
    /// Spot index, quote currency per coin.
    public var index: Double
    public var options: [OptionQuote]
    public var futures: [FutureQuote]
    public var perpetual: Quote?
    /// The perpetual's current funding rate, fraction per eight hours; longs pay it when it is positive. nil where it is not given.
    public var fundingRate: Double?

    /// - Parameter settlement: nil for that of the options; coin where there are none.
    public init(
        time: Timestamp, currency: Currency, settlement: Settlement? = nil, index: Double, options: [OptionQuote],
        futures: [FutureQuote] = [], perpetual: Quote? = nil, fundingRate: Double? = nil
    ) {
        self.time = time
        self.currency = currency
        self.settlement = settlement ?? options.first?.contract.settlement ?? .inverse
        self.index = index
        self.options = options
        self.futures = futures
        self.perpetual = perpetual
        self.fundingRate = fundingRate
    }
}
