public import Market

/// Tardis' `derivative_ticker` of Deribit: a row per change of a perpetual or dated future, in order of arrival.
///
///     exchange,symbol,timestamp,local_timestamp,funding_timestamp,funding_rate,predicted_funding_rate,open_interest,last_price,
///     index_price,mark_price
///
/// `funding_rate` is the perpetual's current one for eight hours, a fraction. Alone the file gives snapshots without options: index,
/// perpetual and futures on the grid of ``SnapshotSelection/interval``. Beside an `options_chain` file it gives that file's snapshots
/// their index, perpetual and funding rate.
///
/// Reference: docs.tardis.dev, "CSV data types".
public struct TardisDerivativeTickerFeed: MarketFeed {
    public static let columns = [
        "exchange", "symbol", "timestamp", "local_timestamp", "funding_timestamp", "funding_rate", "predicted_funding_rate",
        "open_interest", "last_price", "index_price", "mark_price",
    ]

    public let name = "tardis-derivative-ticker"
    public let summary = "Tardis derivative_ticker of Deribit: index, perpetual, funding and futures (.csv or gzip)"

    public init() {}

    public func recognizes(firstLine: String) -> Bool { firstLine == Self.columns.joined(separator: ",") }

    public func read(
        _ file: RecordedFile, selecting selection: SnapshotSelection, prices: PerpetualPrices,
        rejecting: (FeedError) throws(FeedError) -> Void, take: (MarketSnapshot) throws(FeedError) -> Void
    ) throws(FeedError) {
        try TardisChanges.read(
            file, columns: Self.columns, selecting: selection, prices: prices, rejecting: rejecting, take: take, symbol: Self.instrument,
            change: { (row, instrument) throws(FeedError) -> Ticker? in
                guard let market = instrument.market, selection.contains(market) else { return nil }
                return try Ticker(row, instrument, market)
            },
            tell: { (ticker: Ticker, time, board) in ticker.tell(&board, at: time) })
    }

    private static func instrument(_ row: CSVRow) throws(FeedError) -> Instrument {
        guard let instrument = try? DeribitName.parse(row.text(1)) else {
            throw row.error(1, expected: "a perpetual or dated future like BTC-PERPETUAL")
        }
        switch instrument {
        case .future, .perpetual: return instrument
        default: throw row.error(1, expected: "a perpetual or dated future like BTC-PERPETUAL")
        }
    }
}

/// What a row says of a perpetual or future; nil where it says nothing of that.
private struct Ticker {
    let instrument: Instrument
    let market: MarketID
    let index, mark, fundingRate: Double?

    init(_ row: CSVRow, _ instrument: Instrument, _ market: MarketID) throws(FeedError) {
        self.instrument = instrument
        self.market = market
        fundingRate = try row.optionalNumber(5, .fundingRate)
        _ = try row.optionalNumber(7, .notNegative)
        index = try row.optionalNumber(9, .positive)
        mark = try row.optionalNumber(10, .positive)
    }

    func tell(_ board: inout MarketBoard, at time: Timestamp) {
        if let index { board.set(index: index, of: market, at: time) }
        switch instrument {
        case .future(_, let expiry, _):
            if let mark { board.set(future: expiry, of: market, Quote(mark: mark), at: time) }
        case .perpetual:
            if let mark { board.set(perpetual: Quote(mark: mark), of: market, at: time) }
            if let fundingRate { board.set(fundingRate: fundingRate, of: market, at: time) }
        case .option, .spot: break
        }
    }
}
