import CZlib

/// gzip (RFC 1952) inflated piece by piece: a window of the input and the caller's room are all that is in memory.
///
/// Several streams one after another give their contents one after another, as a file that was appended to holds them.
final class Inflater {
    private let path: String
    // zlib keeps the address of its stream.
    private let stream: UnsafeMutablePointer<z_stream>
    private let input: UnsafeMutableBufferPointer<UInt8>
    /// Bytes taken from the file and given out so far, for messages.
    private var taken = 0
    private var given = 0
    private var isBetweenStreams = true
    private var isAtEnd = false

    init(path: String) throws(FeedError) {
        self.path = path
        stream = .allocate(capacity: 1)
        stream.initialize(to: z_stream())
        input = .allocate(capacity: 1 << 18)
        guard inflateInit2_(stream, 15 + 16, ZLIB_VERSION, Int32(MemoryLayout<z_stream>.size)) == Z_OK else {
            throw .corruptGzip(path: path, reason: "zlib \(ZLIB_VERSION) did not start")
        }
    }

    deinit {
        inflateEnd(stream)
        stream.deallocate()
        input.deallocate()
    }

    /// The next inflated bytes; 0 at the end of the last stream.
    func read(
        into buffer: UnsafeMutableBufferPointer<UInt8>, from more: (UnsafeMutableBufferPointer<UInt8>) throws(FeedError) -> Int
    ) throws(FeedError) -> Int {
        stream.pointee.next_out = buffer.baseAddress
        stream.pointee.avail_out = UInt32(buffer.count)
        while stream.pointee.avail_out == buffer.count, !isAtEnd {
            if stream.pointee.avail_in == 0 {
                let count = try more(input)
                guard count > 0 else {
                    guard isBetweenStreams, taken > 0 else { throw cutShort }
                    isAtEnd = true
                    break
                }
                taken += count
                stream.pointee.next_in = input.baseAddress
                stream.pointee.avail_in = UInt32(count)
            }
            if isBetweenStreams, stream.pointee.next_in.pointee != 0x1F {
                throw .corruptGzip(path: path, reason: "bytes after its end, at byte \(taken - Int(stream.pointee.avail_in))")
            }
            isBetweenStreams = false
            switch CZlib.inflate(stream, Z_NO_FLUSH) {
            case Z_OK, Z_BUF_ERROR: break
            case Z_STREAM_END:
                isBetweenStreams = true
                inflateReset(stream)
            case let code:
                let message = stream.pointee.msg.map { String(cString: $0) } ?? "zlib code \(code)"
                throw .corruptGzip(path: path, reason: "\(message) near byte \(taken - Int(stream.pointee.avail_in))")
            }
        }
        let count = buffer.count - Int(stream.pointee.avail_out)
        given += count
        return count
    }

    private var cutShort: FeedError {
        .corruptGzip(path: path, reason: "it ends early, after \(taken) bytes that inflate to \(given)")
    }
}
