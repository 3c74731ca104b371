import Foundation

/// One data file in memory, inflated where it was compressed.
public struct DataFile: Sendable, Equatable {
    /// For messages and for finding what lies beside it.
    public let path: String
    public let bytes: [UInt8]

    public init(path: String, bytes: [UInt8]) {
        self.path = path
        self.bytes = bytes
    }

    /// Reads a regular file; gzip is told by its first bytes, whatever the name says.
    public init(reading path: String, limit: Int = 2 << 30) throws(FeedError) {
        let raw = try Self.read(path, limit: limit)
        self.init(path: path, bytes: Gzip.isCompressed(raw) ? try Gzip.inflate(raw, path: path, limit: limit) : raw)
    }

    private static func read(_ path: String, limit: Int) throws(FeedError) -> [UInt8] {
        // Not blocking, so that a pipe without a writer is refused instead of waited for.
        let descriptor = open(path, O_RDONLY | O_NONBLOCK | O_CLOEXEC)
        guard descriptor >= 0 else { throw .cannotRead(path: path, reason: String(cString: strerror(errno))) }
        defer { close(descriptor) }
        var status = stat()
        guard fstat(descriptor, &status) == 0 else { throw .cannotRead(path: path, reason: String(cString: strerror(errno))) }
        switch status.st_mode & S_IFMT {
        case S_IFREG: break
        case S_IFDIR: throw .notAFile(path: path, found: "a directory")
        case S_IFIFO: throw .notAFile(path: path, found: "a pipe")
        case S_IFCHR, S_IFBLK: throw .notAFile(path: path, found: "a device")
        default: throw .notAFile(path: path, found: "something else")
        }
        let size = Int(status.st_size)
        guard size <= limit else { throw .tooLarge(path: path, limit: limit) }
        var failure: Int32 = 0
        let bytes = [UInt8](unsafeUninitializedCapacity: size) { buffer, count in
            while count < size {
                let got = Foundation.read(descriptor, buffer.baseAddress! + count, size - count)
                if got < 0 && errno == EINTR { continue }
                if got < 0 { failure = errno }
                if got <= 0 { break }
                count += got
            }
        }
        guard failure == 0 else { throw .cannotRead(path: path, reason: String(cString: strerror(failure))) }
        return bytes
    }

    /// The first line, at most 400 characters, for telling formats apart.
    public var firstLine: String {
        let start = bytes.starts(with: CSVRows.byteOrderMark) ? CSVRows.byteOrderMark.count : 0
        let line = bytes[start...].prefix(400).prefix { $0 != UInt8(ascii: "\n") && $0 != UInt8(ascii: "\r") }
        return String(decoding: line, as: UTF8.self)
    }
}
