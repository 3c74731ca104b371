public import Market

/// Tardis' `derivative_ticker` of Deribit: a row per change of a perpetual or dated future, in order of arrival.
///
///     exchange,symbol,timestamp,local_timestamp,funding_timestamp,funding_rate,predicted_funding_rate,open_interest,last_price,
///     index_price,mark_price
///
/// Alone it gives snapshots without options: index, perpetual and futures on the grid of ``SnapshotSelection/interval``. Beside an
/// `options_chain` file it gives that file's snapshots their index and perpetual.
///
/// Reference: docs.tardis.dev, "CSV data types".
public struct TardisDerivativeTickerFeed: MarketFeed {
    public static let columns = [
        "exchange", "symbol", "timestamp", "local_timestamp", "funding_timestamp", "funding_rate", "predicted_funding_rate",
        "open_interest", "last_price", "index_price", "mark_price",
    ]

    public let name = "tardis-derivative-ticker"
    public let summary = "Tardis derivative_ticker of Deribit: index, perpetual and futures (.csv or gzip)"

    public init() {}

    public func recognizes(firstLine: String) -> Bool { firstLine == Self.columns.joined(separator: ",") }

    public func read(
        _ file: RecordedFile, selecting selection: SnapshotSelection, prices: PerpetualPrices,
        rejecting: (FeedError) throws(FeedError) -> Void, take: (MarketSnapshot) throws(FeedError) -> Void
    ) throws(FeedError) {
        var board = MarketBoard(every: selection.interval, prices: prices)
        var instruments = ByteTable<Instrument>()
        var clock = ArrivalClock()
        try CSVRows(file, header: Self.columns).forEach(rejecting: rejecting) { row throws(FeedError) in
            let time = try clock.time(row, 3)
            let instrument = try instruments.value(row.cell(1)) { _ throws(FeedError) in try Self.instrument(row) }
            let currency = instrument.underlying
            if let wanted = selection.currency, currency != wanted { return }
            _ = try row.optionalNumber(5, .any)
            _ = try row.optionalNumber(7, .notNegative)
            let index = try row.optionalNumber(9, .positive)
            let mark = try row.optionalNumber(10, .positive)
            for snapshot in board.advance(to: time) where selection.contains(snapshot.time) && snapshot.index > 0 { try take(snapshot) }
            if let index { board.set(index: index, of: currency, at: time) }
            guard let mark else { return }
            switch instrument {
            case .future(_, let expiry, selection.settlement): board.set(future: expiry, of: currency, Quote(mark: mark), at: time)
            case .perpetual(_, selection.settlement): board.set(perpetual: Quote(mark: mark), of: currency, at: time)
            default: break
            }
        }
        for snapshot in board.finish() where selection.contains(snapshot.time) && snapshot.index > 0 { try take(snapshot) }
    }

    private static func instrument(_ row: CSVRow) throws(FeedError) -> Instrument {
        guard row.text(0) == "deribit" else { throw row.error(0, expected: "deribit") }
        guard let instrument = try? DeribitName.parse(row.text(1)) else {
            throw row.error(1, expected: "a perpetual or dated future like BTC-PERPETUAL")
        }
        switch instrument {
        case .future, .perpetual: return instrument
        default: throw row.error(1, expected: "a perpetual or dated future like BTC-PERPETUAL")
        }
    }
}
