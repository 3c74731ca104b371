public import Features
public import Market
public import StrictJSON

extension MarketHistory {
    /// Reads what happened beside a currency's snapshots as `POST /v1/history` takes it. Every list may be left out; each is in order of
    /// time.
    ///
    ///     {"currency": "BTC",
    ///      "prices": [{"time": "2026-01-15T21:20:00Z", "open": 95380, "high": 95400, "low": 95300, "close": 95350}],
    ///      "funding": [{"time": "2026-01-15T21:20:00Z", "rate": 0.0001}],
    ///      "volatilityIndex": [{"time": "2026-01-15T21:20:00Z", "volatility": 0.4312}],
    ///      "quotes": [{"time": "2026-01-15T21:20:00Z", "bid": 95379.5, "bidSize": 12.5, "ask": 95380, "askSize": 7.25}],
    ///      "trades": [{"time": "2026-01-15T21:20:00Z", "instrument": "BTC-27MAR26-95000-C", "quantity": -2.5}],
    ///      "stablecoin": [{"time": "2026-01-15T21:20:00Z", "price": 0.9998}]}
    ///
    /// Prices are of the spot index, a bar stamped with its end; the funding rate is a fraction for eight hours; quotes are of the
    /// perpetual, sizes in coin; a trade's quantity is in coin, negative where the taker sold; the stablecoin is what linear contracts pay
    /// in, in dollars.
    ///
    /// - Parameter now: Nothing may be later.
    /// - Returns: The history and the currency it is of.
    /// - Throws: `WireError` with the path of what is wrong.
    public static func read(json: JSONValue, now: Timestamp) throws(WireError) -> (history: MarketHistory, currency: Currency) {
        let object = try JSONField(json).object([
            "currency", "prices", "funding", "volatilityIndex", "quotes", "trades", "stablecoin",
        ])
        let currency = Currency(rawValue: try object.required("currency", "such as \"BTC\"").string())
        let prices = try list(object["prices"], ["open", "high", "low", "close"], until: now, strictly: true) {
            (time, bar) throws(WireError) in try PriceBar(time, bar)
        }
        let funding = try list(object["funding"], ["rate"], until: now) { (time, payment) throws(WireError) in
            FundingPayment(time: time, rate: try payment.number("rate", .fundingRate))
        }
        let indices = try list(object["volatilityIndex"], ["volatility"], until: now) { (time, point) throws(WireError) in
            IndexedVolatility(time: time, volatility: try point.number("volatility", .volatility))
        }
        let quotes = try list(object["quotes"], ["bid", "bidSize", "ask", "askSize"], until: now) { (time, quote) throws(WireError) in
            try TopOfBook(time, quote)
        }
        let trades = try list(object["trades"], ["instrument", "quantity"], until: now) { (time, trade) throws(WireError) in
            // The same may trade many times.
            var unseen: Set<String> = []
            return MarketTrade(
                time: time, instrument: try Instrument(trade.required("instrument", "a Deribit name"), of: currency, unseenIn: &unseen),
                quantity: try trade.number("quantity", .quantity))
        }
        let stablecoin = try list(object["stablecoin"], ["price"], until: now) { (time, point) throws(WireError) in
            StablecoinPrice(time: time, price: try point.number("price", .positivePrice))
        }
        let history = MarketHistory(
            prices: PriceHistory(prices), funding: funding, volatilityIndex: indices, quotes: quotes, trades: trades, stablecoin: stablecoin
        )
        return (history, currency)
    }

    /// The history as `read(json:now:)` reads it; the surfaces of snapshots are not among it.
    public func json(currency: Currency) throws(DeribitNameError) -> JSONValue {
        func point(_ time: Timestamp, _ figures: KeyValuePairs<String, Double>) -> JSONValue {
            .object([.init("time", .string(String(time.nanoseconds)))] + figures.map { .init($0.key, .number($0.value)) })
        }
        var trades: [JSONValue] = []
        for trade in self.trades.elements {
            trades.append([
                "time": .string(String(trade.time.nanoseconds)), "instrument": .string(try DeribitName.format(trade.instrument)),
                "quantity": .number(trade.quantity),
            ])
        }
        return [
            "currency": .string(currency.rawValue),
            "prices": .array(
                prices.bars.map { point($0.end, ["open": $0.open, "high": $0.high, "low": $0.low, "close": $0.close]) }),
            "funding": .array(funding.elements.map { point($0.time, ["rate": $0.rate]) }),
            "volatilityIndex": .array(volatilityIndex.elements.map { point($0.time, ["volatility": $0.volatility]) }),
            "quotes": .array(
                quotes.elements.map {
                    point($0.time, ["bid": $0.bid, "bidSize": $0.bidSize, "ask": $0.ask, "askSize": $0.askSize])
                }),
            "trades": .array(trades), "stablecoin": .array(stablecoin.elements.map { point($0.time, ["price": $0.price]) }),
        ]
    }

    /// Dated elements in order of time.
    private static func list<Element: Dated>(
        _ field: JSONField?, _ members: [String], until now: Timestamp, strictly: Bool = false,
        _ read: (Timestamp, JSONObject) throws(WireError) -> Element
    ) throws(WireError) -> [Element] {
        var elements: [Element] = []
        for item in try field?.array() ?? [] {
            let object = try item.object(["time"] + members)
            let place = try object.required("time", "ISO 8601 in UTC, or nanoseconds since 1970 as a string")
            let time = try Timestamp(place)
            guard time <= now else { throw place.error("\(time)", expected: "a time not later than now, \(now)") }
            if let last = elements.last?.time, strictly ? time <= last : time < last {
                throw place.error("\(time)", expected: "a time \(strictly ? "later than" : "not before") \(last), that of the one before")
            }
            elements.append(try read(time, object))
        }
        return elements
    }
}

extension PriceBar {
    fileprivate init(_ time: Timestamp, _ bar: JSONObject) throws(WireError) {
        self.init(
            end: time, open: try bar.number("open", .positivePrice), high: try bar.number("high", .positivePrice),
            low: try bar.number("low", .positivePrice), close: try bar.number("close", .positivePrice))
        guard isValid else {
            throw bar.field.error("a low of \(low) and a high of \(high)", expected: "a low and high that enclose the open and close")
        }
    }
}

extension TopOfBook {
    fileprivate init(_ time: Timestamp, _ quote: JSONObject) throws(WireError) {
        self.init(
            time: time, bid: try quote.number("bid", .positivePrice), bidSize: try quote.number("bidSize", .size),
            ask: try quote.number("ask", .positivePrice), askSize: try quote.number("askSize", .size))
        guard isValid else { throw quote.field.error("a bid of \(bid) and an ask of \(ask)", expected: "a bid below the ask") }
    }
}
