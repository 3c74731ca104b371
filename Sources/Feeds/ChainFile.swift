import CZlib
public import Market

/// Option chains as the product stores them: a block a snapshot, and an index of them at the end.
///
///     "hedge option chains 1\n"
///     blocks:   entry without offset (40 bytes), then the bytes of a ``SnapshotBlock``
///     index:    entries (48 bytes each), in order of time and currency
///     trailer:  u64 number of entries, u32 CRC-32 of the index, u32 0x58444E49 ("INDX")
///
///     entry:    u32 0x4B434C42 ("BLCK")   u32 bytes of the block   u32 their CRC-32   u32 options   i64 time, nanoseconds since 1970
///               15 bytes currency, filled up with zeros   u8 what is paid (0 not said, 1 coin, 2 dollars)   u64 offset of the block's bytes in the file (in the index only)
///
/// All numbers are little-endian. Opening reads the index; a range of time reads its blocks and nothing else. Blocks may stand in any
/// order, and a file without an index can still be walked from block to block, which is how an import that was cut short finds what it
/// has.
public struct ChainFile: Sendable {
    static let firstLine = "hedge option chains 1"
    static let blockMark: UInt32 = 0x4B43_4C42
    static let indexMark: UInt32 = 0x5844_4E49
    static let entrySize = 40

    /// Where a snapshot lies in the file.
    public struct Entry: Sendable, Equatable {
        public var time: Timestamp
        public var currency: Currency
        /// nil in files from before it was said: the options of the snapshot tell.
        public var settlement: Settlement?
        /// Options in the snapshot.
        public var options: Int
        /// Bytes of the block.
        public var length: Int
        /// Where they begin.
        public var offset: Int
        var checksum: UInt32

        /// Coin-settled where it is not said.
        var id: MarketID { MarketID(currency, settlement ?? .inverse) }

        /// Whether the snapshot may be of a wanted market; its options say so for certain.
        func mayBe(in selection: SnapshotSelection) -> Bool {
            selection.contains(MarketID(currency, settlement ?? selection.settlement ?? .inverse))
        }
    }

    public let path: String
    /// In order of time and currency.
    public let entries: [Entry]

    /// Reads the index.
    public init(path: String) throws(FeedError) {
        self.path = path
        entries = try Self.index(of: RegularDescriptor(path), path: path)
    }

    /// The snapshots of a selection, in order.
    public func read(
        selecting selection: SnapshotSelection, take: (MarketSnapshot) throws(FeedError) -> Void
    ) throws(FeedError) {
        let descriptor = try RegularDescriptor(path)
        var bytes: [UInt8] = []
        for entry in entries where selection.contains(entry.time) && entry.mayBe(in: selection) {
            if bytes.count != entry.length { bytes = [UInt8](repeating: 0, count: entry.length) }
            guard try descriptor.read(into: &bytes, at: entry.offset) == entry.length else {
                throw .damaged(path: path, reason: "it ends inside the snapshot of \(entry.time)")
            }
            guard Self.checksum(bytes[...]) == entry.checksum else {
                throw .damaged(path: path, reason: "the checksum of the snapshot of \(entry.time) is wrong")
            }
            var result: Result<MarketSnapshot, FeedError>?
            bytes.withUnsafeBytes { bytes in
                result = Result { () throws(FeedError) in
                    try SnapshotBlock.snapshot(
                        bytes, time: entry.time, currency: entry.currency, settlement: entry.settlement, path: path)
                }
            }
            if let snapshot = try result?.get(), selection.contains(snapshot.id) { try take(snapshot) }
        }
    }

    // MARK: Writing

    /// What a file begins with.
    public static var head: [UInt8] { Array((firstLine + "\n").utf8) }

    /// A snapshot as it is appended to a file.
    public static func block(_ snapshot: MarketSnapshot) -> [UInt8] {
        let bytes = SnapshotBlock.bytes(snapshot)
        let entry = Entry(
            time: snapshot.time, currency: snapshot.currency, settlement: snapshot.settlement, options: snapshot.options.count,
            length: bytes.count, offset: 0,
            checksum: checksum(bytes[...]))
        return head(of: entry) + bytes
    }

    /// What a file of those entries ends with.
    public static func tail(_ entries: [Entry]) -> [UInt8] {
        var index: [UInt8] = []
        for entry in entries.sorted(by: { ($0.time, $0.id) < ($1.time, $1.id) }) {
            index += head(of: entry)
            index.append(bits: UInt64(entry.offset))
        }
        var tail = index
        tail.append(bits: UInt64(entries.count))
        tail.append(bits: checksum(index[...]))
        tail.append(bits: indexMark)
        return tail
    }

    /// The entries of a file that has no index yet, in the order of its blocks.
    public static func walk(path: String) throws(FeedError) -> [Entry] {
        let descriptor = try RegularDescriptor(path)
        var entries: [Entry] = []
        var place = head.count
        var bytes = [UInt8](repeating: 0, count: entrySize)
        while place < descriptor.size {
            guard try descriptor.read(into: &bytes, at: place) == entrySize, var entry = try entry(bytes, path: path) else {
                throw .damaged(path: path, reason: "no snapshot begins at byte \(place)")
            }
            entry.offset = place + entrySize
            entries.append(entry)
            place = entry.offset + entry.length
        }
        return entries
    }

