public import Market

/// Deribit option chains in compact rows, one option at one snapshot each, sorted by time.
///
///     snap,t_ms,instrument,bid,ask,mark,mark_iv,delta,vega,open_interest,volume_24h,underlying,underlying_name,index
///
/// Prices in coin, volatility decimal, `vega` in USD per volatility point (times 100 in house units), `underlying` the forward and
/// `index` the spot in USD, both as they stood when the row was read. An empty or zero bid or ask is no quote.
public struct DeribitChainFeed: MarketFeed {
    public static let columns = [
        "snap", "t_ms", "instrument", "bid", "ask", "mark", "mark_iv", "delta", "vega", "open_interest", "volume_24h", "underlying",
        "underlying_name", "index",
    ]

    public let name = "deribit-chains"
    public let summary = "Deribit option chains, compact rows by snapshot (.csv or gzip)"

    public init() {}

    public func recognizes(firstLine: String) -> Bool { firstLine == Self.columns.joined(separator: ",") }

    public func read(
        _ file: RecordedFile, selecting selection: SnapshotSelection, prices: PerpetualPrices,
        rejecting: (FeedError) throws(FeedError) -> Void, take: (MarketSnapshot) throws(FeedError) -> Void
    ) throws(FeedError) {
        var assembler = SnapshotAssembler(prices: prices)
        var reader = DeribitRowReader(
            columns: .init(
                instrument: 2, bid: 3, ask: 4, mark: 5, volatility: 6, delta: 7, vega: 8, openInterest: 9, volume: 10, forward: 11,
                forwardName: 12, index: 13))
        var snapshotIds = ByteTable<Timestamp>()
        try CSVRows(file, header: Self.columns).forEach(rejecting: rejecting) { row throws(FeedError) in
            // The stamp belongs to the id, so the id alone tells snapshots apart; both are checked when an id is new.
            let time = try snapshotIds.value(row.cell(0)) { _ throws(FeedError) in
                _ = try PerpetualPrices.second(row)
                return Timestamp(milliseconds: try row.integer(1))
            }
            guard try row.integer(1) == time.nanoseconds / 1_000_000 else {
                throw row.error(1, expected: "\(time.nanoseconds / 1_000_000), the stamp of the rows of that snapshot before")
            }
            guard selection.contains(time) else { return }
            for snapshot in try assembler.begin(time, row: row) { try take(snapshot) }
            guard let quote = try reader.quote(row, selecting: selection) else { return }
            assembler.append(quote)
        }
        for snapshot in assembler.finish() { try take(snapshot) }
    }
}
