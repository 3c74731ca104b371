public import Market
public import StrictJSON

extension MarketSnapshot {
    /// Reads a snapshot as `POST /v1/market` takes it. Volatilities are decimals, vega per 1.00 of volatility, the funding
    /// rate a fraction for eight hours, instruments Deribit names: all that pay in coin, or all that pay in dollars.
    ///
    ///     {"time": "2026-01-15T21:21:56Z", "currency": "BTC", "index": 95380, "perpetual": {"bid": 95379.5, "ask": 95380, "mark": 95380},
    ///      "fundingRate": 0.0001, "futures": [{"instrument": "BTC-27MAR26", "mark": 96307.16}],
    ///      "options": [{"instrument": "BTC-27MAR26-95000-C", "bid": 0.077, "ask": 0.078, "mark": 0.0777, "markVolatility": 0.4066,
    ///                   "forward": 96307.16, "forwardName": "BTC-27MAR26", "openInterest": 2565.4}]}
    ///
    /// - Throws: `WireError` with the path of what is wrong; a number out of range, an instrument of another currency or settlement,
    ///   one named twice.
    public init(json: JSONValue) throws(WireError) {
        try self.init(JSONField(json))
    }

    init(_ field: JSONField) throws(WireError) {
        let object = try field.object(["time", "currency", "index", "perpetual", "fundingRate", "futures", "options"])
        let currency = Currency(rawValue: try object.required("currency", "such as \"BTC\"").string())
        let index = try object.required("index", "the spot index").number(.positivePrice)
        var seen: Set<String> = []
        var settlement: Settlement?
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
            try Self.check(contract.settlement, &settlement, name)
            options.append(
                OptionQuote(
                    contract: contract,
                    quote: try Quote(option),
                    markVolatility: try option["markVolatility"]?.number(.volatility),
                    delta: try option["delta"]?.number(.delta),
                    vega: try option["vega"]?.number(.amount),
                    openInterest: try option["openInterest"]?.number(.amount) ?? 0,
                    volume: try option["volume"]?.number(.amount) ?? 0,
                    forward: try option.required("forward", "the forward of this expiry").number(.positivePrice),
                    forwardName: try option["forwardName"]?.string() ?? "",
                    index: try option["index"]?.number(.positivePrice) ?? index))
        }
        var futures: [FutureQuote] = []
        for element in try object["futures"]?.array() ?? [] {
            let future = try element.object(["instrument", "bid", "ask", "mark"])
            let name = try future.required("instrument", "a Deribit name")
            guard case .future(_, let expiry, let paid) = try Instrument(name, of: currency, unseenIn: &seen) else {
                throw name.error("\"\(try name.string())\"", expected: "a dated future, such as BTC-27MAR26")
            }
            try Self.check(paid, &settlement, name)
            futures.append(FutureQuote(expiry: expiry, quote: try Quote(future)))
        }
        self.init(
            time: try Timestamp(object.required("time", "ISO 8601 in UTC, or nanoseconds since 1970 as a string")), currency: currency,
            settlement: settlement, index: index, options: options, futures: futures,
            perpetual: try object["perpetual"].map { field throws(WireError) in try Quote(field.object(["bid", "ask", "mark"])) },
            fundingRate: try object.optionalNumber("fundingRate", .fundingRate))
    }

    /// What the first instrument pays in, the others pay in too.
    private static func check(_ found: Settlement, _ expected: inout Settlement?, _ name: JSONField) throws(WireError) {
        guard let first = expected else {
            expected = found
            return
        }
        guard found == first else {
            throw name.error(
                "\"\(try name.string())\", which pays in \(found == .linear ? "dollars" : "coin")",
                expected: "what pays in \(first == .linear ? "dollars" : "coin"), as the instruments before; the others are another market")
        }
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
            let name = try DeribitName.format(.future(underlying: currency, expiry: future.expiry, settlement: settlement))
            futures.append(.object([.init("instrument", .string(name))] + present(future.quote.members)))
        }
        var members: [JSONValue.Member] = [
            .init("time", .string(String(time.nanoseconds))), .init("currency", .string(currency.rawValue)), .init("index", .number(index)),
        ]
        if let perpetual { members.append(.init("perpetual", .object(present(perpetual.members)))) }
        members += present([("fundingRate", fundingRate)])
        return .object(members + [.init("futures", .array(futures)), .init("options", .array(options))])
    }
}

/// The members that there are.
func present(_ members: [(String, Double?)]) -> [JSONValue.Member] {
    members.compactMap { name, value in value.map { JSONValue.Member(name, .number($0)) } }
}

extension Quote {
    fileprivate init(_ object: JSONObject) throws(WireError) {
        func side(_ name: String) throws(WireError) -> Double? {
            let value = try object[name]?.number(.price)
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
