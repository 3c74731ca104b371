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
    /// A snapshot from JSON as the service takes it, or the last one of a recorded file or folder.
    static func snapshot(_ path: String, currency: String?, at time: String? = nil) throws -> MarketSnapshot {
        try snapshotAndBefore(path, currency: currency, at: time).snapshot
    }

    /// The same, and of a recording the snapshot before it: what stale marks are told by.
    static func snapshotAndBefore(
        _ path: String, currency: String?, at time: String? = nil
    ) throws -> (snapshot: MarketSnapshot, before: MarketSnapshot?) {
        try reading(path) {
            if path.hasSuffix(".json") {
                let json = try JSONValue.parse(try RegularFile.read(URL(fileURLWithPath: path), limit: 64 << 20))
                return (try MarketSnapshot(json: json), nil)
            }
            let snapshots = try recent(path, currency: currency, at: time)
            let currencies = Set(snapshots.map(\.currency.rawValue)).sorted()
            guard currencies.count == 1 else {
                throw Failure.usage("\(path) holds \(currencies.joined(separator: " and ")); say which with --currency.")
            }
            let moment = try time.map { try Timestamp(iso8601: $0) }
            guard let last = snapshots.lastIndex(where: { snapshot in moment.map { snapshot.time <= $0 } ?? true }) else {
                throw Failure.data("\(path): no snapshot\(time.map { " at or before \($0)" } ?? "").")
            }
            return (snapshots[last], last > 0 ? snapshots[last - 1] : nil)
        }
    }

    /// The days before a moment where something was recorded then, else everything.
    private static func recent(_ path: String, currency: String?, at time: String?) throws -> [MarketSnapshot] {
        if let moment = try time.map({ try Timestamp(iso8601: $0) }) {
            let (from, to) = (moment.adding(days: -2).date, moment.date)
            let found = try? snapshots(path, currency: currency, from: "\(from)", to: "\(to)", workers: Workers())
            if let found, found.contains(where: { $0.time <= moment }) { return found }
        }
        return try snapshots(path, currency: currency, workers: Workers())
    }

    static func snapshots(
        _ path: String, currency: String?, from: String? = nil, to: String? = nil, workers: Workers
    ) throws -> [MarketSnapshot] {
        var selection = SnapshotSelection(currency: currency.map(Currency.init(rawValue:)))
        selection.from = try from.map { day in try usage { Timestamp(try CivilDate(iso8601: day)) } }
        selection.to = try to.map { day in try usage { Timestamp(try CivilDate(iso8601: day)).adding(days: 1) } }
        let chosen = selection
        let snapshots = try reading(path) { try RecordedChains.snapshots(at: path, selecting: chosen, workers: workers) }
        guard !snapshots.isEmpty else {
            throw Failure.data("\(path): no snapshot\(currency.map { " of \($0)" } ?? "") in the days asked for.")
        }
        return snapshots
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
