public import Market
public import StrictJSON

/// Largest price taken, in quote currency or coin: far above any market, far below what overflows a product.
private let largestPrice = 1e12
private let price = (range: 0...largestPrice, expected: "a price of 0 to 1e12 (0 or null: no quote)")
private let positivePrice = (range: Double.leastNormalMagnitude...largestPrice, expected: "a price above 0, at most 1e12")
private let amount = (range: 0...1e15, expected: "an amount of 0 to 1e15")

extension MarketSnapshot {
    /// Reads a snapshot as `POST /v1/market` takes it. Volatilities are decimals, vega per 1.00 of volatility, instruments Deribit names.
    ///
    ///     {"time": "2026-01-15T21:21:56Z", "currency": "BTC", "index": 95380, "perpetual": {"bid": 95379.5, "ask": 95380, "mark": 95380},
    ///      "futures": [{"instrument": "BTC-27MAR26", "mark": 96307.16}],
    ///      "options": [{"instrument": "BTC-27MAR26-95000-C", "bid": 0.077, "ask": 0.078, "mark": 0.0777, "markVolatility": 0.4066,
    ///                   "forward": 96307.16, "forwardName": "BTC-27MAR26", "openInterest": 2565.4}]}
    ///
    /// - Throws: `WireError` with the path of what is wrong; a number out of range, an instrument of another currency, one named twice.
    public init(json: JSONValue) throws(WireError) {
        try self.init(JSONField(json))
    }

    init(_ field: JSONField) throws(WireError) {
        let object = try field.object(["time", "currency", "index", "perpetual", "futures", "options"])
        let currency = Currency(rawValue: try object.required("currency", "such as \"BTC\"").string())
        let index = try object.required("index", "the spot index").number(positivePrice.range, positivePrice.expected)
        var seen: Set<String> = []
        var options: [OptionQuote] = []
        for element in try object.required("options", "an array").array() {
            let option = try element.object([
                "instrument", "bid", "ask", "mark", "markVolatility", "delta", "vega", "openInterest", "volume", "forward", "forwardName",
                "index",
            ])
            let name = try option.required("instrument", "a Deribit name")
            let instrument = try Instrument(name, of: currency, unseenIn: &seen)
            guard case .option(let contract) = instrument else {
                throw name.error("\"\(try name.string())\"", expected: "an option, such as BTC-27MAR26-95000-C")
            }
            options.append(
                OptionQuote(
                    contract: contract,
                    quote: try Quote(option),
                    markVolatility: try option["markVolatility"]?.number(1e-4...20, "a decimal of 0.0001 to 20 (0.55 is 55 %)"),
                    delta: try option["delta"]?.number(-1...1, "a Black delta of -1 to 1"),
                    vega: try option["vega"]?.number(amount.range, amount.expected),
                    openInterest: try option["openInterest"]?.number(amount.range, amount.expected) ?? 0,
                    volume: try option["volume"]?.number(amount.range, amount.expected) ?? 0,
                    forward: try option.required("forward", "the forward of this expiry").number(
                        positivePrice.range, positivePrice.expected),
                    forwardName: try option["forwardName"]?.string() ?? "",
                    index: try option["index"]?.number(positivePrice.range, positivePrice.expected) ?? index))
        }
        var futures: [FutureQuote] = []
        for element in try object["futures"]?.array() ?? [] {
            let future = try element.object(["instrument", "bid", "ask", "mark"])
            let name = try future.required("instrument", "a Deribit name")
            guard case .future(_, let expiry, _) = try Instrument(name, of: currency, unseenIn: &seen) else {
                throw name.error("\"\(try name.string())\"", expected: "a dated future, such as BTC-27MAR26")
            }
            futures.append(FutureQuote(expiry: expiry, quote: try Quote(future)))
        }
        self.init(
            time: try Timestamp(object.required("time", "ISO 8601 in UTC, or nanoseconds since 1970 as a string")), currency: currency,
            index: index,
            options: options, futures: futures,
            perpetual: try object["perpetual"].map { field throws(WireError) in try Quote(field.object(["bid", "ask", "mark"])) })
    }

    /// The snapshot as `init(json:)` reads it.
    ///
    /// - Throws: `DeribitNameError` for an instrument that has no Deribit name.
    public func json() throws(DeribitNameError) -> JSONValue {
        var options: [JSONValue] = []
        for option in self.options {
            var members: [(String, Double?)] = option.quote.members
            members += [
                ("markVolatility", option.markVolatility), ("delta", option.delta), ("vega", option.vega),
                ("openInterest", option.openInterest), ("volume", option.volume), ("forward", option.forward), ("index", option.index),
            ]
            options.append(
                .object(
                    [.init("instrument", .string(try DeribitName.format(.option(option.contract))))] + present(members)
                        + [.init("forwardName", .string(option.forwardName))]))
        }
        var futures: [JSONValue] = []
        for future in self.futures {
            let name = try DeribitName.format(.future(underlying: currency, expiry: future.expiry, settlement: .inverse))
            futures.append(.object([.init("instrument", .string(name))] + present(future.quote.members)))
        }
        var members: [JSONValue.Member] = [
            .init("time", .string(String(time.nanoseconds))), .init("currency", .string(currency.rawValue)), .init("index", .number(index)),
        ]
        if let perpetual { members.append(.init("perpetual", .object(present(perpetual.members)))) }
        return .object(members + [.init("futures", .array(futures)), .init("options", .array(options))])
    }
}

private func present(_ members: [(String, Double?)]) -> [JSONValue.Member] {
    members.compactMap { name, value in value.map { JSONValue.Member(name, .number($0)) } }
}

extension Quote {
    fileprivate init(_ object: JSONObject) throws(WireError) {
        func side(_ name: String) throws(WireError) -> Double? {
            let value = try object[name]?.number(price.range, price.expected)
            return value == 0 ? nil : value
        }
        self.init(bid: try side("bid"), ask: try side("ask"), mark: try side("mark"))
    }

    fileprivate var members: [(String, Double?)] { [("bid", bid), ("ask", ask), ("mark", mark)] }
}

extension Timestamp {
    init(_ field: JSONField) throws(WireError) {
        let text = try field.string()
        if let nanoseconds = Int64(text), text.utf8.count >= 18, nanoseconds > 0 {
            self.init(nanoseconds: nanoseconds)
            return
        }
        do {
            try self.init(iso8601: text)
        } catch {
            throw field.error("\"\(text.prefix(40))\"", expected: "ISO 8601 in UTC, or nanoseconds since 1970 as a string")
        }
    }
}

extension Instrument {
    /// The instrument a field names, if it is of `currency` (nil: of any) and not in `seen`.
    init(_ field: JSONField, of currency: Currency?, unseenIn seen: inout Set<String>) throws(WireError) {
        let name = try field.string()
        do {
            self = try DeribitName.parse(name)
        } catch {
            throw field.error("\"\(name.prefix(60))\" (\(error))", expected: "a Deribit name")
        }
        if let currency, underlying != currency { throw field.error("\"\(name)\"", expected: "an instrument on \(currency.rawValue)") }
        guard seen.insert(name).inserted else { throw field.error("\"\(name)\" a second time", expected: "each instrument once") }
    }
}
