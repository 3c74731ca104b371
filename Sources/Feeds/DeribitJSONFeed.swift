public import Market
import StrictJSON

/// Deribit's public JSON as it came, one message a line: answers over HTTP or WebSocket, and notifications of subscriptions.
///
///     {"jsonrpc":"2.0","id":1,"result":[{"instrument_name":"BTC-27DEC24-100000-C","mark_price":0.0463,...},...],"usOut":1731000000084000}
///     {"jsonrpc":"2.0","method":"subscription","params":{"channel":"ticker.BTC-27DEC24-100000-C.100ms","data":{...}}}
///
/// Read are `public/get_book_summary_by_currency` and `_by_instrument` (known at `usOut`), `public/ticker` and the `ticker` channels
/// (known at their `timestamp`) and `public/get_instruments`, whose contracts must be what their names say. Messages of other kinds are
/// passed over; an error is a bad line. Snapshots are taken on the grid of ``SnapshotSelection/interval``, so a recorder that asks every
/// five minutes is read with an interval of 300 s.
///
/// Volatilities are per cent, vega dollars per volatility point; a price that is null or zero is none.
///
/// Reference: docs.deribit.com, "Market data".
public struct DeribitJSONFeed: MarketFeed {
    public let name = "deribit-json"
    public let summary = "Deribit's public JSON, one message a line: book summaries, tickers, instruments (.jsonl or gzip)"

    public init() {}

    public func recognizes(firstLine: String) -> Bool { firstLine.hasPrefix("{") && firstLine.contains("\"jsonrpc\"") }

    public func read(
        _ file: RecordedFile, selecting selection: SnapshotSelection, prices: PerpetualPrices,
        rejecting: (FeedError) throws(FeedError) -> Void, take: (MarketSnapshot) throws(FeedError) -> Void
    ) throws(FeedError) {
        var board = MarketBoard(every: selection.interval, prices: prices)
        let lines = try LineReader(file)
        var last = Timestamp(nanoseconds: 0)
        while let line = try lines.next() {
            let place = Place(path: file.path, line: lines.number)
            guard !lines.isCutShort else {
                try rejecting(.cutShort(path: file.path, line: lines.number))
                continue
            }
            do throws(FeedError) {
                guard let message = try Message(line, place) else { continue }
                guard message.time >= last else {
                    throw .outOfOrder(path: file.path, line: lines.number, found: message.time.iso8601, after: last.iso8601)
                }
                last = message.time
                for snapshot in board.advance(to: message.time) where selection.contains(snapshot.time) { try take(snapshot) }
                for (index, quote) in message.quotes.enumerated() {
                    do throws(FeedError) {
                        try Self.put(quote, at: message.time, on: &board, selection, place.member("\(message.member)[\(index)]"))
                    } catch { try rejecting(error) }
                }
            } catch {
                guard error.isOfRow else { throw error }
                try rejecting(error)
            }
        }
        guard lines.number > 0 else { throw .empty(path: file.path, expected: "a message of JSON on every line") }
        for snapshot in board.finish() where selection.contains(snapshot.time) { try take(snapshot) }
    }

    /// A message's time and what it says of instruments.
    private struct Message {
        var time: Timestamp
        /// The member its quotes stand in.
        var member = "result"
        var quotes: [JSONValue]

        /// nil for a message of another kind.
        init?(_ line: UnsafeBufferPointer<UInt8>, _ place: Place) throws(FeedError) {
            let message: JSONValue
            do { message = try JSONValue.parse(line) } catch {
                throw place.error(
                    "the line", found: printable(String(decoding: line.prefix(80), as: UTF8.self)), expected: "JSON: \(error)")
            }
            if let error = message["error"], error != .null {
                throw place.error("error", found: printable(error.text()), expected: "an answer")
            }
            if message["method"] == .string("subscription"), case .string(let channel)? = message["params"]?["channel"] {
                guard channel.hasPrefix("ticker."), let data = message["params"]?["data"] else { return nil }
                member = "params.data"
                quotes = [data]
                time = Timestamp(milliseconds: Int64(try place.number(data, "timestamp", in: member)))
                return
            }
            switch message["result"] {
            case .array(let elements)? where elements.first?["instrument_name"] != nil:
                quotes = elements
                time = Timestamp(nanoseconds: Int64(try place.number(message, "usOut", in: "")) * 1000)
            case .object? where message["result"]?["instrument_name"] != nil:
                quotes = [message["result"] ?? .null]
                time = Timestamp(milliseconds: Int64(try place.number(quotes[0], "timestamp", in: "result")))
            case .array([])?, .object?: return nil
            default: throw place.error("result", found: message["result"]?.kind ?? "nothing", expected: "an answer of Deribit's public API")
            }
        }
    }

