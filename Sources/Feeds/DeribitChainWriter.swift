public import Market

/// Snapshots as files in the format of `DeribitChainFeed`, which reads them back equal but for funding rates: it has no column of them.
///
/// One compressed file for each currency and month, `chains/eth-2026-01.csv.gz`, and `snapshots.csv` with indices and perpetuals.
public enum DeribitChainWriter {
    /// Paths relative to the dataset, and their bytes. The same snapshots give the same bytes.
    public static func files(_ snapshots: [MarketSnapshot]) throws(DeribitNameError) -> [DataFile] {
        var chains: [String: [UInt8]] = [:]
        for snapshot in snapshots.sorted(by: { ($0.time, $0.id) < ($1.time, $1.id) }) {
            let date = snapshot.time.date
            let month = "\(date.year)-\(date.month < 10 ? "0" : "")\(date.month)"
            let path = "chains/\(snapshot.currency.rawValue.lowercased())-\(month).csv.gz"
            try append(snapshot, to: &chains[path, default: Array((DeribitChainFeed.columns.joined(separator: ",") + "\n").utf8)])
        }
        var files = chains.keys.sorted().map { DataFile(path: $0, bytes: Gzip.compress(chains[$0] ?? [])) }
        files.append(DataFile(path: "snapshots.csv", bytes: Array(companion(snapshots).utf8)))
        return files
    }

    /// Rows in order of the names.
    private static func append(_ snapshot: MarketSnapshot, to bytes: inout [UInt8]) throws(DeribitNameError) {
        let prefix = "\(snapshot.time.compact),\(snapshot.time.nanoseconds / 1_000_000),"
        var rows: [(name: String, option: OptionQuote)] = []
        for option in snapshot.options { rows.append((try DeribitName.format(.option(option.contract)), option)) }
        rows.sort { $0.name < $1.name }
        for (name, option) in rows {
            let cells = [
                name, cell(option.quote.bid), cell(option.quote.ask), cell(option.quote.mark ?? 0), cell(option.markVolatility ?? 0),
                cell(option.delta ?? 0), cell(perPoint(option.vega ?? 0)), cell(option.openInterest), cell(option.volume),
                cell(option.forward), option.forwardName, cell(option.index),
            ]
            bytes.append(contentsOf: (prefix + cells.joined(separator: ",") + "\n").utf8)
        }
    }

    private static func companion(_ snapshots: [MarketSnapshot]) -> String {
        var rows: [Int64: [Currency: MarketSnapshot]] = [:]
        for snapshot in snapshots where snapshot.settlement == .inverse {
            rows[snapshot.time.nanoseconds, default: [:]][snapshot.currency] = snapshot
        }
        var text = PerpetualPrices.header.joined(separator: ",") + "\n"
        for (nanoseconds, row) in rows.sorted(by: { $0.key < $1.key }) {
            let time = Timestamp(nanoseconds: nanoseconds)
            let (btc, eth) = (row["BTC"], row["ETH"])
            text +=
                [
                    time.compact, "\(nanoseconds / 1_000_000)", cell(btc?.index), cell(eth?.index), "\(btc?.options.count ?? 0)",
                    "\(eth?.options.count ?? 0)", cell(btc?.perpetual?.mark), cell(eth?.perpetual?.mark),
                ].joined(separator: ",") + "\n"
        }
        return text
    }

    /// Shortest digits that read back as the same number.
    private static func cell(_ value: Double?) -> String {
        guard let value else { return "" }
        let text = "\(value)"
        return text.hasSuffix(".0") ? String(text.dropLast(2)) : text
    }

    /// The number of few digits that times 100 is the vega, where there is one.
    private static func perPoint(_ vega: Double) -> Double {
        let rounded = (vega / 100 * 1e5).rounded() / 1e5
        return rounded * 100 == vega ? rounded : vega / 100
    }
}
