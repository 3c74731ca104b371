import Foundation
public import LinearAlgebra
public import Market

/// Recorded option chains on disk: a file, or a directory of files, as snapshots in time order.
public enum RecordedChains {
    /// The snapshots of one path.
    ///
    /// A directory stands for its `chains` subdirectory where it has one, otherwise for the files in it that are in a known format.
    ///
    /// - Parameters:
    ///   - format: A name of `FeedCatalog`, or nil to go by each file's first line.
    ///   - workers: Files are decoded side by side; the result does not depend on how many.
    public static func snapshots(
        at path: String, selecting selection: SnapshotSelection = .init(), format: String? = nil, workers: Workers = Workers()
    ) throws(FeedError) -> [MarketSnapshot] {
        try snapshots(in: try files(at: path), requiring: !isDirectory(path), selecting: selection, format: format, workers: workers)
    }

    /// The snapshots of several files together. Every file must be in a known format.
    public static func snapshots(
        in files: [String], selecting selection: SnapshotSelection = .init(), format: String? = nil, workers: Workers = Workers()
    ) throws(FeedError) -> [MarketSnapshot] {
        try snapshots(in: files, requiring: true, selecting: selection, format: format, workers: workers)
    }

    /// The last snapshot of each market up to a moment, or of all, in order of the markets.
    ///
    /// Of stored chains the indices are read and those snapshots alone; other files are read whole.
    public static func latest(
        at path: String, currency: Currency? = nil, settlement: Settlement? = nil, upTo moment: Timestamp? = nil,
        workers: Workers = Workers()
    ) throws(FeedError) -> [MarketSnapshot] {
        let wanted = SnapshotSelection(
            currency: currency, settlement: settlement, to: moment.map { Timestamp(nanoseconds: $0.nanoseconds + 1) })
        var stored: [ChainFile] = []
        for file in try files(at: path) {
            guard ChainFileFeed().recognizes(firstLine: try RecordedFile(path: file).firstLine()) else {
                let all = try snapshots(at: path, selecting: wanted, workers: workers)
                return Set(all.map(\.id)).sorted().compactMap { id in all.last { $0.id == id } }
            }
            stored.append(try ChainFile(path: file))
        }
        var latest: [MarketID: (file: ChainFile, entry: ChainFile.Entry)] = [:]
        for file in stored {
            for entry in file.entries where wanted.contains(entry.time) && entry.mayBe(in: wanted) {
                if let known = latest[entry.id], known.entry.time >= entry.time { continue }
                latest[entry.id] = (file, entry)
            }
        }
        var found: [MarketSnapshot] = []
        for (_, place) in latest.sorted(by: { $0.key < $1.key }) {
            let (time, currency) = (place.entry.time, place.entry.currency)
            let alone = SnapshotSelection(
                currency: currency, settlement: place.entry.settlement ?? settlement, from: time,
                to: Timestamp(nanoseconds: time.nanoseconds + 1))
            try place.file.read(selecting: alone) { found.append($0) }
        }
        return found
    }

    private static func snapshots(
        in files: [String], requiring: Bool, selecting selection: SnapshotSelection, format: String?, workers: Workers
    ) throws(FeedError) -> [MarketSnapshot] {
        let chosen: (any MarketFeed)? = if let format { try FeedCatalog.named(format) } else { nil }
        let decoded = workers.map(count: files.count) { index -> Result<[MarketSnapshot]?, FeedError> in
            do throws(FeedError) {
                return .success(try decode(files[index], chosen, selection))
            } catch {
                return .failure(error)
            }
        }
        var snapshots: [MarketSnapshot] = []
        var recognized = 0
        for (path, result) in zip(files, decoded) {
            guard let part = try result.get() else {
                if requiring {
                    throw .unknownFormat(
                        path: path, firstLine: printable(try RecordedFile(path: path).firstLine()), known: FeedCatalog.all.map(\.name))
                }
                continue
            }
            recognized += 1
            snapshots.append(contentsOf: part)
        }
        guard recognized > 0 else {
            throw .nothingFound(
                path: files.first.map { URL(fileURLWithPath: $0).deletingLastPathComponent().path } ?? "no files",
                expected: "file in a known format (\(FeedCatalog.all.map(\.name).joined(separator: ", ")))")
        }
        snapshots.sort { ($0.time, $0.id) < ($1.time, $1.id) }
        for (earlier, later) in zip(snapshots, snapshots.dropFirst()) where (earlier.time, earlier.id) == (later.time, later.id) {
            throw .duplicateSnapshot(time: later.time.iso8601, market: later.id.description)
        }
        return snapshots
    }

    /// The data files a path stands for, sorted by name.
    public static func files(at path: String) throws(FeedError) -> [String] {
        guard isDirectory(path) else { return [path] }
        var directory = path
        let chains = URL(fileURLWithPath: path).appendingPathComponent("chains").path
        if isDirectory(chains) { directory = chains }
        let names: [String]
        do {
            names = try FileManager.default.contentsOfDirectory(atPath: directory)
        } catch {
            throw .cannotRead(path: directory, reason: error.localizedDescription)
        }
        let files = names.filter { name in endings.contains { name.hasSuffix($0) } }.sorted().map { directory + "/" + $0 }
        guard !files.isEmpty else { throw .nothingFound(path: directory, expected: "file that ends in \(endings.joined(separator: ", "))") }
        return files
    }

    /// The files of one format that a path stands for: a file whatever it is, of a folder those that begin as the format does.
    public static func files(at path: String, in feed: any MarketFeed) throws(FeedError) -> [String] {
        guard isDirectory(path) else { return [path] }
        var found: [String] = []
        for file in try files(at: path) where feed.recognizes(firstLine: try RecordedFile(path: file).firstLine()) { found.append(file) }
        guard !found.isEmpty else { throw .nothingFound(path: path, expected: "file in the format \(feed.name)") }
        return found
    }

    /// What the names of data files in a folder end in.
    private static let endings = [".csv", ".csv.gz", ".jsonl", ".jsonl.gz", ".chains"]

    private static func isDirectory(_ path: String) -> Bool {
        var directory: ObjCBool = false
        return FileManager.default.fileExists(atPath: path, isDirectory: &directory) && directory.boolValue
    }

    /// Nil where the file is in no known format.
    private static func decode(
        _ path: String, _ chosen: (any MarketFeed)?, _ selection: SnapshotSelection
    ) throws(FeedError) -> [MarketSnapshot]? {
        let file = RecordedFile(path: path)
        let line = try file.firstLine()
        guard let feed = chosen ?? FeedCatalog.recognized(firstLine: line) else { return nil }
        return try feed.snapshots(in: file, selecting: selection, prices: try PerpetualPrices(besideFileAt: path))
    }
}
