import Market

/// Gathers rows into snapshots: one per moment and currency, ended when the next moment begins.
struct SnapshotAssembler {
    let selection: SnapshotSelection
    let prices: PerpetualPrices
    private(set) var snapshots: [MarketSnapshot] = []

    private var time: Timestamp?
    /// Currencies of the moment being read, in order of appearance; options and index values of each.
    private var currencies: [Currency] = []
    private var options: [[OptionQuote]] = []
    private var expected = 1024

    init(selection: SnapshotSelection, prices: PerpetualPrices) {
        self.selection = selection
        self.prices = prices
    }

    /// Starts a moment. Does nothing where it is the one being read.
    mutating func begin(_ time: Timestamp, row: CSVRow) throws(FeedError) {
        if time == self.time { return }
        if let last = self.time, time < last {
            throw .outOfOrder(path: row.path, line: row.line, found: time.iso8601, after: last.iso8601)
        }
        finish()
        self.time = time
    }

    mutating func append(_ quote: OptionQuote, _ currency: Currency) {
        if let slot = currencies.firstIndex(of: currency) {
            options[slot].append(quote)
        } else {
            currencies.append(currency)
            var list: [OptionQuote] = []
            list.reserveCapacity(expected)
            list.append(quote)
            options.append(list)
        }
    }

    mutating func finish() {
        guard let time else { return }
        for (currency, quotes) in zip(currencies, options) {
            expected = max(64, quotes.count + quotes.count / 8)
            snapshots.append(
                MarketSnapshot(
                    time: time, currency: currency, index: median(quotes.map(\.index)), options: quotes,
                    futures: datedFutures(quotes), perpetual: prices.quote(currency, at: time)))
        }
        currencies.removeAll(keepingCapacity: true)
        options.removeAll(keepingCapacity: true)
        self.time = nil
    }

    /// The dated futures that the venue names as forwards, at the median of the prices read with the rows, by expiry.
    private func datedFutures(_ quotes: [OptionQuote]) -> [FutureQuote] {
        var forwards: [Timestamp: [Double]] = [:]
        for quote in quotes where quote.forwardIsDatedFuture { forwards[quote.contract.expiry, default: []].append(quote.forward) }
        return forwards.keys.sorted().map { FutureQuote(expiry: $0, quote: Quote(mark: median(forwards[$0] ?? []))) }
    }
}

extension OptionQuote {
    /// True unless the forward is the spot index or a synthetic one that cannot be traded.
    var forwardIsDatedFuture: Bool { forwardName != "INDEX" && !forwardName.hasPrefix("SYN.") }
}

/// The middle value, or the mean of the two middle ones.
func median(_ values: [Double]) -> Double {
    guard !values.isEmpty else { return .nan }
    let sorted = values.sorted()
    let middle = sorted.count / 2
    return sorted.count % 2 == 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2
}
