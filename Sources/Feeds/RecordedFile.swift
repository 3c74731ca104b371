import Foundation

/// A recorded file to be read from front to back: on disk, where only a piece of it is in memory at a time, or in memory already.
public struct RecordedFile: Sendable {
    /// For messages and for finding what lies beside it.
    public let path: String
    let bytes: [UInt8]?

    /// The file at a path. Nothing is opened yet.
    public init(path: String) {
        self.path = path
        bytes = nil
    }

    public init(_ file: DataFile) {
        path = file.path
        bytes = file.bytes
    }

    /// The first line, at most 400 bytes of it, for telling formats apart.
    public func firstLine() throws(FeedError) -> String {
        let reader = try ByteReader(self)
        var head: [UInt8] = []
        var piece = [UInt8](repeating: 0, count: 403)
        while head.count < piece.count, !head.contains(UInt8(ascii: "\n")) {
            let count = try reader.read(into: &piece, limit: piece.count - head.count)
            if count == 0 { break }
            head.append(contentsOf: piece[..<count])
        }
        return DataFile(path: path, bytes: head).firstLine
    }
}

/// The bytes of a recorded file in order, inflated on the way where they were compressed.
final class ByteReader {
    private let path: String
    private var source: PlainBytes
    private let inflater: Inflater?

    init(_ file: RecordedFile) throws(FeedError) {
        path = file.path
        source = if let bytes = file.bytes { .memory(bytes, position: 0) } else { .descriptor(try RegularDescriptor(file.path)) }
        var magic = [UInt8](repeating: 0, count: 2)
        // In memory lies what was inflated already.
        guard case .descriptor(let descriptor) = source, try descriptor.read(into: &magic, at: 0) == 2, Gzip.isCompressed(magic) else {
            inflater = nil
            return
        }
        inflater = try Inflater(path: file.path)
    }

    /// Fills the front of a buffer; 0 at the end of the data.
    func read(into buffer: UnsafeMutableBufferPointer<UInt8>) throws(FeedError) -> Int {
        guard let inflater else { return try source.read(into: buffer, path: path) }
        return try inflater.read(into: buffer) { (room) throws(FeedError) in try self.source.read(into: room, path: self.path) }
    }

    func read(into array: inout [UInt8], limit: Int) throws(FeedError) -> Int {
        var result = Result<Int, FeedError>.success(0)
        array.withUnsafeMutableBufferPointer { buffer in
            let room = UnsafeMutableBufferPointer(rebasing: buffer[..<min(limit, buffer.count)])
            result = Result { () throws(FeedError) in try read(into: room) }
        }
        return try result.get()
    }
}

/// Bytes as they lie in a file or in memory.
private enum PlainBytes {
    case memory([UInt8], position: Int)
    case descriptor(RegularDescriptor)

    mutating func read(into buffer: UnsafeMutableBufferPointer<UInt8>, path: String) throws(FeedError) -> Int {
        switch self {
        case .memory(let bytes, let position):
            let count = min(buffer.count, bytes.count - position)
            _ = buffer.update(fromContentsOf: bytes[position..<position + count])
            self = .memory(bytes, position: position + count)
            return count
        case .descriptor(let descriptor): return try descriptor.read(into: buffer)
        }
    }
}

/// An open regular file; a directory, a device or a pipe is refused.
final class RegularDescriptor {
    private let path: String
    private let descriptor: Int32
    /// Bytes in the file when it was opened.
    let size: Int

    init(_ path: String) throws(FeedError) {
        self.path = path
        // Not blocking, so that a pipe without a writer is refused instead of waited for.
        descriptor = open(path, O_RDONLY | O_NONBLOCK | O_CLOEXEC)
        guard descriptor >= 0 else { throw .cannotRead(path: path, reason: String(cString: strerror(errno))) }
        var status = stat()
        let isKnown = fstat(descriptor, &status) == 0
        size = Int(status.st_size)
        guard isKnown else { throw .cannotRead(path: path, reason: String(cString: strerror(errno))) }
        switch status.st_mode & S_IFMT {
        case S_IFREG: break
        case S_IFDIR: throw .notAFile(path: path, found: "a directory")
        case S_IFIFO: throw .notAFile(path: path, found: "a pipe")
        case S_IFCHR, S_IFBLK: throw .notAFile(path: path, found: "a device")
        default: throw .notAFile(path: path, found: "something else")
        }
    }

    deinit { close(descriptor) }

    /// The next bytes; 0 at the end.
    func read(into buffer: UnsafeMutableBufferPointer<UInt8>) throws(FeedError) -> Int {
        while true {
            let count = Foundation.read(descriptor, buffer.baseAddress, buffer.count)
            if count >= 0 { return count }
            guard errno == EINTR else { throw .cannotRead(path: path, reason: String(cString: strerror(errno))) }
        }
    }

    /// Bytes at a place, wherever reading stands; fewer than asked for only at the end.
    func read(into array: inout [UInt8], at offset: Int) throws(FeedError) -> Int {
        var done = 0
        var failure: Int32 = 0
        array.withUnsafeMutableBytes { buffer in
            while done < buffer.count {
                let count = pread(descriptor, buffer.baseAddress! + done, buffer.count - done, off_t(offset + done))
                if count < 0 && errno == EINTR { continue }
                if count < 0 { failure = errno }
                if count <= 0 { break }
                done += count
            }
        }
        guard failure == 0 else { throw .cannotRead(path: path, reason: String(cString: strerror(failure))) }
        return done
    }
}
