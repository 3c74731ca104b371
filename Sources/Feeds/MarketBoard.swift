import Market

/// A market told change by change: the last word on every instrument, of which a snapshot is taken on a grid of times.
///
/// A snapshot is stamped with its last change, the last before the grid's next moment: it shows nothing that was not known then. Cells of
/// the grid in which nothing changed have none, nor has a market whose spot no index and no forward tells. An instrument of which nothing
/// was heard for an hour is left out, as is an expired one.
struct MarketBoard {
    private static let longestSilence = 3600 * Timestamp.nanosecondsPerSecond

    private struct Heard<Value> {
        var value: Value
        var time: Timestamp
    }

    private struct Market {
        var options: [OptionContract: Heard<OptionQuote>] = [:]
        var futures: [Timestamp: Heard<Quote>] = [:]
        var perpetual: Heard<Quote>?
        var fundingRate: Heard<Double>?
        var index: Heard<Double>?
        var lastChange: Timestamp
    }

    /// Nanoseconds.
    private let interval: Int64
    private let prices: PerpetualPrices
    private var markets: [MarketID: Market] = [:]
    private var cell: Int64?

    /// - Parameters:
    ///   - seconds: Between snapshots. Positive.
    ///   - prices: Of the perpetual and the index, where the changes do not tell them.
    init(every seconds: Int, prices: PerpetualPrices) {
        precondition(seconds > 0, "the interval must be positive, found \(seconds) s")
        interval = Int64(seconds) * Timestamp.nanosecondsPerSecond
        self.prices = prices
    }

    /// Moves on to the time of the next change; gives the snapshots of the cell that it ends.
    mutating func advance(to time: Timestamp) -> [MarketSnapshot] {
        let next = time.nanoseconds / interval
        guard let cell, next > cell else {
            self.cell = max(cell ?? next, next)
            return []
        }
        let snapshots = finish()
        self.cell = next
        return snapshots
    }

    mutating func set(_ option: OptionQuote, at time: Timestamp) {
        change(MarketID(option.contract.underlying, option.contract.settlement), time) {
            $0.options[option.contract] = Heard(value: option, time: time)
        }
    }

    mutating func set(future expiry: Timestamp, of market: MarketID, _ quote: Quote, at time: Timestamp) {
        change(market, time) { $0.futures[expiry] = Heard(value: quote, time: time) }
    }

    mutating func set(perpetual quote: Quote, of market: MarketID, at time: Timestamp) {
        change(market, time) { $0.perpetual = Heard(value: quote, time: time) }
    }

    /// - Parameter rate: Of the perpetual, fraction per eight hours.
    mutating func set(fundingRate rate: Double, of market: MarketID, at time: Timestamp) {
        change(market, time) { $0.fundingRate = Heard(value: rate, time: time) }
    }

    mutating func set(index: Double, of market: MarketID, at time: Timestamp) {
        change(market, time) { $0.index = Heard(value: index, time: time) }
    }

    /// The snapshots of the cell being filled, markets in order.
    mutating func finish() -> [MarketSnapshot] {
        guard let cell else { return [] }
        let start = Timestamp(nanoseconds: cell * interval)
        return markets.keys.sorted().compactMap { id in
            guard let market = markets[id], market.lastChange >= start else { return nil }
            let time = market.lastChange
            forget(id, before: time)
            return markets[id].flatMap { snapshot($0, id, time) }
        }
    }

    private mutating func change(_ id: MarketID, _ time: Timestamp, _ apply: (inout Market) -> Void) {
        var market = markets.removeValue(forKey: id) ?? Market(lastChange: time)
        apply(&market)
        market.lastChange = max(market.lastChange, time)
        markets[id] = market
    }

    private mutating func forget(_ id: MarketID, before time: Timestamp) {
        let silent = Timestamp(nanoseconds: time.nanoseconds - Self.longestSilence)
        guard var market = markets.removeValue(forKey: id) else { return }
        market.options = market.options.filter { $0.key.expiry > time && $0.value.time >= silent }
        market.futures = market.futures.filter { $0.key > time && $0.value.time >= silent }
        if let heard = market.perpetual, heard.time < silent { market.perpetual = nil }
        if let heard = market.fundingRate, heard.time < silent { market.fundingRate = nil }
        if let heard = market.index, heard.time < silent { market.index = nil }
        markets[id] = market
    }

    private func snapshot(_ market: Market, _ id: MarketID, _ time: Timestamp) -> MarketSnapshot? {
        let options = market.options.values.map(\.value).sorted { a, b in
            (a.contract.expiry, a.contract.strike, a.contract.kind.sign) < (b.contract.expiry, b.contract.strike, b.contract.kind.sign)
        }
        let futures = market.futures.keys.sorted().map { FutureQuote(expiry: $0, quote: market.futures[$0]?.value ?? Quote()) }
        let index = market.index?.value ?? prices.index(id, at: time) ?? SnapshotAssembler.index(options)
        guard index > 0 else { return nil }
        return MarketSnapshot(
            time: time, currency: id.currency, settlement: id.settlement, index: index, options: options.map { $0.indexed(index) },
            futures: futures.isEmpty ? SnapshotAssembler.datedFutures(options) : futures,
            perpetual: market.perpetual?.value ?? prices.quote(id, at: time),
            fundingRate: market.fundingRate?.value ?? prices.fundingRate(id, at: time))
    }
}

extension OptionQuote {
    /// With that index where its own row named none.
    fileprivate func indexed(_ index: Double) -> OptionQuote {
        guard self.index.isNaN else { return self }
        var option = self
        option.index = index
        return option
    }
}