    private static func put(
        _ quote: JSONValue, at time: Timestamp, on board: inout MarketBoard, _ selection: SnapshotSelection, _ place: Place
    ) throws(FeedError) {
        let name = try place.text(quote, "instrument_name")
        let instrument: Instrument
        do { instrument = try DeribitName.parse(name) } catch {
            // A combination, BTC-CS-27DEC24-100000_110000, has a word where others have their expiry; it is priced by its legs.
            let parts = name.split(separator: "-")
            if parts.count > 2, !parts[1].contains(where: \.isNumber) { return }
            throw place.error("instrument_name", found: printable(name), expected: "an instrument's name; \(error)")
        }
        guard let market = instrument.market, selection.contains(market) else { return }
        if quote["expiration_timestamp"] != nil { return try check(quote, instrument, place) }
        let index = try place.optional(quote, "index_price", or: "estimated_delivery_price")
        let prices = Quote(
            bid: try place.price(quote, "bid_price", "best_bid_price"), ask: try place.price(quote, "ask_price", "best_ask_price"),
            mark: try place.optional(quote, "mark_price"))
        switch instrument {
        case .option(let contract):
            guard let forward = try place.optional(quote, "underlying_price"), forward > 0 else { return }
            let named = try place.text(quote, "underlying_index")
            let greeks = quote["greeks"] ?? .null
            board.set(
                OptionQuote(
                    contract: contract, quote: prices, markVolatility: try place.optional(quote, "mark_iv").map { $0 / 100 },
                    delta: try place.optional(greeks, "delta"), vega: try place.optional(greeks, "vega").map { $0 * 100 },
                    openInterest: try place.optional(quote, "open_interest") ?? 0,
                    volume: try place.optional(quote["stats"] ?? quote, "volume") ?? 0,
                    forward: forward, forwardName: named == "index_price" ? "INDEX" : named, index: index ?? .nan),
                at: time)
        case .future(_, let expiry, _): board.set(future: expiry, of: market, prices, at: time)
        case .perpetual:
            board.set(perpetual: prices, of: market, at: time)
            if let rate = try place.fundingRate(quote) { board.set(fundingRate: rate, of: market, at: time) }
        case .spot: return
        }
        if let index, index > 0 { board.set(index: index, of: market, at: time) }
    }

    /// An entry of `get_instruments` must be the contract that its name says.
    private static func check(_ listing: JSONValue, _ instrument: Instrument, _ place: Place) throws(FeedError) {
        if let expiry = instrument.expiry {
            let found = try place.number(listing, "expiration_timestamp", in: "")
            guard found == Double(expiry.nanoseconds / 1_000_000) else {
                throw place.error("expiration_timestamp", found: "\(found)", expected: "\(expiry), as the name says")
            }
        }
        guard case .option(let contract) = instrument else { return }
        let strike = try place.number(listing, "strike", in: "")
        guard strike == contract.strike else {
            throw place.error("strike", found: "\(strike)", expected: "\(contract.strike), as the name says")
        }
        let kind = try place.text(listing, "option_type")
        guard kind == contract.kind.rawValue else {
            throw place.error("option_type", found: printable(kind), expected: "\(contract.kind), as the name says")
        }
    }
}

/// A line of a file and a member in it, for messages.
private struct Place {
    var path: String
    var line: Int
    var prefix = ""

    init(path: String, line: Int) {
        self.path = path
        self.line = line
    }

    func member(_ name: String) -> Place {
        var place = self
        place.prefix = prefix + name + "."
        return place
    }

    func error(_ member: String, found: String, expected: String) -> FeedError {
        .field(path: path, line: line, column: prefix + member, found: found, expected: expected)
    }

    func number(_ object: JSONValue, _ name: String, in member: String) throws(FeedError) -> Double {
        guard case .number(let value)? = object[name], value >= 0, value < 9e15 else {
            throw error(member.isEmpty ? name : member + "." + name, found: object[name]?.text() ?? "", expected: "a number of at least 0")
        }
        return value
    }

    /// The first of two members that is there.
    func optional(_ object: JSONValue, _ name: String, or other: String) throws(FeedError) -> Double? {
        if let value = try optional(object, name) { return value }
        return try optional(object, other)
    }

    /// nil where the member is absent or null.
    func optional(_ object: JSONValue, _ name: String) throws(FeedError) -> Double? {
        switch object[name] {
        case nil, .null?: return nil
        case .number(let value)?: return value
        case let value?: throw error(name, found: printable(value.text()), expected: "a number or null")
        }
    }

    /// A bid or ask under either of its names; null and zero are no quote.
    func price(_ object: JSONValue, _ name: String, _ other: String) throws(FeedError) -> Double? {
        guard let price = try optional(object, name, or: other), price != 0 else { return nil }
        guard price > 0 else { throw error(name, found: "\(price)", expected: "a price of at least 0") }
        return price
    }

    /// A perpetual's current rate for eight hours, a fraction.
    func fundingRate(_ object: JSONValue) throws(FeedError) -> Double? {
        guard let rate = try optional(object, "current_funding") else { return nil }
        guard NumberRange.fundingRate.contains(rate) else {
            throw error("current_funding", found: "\(rate)", expected: "\(NumberRange.fundingRate)")
        }
        return rate
    }

    func text(_ object: JSONValue, _ name: String) throws(FeedError) -> String {
        guard case .string(let text)? = object[name] else {
            throw error(name, found: object[name]?.text() ?? "", expected: "a text")
        }
        return text
    }
}
