public import Foundation

/// Files and directories that appear whole or not at all.
///
/// New content goes to a temporary name in the same directory, is forced to the disk, and takes its name by one rename, which
/// is forced to the disk too. A crash at any moment leaves the old content or the new, and at worst a `.partial-*` beside it,
/// which no reader of the store looks at.
public enum AtomicFile {
    static let temporaryPrefix = ".partial-"

    /// Replaces or creates one file.
    public static func write(_ contents: Data, to file: URL) throws {
        try write(to: file) { sink in try sink.append(contents) }
    }

    public static func write(_ contents: String, to file: URL) throws { try write(Data(contents.utf8), to: file) }

    /// Replaces or creates one file, its content appended piece by piece. If `body` throws, nothing has changed.
    public static func write(to file: URL, _ body: (borrowing Sink) throws -> Void) throws {
        let directory = file.deletingLastPathComponent()
        let temporary = directory.appendingPathComponent(temporaryName(for: file))
        do {
            try FileManager.default.createDirectory(at: directory, withIntermediateDirectories: true)
        } catch { throw FileError.unwritable(path: file.path, reason: "the directory cannot be made") }
        let descriptor = open(temporary.path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0o644)
        guard descriptor >= 0 else { throw FileError.unwritable(path: file.path, reason: FileError.reason(errno)) }
        do {
            let sink = Sink(descriptor: descriptor, path: file.path)
            do {
                try body(sink)
                guard fsync(descriptor) == 0 else { throw FileError.unwritable(path: file.path, reason: FileError.reason(errno)) }
            } catch {
                _ = close(descriptor)
                throw error
            }
            guard close(descriptor) == 0, rename(temporary.path, file.path) == 0 else {
                throw FileError.unwritable(path: file.path, reason: FileError.reason(errno))
            }
        } catch {
            _ = unlink(temporary.path)
            throw error
        }
        try synchronize(directory: directory)
    }

    /// Where the pieces of a new file go.
    public struct Sink: ~Copyable {
        let descriptor: Int32
        let path: String

        public func append(_ piece: Data) throws {
            try piece.withUnsafeBytes { bytes in
                var written = 0
                while written < bytes.count {
                    let count = Foundation.write(descriptor, bytes.baseAddress! + written, bytes.count - written)
                    if count < 0 {
                        if errno == EINTR { continue }
                        throw FileError.unwritable(path: path, reason: FileError.reason(errno))
                    }
                    written += count
                }
            }
        }

        public func append(_ piece: String) throws { try append(Data(piece.utf8)) }
    }

    /// Creates a directory with all that `fill` puts into the (temporary) directory it is given.
    ///
    /// - Parameter replacing: Whether an existing directory of that name gives way; if not, `alreadyExists` is thrown. The old one is
    ///   renamed away before the new one takes its name: a crash just between leaves both whole, under `.partial-*` names.
    public static func writeDirectory(_ directory: URL, replacing: Bool = false, fill: (URL) throws -> Void) throws {
        let parent = directory.deletingLastPathComponent()
        let temporary = parent.appendingPathComponent(temporaryName(for: directory), isDirectory: true)
        do {
            try FileManager.default.createDirectory(at: temporary, withIntermediateDirectories: true)
        } catch { throw FileError.unwritable(path: directory.path, reason: "the directory cannot be made") }
        do {
            try fill(temporary)
            try synchronize(treeAt: temporary)
            try install(temporary, as: directory, replacing: replacing)
        } catch {
            try? FileManager.default.removeItem(at: temporary)
            throw error
        }
        try synchronize(directory: parent)
    }

    /// Gives a directory that is complete, in the same folder, the name it was made for.
    static func adopt(_ prepared: URL, as directory: URL, replacing: Bool) throws {
        try synchronize(treeAt: prepared)
        try install(prepared, as: directory, replacing: replacing)
        try synchronize(directory: directory.deletingLastPathComponent())
    }

    /// A rename onto a directory with content fails, which is what keeps two writers of one new name apart.
    private static func install(_ temporary: URL, as directory: URL, replacing: Bool) throws {
        if rename(temporary.path, directory.path) == 0 { return }
        guard errno == EEXIST || errno == ENOTEMPTY else {
            throw FileError.unwritable(path: directory.path, reason: FileError.reason(errno))
        }
        guard replacing else { throw FileError.alreadyExists(path: directory.path) }
        let retired = directory.deletingLastPathComponent().appendingPathComponent(temporaryName(for: directory), isDirectory: true)
        guard rename(directory.path, retired.path) == 0 else {
            throw FileError.unwritable(path: directory.path, reason: FileError.reason(errno))
        }
        guard rename(temporary.path, directory.path) == 0 else {
            let reason = FileError.reason(errno)
            _ = rename(retired.path, directory.path)
            throw FileError.unwritable(path: directory.path, reason: reason)
        }
        try? FileManager.default.removeItem(at: retired)
    }

    private static func temporaryName(for file: URL) -> String {
        "\(temporaryPrefix)\(file.lastPathComponent)-\(getpid())-\(UInt32.random(in: 0 ... .max))"
    }

    private static func synchronize(treeAt directory: URL) throws {
        let manager = FileManager.default
        for entry in try manager.contentsOfDirectory(at: directory, includingPropertiesForKeys: [.isDirectoryKey]) {
            if try entry.resourceValues(forKeys: [.isDirectoryKey]).isDirectory == true {
                try synchronize(treeAt: entry)
            } else {
                try synchronize(path: entry.path, flags: O_RDONLY)
            }
        }
        try synchronize(directory: directory)
    }

    private static func synchronize(directory: URL) throws { try synchronize(path: directory.path, flags: O_RDONLY | O_DIRECTORY) }

    static func synchronize(path: String, flags: Int32) throws {
        let descriptor = open(path, flags | O_CLOEXEC)
        guard descriptor >= 0 else { throw FileError.unwritable(path: path, reason: FileError.reason(errno)) }
        defer { _ = close(descriptor) }
        guard fsync(descriptor) == 0 else { throw FileError.unwritable(path: path, reason: FileError.reason(errno)) }
    }
}
