import Foundation
import Market
import StrictJSON

/// The parts of a Parquet file in the order in which they are written: head, row groups, foot.
struct ParquetEncoder {
    static let head = Data("PAR1".utf8)

    private let columns: [DataTable.Column]
    private let notes: [String: String]
    private var length = head.count
    private var rows = 0
    private var groups: [ThriftCompact.Value] = []

    init(columnsOf table: DataTable, notes: [String: String]) {
        columns = table.columns
        self.notes = notes
    }

    /// The table's rows; one column chunk of one page per column and group.
    mutating func rowGroups(_ table: DataTable) -> Data {
        precondition(
            table.columns.elementsEqual(columns) { $0.name == $1.name && $0.values.parquet == $1.values.parquet },
            "rows with columns \(table.columns.map(\.name)), the file has \(columns.map(\.name))")
        var data = Data()
        var start = 0
        while start < table.count {
            let range = start..<min(start + Parquet.rowsPerGroup, table.count)
            append(table, range, to: &data)
            start = range.upperBound
        }
        length += data.count
        return data
    }

    private mutating func append(_ table: DataTable, _ range: Range<Int>, to data: inout Data) {
        let begin = data.count
        let chunks = table.columns.map { column in
            let body = column.values.plain(range)
            precondition(body.count <= Int32.max, "column '\(column.name)' has \(body.count) bytes in one row group")
            let header = ThriftCompact.encoded([
                1: .int32(0), 2: .int32(Int32(body.count)), 3: .int32(Int32(body.count)),
                5: .structure([1: .int32(Int32(range.count)), 2: .int32(Self.plain), 3: .int32(Self.rle), 4: .int32(Self.rle)]),
            ])
            let offset = Int64(length + data.count)
            let bytes = Int64(header.count + body.count)
            data.append(header)
            data.append(body)
            var metadata: [Int: ThriftCompact.Value] = [
                1: .int32(column.values.parquet.physical), 2: .list(.int32, [.int32(Self.plain), .int32(Self.rle)]),
                3: .list(.binary, [.text(column.name)]), 4: .int32(0), 5: .int64(Int64(range.count)), 6: .int64(bytes), 7: .int64(bytes),
                9: .int64(offset),
            ]
            if let (low, high) = column.values.extremes(range) {
                metadata[12] = .structure([3: .int64(0), 5: .bytes(Self.bytes(high)), 6: .bytes(Self.bytes(low))])
            }
            return ThriftCompact.Value.structure([2: .int64(offset), 3: .structure(metadata)])
        }
        rows += range.count
        groups.append(.structure([1: .list(.structure, chunks), 2: .int64(Int64(data.count - begin)), 3: .int64(Int64(range.count))]))
    }

    /// The metadata of all that was encoded so far, and the file's end.
    var foot: Data {
        let root = ThriftCompact.Value.structure([4: .text("schema"), 5: .int32(Int32(columns.count))])
        let schema = columns.map { column in
            var fields: [Int: ThriftCompact.Value] = [1: .int32(column.values.parquet.physical), 3: .int32(0), 4: .text(column.name)]
            fields[6] = column.values.parquet.converted.map { .int32($0) }
            fields[10] = column.values.parquet.logical
            return ThriftCompact.Value.structure(fields)
        }
        var file: [Int: ThriftCompact.Value] = [
            1: .int32(1), 2: .list(.structure, [root] + schema), 3: .int64(Int64(rows)), 4: .list(.structure, groups), 6: .text("hedge"),
            // Extremes are in the order of the column's type.
            7: .list(.structure, columns.map { _ in .structure([1: .structure([:])]) }),
        ]
        let pairs = metadata
        if !pairs.isEmpty { file[5] = .list(.structure, pairs.map { .structure([1: .text($0.key), 2: .text($0.value)]) }) }
        var data = ThriftCompact.encoded(file)
        data.append(Self.bytes(UInt32(data.count)))
        data.append(Self.head)
        return data
    }

    private var metadata: [(key: String, value: String)] {
        let units = JSONValue.object(columns.compactMap { column in column.unit.map { .init(column.name, .string($0)) } })
        let hasUnits = units != .object([])
        guard hasUnits || !notes.isEmpty else { return [] }
        let noted = notes.sorted { $0.key < $1.key }
        let attributes = JSONValue.object(
            noted.map { .init($0.key, .string($0.value)) } + (hasUnits ? [.init("units", units)] : []))
        return noted + (hasUnits ? [("units", units.text())] : []) + [("PANDAS_ATTRS", attributes.text())]
    }

    private static func bytes(_ value: some FixedWidthInteger) -> Data { withUnsafeBytes(of: value.littleEndian) { Data($0) } }

    /// Encodings by their number in the format.
    private static let plain: Int32 = 0
    private static let rle: Int32 = 3
}

extension DataTable.Values {
    /// A column's types by their numbers in the format.
    struct ParquetType: Equatable {
        /// INT64, DOUBLE or BYTE_ARRAY.
        let physical: Int32
        /// UTF8 or TIMESTAMP_MICROS, for readers that know no logical types.
        var converted: Int32?
    }

    var parquet: ParquetType {
        switch self {
        case .integers: ParquetType(physical: 2)
        case .numbers: ParquetType(physical: 5)
        case .times: ParquetType(physical: 2, converted: 10)
        case .texts: ParquetType(physical: 6, converted: 0)
        }
    }

    /// Values one after the other, little-endian; texts after their length.
    func plain(_ rows: Range<Int>) -> Data {
        switch self {
        case .integers(let values): values[rows].map(\.littleEndian).withUnsafeBytes { Data($0) }
        case .numbers(let values): values[rows].map(\.bitPattern.littleEndian).withUnsafeBytes { Data($0) }
        case .times(let values): values[rows].map(\.wholeMicroseconds.littleEndian).withUnsafeBytes { Data($0) }
        case .texts(let values):
            values[rows].reduce(into: Data()) { data, text in
                withUnsafeBytes(of: UInt32(text.utf8.count).littleEndian) { data.append(contentsOf: $0) }
                data.append(contentsOf: text.utf8)
            }
        }
    }

    /// Lowest and highest of integers and times.
    func extremes(_ rows: Range<Int>) -> (low: Int64, high: Int64)? {
        switch self {
        case .integers(let values): values[rows].min().map { ($0, values[rows].max()!) }
        case .times(let values): values[rows].min().map { ($0.wholeMicroseconds, values[rows].max()!.wholeMicroseconds) }
        case .numbers, .texts: nil
        }
    }
}

extension DataTable.Values.ParquetType {
    /// STRING, or TIMESTAMP in UTC by MICROS.
    var logical: ThriftCompact.Value? {
        switch converted {
        case 0: .structure([1: .structure([:])])
        case 10: .structure([8: .structure([1: .yes, 2: .structure([2: .structure([:])])])])
        default: nil
        }
    }
}

extension Timestamp {
    /// Microseconds since 1970, rounded down.
    fileprivate var wholeMicroseconds: Int64 { (nanoseconds >= 0 ? nanoseconds : nanoseconds - 999) / 1000 }
}