    private static func head(of entry: Entry) -> [UInt8] {
        var bytes: [UInt8] = []
        bytes.append(bits: blockMark)
        bytes.append(bits: UInt32(entry.length))
        bytes.append(bits: entry.checksum)
        bytes.append(bits: UInt32(entry.options))
        bytes.append(bits: entry.time.nanoseconds)
        let code = Array(entry.currency.rawValue.utf8)
        precondition(code.count <= 15, "currency '\(entry.currency.rawValue)' has more than 15 bytes")
        bytes += code + [UInt8](repeating: 0, count: 15 - code.count)
        bytes.append(entry.settlement == .linear ? 2 : entry.settlement == .inverse ? 1 : 0)
        return bytes
    }

    // MARK: Reading

    private static func index(of descriptor: RegularDescriptor, path: String) throws(FeedError) -> [Entry] {
        let unfinished = FeedError.damaged(path: path, reason: "it has no index at its end, so it was cut short")
        var start = [UInt8](repeating: 0, count: head.count)
        guard try descriptor.read(into: &start, at: 0) == start.count, start == head else {
            throw .header(
                path: path, found: printable(String(decoding: start.prefix { $0 != 0x0A }, as: UTF8.self)), expected: firstLine)
        }
        var trailer = [UInt8](repeating: 0, count: 16)
        guard descriptor.size >= head.count + 16, try descriptor.read(into: &trailer, at: descriptor.size - 16) == 16 else {
            throw unfinished
        }
        let (count, sum, mark) = trailer.withUnsafeBytes {
            (
                UInt64(littleEndian: $0.loadUnaligned(fromByteOffset: 0, as: UInt64.self)),
                UInt32(littleEndian: $0.loadUnaligned(fromByteOffset: 8, as: UInt32.self)),
                UInt32(littleEndian: $0.loadUnaligned(fromByteOffset: 12, as: UInt32.self))
            )
        }
        guard mark == indexMark, count <= UInt64(descriptor.size / (entrySize + 8)) else { throw unfinished }
        var bytes = [UInt8](repeating: 0, count: Int(count) * (entrySize + 8))
        let place = descriptor.size - 16 - bytes.count
        guard place >= head.count, try descriptor.read(into: &bytes, at: place) == bytes.count, checksum(bytes[...]) == sum else {
            throw .damaged(path: path, reason: "the checksum of its index is wrong")
        }
        var entries: [Entry] = []
        entries.reserveCapacity(Int(count))
        for index in 0..<Int(count) {
            let start = index * (entrySize + 8)
            guard var entry = try entry(Array(bytes[start..<start + entrySize]), path: path) else {
                throw .damaged(path: path, reason: "entry \(index) of its index is none")
            }
            entry.offset = bytes.withUnsafeBytes {
                Int(truncatingIfNeeded: UInt64(littleEndian: $0.loadUnaligned(fromByteOffset: start + entrySize, as: UInt64.self)))
            }
            guard entry.offset >= head.count, entry.offset <= place - entry.length else {
                throw .damaged(path: path, reason: "entry \(index) of its index points outside it")
            }
            entries.append(entry)
        }
        return entries
    }

    /// nil where the bytes are no entry; its offset is not among them.
    private static func entry(_ bytes: [UInt8], path: String) throws(FeedError) -> Entry? {
        var result: Result<Entry?, FeedError> = .success(nil)
        bytes.withUnsafeBytes { bytes in
            result = Result { () throws(FeedError) in
                var cursor = ByteCursor(path: path, bytes: bytes)
                guard try cursor.number(UInt32.self) == blockMark else { return nil }
                let length = Int(try cursor.number(UInt32.self))
                let checksum = try cursor.number(UInt32.self)
                let options = Int(try cursor.number(UInt32.self))
                let time = Timestamp(nanoseconds: try cursor.number(Int64.self))
                let code = bytes[cursor.position..<cursor.position + 15].prefix { $0 != 0 }
                let paid = bytes[cursor.position + 15]
                guard paid <= 2 else { return nil }
                return Entry(
                    time: time, currency: Currency(rawValue: String(decoding: code, as: UTF8.self)),
                    settlement: [nil, .inverse, .linear][Int(paid)], options: options, length: length, offset: 0, checksum: checksum)
            }
        }
        return try result.get()
    }

    /// Of the bytes after a block's entry.
    static func checksum(ofBlock block: [UInt8]) -> UInt32 { checksum(block[entrySize...]) }

    private static func checksum(_ bytes: ArraySlice<UInt8>) -> UInt32 {
        bytes.withUnsafeBufferPointer { UInt32(truncatingIfNeeded: crc32_z(0, $0.baseAddress, $0.count)) }
    }
}

/// ``ChainFile`` among the formats that snapshots come in.
public struct ChainFileFeed: MarketFeed {
    public let name = "hedge-chains"
    public let summary = "option chains as hedge data import stores them (.chains)"

    public init() {}

    public func recognizes(firstLine: String) -> Bool { firstLine == ChainFile.firstLine }

    public func read(
        _ file: RecordedFile, selecting selection: SnapshotSelection, prices: PerpetualPrices,
        rejecting: (FeedError) throws(FeedError) -> Void, take: (MarketSnapshot) throws(FeedError) -> Void
    ) throws(FeedError) {
        guard file.bytes == nil else { throw .notAFile(path: file.path, found: "bytes in memory") }
        try ChainFile(path: file.path).read(selecting: selection, take: take)
    }
}
