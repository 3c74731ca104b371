import Foundation
public import Market

/// Prices of the perpetuals at the snapshots of a recording, from the `snapshots.csv` beside it.
///
///     snap,t_ms,btc_index,eth_index,n_btc,n_eth,btc_perp,eth_perp        USD; an empty price is none
///
/// or of the `derivative_ticker` files beside a Tardis chain.
public struct PerpetualPrices: Sendable, Equatable {
    static let header = ["snap", "t_ms", "btc_index", "eth_index", "n_btc", "n_eth", "btc_perp", "eth_perp"]

    /// Seconds since 1970 of a snapshot id -> price.
    private var prices: [MarketID: [Int64: Double]] = [:]
    /// Snapshots without options, in order of time, where prices were recorded as they changed.
    private var changes: [MarketID: [MarketSnapshot]] = [:]

    public init() {}

    public init(_ file: DataFile) throws(FeedError) {
        var btc: [Int64: Double] = [:]
        var eth: [Int64: Double] = [:]
        try CSVRows(file, header: Self.header).forEach { row throws(FeedError) in
            let second = try Self.second(row)
            for column in [2, 3] { _ = try row.optionalNumber(column, .positive) }
            for column in [4, 5] { _ = try row.integer(column) }
            if let price = try row.optionalNumber(6, .positive) { btc[second] = price }
            if let price = try row.optionalNumber(7, .positive) { eth[second] = price }
        }
        prices = [MarketID("BTC", .inverse): btc, MarketID("ETH", .inverse): eth]
    }

    /// The prices recorded beside a data file: `snapshots.csv` in its directory or the one above. Empty where there is none.
    public init(besideFileAt path: String) throws(FeedError) {
        let directory = URL(fileURLWithPath: path).deletingLastPathComponent()
        for candidate in [directory, directory.deletingLastPathComponent()] {
            let companion = candidate.appendingPathComponent("snapshots.csv").path
            guard FileManager.default.fileExists(atPath: companion) else { continue }
            self = try PerpetualPrices(DataFile(reading: companion))
            return
        }
        try self.init(tickersBesideChainAt: path)
    }

    /// The `derivative_ticker` files of the exchange and day of an `options_chain` file, in its directory.
    ///
    ///     deribit_options_chain_2026-01-15_OPTIONS.csv.gz   deribit_derivative_ticker_2026-01-15_BTC-PERPETUAL.csv.gz
    private init(tickersBesideChainAt path: String) throws(FeedError) {
        self.init()
        let file = URL(fileURLWithPath: path)
        let parts = file.lastPathComponent.components(separatedBy: "_options_chain_")
        guard parts.count == 2, parts[1].utf8.count > 10 else { return }
        let prefix = "\(parts[0])_derivative_ticker_\(parts[1].prefix(10))_"
        let directory = file.deletingLastPathComponent()
        let names = (try? FileManager.default.contentsOfDirectory(atPath: directory.path)) ?? []
        var selection = SnapshotSelection()
        selection.interval = Int(Self.longestAge / Timestamp.nanosecondsPerSecond)
        for name in names.sorted() where name.hasPrefix(prefix) && name.contains("PERPETUAL") {
            let ticker = RecordedFile(path: directory.appendingPathComponent(name).path)
            for snapshot in try TardisDerivativeTickerFeed().snapshots(in: ticker, selecting: selection, prices: PerpetualPrices()) {
                changes[snapshot.id, default: []].append(snapshot)
            }
        }
    }

    /// Between the prices kept of those recorded as they changed; one up to twice as old stands for the present.
    private static let longestAge = 60 * Timestamp.nanosecondsPerSecond

    public func quote(_ market: MarketID, at time: Timestamp) -> Quote? {
        if let price = prices[market]?[time.wholeSeconds] { return Quote(mark: price) }
        return change(market, at: time)?.perpetual
    }

    /// The spot index, where it was recorded with the perpetual.
    public func index(_ market: MarketID, at time: Timestamp) -> Double? { change(market, at: time)?.index }

    /// The perpetual's funding rate, fraction per eight hours, where it was recorded with the price.
    public func fundingRate(_ market: MarketID, at time: Timestamp) -> Double? { change(market, at: time)?.fundingRate }

    /// The last change that was known at a time and was not too old.
    private func change(_ market: MarketID, at time: Timestamp) -> MarketSnapshot? {
        guard let changes = changes[market] else { return nil }
        let after = changes.partitioningIndex { $0.time > time }
        guard after > 0, time.nanoseconds - changes[after - 1].time.nanoseconds <= 2 * Self.longestAge else { return nil }
        return changes[after - 1]
    }

    /// The id's second, which must be that of the millisecond stamp.
    static func second(_ row: CSVRow) throws(FeedError) -> Int64 {
        let stamp = try row.integer(1)
        let id: Timestamp
        do { id = try Timestamp(compact: row.text(0)) } catch { throw row.error(0, expected: "a snapshot id like 20260203T042935Z") }
        guard stamp >= 0, stamp / 1000 == id.wholeSeconds else {
            throw row.error(1, expected: "milliseconds since 1970 that fall in the second of the id \(row.text(0))")
        }
        return id.wholeSeconds
    }
}

extension Timestamp {
    /// Seconds since 1970, rounded down.
    var wholeSeconds: Int64 {
        let (quotient, remainder) = nanoseconds.quotientAndRemainder(dividingBy: 1_000_000_000)
        return remainder < 0 ? quotient - 1 : quotient
    }
}

extension [MarketSnapshot] {
    /// The first index at which a condition holds that holds from there on.
    fileprivate func partitioningIndex(_ holds: (MarketSnapshot) -> Bool) -> Int {
        var (low, high) = (0, count)
        while low < high {
            let middle = (low + high) / 2
            if holds(self[middle]) { high = middle } else { low = middle + 1 }
        }
        return low
    }
}
