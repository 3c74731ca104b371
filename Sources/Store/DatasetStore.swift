public import Foundation

/// Datasets on disk: `NAME/manifest.json` and the files it lists, each with its checksum.
public struct DatasetStore: Sendable {
    public let root: URL
    static let manifestFile = "manifest.json"

    public init(_ root: URL) { self.root = root }

    /// Makes a dataset whole or not at all.
    ///
    /// - Parameters:
    ///   - replacing: Whether an existing dataset of that name gives way.
    ///   - fill: Writes the files into the directory it is given and returns the records of each, by relative path; a file it does
    ///     not name has none. Names beginning with '.' and a `README.md` are not part of the data.
    /// - Returns: The manifest as saved.
    @discardableResult
    public func save(
        _ manifest: DatasetManifest, replacing: Bool = false, fill: (URL) throws -> [String: Int]
    ) throws -> DatasetManifest {
        let name = try StoreName(manifest.name)
        if let twin = try name.caseTwin(in: root) { throw DatasetError.caseTwin(name.rawValue, existing: twin.rawValue) }
        var saved = manifest
        try AtomicFile.writeDirectory(try name.directory(in: root), replacing: replacing) { temporary in
            saved = try Self.described(manifest, in: temporary, rows: try fill(temporary))
        }
        return saved
    }

    /// Makes a dataset of a folder that lies in the store under another name and holds its files.
    func complete(_ manifest: DatasetManifest, in folder: URL, rows: [String: Int], replacing: Bool) throws -> DatasetManifest {
        let name = try StoreName(manifest.name)
        if let twin = try name.caseTwin(in: root) { throw DatasetError.caseTwin(name.rawValue, existing: twin.rawValue) }
        let saved = try Self.described(manifest, in: folder, rows: rows)
        try AtomicFile.adopt(folder, as: try name.directory(in: root), replacing: replacing)
        return saved
    }

    /// The manifest with its files, as it is written beside them.
    private static func described(_ manifest: DatasetManifest, in folder: URL, rows: [String: Int]) throws -> DatasetManifest {
        var saved = manifest
        saved.files = try files(in: folder).filter { $0 != manifestFile }.map { path in
            let (sha256, bytes) = try RegularFile.digest(folder.appendingPathComponent(path))
            return DatasetManifest.File(path: path, sha256: sha256, bytes: bytes, rows: rows[path])
        }
        for path in rows.keys.sorted() where !saved.files.contains(where: { $0.path == path }) { throw DatasetError.missingFile(path) }
        saved.rows = saved.files.reduce(0) { $0 + ($1.rows ?? 0) }
        try Data(try JSONRecord.text(saved).utf8).write(to: folder.appendingPathComponent(manifestFile))
        return saved
    }

    /// The datasets that have a manifest, in order.
    public func names() throws -> [StoreName] {
        try StoreName.directories(in: root).filter { name in
            FileManager.default.fileExists(
                atPath: root.appendingPathComponent(name.rawValue).appendingPathComponent(Self.manifestFile).path)
        }
    }

    public func directory(of name: StoreName) throws -> URL {
        guard try names().contains(name) else {
            throw DatasetError.unknownDataset(name.rawValue, store: root.path, known: try names().map(\.rawValue))
        }
        return try name.directory(in: root)
    }

    /// What the manifest says; its files are not read.
    public func manifest(of name: StoreName) throws -> DatasetManifest {
        let file = try directory(of: name).appendingPathComponent(Self.manifestFile)
        return try Self.manifest(at: file)
    }

    /// Reads any `manifest.json`, in a store or not.
    public static func manifest(at file: URL) throws -> DatasetManifest {
        let manifest = try JSONRecord.read(DatasetManifest.self, at: file, supported: 1...DatasetManifest.format)
        for entry in manifest.files {
            let parts = entry.path.split(separator: "/", omittingEmptySubsequences: false)
            guard !parts.isEmpty, parts.allSatisfy({ !$0.isEmpty && $0 != "." && $0 != ".." }), !entry.path.utf8.contains(0) else {
                throw DatasetError.pathOutside(file: file.path, path: entry.path)
            }
        }
        return manifest
    }

    /// The manifest, after every file's checksum was found right. Throws the first fault.
    @discardableResult
    public func verify(_ name: StoreName) throws -> DatasetManifest {
        let manifest = try manifest(of: name)
        let directory = try directory(of: name)
        for entry in manifest.files {
            let file = directory.appendingPathComponent(entry.path)
            guard FileManager.default.fileExists(atPath: file.path) else { throw DatasetError.missingFile(file.path) }
            let found = try RegularFile.sha256(file)
            guard found == entry.sha256 else {
                throw DatasetError.checksumMismatch(file: file.path, found: found, expected: entry.sha256)
            }
        }
        for path in try Self.files(in: directory) where !manifest.files.contains(where: { $0.path == path }) && path != Self.manifestFile {
            throw DatasetError.unlistedFile(directory.appendingPathComponent(path).path)
        }
        return manifest
    }

    /// Hash of the manifest, and so of all its files: what models and runs cite.
    public func reference(to name: StoreName) throws -> DataReference {
        DataReference(
            name: name.rawValue, sha256: try RegularFile.sha256(try directory(of: name).appendingPathComponent(Self.manifestFile)))
    }

    /// Relative paths of the data, in order: neither the hidden files nor the page that people read and may correct.
    static func files(in directory: URL, prefix: String = "") throws -> [String] {
        let names = try FileManager.default.contentsOfDirectory(atPath: directory.path).sorted()
        return try names.filter { !$0.hasPrefix(".") && prefix + $0 != "README.md" }.flatMap { entry in
            let url = directory.appendingPathComponent(entry)
            var isDirectory: ObjCBool = false
            let exists = FileManager.default.fileExists(atPath: url.path, isDirectory: &isDirectory)
            return exists && isDirectory.boolValue ? try files(in: url, prefix: prefix + entry + "/") : [prefix + entry]
        }
    }
}
