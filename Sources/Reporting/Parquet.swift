public import Foundation

/// The Parquet file of a table: plain, uncompressed columns without nulls.
///
///     "PAR1" | column chunks, one page each | Thrift-compact file metadata | u32 its length | "PAR1"
///
/// Every column is REQUIRED: a missing number is NaN, which pandas reads as missing.
///
/// Reference: the format's own description, parquet.thrift and Encodings.md at github.com/apache/parquet-format.
public enum Parquet {
    /// Rows of one row group: bounds the size of a page, which the format counts in 32 bits.
    static let rowsPerGroup = 1 << 20

    public static func encoded(_ table: DataTable) -> Data {
        var file = Data("PAR1".utf8)
        var groups: [ThriftCompact.Value] = []
        var start = 0
        while start < table.count {
            let rows = start..<min(start + rowsPerGroup, table.count)
            var chunks: [ThriftCompact.Value] = []
            var groupBytes = 0
            for column in table.columns {
                let body = column.values.plain(rows)
                let header = ThriftCompact.encoded([
                    1: .int32(0), 2: .int32(Int32(body.count)), 3: .int32(Int32(body.count)),
                    5: .structure([1: .int32(Int32(rows.count)), 2: .int32(plain), 3: .int32(rle), 4: .int32(rle)]),
                ])
                let offset = Int64(file.count)
                let bytes = Int64(header.count + body.count)
                file.append(header)
                file.append(body)
                groupBytes += Int(bytes)
                chunks.append(
                    .structure([
                        2: .int64(offset),
                        3: .structure([
                            1: .int32(column.values.physicalType), 2: .list(.int32, [.int32(plain), .int32(rle)]),
                            3: .list(.binary, [.text(column.name)]), 4: .int32(0), 5: .int64(Int64(rows.count)), 6: .int64(bytes),
                            7: .int64(bytes),
                            9: .int64(offset),
                        ]),
                    ]))
            }
            groups.append(.structure([1: .list(.structure, chunks), 2: .int64(Int64(groupBytes)), 3: .int64(Int64(rows.count))]))
            start = rows.upperBound
        }
        let root = ThriftCompact.Value.structure([4: .text("schema"), 5: .int32(Int32(table.columns.count))])
        let schema = table.columns.map { column in
            var fields: [Int: ThriftCompact.Value] = [1: .int32(column.values.physicalType), 3: .int32(0), 4: .text(column.name)]
            if case .texts = column.values { fields[6] = .int32(0) }
            return ThriftCompact.Value.structure(fields)
        }
        let metadata = ThriftCompact.encoded([
            1: .int32(1), 2: .list(.structure, [root] + schema), 3: .int64(Int64(table.count)), 4: .list(.structure, groups),
            6: .text("hedge"),
        ])
        file.append(metadata)
        withUnsafeBytes(of: UInt32(metadata.count).littleEndian) { file.append(contentsOf: $0) }
        file.append(Data("PAR1".utf8))
        return file
    }

    /// Encodings by their number in the format.
    private static let plain: Int32 = 0
    private static let rle: Int32 = 3
}

extension DataTable.Values {
    /// INT64, DOUBLE or BYTE_ARRAY.
    var physicalType: Int32 {
        switch self {
        case .integers: 2
        case .numbers: 5
        case .texts: 6
        }
    }

    func plain(_ rows: Range<Int>) -> Data {
        switch self {
        case .integers(let values): values[rows].map(\.littleEndian).withUnsafeBytes { Data($0) }
        case .numbers(let values): values[rows].map(\.bitPattern.littleEndian).withUnsafeBytes { Data($0) }
        case .texts(let values):
            values[rows].reduce(into: Data()) { data, text in
                withUnsafeBytes(of: UInt32(text.utf8.count).littleEndian) { data.append(contentsOf: $0) }
                data.append(contentsOf: text.utf8)
            }
        }
    }
}

/// Thrift's compact protocol, as much as a Parquet footer needs.
///
/// Reference: thrift-compact-protocol.md at github.com/apache/thrift.
enum ThriftCompact {
    indirect enum Value {
        case int32(Int32)
        case int64(Int64)
        case text(String)
        case list(Kind, [Value])
        case structure([Int: Value])

        var kind: Kind {
            switch self {
            case .int32: .int32
            case .int64: .int64
            case .text: .binary
            case .list: .list
            case .structure: .structure
            }
        }
    }

    enum Kind: UInt8 { case int32 = 5, int64 = 6, binary = 8, list = 9, structure = 12 }

    static func encoded(_ fields: [Int: Value]) -> Data {
        var data = Data()
        append(.structure(fields), to: &data)
        return data
    }

    private static func append(_ value: Value, to data: inout Data) {
        switch value {
        case .int32(let value): append(varint: zigzag(Int64(value)), to: &data)
        case .int64(let value): append(varint: zigzag(value), to: &data)
        case .text(let text):
            append(varint: UInt64(text.utf8.count), to: &data)
            data.append(contentsOf: text.utf8)
        case .list(let kind, let elements):
            if elements.count < 15 {
                data.append(UInt8(elements.count) << 4 | kind.rawValue)
            } else {
                data.append(0xF0 | kind.rawValue)
                append(varint: UInt64(elements.count), to: &data)
            }
            for element in elements { append(element, to: &data) }
        case .structure(let fields):
            // Field numbers go up by at most 15, so that a field's head is one byte.
            var last = 0
            for (number, value) in fields.sorted(by: { $0.key < $1.key }) {
                data.append(UInt8(number - last) << 4 | value.kind.rawValue)
                append(value, to: &data)
                last = number
            }
            data.append(0)
        }
    }

    private static func zigzag(_ value: Int64) -> UInt64 { UInt64(bitPattern: (value << 1) ^ (value >> 63)) }

    private static func append(varint value: UInt64, to data: inout Data) {
        var rest = value
        while rest >= 0x80 {
            data.append(UInt8(truncatingIfNeeded: rest) | 0x80)
            rest >>= 7
        }
        data.append(UInt8(rest))
    }
}
