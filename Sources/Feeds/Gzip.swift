import CZlib

/// gzip streams (RFC 1952) in memory, by zlib.
public enum Gzip {
    /// Whether the bytes begin as gzip does. A file's name does not count.
    public static func isCompressed(_ bytes: [UInt8]) -> Bool { bytes.count >= 2 && bytes[0] == 0x1F && bytes[1] == 0x8B }

    /// The bytes that were compressed; several streams one after another give their contents one after another.
    ///
    /// - Parameters:
    ///   - path: For messages.
    ///   - limit: The most that may come out, so that a small file cannot fill the memory.
    /// - Throws: `corruptGzip` for a stream that is cut short, damaged or followed by other bytes; `tooLarge`.
    public static func inflate(_ bytes: [UInt8], path: String, limit: Int = 2 << 30) throws(FeedError) -> [UInt8] {
        var stream = z_stream()
        guard inflateInit2_(&stream, 15 + 16, ZLIB_VERSION, Int32(MemoryLayout<z_stream>.size)) == Z_OK else {
            throw .corruptGzip(path: path, reason: "zlib \(ZLIB_VERSION) did not start")
        }
        defer { inflateEnd(&stream) }
        var output: [UInt8] = []
        // The last four bytes are the size of the last stream: usually the right room, never trusted.
        let hint = bytes.suffix(4).reversed().reduce(0) { $0 << 8 | Int($1) }
        output.reserveCapacity(min(hint, limit, bytes.count * 32) + 1)
        var chunk = [UInt8](repeating: 0, count: 1 << 18)
        var consumed = 0
        var code = Z_OK
        while true {
            let (taken, produced) = bytes.withUnsafeBufferPointer { input in
                chunk.withUnsafeMutableBufferPointer { room in
                    let available = min(input.count - consumed, 1 << 30)
                    // zlib's interface is not const, but it only reads the input.
                    stream.next_in = UnsafeMutablePointer(mutating: input.baseAddress.map { $0 + consumed })
                    stream.avail_in = UInt32(available)
                    stream.next_out = room.baseAddress
                    stream.avail_out = UInt32(room.count)
                    code = CZlib.inflate(&stream, Z_NO_FLUSH)
                    return (available - Int(stream.avail_in), room.count - Int(stream.avail_out))
                }
            }
            consumed += taken
            guard output.count + produced <= limit else { throw .tooLarge(path: path, limit: limit) }
            output.append(contentsOf: chunk[..<produced])
            switch code {
            case Z_OK where taken > 0 || produced > 0: continue
            case Z_STREAM_END:
                guard consumed < bytes.count else { return output }
                guard isCompressed(Array(bytes[consumed..<min(consumed + 2, bytes.count)])) else {
                    throw .corruptGzip(path: path, reason: "\(bytes.count - consumed) bytes after its end")
                }
                inflateReset(&stream)
            case Z_OK, Z_BUF_ERROR:
                throw .corruptGzip(path: path, reason: "it ends early, after \(bytes.count) bytes that inflate to \(output.count)")
            default:
                let message = stream.msg.map { String(cString: $0) } ?? "zlib code \(code)"
                throw .corruptGzip(path: path, reason: "\(message) near byte \(consumed)")
            }
        }
    }

    /// One gzip stream without a name or time in it, so that equal bytes give equal files.
    public static func compress(_ bytes: [UInt8], level: Int32 = 9) -> [UInt8] {
        precondition((0...9).contains(level) && bytes.count <= Int(UInt32.max), "level \(level), \(bytes.count) bytes")
        var stream = z_stream()
        let started = deflateInit2_(
            &stream, level, Z_DEFLATED, 15 + 16, 9, Z_DEFAULT_STRATEGY, ZLIB_VERSION, Int32(MemoryLayout<z_stream>.size))
        precondition(started == Z_OK, "zlib did not start: code \(started)")
        defer { deflateEnd(&stream) }
        let room = Int(deflateBound(&stream, UInt(bytes.count)))
        return [UInt8](unsafeUninitializedCapacity: room) { output, count in
            bytes.withUnsafeBufferPointer { input in
                stream.next_in = UnsafeMutablePointer(mutating: input.baseAddress)
                stream.avail_in = UInt32(input.count)
                stream.next_out = output.baseAddress
                stream.avail_out = UInt32(room)
                let code = deflate(&stream, Z_FINISH)
                precondition(code == Z_STREAM_END, "zlib ended with code \(code)")
            }
            count = room - Int(stream.avail_out)
        }
    }
}
