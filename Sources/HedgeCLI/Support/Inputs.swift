import Evaluation
import Feeds
import Foundation
import Hedging
import LinearAlgebra
import Market
import Serving
import Store
import StrictJSON

/// Markets, books and models as commands take them.
enum Inputs {
    /// Where data lies: the folder of the dataset of that name, or the path itself.
    static func place(_ data: String, datasets: String = "datasets") throws(Failure) -> String {
        let known = ((try? DatasetStore(URL(fileURLWithPath: datasets, isDirectory: true)).names()) ?? []).map(\.rawValue)
        if known.contains(data) { return "\(datasets)/\(data)" }
        if FileManager.default.fileExists(atPath: data) { return data }
        let meant = SpellingDistance.nearest(to: data, among: known).map { " Did you mean \"\($0)\"?" } ?? ""
        let there = known.isEmpty ? "no dataset" : known.joined(separator: ", ")
        throw .data("\(data): no file, folder or dataset.\(meant) In \(datasets): \(there).")
    }

    /// A snapshot from JSON as the service takes it, or the last one of a recorded file or folder.
    static func snapshot(
        _ path: String, currency: String?, settlement: Settlement? = nil, at time: String? = nil
    ) throws -> MarketSnapshot {
        let path = try place(path)
        return try reading(path) {
            if path.hasSuffix(".json") {
                return try MarketSnapshot(json: try JSONValue.parse(try RegularFile.read(URL(fileURLWithPath: path), limit: 64 << 20)))
            }
            let moment = try time.map { try Timestamp(iso8601: $0) }
            let latest = try oneMarketEach(
                try RecordedChains.latest(
                    at: path, currency: currency.map(Currency.init(rawValue:)), settlement: settlement, upTo: moment), of: path)
            guard latest.count <= 1 else {
                throw Failure.usage(
                    "\(path) holds \(latest.map(\.currency.rawValue).joined(separator: " and ")); say which with --currency.")
            }
            guard let last = latest.first else {
                let which = (currency.map { " of \($0)" } ?? "") + (time.map { " at or before \($0)" } ?? "")
                throw Failure.data("\(path): no snapshot\(which).")
            }
            return last
        }
    }

    /// The same, and of a recording the one before it of the two days that lead up to it: what stale marks are told by.
    static func snapshotAndBefore(
        _ path: String, currency: String?, settlement: Settlement? = nil, at time: String? = nil
    ) throws -> (snapshot: MarketSnapshot, before: MarketSnapshot?) {
        let snapshot = try snapshot(path, currency: currency, settlement: settlement, at: time)
        guard !path.hasSuffix(".json") else { return (snapshot, nil) }
        let (from, to) = (snapshot.time.adding(days: -2).date, snapshot.time.date)
        let recent = try snapshots(
            path, currency: snapshot.currency.rawValue, settlement: snapshot.settlement, from: "\(from)", to: "\(to)", workers: Workers())
        return (snapshot, recent.last { $0.time < snapshot.time })
    }

    /// The snapshots of a recording, of one market for each currency.
    static func snapshots(
        _ path: String, currency: String?, settlement: Settlement? = nil, from: String? = nil, to: String? = nil, workers: Workers
    ) throws -> [MarketSnapshot] {
        try oneMarketEach(
            try everySnapshot(path, currency: currency, settlement: settlement, from: from, to: to, workers: workers), of: path)
    }

    /// The snapshots of a recording, coin-settled and dollar-settled ones together.
    static func everySnapshot(
        _ path: String, currency: String? = nil, settlement: Settlement? = nil, from: String? = nil, to: String? = nil, workers: Workers
    ) throws -> [MarketSnapshot] {
        var selection = SnapshotSelection(currency: currency.map(Currency.init(rawValue:)), settlement: settlement)
        selection.from = try from.map { day in try usage { Timestamp(try CivilDate(iso8601: day)) } }
        selection.to = try to.map { day in try usage { Timestamp(try CivilDate(iso8601: day)).adding(days: 1) } }
        let chosen = selection
        let path = try place(path)
        let snapshots = try reading(path) { try RecordedChains.snapshots(at: path, selecting: chosen, workers: workers) }
        guard !snapshots.isEmpty else {
            throw Failure.data("\(path): no snapshot\(currency.map { " of \($0)" } ?? "") in the days asked for.")
        }
        return snapshots
    }

    /// The snapshots where each currency is one market; of two, of which one has no options, the other.
    private static func oneMarketEach(_ snapshots: [MarketSnapshot], of path: String) throws -> [MarketSnapshot] {
        var withOptions: [Currency: Set<MarketID>] = [:]
        for snapshot in snapshots where !snapshot.options.isEmpty { withOptions[snapshot.currency, default: []].insert(snapshot.id) }
        for (currency, markets) in withOptions.sorted(by: { $0.key < $1.key }) where markets.count > 1 {
            throw Failure.usage(
                "\(path) holds options on \(currency.rawValue) that pay in coin and others that pay in dollars, which are two markets; "
                    + "say which with --settlement inverse or --settlement linear.")
        }
        return snapshots.filter { withOptions[$0.currency]?.contains($0.id) ?? true }
    }

    static func book(_ path: String) throws -> Book {
        try reading(path) { try Book(json: try JSONValue.parse(try RegularFile.read(URL(fileURLWithPath: path), limit: 64 << 20))) }
    }

    /// The model of a reference; nil without one.
    static func model(_ text: String?, in folder: String) throws -> ServingModel? {
        guard let text else { return nil }
        let reference = try usage { try ModelReference(text) }
        let stored = try reading(folder) { try ModelStore(URL(fileURLWithPath: folder, isDirectory: true)).load(reference) }
        return try usage {
            try ServingModel(
                .init(name: stored.record.name, version: String(stored.record.version)), hedge: stored.hedge,
                paysOff: stored.record.metrics.favoursLearned)
        }
    }
}
