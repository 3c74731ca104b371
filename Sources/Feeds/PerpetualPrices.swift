import Foundation
public import Market

/// Prices of the perpetuals at the snapshots of a recording, from the `snapshots.csv` beside it.
///
///     snap,t_ms,btc_index,eth_index,n_btc,n_eth,btc_perp,eth_perp        USD; an empty price is none
public struct PerpetualPrices: Sendable, Equatable {
    static let header = ["snap", "t_ms", "btc_index", "eth_index", "n_btc", "n_eth", "btc_perp", "eth_perp"]

    /// Seconds since 1970 of a snapshot id -> price.
    private var prices: [Currency: [Int64: Double]] = [:]

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
        prices = ["BTC": btc, "ETH": eth]
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
        self.init()
    }

    public func quote(_ currency: Currency, at time: Timestamp) -> Quote? {
        prices[currency]?[time.wholeSeconds].map { Quote(mark: $0) }
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
