public import Market

/// A funding rate that held up to a time, per eight hours: longs pay it when it is positive.
public struct FundingPayment: Dated, Equatable {
    public var time: Timestamp
    /// Fraction per eight hours.
    public var rate: Double

    public init(time: Timestamp, rate: Double) {
        self.time = time
        self.rate = rate
    }
}

/// A venue's volatility index (DVOL) at one moment.
public struct IndexedVolatility: Dated, Equatable {
    public var time: Timestamp
    /// Annual decimal: 0.5676 where the index shows 56.76.
    public var volatility: Double

    public init(time: Timestamp, volatility: Double) {
        self.time = time
        self.volatility = volatility
    }
}

/// The best bid and ask of the perpetual with what stands there.
public struct TopOfBook: Dated, Equatable {
    public var time: Timestamp
    /// Quote currency per unit.
    public var bid: Double
    public var ask: Double
    /// Coin.
    public var bidSize: Double
    public var askSize: Double

    public init(time: Timestamp, bid: Double, bidSize: Double, ask: Double, askSize: Double) {
        self.time = time
        self.bid = bid
        self.bidSize = bidSize
        self.ask = ask
        self.askSize = askSize
    }

    /// Whether prices and sizes are positive and finite and the bid is below the ask.
    public var isValid: Bool { [bid, ask, bidSize, askSize].allSatisfy { $0.isFinite && $0 > 0 } && bid < ask }
}

/// What the coin that linear contracts pay in was worth. Dollars.
public struct StablecoinPrice: Dated, Equatable {
    public var time: Timestamp
    public var price: Double

    public init(time: Timestamp, price: Double) {
        self.time = time
        self.price = price
    }
}

/// A trade that the venue printed.
public struct MarketTrade: Dated, Equatable {
    public var time: Timestamp
    public var instrument: Instrument
    /// Coin; positive where the taker bought, negative where it sold.
    public var quantity: Double

    public init(time: Timestamp, instrument: Instrument, quantity: Double) {
        self.time = time
        self.instrument = instrument
        self.quantity = quantity
    }
}

/// What is known of one currency's past. Recordings and the service fill it alike, snapshot by snapshot.
///
/// No feature looks further back than ``reachDays``, at quotes and trades than their own reach, so that what is older may be forgotten.
public struct MarketHistory: Sendable, Equatable {
    /// Of the index or forward.
    public var prices: PriceHistory
    /// The surfaces of earlier snapshots, by their figures at constant maturities.
    public var surfaces: TimeSeries<SurfacePoint>
    public var funding: TimeSeries<FundingPayment>
    public var volatilityIndex: TimeSeries<IndexedVolatility>
    /// Of the perpetual.
    public var quotes: TimeSeries<TopOfBook>
    public var trades: TimeSeries<MarketTrade>
    public var stablecoin: TimeSeries<StablecoinPrice>

    public static let reachDays = 130.0
    public static let quoteReachDays = 1.0
    public static let tradeReachDays = 7.0

    public init(
        prices: PriceHistory = PriceHistory(), surfaces: [SurfacePoint] = [], funding: [FundingPayment] = [],
        volatilityIndex: [IndexedVolatility] = [], quotes: [TopOfBook] = [], trades: [MarketTrade] = [],
        stablecoin: [StablecoinPrice] = []
    ) {
        self.prices = prices
        self.surfaces = TimeSeries(surfaces)
        self.funding = TimeSeries(funding)
        self.volatilityIndex = TimeSeries(volatilityIndex)
        self.quotes = TimeSeries(quotes)
        self.trades = TimeSeries(trades)
        self.stablecoin = TimeSeries(stablecoin)
    }

    /// Everything as it was known at a time.
    public func known(at time: Timestamp) -> MarketHistory {
        var history = self
        history.prices = prices.known(at: time)
        history.surfaces = surfaces.known(at: time)
        history.funding = funding.known(at: time)
        history.volatilityIndex = volatilityIndex.known(at: time)
        history.quotes = quotes.known(at: time)
        history.trades = trades.known(at: time)
        history.stablecoin = stablecoin.known(at: time)
        return history
    }

    /// Adds a market that was seen: its surface's figures, its index, and its funding rate where it has one.
    public mutating func append(_ market: ObservedMarket) {
        prices.append(PriceBar(market.index, at: market.time))
        surfaces.insert(market.point)
        if let rate = market.fundingRate { funding.insert(FundingPayment(time: market.time, rate: rate)) }
    }

    /// What was recorded beside the snapshots, completed by the snapshots themselves: their surfaces, and their indices and funding rates
    /// where no prices or funding were recorded.
    public func completed(by snapshots: MarketHistory) -> MarketHistory {
        var history = self
        if prices.bars.isEmpty { history.prices = snapshots.prices }
        if funding.elements.isEmpty { history.funding = snapshots.funding }
        history.surfaces =
            surfaces.elements.isEmpty ? snapshots.surfaces : TimeSeries(Array(surfaces.elements + snapshots.surfaces.elements))
        return history
    }

    /// Drops what no feature at that time or later looks at.
    public mutating func forget(before time: Timestamp) {
        let horizon = time.adding(days: -Self.reachDays)
        prices.forget(before: horizon)
        surfaces.forget(before: horizon)
        funding.forget(before: horizon)
        volatilityIndex.forget(before: horizon)
        quotes.forget(before: time.adding(days: -Self.quoteReachDays))
        trades.forget(before: time.adding(days: -Self.tradeReachDays))
        stablecoin.forget(before: horizon)
    }
}
