/// What is wrong with recorded data, where, and what was expected instead.
public enum FeedError: Error, Equatable, CustomStringConvertible {
    case cannotRead(path: String, reason: String)
    /// A directory, device or pipe where a file is needed.
    case notAFile(path: String, found: String)
    /// A compressed file that ends early, fails its checksum or has bytes after its end.
    case corruptGzip(path: String, reason: String)
    /// Inflates to more than the reader is allowed to hold.
    case tooLarge(path: String, limit: Int)
    case empty(path: String, expected: String)
    case header(path: String, found: String, expected: String)
    case columnCount(path: String, line: Int, found: Int, expected: Int)
    case field(path: String, line: Int, column: String, found: String, expected: String)
    /// The last line has no line end: the file was cut short.
    case cutShort(path: String, line: Int)
    case outOfOrder(path: String, line: Int, found: String, after: String)
    /// Two files hold the same snapshot.
    case duplicateSnapshot(time: String, market: String)
    case unknownFormat(path: String, firstLine: String, known: [String])
    /// A line that would not fit into memory beside others.
    case lineTooLong(path: String, line: Int, limit: Int)
    /// A file of the product's own format whose bytes are not those that were written.
    case damaged(path: String, reason: String)
    /// The reader's caller has asked for no more.
    case stopped
    case noSuchFormat(name: String, known: [String])
    case nothingFound(path: String, expected: String)

    public var description: String {
        switch self {
        case .cannotRead(let path, let reason): "\(path): cannot be read: \(reason)"
        case .notAFile(let path, let found): "\(path): found \(found), expected a file"
        case .corruptGzip(let path, let reason): "\(path): damaged gzip data: \(reason); fetch the file again"
        case .tooLarge(let path, let limit): "\(path): holds more than \(limit) bytes, the most that is read at once"
        case .empty(let path, let expected): "\(path): the file is empty, expected \(expected)"
        case .header(let path, let found, let expected): "\(path), line 1: found the columns '\(found)', expected '\(expected)'"
        case .columnCount(let path, let line, let found, let expected):
            "\(path), line \(line): found \(found) column\(found == 1 ? "" : "s"), expected \(expected)"
        case .field(let path, let line, let column, let found, let expected):
            "\(path), line \(line), column \(column): found \(found.isEmpty ? "nothing" : "'\(found)'"), expected \(expected)"
        case .cutShort(let path, let line):
            "\(path), line \(line): the last line has no line end, so the file may be cut short; fetch it again or end the line"
        case .outOfOrder(let path, let line, let found, let after):
            "\(path), line \(line): \(found) comes after \(after), expected rows in time order"
        case .duplicateSnapshot(let time, let market):
            "the \(market) snapshot of \(time) is in more than one of the files; give each once"
        case .unknownFormat(let path, let firstLine, let known):
            "\(path): no known format begins with '\(firstLine)'; known are \(known.joined(separator: ", "))"
        case .lineTooLong(let path, let line, let limit):
            "\(path), line \(line): has more than \(limit) bytes, the most a line may have"
        case .damaged(let path, let reason): "\(path): \(reason); restore the file or import the data again"
        case .stopped: "stopped before the end"
        case .noSuchFormat(let name, let known): "there is no format '\(name)'; known are \(known.joined(separator: ", "))"
        case .nothingFound(let path, let expected): "\(path): found no \(expected)"
        }
    }

    /// Whether the rest of the file can be read as if the row were not there.
    var isOfRow: Bool {
        switch self {
        case .columnCount, .field, .cutShort, .outOfOrder: true
        default: false
        }
    }
}
