public import Market

/// Option chains in a plain table, for venues that have no format of their own here: one option at one moment a row, in order of time.
///
/// The first line names the columns, in any order. These must be there:
///
///     time        when the row was known: 2026-01-15T21:00:00Z
///     underlying  BTC, SPX: 2 to 10 capital letters or digits
///     expiry      2026-03-27T08:00:00Z
///     kind        call or put
///     strike      quote currency per unit of underlying
///     bid, ask    settlement currency per unit of underlying; empty or zero is no quote
///     forward     to that expiry, quote currency per unit
///
/// and these may:
///
///     settlement        inverse (the default: prices in coin) or linear (prices in quote currency)
///     mark              the venue's own fair price; empty is none
///     mark_volatility   annual decimal (0.65); empty is none
///     delta             Black delta to the forward; empty is none
///     vega              quote currency per 1.00 of volatility; empty is none
///     open_interest     units of underlying; without the column every option counts as held, with 1
///     volume            units of underlying
///     forward_name      a dated future's name, or INDEX where the forward is only the spot index
///     index             spot, quote currency per unit; without it the next expiry's forward stands for it
public struct PlainChainFeed: MarketFeed {
    static let required = ["time", "underlying", "expiry", "kind", "strike", "bid", "ask", "forward"]
    static let optional = [
        "settlement", "mark", "mark_volatility", "delta", "vega", "open_interest", "volume", "forward_name", "index",
    ]

    public let name = "plain-chains"
    public let summary = "option chains in a plain table: time,underlying,expiry,kind,strike,bid,ask,forward and more (.csv or gzip)"

    public init() {}

    public func recognizes(firstLine: String) -> Bool {
        let names = Set(firstLine.split(separator: ",", omittingEmptySubsequences: false).map(String.init))
        return names.isSuperset(of: Self.required)
    }

    public func read(
        _ file: RecordedFile, selecting selection: SnapshotSelection, prices: PerpetualPrices,
        rejecting: (FeedError) throws(FeedError) -> Void, take: (MarketSnapshot) throws(FeedError) -> Void
    ) throws(FeedError) {
        let rows = try CSVRows(file, expecting: "the columns \(Self.required.joined(separator: ","))")
        let columns = try Columns(rows.header, path: file.path)
        var assembler = SnapshotAssembler(prices: prices)
        var times = ByteTable<Timestamp>()
        var currencies = ByteTable<Currency>()
        var names = ByteTable<String>()
        try rows.forEach(rejecting: rejecting) { row throws(FeedError) in
            let time = try times.value(row.cell(columns.time)) { _ throws(FeedError) in try Self.time(row, columns.time) }
            guard selection.contains(time) else { return }
            let currency = try currencies.value(row.cell(columns.underlying)) { _ throws(FeedError) in
                try Self.currency(row, columns.underlying)
            }
            if let wanted = selection.currency, currency != wanted { return }
            let contract = OptionContract(
                underlying: currency, kind: try Self.word(row, columns.kind), strike: try row.number(columns.strike, .positive),
                expiry: try times.value(row.cell(columns.expiry)) { _ throws(FeedError) in try Self.time(row, columns.expiry) },
                settlement: try columns.settlement.map { column throws(FeedError) in try Self.word(row, column) } ?? .inverse)
            if let wanted = selection.settlement, contract.settlement != wanted { return }
            func figure(_ column: Int?, _ range: NumberRange) throws(FeedError) -> Double? {
                guard let column else { return nil }
                return try row.optionalNumber(column, range)
            }
            let option = OptionQuote(
                contract: contract,
                quote: Quote(
                    bid: try row.priced(columns.bid), ask: try row.priced(columns.ask), mark: try figure(columns.mark, .notNegative)),
                markVolatility: try figure(columns.markVolatility, .notNegative), delta: try figure(columns.delta, .unitInterval),
                vega: try figure(columns.vega, .notNegative),
                openInterest: columns.openInterest == nil ? 1 : try figure(columns.openInterest, .notNegative) ?? 0,
                volume: try figure(columns.volume, .notNegative) ?? 0, forward: try row.number(columns.forward, .positive),
                forwardName: try columns.forwardName.map { column throws(FeedError) in
                    try names.value(row.cell(column)) { _ throws(FeedError) in row.text(column) }
                } ?? "SYN.EXPIRY", index: try figure(columns.index, .positive) ?? .nan)
            for snapshot in try assembler.begin(time, row: row) { try take(snapshot) }
            assembler.append(option)
        }
        for snapshot in assembler.finish() { try take(snapshot) }
    }

    /// Where each column stands.
    private struct Columns {
        let time, underlying, expiry, kind, strike, bid, ask, forward: Int
        let settlement, mark, markVolatility, delta, vega, openInterest, volume, forwardName, index: Int?

        init(_ header: [String], path: String) throws(FeedError) {
            let known = PlainChainFeed.required + PlainChainFeed.optional
            func place(_ name: String) -> Int? { header.firstIndex(of: name) }
            for name in header where !known.contains(name) || header.count(where: { $0 == name }) > 1 {
                throw .header(
                    path: path, found: printable(header.joined(separator: ",")),
                    expected:
                        PlainChainFeed.required.joined(separator: ",") + " once each, and of "
                        + PlainChainFeed.optional.joined(separator: ",")
                )
            }
            var places: [Int] = []
            for name in PlainChainFeed.required {
                guard let place = place(name) else {
                    throw .header(
                        path: path, found: printable(header.joined(separator: ",")),
                        expected: PlainChainFeed.required.joined(separator: ","))
                }
                places.append(place)
            }
            (time, underlying, expiry, kind) = (places[0], places[1], places[2], places[3])
            (strike, bid, ask, forward) = (places[4], places[5], places[6], places[7])
            (settlement, mark, markVolatility, delta) = (place("settlement"), place("mark"), place("mark_volatility"), place("delta"))
            (vega, openInterest, volume) = (place("vega"), place("open_interest"), place("volume"))
            (forwardName, index) = (place("forward_name"), place("index"))
        }
    }

    private static func time(_ row: CSVRow, _ column: Int) throws(FeedError) -> Timestamp {
        do { return try Timestamp(iso8601: row.text(column)) } catch {
            throw row.error(column, expected: "a time like 2026-01-15T21:00:00Z")
        }
    }

    private static func currency(_ row: CSVRow, _ column: Int) throws(FeedError) -> Currency {
        let text = row.text(column)
        guard (2...10).contains(text.utf8.count), text.utf8.allSatisfy({ (0x41...0x5A).contains($0) || (0x30...0x39).contains($0) }) else {
            throw row.error(column, expected: "2 to 10 capital letters or digits")
        }
        return Currency(rawValue: text)
    }

    private static func word<Word: RawRepresentable<String> & CaseIterable>(_ row: CSVRow, _ column: Int) throws(FeedError) -> Word {
        guard let word = Word(rawValue: row.text(column)) else {
            throw row.error(column, expected: Word.allCases.map(\.rawValue).joined(separator: " or "))
        }
        return word
    }
}

extension Settlement: CaseIterable {
    public static var allCases: [Settlement] { [.inverse, .linear] }
}
