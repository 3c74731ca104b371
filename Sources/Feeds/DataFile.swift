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
        let descriptor = try RegularDescriptor(path)
        guard descriptor.size <= limit else { throw .tooLarge(path: path, limit: limit) }
        var bytes = [UInt8](repeating: 0, count: descriptor.size)
        let count = try descriptor.read(into: &bytes, at: 0)
        return count == bytes.count ? bytes : Array(bytes[..<count])
    }

    /// The first line, at most 400 characters, for telling formats apart.
    public var firstLine: String {
        let start = bytes.starts(with: CSVRows.byteOrderMark) ? CSVRows.byteOrderMark.count : 0
        let line = bytes[start...].prefix(400).prefix { $0 != UInt8(ascii: "\n") && $0 != UInt8(ascii: "\r") }
        return String(decoding: line, as: UTF8.self)
    }
}
