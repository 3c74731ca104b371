import Foundation

/// The lines of a recorded file, one after another, in a buffer that holds a piece of the file and grows to its longest line.
///
/// Lines end with LF or CRLF, which are not part of them; a byte order mark before the first is passed over.
final class LineReader {
    /// A longer line is refused: it is no table and no message, and would not leave the memory flat.
    static let longestLine = 256 << 20

    let path: String
    /// Of the line last returned, counted from 1.
    private(set) var number = 0
    /// Whether the line last returned had no end: the file may be cut short there.
    private(set) var isCutShort = false

    private let reader: ByteReader
    private var buffer: UnsafeMutableBufferPointer<UInt8>
    private var start = 0
    private var end = 0
    private var isAtEnd = false

    init(_ file: RecordedFile) throws(FeedError) {
        path = file.path
        reader = try ByteReader(file)
        buffer = .allocate(capacity: 1 << 18)
        let mark = CSVRows.byteOrderMark
        while end < mark.count, !isAtEnd { try fill() }
        if end >= mark.count, buffer[..<mark.count].elementsEqual(mark) { start = mark.count }
    }

    deinit { buffer.deallocate() }

    /// The next line, valid until the next call; nil at the end.
    func next() throws(FeedError) -> UnsafeBufferPointer<UInt8>? {
        var searched = start
        while true {
            if let found = memchr(buffer.baseAddress! + searched, 0x0A, end - searched) {
                let stop = found.assumingMemoryBound(to: UInt8.self) - buffer.baseAddress!
                defer { start = stop + 1 }
                return line(to: stop)
            }
            guard !isAtEnd else {
                guard start < end else { return nil }
                isCutShort = true
                defer { start = end }
                return line(to: end)
            }
            searched = end - start
            try fill()
        }
    }

    private func line(to stop: Int) -> UnsafeBufferPointer<UInt8> {
        number += 1
        let hasReturn = stop > start && buffer[stop - 1] == UInt8(ascii: "\r")
        return UnsafeBufferPointer(rebasing: buffer[start..<(hasReturn ? stop - 1 : stop)])
    }

    /// Moves what is unread to the front and reads more behind it.
    private func fill() throws(FeedError) {
        let unread = end - start
        if start > 0 {
            memmove(buffer.baseAddress!, buffer.baseAddress! + start, unread)
            (start, end) = (0, unread)
        }
        if end == buffer.count {
            guard buffer.count < Self.longestLine else { throw .lineTooLong(path: path, line: number + 1, limit: Self.longestLine) }
            let larger = UnsafeMutableBufferPointer<UInt8>.allocate(capacity: buffer.count * 2)
            memcpy(larger.baseAddress!, buffer.baseAddress!, end)
            buffer.deallocate()
            buffer = larger
        }
        let count = try reader.read(into: UnsafeMutableBufferPointer(rebasing: buffer[end...]))
        isAtEnd = count == 0
        end += count
    }
}
