/// The rows of a plain comma-separated file: one header, no quoting, every line ended.
///
/// Lines end with LF or CRLF; a byte order mark before the header is passed over. A last line without end is refused: it cannot be
/// told from a number cut short.
struct CSVRows {
    static let byteOrderMark: [UInt8] = [0xEF, 0xBB, 0xBF]

    let header: [String]
    private let lines: LineReader

    /// A file with exactly these columns.
    init(_ file: RecordedFile, header: [String]) throws(FeedError) {
        self.header = header
        let expected = header.joined(separator: ",")
        lines = try LineReader(file)
        let found = try Self.header(of: lines, expected: "the columns \(expected)")
        guard found == expected else { throw .header(path: file.path, found: printable(found), expected: expected) }
        guard !lines.isCutShort else { throw .cutShort(path: file.path, line: 1) }
    }

    /// A file whose first line names its columns.
    ///
    /// - Parameter expected: For the message where the file is empty.
    init(_ file: RecordedFile, expecting expected: String) throws(FeedError) {
        lines = try LineReader(file)
        header = try Self.header(of: lines, expected: expected).split(separator: ",", omittingEmptySubsequences: false).map(String.init)
        guard !lines.isCutShort else { throw .cutShort(path: file.path, line: 1) }
    }

    init(_ file: DataFile, header: [String]) throws(FeedError) { try self.init(RecordedFile(file), header: header) }

    private static func header(of lines: LineReader, expected: String) throws(FeedError) -> String {
        guard let line = try lines.next() else { throw .empty(path: lines.path, expected: expected) }
        return String(decoding: line, as: UTF8.self)
    }

    /// Calls `body` with each row in turn. A row is valid only during the call.
    ///
    /// - Parameter rejecting: What becomes of a bad row: thrown on, or counted and passed over.
    func forEach(
        rejecting: (FeedError) throws(FeedError) -> Void = { (error) throws(FeedError) in throw error },
        _ body: (CSVRow) throws(FeedError) -> Void
    ) throws(FeedError) {
        let ends = UnsafeMutableBufferPointer<Int>.allocate(capacity: header.count)
        defer { ends.deallocate() }
        while let line = try lines.next() {
            do throws(FeedError) {
                try body(try row(line, ends))
            } catch {
                guard error.isOfRow else { throw error }
                try rejecting(error)
            }
        }
    }

    private func row(_ line: UnsafeBufferPointer<UInt8>, _ ends: UnsafeMutableBufferPointer<Int>) throws(FeedError) -> CSVRow {
        guard !lines.isCutShort else { throw .cutShort(path: lines.path, line: lines.number) }
        var column = 0
        for position in line.indices where line[position] == UInt8(ascii: ",") {
            if column < ends.count { ends[column] = position }
            column += 1
        }
        guard column + 1 == ends.count else {
            throw .columnCount(path: lines.path, line: lines.number, found: column + 1, expected: ends.count)
        }
        ends[column] = line.count
        return CSVRow(path: lines.path, header: header, line: lines.number, bytes: line, ends: ends)
    }
}

/// One row, read by column index.
struct CSVRow {
    let path: String
    let header: [String]
    /// Counted from 1; the header is line 1.
    let line: Int
    let bytes: UnsafeBufferPointer<UInt8>
    let ends: UnsafeMutableBufferPointer<Int>

    @inline(__always)
    func cell(_ column: Int) -> UnsafeBufferPointer<UInt8> {
        let begin = column == 0 ? 0 : ends[column - 1] + 1
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
    case any, positive, notNegative, unitInterval, fundingRate

    /// No venue's cap for eight hours lies higher; a larger number is a per cent, or a rate for another time.
    static let largestFundingRate = 0.04

    @inline(__always)
    func contains(_ value: Double) -> Bool {
        switch self {
        case .any: true
        case .positive: value > 0
        case .notNegative: value >= 0
        case .unitInterval: value >= -1 && value <= 1
        case .fundingRate: value.magnitude <= Self.largestFundingRate
        }
    }

    var description: String {
        switch self {
        case .any: "a decimal number"
        case .positive: "a positive number"
        case .notNegative: "a number of at least 0"
        case .unitInterval: "a number from -1 to 1"
        case .fundingRate: "a fraction for eight hours of -\(Self.largestFundingRate) to \(Self.largestFundingRate)"
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
