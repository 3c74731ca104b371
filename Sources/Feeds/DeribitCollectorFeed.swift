public import Market

/// Deribit option chains exactly as the collector wrote them: 23 columns, BTC and ETH in one file, rows in no order.
///
/// Units as in `DeribitChainFeed`. What the name already says (strike, kind, expiry, currency) must agree with it; figures that follow
/// from others (mid, spread, years to expiry, the future's price) are read past.
public struct DeribitCollectorFeed: MarketFeed {
    public static let columns = [
        "timestamp", "instrument_name", "underlying", "underlying_name", "option_type", "strike", "expiry_datetime", "time_to_maturity",
        "bid_price", "ask_price", "mark_price", "mid_price", "futures_price", "futures_instrument_name", "implied_volatility", "delta",
        "vega", "open_interest", "volume", "bid_ask_spread", "currency", "index_price", "volume_usd",
    ]

    public let name = "deribit-collector"
    public let summary = "Deribit option chains as a collector wrote them, 23 columns (.csv or gzip)"

    public init() {}

    public func recognizes(firstLine: String) -> Bool { firstLine == Self.columns.joined(separator: ",") }

    public func read(
        _ file: RecordedFile, selecting selection: SnapshotSelection, prices: PerpetualPrices,
        rejecting: (FeedError) throws(FeedError) -> Void, take: (MarketSnapshot) throws(FeedError) -> Void
    ) throws(FeedError) {
        var assembler = SnapshotAssembler(prices: prices)
        var reader = DeribitRowReader(
            columns: .init(
                instrument: 1, bid: 8, ask: 9, mark: 10, volatility: 14, delta: 15, vega: 16, openInterest: 17, volume: 18, forward: 2,
                forwardName: 3, index: 21))
        var times = ByteTable<Timestamp>()
        var expiries = ByteTable<Timestamp>()
        try CSVRows(file, header: Self.columns).forEach(rejecting: rejecting) { row throws(FeedError) in
            let time = try times.value(row.cell(0)) { _ throws(FeedError) in try Self.time(row, 0) }
            guard selection.contains(time) else { return }
            for snapshot in try assembler.begin(time, row: row) { try take(snapshot) }
            let expiry = try expiries.value(row.cell(6)) { _ throws(FeedError) in try Self.time(row, 6) }
            guard let quote = try reader.quote(row, selecting: selection) else { return }
            let contract = quote.contract
            guard row.text(4) == contract.kind.rawValue else { throw row.error(4, expected: "\(contract.kind), as the name says") }
            guard try row.number(5, .positive) == contract.strike else {
                throw row.error(5, expected: "\(contract.strike), as the name says")
            }
            guard expiry == contract.expiry else { throw row.error(6, expected: "\(contract.expiry), as the name says") }
            guard row.text(20) == contract.underlying.rawValue else {
                throw row.error(20, expected: "\(contract.underlying.rawValue), as the name says")
            }
            assembler.append(quote)
        }
        for snapshot in assembler.finish() { try take(snapshot) }
    }

    private static func time(_ row: CSVRow, _ column: Int) throws(FeedError) -> Timestamp {
        do { return try Timestamp(iso8601: row.text(column)) } catch {
            throw row.error(column, expected: "a time like 2026-01-15T21:21:56Z")
        }
    }
}
