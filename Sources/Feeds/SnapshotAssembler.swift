import Market

/// Gathers rows into snapshots: one per moment and market, ended when the next moment begins.
struct SnapshotAssembler {
    let prices: PerpetualPrices

    private var time: Timestamp?
    /// Markets of the moment being read, in order of appearance; options of each.
    private var markets: [MarketID] = []
    private var options: [[OptionQuote]] = []
    private var expected = 1024

    init(prices: PerpetualPrices) { self.prices = prices }

    /// Starts a moment and gives the snapshots of the one before. Does nothing where it is the one being read.
    mutating func begin(_ time: Timestamp, row: CSVRow) throws(FeedError) -> [MarketSnapshot] {
        if time == self.time { return [] }
        if let last = self.time, time < last {
            throw .outOfOrder(path: row.path, line: row.line, found: time.iso8601, after: last.iso8601)
        }
        let snapshots = finish()
        self.time = time
        return snapshots
    }

    mutating func append(_ quote: OptionQuote) {
        let (currency, settlement) = (quote.contract.underlying, quote.contract.settlement)
        if let slot = markets.firstIndex(where: { $0.settlement == settlement && $0.currency == currency }) {
            options[slot].append(quote)
        } else {
            markets.append(MarketID(currency, settlement))
            var list: [OptionQuote] = []
            list.reserveCapacity(expected)
            list.append(quote)
            options.append(list)
        }
    }

    /// The snapshots of the moment being read.
    mutating func finish() -> [MarketSnapshot] {
        guard let time else { return [] }
        let snapshots = zip(markets, options).map { market, quotes in
            MarketSnapshot(
                time: time, currency: market.currency, settlement: market.settlement, index: Self.index(quotes), options: quotes,
                futures: Self.datedFutures(quotes),
                perpetual: prices.quote(market, at: time), fundingRate: prices.fundingRate(market, at: time))
        }
        expected = max(64, (options.map(\.count).max() ?? 0) * 9 / 8)
        markets.removeAll(keepingCapacity: true)
        options.removeAll(keepingCapacity: true)
        self.time = nil
        return snapshots
    }

    /// The median of the rows' indices; where they have none, the forward of the next expiry.
    static func index(_ quotes: [OptionQuote]) -> Double {
        let indices = quotes.map(\.index).filter { !$0.isNaN }
        if !indices.isEmpty { return median(indices) }
        let next = quotes.map(\.contract.expiry).min()
        return median(quotes.filter { $0.contract.expiry == next }.map(\.forward))
    }

    /// The dated futures that the venue names as forwards, at the median of the prices read with the rows, by expiry.
    static func datedFutures(_ quotes: [OptionQuote]) -> [FutureQuote] {
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
