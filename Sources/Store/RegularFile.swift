import Crypto
public import Foundation

/// Reading of whole files that come from outside: never a pipe that blocks, a device without end or a directory.
public enum RegularFile {
    /// - Parameter limit: Bytes; a larger file is refused before it is read.
    public static func read(_ file: URL, limit: Int = 1 << 31) throws(FileError) -> [UInt8] {
        let (descriptor, size) = try open(file)
        defer { _ = close(descriptor) }
        guard size <= limit else { throw .tooLarge(path: file.path, bytes: size, limit: limit) }
        var failure: Int32 = 0
        let bytes = [UInt8](unsafeUninitializedCapacity: size) { buffer, filled in
            while filled < size {
                let count = Foundation.read(descriptor, buffer.baseAddress! + filled, size - filled)
                if count < 0 && errno == EINTR { continue }
                if count < 0 { failure = errno }
                if count <= 0 { break }
                filled += count
            }
        }
        if failure != 0 { throw .unreadable(path: file.path, reason: FileError.reason(failure)) }
        return bytes
    }

    private static func open(_ file: URL) throws(FileError) -> (descriptor: Int32, size: Int) {
        // O_NONBLOCK: a pipe without writer must not hold us here; it is refused by its type.
        let descriptor = Foundation.open(file.path, O_RDONLY | O_CLOEXEC | O_NONBLOCK)
        guard descriptor >= 0 else { throw .unreadable(path: file.path, reason: FileError.reason(errno)) }
        var status = stat()
        let isKnown = fstat(descriptor, &status) == 0
        guard isKnown, status.st_mode & S_IFMT == S_IFREG else {
            let reason = FileError.reason(errno)
            _ = close(descriptor)
            throw isKnown ? .notRegular(path: file.path) : .unreadable(path: file.path, reason: reason)
        }
        return (descriptor, Int(status.st_size))
    }

    /// Content hash of a file, in 64 lower-case hexadecimal digits.
    public static func sha256(_ file: URL) throws(FileError) -> String { try digest(file).sha256 }

    /// The hash and the number of bytes, of which a megabyte is in memory at a time.
    static func digest(_ file: URL) throws(FileError) -> (sha256: String, bytes: Int) {
        let (descriptor, _) = try open(file)
        defer { _ = close(descriptor) }
        var hash = SHA256()
        var total = 0
        var failure: Int32 = 0
        withUnsafeTemporaryAllocation(byteCount: 1 << 20, alignment: 16) { piece in
            while true {
                let count = Foundation.read(descriptor, piece.baseAddress, piece.count)
                if count < 0 && errno == EINTR { continue }
                if count < 0 { failure = errno }
                if count <= 0 { return }
                hash.update(bufferPointer: UnsafeRawBufferPointer(rebasing: piece[..<count]))
                total += count
            }
        }
        if failure != 0 { throw .unreadable(path: file.path, reason: FileError.reason(failure)) }
        return (hexadecimal(hash.finalize()), total)
    }

    public static func sha256(of bytes: [UInt8]) -> String { hexadecimal(SHA256.hash(data: bytes)) }

    static func hexadecimal(_ digest: SHA256.Digest) -> String {
        let digits = Array("0123456789abcdef".utf8)
        return String(decoding: digest.flatMap { [digits[Int($0 >> 4)], digits[Int($0 & 15)]] }, as: UTF8.self)
    }
}
