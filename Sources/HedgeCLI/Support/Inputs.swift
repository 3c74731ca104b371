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
        try reading(path) {
            if path.hasSuffix(".json") {
                return try MarketSnapshot(json: try JSONValue.parse(try RegularFile.read(URL(fileURLWithPath: path), limit: 64 << 20)))
            }
            let snapshots = try self.snapshots(path, currency: currency, workers: Workers())
            let currencies = Set(snapshots.map(\.currency.rawValue)).sorted()
            guard currencies.count == 1 else {
                throw Failure.usage("\(path) holds \(currencies.joined(separator: " and ")); say which with --currency.")
            }
            let moment = try time.map { try Timestamp(iso8601: $0) }
            guard let last = snapshots.last(where: { snapshot in moment.map { snapshot.time <= $0 } ?? true }) else {
                throw Failure.data("\(path): no snapshot\(time.map { " at or before \($0)" } ?? "").")
            }
            return last
        }
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
