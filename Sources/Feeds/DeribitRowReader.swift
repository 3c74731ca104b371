import Market

/// The part of a row that both Deribit recordings share: an option's name and its figures.
struct DeribitRowReader {
    struct Columns {
        var instrument, bid, ask, mark, volatility, delta, vega, openInterest, volume, forward, forwardName, index: Int
    }

    let columns: Columns
    private var contracts = ByteTable<OptionContract>()
    private var forwardNames = ByteTable<String>()

    init(columns: Columns) { self.columns = columns }

    /// Nil where another market is wanted.
    mutating func quote(_ row: CSVRow, selecting selection: SnapshotSelection) throws(FeedError) -> OptionQuote? {
        let contract = try contracts.value(row.cell(columns.instrument)) { _ throws(FeedError) in try Self.contract(row, columns.instrument)
        }
        if let wanted = selection.currency, contract.underlying != wanted { return nil }
        if let wanted = selection.settlement, contract.settlement != wanted { return nil }
        return OptionQuote(
            contract: contract,
            quote: Quote(
                bid: try quoted(row, columns.bid), ask: try quoted(row, columns.ask), mark: try row.number(columns.mark, .notNegative)),
            markVolatility: try row.number(columns.volatility, .notNegative),
            delta: try row.number(columns.delta, .unitInterval),
            vega: try row.number(columns.vega, .notNegative) * 100,
            openInterest: try row.number(columns.openInterest, .notNegative),
            volume: try row.number(columns.volume, .notNegative),
            forward: try row.number(columns.forward, .positive),
            forwardName: try forwardNames.value(row.cell(columns.forwardName)) { _ throws(FeedError) in
                try Self.forwardName(row, columns.forwardName)
            },
            index: try row.number(columns.index, .positive))
    }

    /// A bid or ask; zero and empty are no quote.
    @inline(__always)
    private func quoted(_ row: CSVRow, _ column: Int) throws(FeedError) -> Double? {
        guard let price = try row.optionalNumber(column, .notNegative), price > 0 else { return nil }
        return price
    }

    private static func contract(_ row: CSVRow, _ column: Int) throws(FeedError) -> OptionContract {
        let instrument: Instrument
        do { instrument = try DeribitName.parse(row.cell(column)) } catch {
            throw row.error(column, expected: "an option's name; \(error)")
        }
        guard case .option(let contract) = instrument else { throw row.error(column, expected: "an option's name") }
        return contract
    }

    /// `INDEX`, `SYN.BTC-5JAN26`, `SYN.EXPIRY` or a dated future's name.
    private static func forwardName(_ row: CSVRow, _ column: Int) throws(FeedError) -> String {
        let name = row.text(column)
        // After SYN. stands the future it would be, and on the last hours of an expiry the word EXPIRY.
        if name == "INDEX" || name.hasPrefix("SYN.") { return name }
        guard let instrument = try? DeribitName.parse(name), case .future = instrument else {
            throw row.error(column, expected: "INDEX, a dated future's name, or SYN. and a name")
        }
        return name
    }
}
