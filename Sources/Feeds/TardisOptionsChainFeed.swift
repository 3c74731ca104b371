public import Market

/// Tardis' `options_chain` of Deribit: a row per change of one option, all expiries in one file, in order of arrival.
///
///     exchange,symbol,timestamp,local_timestamp,type,strike_price,expiration,open_interest,last_price,bid_price,bid_amount,bid_iv,
///     ask_price,ask_amount,ask_iv,mark_price,mark_iv,underlying_index,underlying_price,delta,gamma,vega,theta,rho
///
/// Times are microseconds since 1970, volatilities per cent, an empty field is absent, and a price of zero is none. What the symbol says (kind, strike, expiry) must agree with the
/// columns.
/// The file has no index, no perpetual and no funding: they come from `derivative_ticker` files of the same day beside it.
///
/// Reference: docs.tardis.dev, "CSV data types"; columns as in its published samples.
public struct TardisOptionsChainFeed: MarketFeed {
    public static let columns = [
        "exchange", "symbol", "timestamp", "local_timestamp", "type", "strike_price", "expiration", "open_interest", "last_price",
        "bid_price", "bid_amount", "bid_iv", "ask_price", "ask_amount", "ask_iv", "mark_price", "mark_iv", "underlying_index",
        "underlying_price", "delta", "gamma", "vega", "theta", "rho",
    ]

    public let name = "tardis-options-chain"
    public let summary = "Tardis options_chain of Deribit, changes sampled into snapshots (.csv or gzip)"

    public init() {}

    public func recognizes(firstLine: String) -> Bool { firstLine == Self.columns.joined(separator: ",") }

    public func read(
        _ file: RecordedFile, selecting selection: SnapshotSelection, prices: PerpetualPrices,
        rejecting: (FeedError) throws(FeedError) -> Void, take: (MarketSnapshot) throws(FeedError) -> Void
    ) throws(FeedError) {
        var names = ByteTable<String>()
        try TardisChanges.read(
            file, columns: Self.columns, selecting: selection, prices: prices, rejecting: rejecting, take: take, symbol: Self.contract,
            change: { (row, contract) throws(FeedError) -> OptionQuote? in
                if let wanted = selection.currency, contract.underlying != wanted { return nil }
                if let wanted = selection.settlement, contract.settlement != wanted { return nil }
                guard let forward = try row.optionalNumber(18, .positive) else { return nil }
                return OptionQuote(
                    contract: contract,
                    quote: Quote(bid: try row.priced(9), ask: try row.priced(12), mark: try row.optionalNumber(15, .notNegative)),
                    markVolatility: try row.optionalNumber(16, .notNegative).map { $0 / 100 },
                    delta: try row.optionalNumber(19, .unitInterval), vega: try row.optionalNumber(21, .notNegative).map { $0 * 100 },
                    openInterest: try row.optionalNumber(7, .notNegative) ?? 0, volume: 0, forward: forward,
                    forwardName: try names.value(row.cell(17)) { _ throws(FeedError) in try Self.forwardName(row) }, index: .nan)
            },
            tell: { (option: OptionQuote, time, board) in board.set(option, at: time) })
    }

    private static func contract(_ row: CSVRow) throws(FeedError) -> OptionContract {
        guard let instrument = try? DeribitName.parse(row.text(1)), case .option(let contract) = instrument else {
            throw row.error(1, expected: "an option's name like BTC-27DEC24-100000-C")
        }
        guard row.text(4) == contract.kind.rawValue else { throw row.error(4, expected: "\(contract.kind), as the symbol says") }
        guard try row.number(5, .positive) == contract.strike else {
            throw row.error(5, expected: "\(contract.strike), as the symbol says")
        }
        guard try row.integer(6) == contract.expiry.nanoseconds / 1000 else {
            throw row.error(6, expected: "\(contract.expiry.nanoseconds / 1000), as the symbol says")
        }
        return contract
    }

    /// The venue's `index_price` is the house's `INDEX`.
    private static func forwardName(_ row: CSVRow) throws(FeedError) -> String {
        let name = row.text(17)
        if name == "index_price" { return "INDEX" }
        if name == "INDEX" || name.hasPrefix("SYN.") { return name }
        guard let instrument = try? DeribitName.parse(name), case .future = instrument else {
            throw row.error(17, expected: "index_price, a dated future's name, or SYN. and a name")
        }
        return name
    }
}

extension CSVRow {
    /// A bid or ask; zero and empty are no quote.
    func priced(_ column: Int) throws(FeedError) -> Double? {
        guard let price = try optionalNumber(column, .notNegative), price > 0 else { return nil }
        return price
    }
}
