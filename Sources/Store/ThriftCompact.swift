import Foundation

/// Thrift's compact protocol, as much as a Parquet footer needs.
///
/// Reference: thrift-compact-protocol.md at github.com/apache/thrift.
enum ThriftCompact {
    indirect enum Value {
        case int32(Int32)
        case int64(Int64)
        case text(String)
        case bytes(Data)
        case list(Kind, [Value])
        case structure([Int: Value])
        /// As a field of a structure only, where its kind says it all.
        case yes

        var kind: Kind {
            switch self {
            case .int32: .int32
            case .int64: .int64
            case .text, .bytes: .binary
            case .list: .list
            case .structure: .structure
            case .yes: .yes
            }
        }
    }

    enum Kind: UInt8 { case yes = 1, int32 = 5, int64 = 6, binary = 8, list = 9, structure = 12 }

    static func encoded(_ fields: [Int: Value]) -> Data {
        var data = Data()
        append(.structure(fields), to: &data)
        return data
    }

    private static func append(_ value: Value, to data: inout Data) {
        switch value {
        case .yes: break
        case .int32(let value): append(varint: zigzag(Int64(value)), to: &data)
        case .int64(let value): append(varint: zigzag(value), to: &data)
        case .bytes(let bytes):
            append(varint: UInt64(bytes.count), to: &data)
            data.append(bytes)
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
