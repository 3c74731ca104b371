public import Foundation

/// A dataset on its way: files that grow, and a record of how far they are worth keeping, so that a work that was cut short goes on.
///
///     NAME being made:   .importing-NAME/    the files                 .importing-NAME.json   the record
///
/// The record, written whole or not at all, holds the length of every file and what the work needs to go on. What was appended after it is
/// cut off when the draft is opened again. A finished draft becomes `NAME/` by one rename.
public final class DatasetDraft<Progress: Codable> {
    /// Where the files lie until they are finished.
    public let folder: URL
    /// Where the work was put down; nil where it begins.
    public private(set) var progress: Progress?

    private let store: DatasetStore
    private let name: StoreName
    private let record: URL
    private let lock: Int32
    /// Whether the store's folder was made for this draft.
    private let madeStore: Bool
    private var lengths: [String: Int] = [:]
    /// Written since the last record.
    private var touched: Set<String> = []

    private struct Record: Codable {
        var formatVersion = 1
        var files: [String: Int]
        var progress: Progress
    }

    /// Takes up the draft of that name, or begins it.
    ///
    /// - Parameter fresh: Whether what is there is thrown away.
    /// - Throws: `DatasetError.draftInUse` where another process is at it.
    public init(_ name: StoreName, in store: DatasetStore, fresh: Bool = false) throws {
        self.name = name
        self.store = store
        folder = store.root.appendingPathComponent(".importing-\(name)", isDirectory: true)
        record = store.root.appendingPathComponent(".importing-\(name).json")
        let manager = FileManager.default
        madeStore = !manager.fileExists(atPath: store.root.path)
        do {
            try manager.createDirectory(at: folder, withIntermediateDirectories: true)
        } catch { throw FileError.unwritable(path: folder.path, reason: "the directory cannot be made") }
        lock = open(folder.path, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
        guard lock >= 0, flock(lock, LOCK_EX | LOCK_NB) == 0 else {
            if lock >= 0 { close(lock) }
            throw DatasetError.draftInUse(folder.path)
        }
        if fresh { try? manager.removeItem(at: record) }
        if manager.fileExists(atPath: record.path) {
            let kept = try JSONRecord.read(Record.self, at: record, supported: 1...1)
            progress = kept.progress
            lengths = kept.files
        }
        try cutToLengths()
    }

    deinit { close(lock) }

    /// Cuts every file to the length of the record, and takes away those it does not name.
    private func cutToLengths() throws {
        for path in try DatasetStore.files(in: folder) where lengths[path] == nil {
            try FileManager.default.removeItem(at: folder.appendingPathComponent(path))
        }
        for (path, length) in lengths {
            let file = folder.appendingPathComponent(path)
            let size = (try? file.resourceValues(forKeys: [.fileSizeKey]))?.fileSize ?? -1
            guard size >= length, truncate(file.path, off_t(length)) == 0 else {
                throw DatasetError.draftDamaged(file: file.path, found: size, expected: length, record: record.path)
            }
        }
    }

    public func append(_ bytes: [UInt8], to path: String) throws {
        let file = folder.appendingPathComponent(path)
        if lengths[path] == nil {
            try FileManager.default.createDirectory(at: file.deletingLastPathComponent(), withIntermediateDirectories: true)
        }
        let descriptor = open(file.path, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0o644)
        guard descriptor >= 0 else { throw FileError.unwritable(path: file.path, reason: FileError.reason(errno)) }
        defer { close(descriptor) }
        try AtomicFile.Sink(descriptor: descriptor, path: file.path).append(Data(bytes))
        lengths[path, default: 0] += bytes.count
        touched.insert(path)
    }

    /// Bytes appended since the last record are safe from here on, and the work can be taken up from `progress`.
    public func keep(_ progress: Progress) throws {
        for path in touched { try AtomicFile.synchronize(path: folder.appendingPathComponent(path).path, flags: O_RDONLY) }
        touched.removeAll()
        try AtomicFile.write(try JSONRecord.text(Record(files: lengths, progress: progress)), to: record)
        self.progress = progress
    }

    /// Gives the files their manifest and the dataset its name.
    ///
    /// - Parameter rows: Records of each file, by relative path.
    public func finish(_ manifest: DatasetManifest, rows: [String: Int], replacing: Bool = false) throws -> DatasetManifest {
        precondition(manifest.name == name.rawValue, "the manifest is of '\(manifest.name)', the draft of '\(name)'")
        let saved = try store.complete(manifest, in: folder, rows: rows, replacing: replacing)
        try? FileManager.default.removeItem(at: record)
        return saved
    }

    /// Takes away everything that was made.
    public func discard() {
        try? FileManager.default.removeItem(at: record)
        try? FileManager.default.removeItem(at: folder)
        if madeStore { rmdir(store.root.path) }
    }
}
