/// The rows of a plain comma-separated file: one header, no quoting, every line ended.
///
/// Lines end with LF or CRLF; a byte order mark before the header is passed over. A last line without end is refused: it cannot be
/// told from a number cut short.
struct CSVRows {
    static let byteOrderMark: [UInt8] = [0xEF, 0xBB, 0xBF]

    let file: DataFile
    let header: [String]

    init(_ file: DataFile, header: [String]) {
        self.file = file
        self.header = header
    }

    /// Calls `body` with each row in turn. A row is valid only during the call.
    func forEach(_ body: (CSVRow) throws(FeedError) -> Void) throws(FeedError) {
        let columns = header.count
        var ends = [Int](repeating: 0, count: columns)
        var failure: FeedError?
        file.bytes.withUnsafeBufferPointer { bytes in
            ends.withUnsafeMutableBufferPointer { ends in
                do throws(FeedError) {
                    try scan(bytes, ends, body)
                } catch {
                    failure = error
                }
            }
        }
        if let failure { throw failure }
    }

    private func scan(
        _ bytes: UnsafeBufferPointer<UInt8>, _ ends: UnsafeMutableBufferPointer<Int>, _ body: (CSVRow) throws(FeedError) -> Void
    ) throws(FeedError) {
        let expected = header.joined(separator: ",")
        guard !bytes.isEmpty else { throw .empty(path: file.path, expected: "the columns \(expected)") }
        guard file.firstLine == expected else { throw .header(path: file.path, found: printable(file.firstLine), expected: expected) }
        let lineFeed = UInt8(ascii: "\n")
        let comma = UInt8(ascii: ",")
        var position = bytes.firstIndex(of: lineFeed).map { $0 + 1 } ?? bytes.count
        var line = 1
        guard position <= bytes.count, bytes[position - 1] == lineFeed else { throw .cutShort(path: file.path, line: 1) }
        while position < bytes.count {
            line += 1
            let start = position
            var column = 0
            while position < bytes.count {
                let byte = bytes[position]
                if byte == comma {
                    if column < ends.count { ends[column] = position }
                    column += 1
                } else if byte == lineFeed {
                    break
                }
                position += 1
            }
            guard position < bytes.count else { throw .cutShort(path: file.path, line: line) }
            let end = position > start && bytes[position - 1] == UInt8(ascii: "\r") ? position - 1 : position
            if column < ends.count { ends[column] = end }
            guard column + 1 == ends.count else {
                throw .columnCount(path: file.path, line: line, found: column + 1, expected: ends.count)
            }
            try body(CSVRow(path: file.path, header: header, line: line, bytes: bytes, start: start, ends: ends))
            position += 1
        }
    }
}

/// One row, read by column index.
struct CSVRow {
    let path: String
    let header: [String]
    /// Counted from 1; the header is line 1.
    let line: Int
    let bytes: UnsafeBufferPointer<UInt8>
    let start: Int
    let ends: UnsafeMutableBufferPointer<Int>

    @inline(__always)
    func cell(_ column: Int) -> UnsafeBufferPointer<UInt8> {
        let begin = column == 0 ? start : ends[column - 1] + 1
        return UnsafeBufferPointer(rebasing: bytes[begin..<ends[column]])
    }

    func text(_ column: Int) -> String { String(decoding: cell(column), as: UTF8.self) }

    /// A number for which `accepts` holds.
    @inline(__always)
    func number(_ column: Int, _ range: NumberRange) throws(FeedError) -> Double {
        guard let value = StrictNumber.double(cell(column)), range.contains(value) else {
            throw error(column, expected: range.description)
        }
        return value
    }

    /// Nil where the cell is empty.
    @inline(__always)
    func optionalNumber(_ column: Int, _ range: NumberRange) throws(FeedError) -> Double? {
        if cell(column).isEmpty { return nil }
        guard let value = StrictNumber.double(cell(column)), range.contains(value) else {
            throw error(column, expected: range.description + " or nothing")
        }
        return value
    }

    func integer(_ column: Int) throws(FeedError) -> Int64 {
        guard let value = StrictNumber.integer(cell(column)) else { throw error(column, expected: "a whole number") }
        return value
    }

    func error(_ column: Int, expected: String) -> FeedError {
        .field(path: path, line: line, column: header[column], found: printable(text(column)), expected: expected)
    }
}

enum NumberRange: CustomStringConvertible {
    case any, positive, notNegative, unitInterval

    @inline(__always)
    func contains(_ value: Double) -> Bool {
        switch self {
        case .any: true
        case .positive: value > 0
        case .notNegative: value >= 0
        case .unitInterval: value >= -1 && value <= 1
        }
    }

    var description: String {
        switch self {
        case .any: "a decimal number"
        case .positive: "a positive number"
        case .notNegative: "a number of at least 0"
        case .unitInterval: "a number from -1 to 1"
        }
    }
}

/// Text for a message: at most 80 characters, nothing that would move the cursor.
func printable(_ text: String) -> String {
    let shown = text.prefix(80).unicodeScalars.map { scalar in
        scalar.value < 0x20 || scalar.value == 0x7F ? "\\u{\(String(scalar.value, radix: 16))}" : String(scalar)
    }.joined()
    return text.count > 80 ? shown + "..." : shown
}
