public import Foundation
import StrictJSON

/// One named array of a weight file, row-major.
public struct StoredTensor: Sendable, Equatable {
    public enum Values: Sendable, Equatable {
        case float32([Float])
        case float64([Double])
        case int64([Int64])

        public var count: Int {
            switch self {
            case .float32(let values): values.count
            case .float64(let values): values.count
            case .int64(let values): values.count
            }
        }
    }

    public var name: String
    /// Empty for a scalar.
    public var shape: [Int]
    public var values: Values

    public init(_ name: String, shape: [Int], _ values: Values) {
        precondition(shape.reduce(1, *) == values.count, "shape \(shape) holds \(shape.reduce(1, *)) values, found \(values.count)")
        self.name = name
        self.shape = shape
        self.values = values
    }

    public init(_ name: String, shape: [Int], _ values: [Float]) { self.init(name, shape: shape, .float32(values)) }

    public init(_ name: String, shape: [Int], _ values: [Double]) { self.init(name, shape: shape, .float64(values)) }

    public var floats: [Float]? { if case .float32(let values) = values { values } else { nil } }
    public var doubles: [Double]? { if case .float64(let values) = values { values } else { nil } }
}

/// Why bytes are no weight file that may be used.
public enum SafeTensorsError: Error, Equatable, CustomStringConvertible {
    case truncated(bytes: Int, needed: Int)
    case headerTooLarge(bytes: UInt64, limit: Int)
    case headerNotJSON(String)
    /// A tensor's entry is not `{"dtype", "shape", "data_offsets"}` with sensible values.
    case malformedEntry(tensor: String, problem: String)
    case unknownType(tensor: String, found: String)
    case sizeMismatch(tensor: String, bytes: Int, expected: Int)
    case tooLarge(tensor: String, shape: [Int], limit: Int)
    /// Bytes that belong to no tensor or to two.
    case layout(tensor: String, expected: Int, found: Int)
    case trailingBytes(Int)
    case nonFinite(tensor: String, index: Int, value: String)
    case duplicateName(String)
    case reservedName(String)
    case metadataNotText(key: String)

    public var description: String {
        switch self {
        case .truncated(let bytes, let needed): "the file is cut short: \(bytes) bytes, at least \(needed) expected"
        case .headerTooLarge(let bytes, let limit): "a header of \(bytes) bytes; at most \(limit) are accepted"
        case .headerNotJSON(let problem): "the header is not a JSON object: \(problem)"
        case .malformedEntry(let tensor, let problem): "tensor '\(tensor)': \(problem)"
        case .unknownType(let tensor, let found): "tensor '\(tensor)' has type \(found); known are F32, F64 and I64"
        case .sizeMismatch(let tensor, let bytes, let expected):
            "tensor '\(tensor)' has \(bytes) bytes; its shape and type need \(expected)"
        case .tooLarge(let tensor, let shape, let limit): "tensor '\(tensor)' of shape \(shape) has more than \(limit) values"
        case .layout(let tensor, let expected, let found):
            "tensor '\(tensor)' begins at byte \(found); byte \(expected) expected, so that tensors neither overlap nor leave holes"
        case .trailingBytes(let count): "\(count) bytes after the last tensor"
        case .nonFinite(let tensor, let index, let value): "tensor '\(tensor)' has the value \(value) at index \(index); all must be finite"
        case .duplicateName(let name): "two tensors are named '\(name)'"
        case .reservedName(let name): "'\(name)' cannot be the name of a tensor"
        case .metadataNotText(let key): "metadata '\(key)' is no text"
        }
    }
}

/// The safetensors weight file: a length, a JSON header, the raw little-endian arrays. It can carry numbers only, never code.
///
///     u64 N | N bytes of {"name": {"dtype", "shape", "data_offsets": [begin, end]}, "__metadata__": {text: text}} | arrays
///
/// The reader refuses what the reference implementation refuses (0.8), and also repeated names, unknown fields and any NaN or infinity.
///
/// Reference: the format's description at github.com/huggingface/safetensors.
public struct SafeTensors: Sendable, Equatable {
    public var tensors: [StoredTensor]
    /// Written in alphabetical order.
    public var metadata: [String: String]

    public init(_ tensors: [StoredTensor], metadata: [String: String] = [:]) {
        self.tensors = tensors
        self.metadata = metadata
    }

    /// The tensor of that name.
    public subscript(name: String) -> StoredTensor? { tensors.first { $0.name == name } }

    /// Bytes that a header may have.
    public static let headerLimit = 100_000_000
    /// Values that one tensor may have: far above any network of this house, far below what could exhaust a machine.
    public static let valueLimit = 1 << 28

    static let metadataKey = "__metadata__"
}

// MARK: - Writing

extension SafeTensors {
    /// The file's bytes. Arrays of 8-byte values come first, so that every array is aligned to its width; otherwise in the order given.
    ///
    /// Throws `duplicateName`, `reservedName`, `nonFinite`.
    public func encoded() throws -> Data {
        var names: Set<String> = []
        for tensor in tensors {
            guard tensor.name != Self.metadataKey, !tensor.name.isEmpty else { throw SafeTensorsError.reservedName(tensor.name) }
            guard names.insert(tensor.name).inserted else { throw SafeTensorsError.duplicateName(tensor.name) }
            try tensor.requireFinite()
        }
        let ordered = tensors.filter { $0.values.width == 8 } + tensors.filter { $0.values.width == 4 }
        var members: [JSONValue.Member] = []
        if !metadata.isEmpty {
            let pairs = metadata.sorted { $0.key < $1.key }
            members.append(.init(Self.metadataKey, .object(pairs.map { .init($0.key, .string($0.value)) })))
        }
        var body = Data()
        for tensor in ordered {
            let begin = body.count
            tensor.values.append(to: &body)
            members.append(
                .init(
                    tensor.name,
                    [
                        "dtype": .string(tensor.values.typeName), "shape": .array(tensor.shape.map { .number(Double($0)) }),
                        "data_offsets": [.number(Double(begin)), .number(Double(body.count))],
                    ]))
        }
        var header = Data(JSONValue.object(members).text().utf8)
        // Spaces up to a multiple of 8 keep the arrays aligned.
        header.append(Data(repeating: 0x20, count: (8 - header.count % 8) % 8))
        var file = Data()
        withUnsafeBytes(of: UInt64(header.count).littleEndian) { file.append(contentsOf: $0) }
        return file + header + body
    }
}

extension StoredTensor.Values {
    var typeName: String {
        switch self {
        case .float32: "F32"
        case .float64: "F64"
        case .int64: "I64"
        }
    }

    /// Bytes per value.
    var width: Int { if case .float32 = self { 4 } else { 8 } }

    func append(to data: inout Data) {
        func add<Bits: FixedWidthInteger>(_ bits: [Bits]) { bits.withUnsafeBytes { data.append(contentsOf: $0) } }
        switch self {
        case .float32(let values): add(values.map(\.bitPattern.littleEndian))
        case .float64(let values): add(values.map(\.bitPattern.littleEndian))
        case .int64(let values): add(values.map(\.littleEndian))
        }
    }
}

extension StoredTensor {
    func requireFinite() throws(SafeTensorsError) {
        func check(_ index: Int?, _ value: (Int) -> String) throws(SafeTensorsError) {
            if let index { throw .nonFinite(tensor: name, index: index, value: value(index)) }
        }
        switch values {
        case .float32(let values): try check(values.firstIndex { !$0.isFinite }) { "\(values[$0])" }
        case .float64(let values): try check(values.firstIndex { !$0.isFinite }) { "\(values[$0])" }
        case .int64: break
        }
    }
}

// MARK: - Reading

extension SafeTensors {
    /// Reads a whole file, or says what is wrong with it.
    public init(parsing bytes: [UInt8]) throws(SafeTensorsError) {
        guard bytes.count >= 8 else { throw .truncated(bytes: bytes.count, needed: 8) }
        let length = bytes.withUnsafeBytes { UInt64(littleEndian: $0.loadUnaligned(as: UInt64.self)) }
        guard length <= UInt64(Self.headerLimit) else { throw .headerTooLarge(bytes: length, limit: Self.headerLimit) }
        let start = 8 + Int(length)
        guard bytes.count >= start else { throw .truncated(bytes: bytes.count, needed: start) }
        guard length > 0, bytes[8] == UInt8(ascii: "{") else { throw .headerNotJSON("it does not begin with '{'") }
        let header: JSONValue
        do {
            header = try JSONValue.parse(bytes[8..<start], depth: 4)
        } catch { throw .headerNotJSON("\(error)") }
        guard case .object(let members) = header else { throw .headerNotJSON("it is no object") }
        guard !Self.hasFraction(bytes[8..<start]) else { throw .headerNotJSON("a size or an offset is no whole number") }

        metadata = [:]
        var entries: [Entry] = []
        for member in members {
            guard member.name != Self.metadataKey else {
                guard case .object(let pairs) = member.value else { throw .metadataNotText(key: Self.metadataKey) }
                for pair in pairs {
                    guard case .string(let text) = pair.value else { throw .metadataNotText(key: pair.name) }
                    metadata[pair.name] = text
                }
                continue
            }
            entries.append(try Entry(name: member.name, member.value))
        }

        let body = bytes.count - start
        var end = 0
        for entry in entries.sorted(by: { ($0.begin, $0.end) < ($1.begin, $1.end) }) {
            guard entry.begin == end else { throw .layout(tensor: entry.name, expected: end, found: entry.begin) }
            guard entry.end <= body else { throw .truncated(bytes: bytes.count, needed: start + entry.end) }
            end = entry.end
        }
        guard end == body else { throw .trailingBytes(body - end) }

        tensors = []
        for entry in entries {
            let tensor = entry.tensor(bytes, from: start + entry.begin)
            try tensor.requireFinite()
            tensors.append(tensor)
        }
    }

    /// Whether a number outside strings is written with a fraction or an exponent, which the tree no longer tells.
    private static func hasFraction(_ header: ArraySlice<UInt8>) -> Bool {
        var isInside = false
        var isEscaped = false
        var previous: UInt8 = 0
        for byte in header {
            if isInside {
                if !isEscaped, byte == UInt8(ascii: "\"") { isInside = false }
                isEscaped = !isEscaped && byte == UInt8(ascii: "\\")
            } else if byte == UInt8(ascii: "\"") {
                isInside = true
            } else if (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(previous), ".eE".utf8.contains(byte) {
                return true
            }
            previous = byte
        }
        return false
    }

    private struct Entry {
        var name: String
        var type: String
        var shape: [Int]
        var count: Int
        var begin: Int
        var end: Int

        init(name: String, _ value: JSONValue) throws(SafeTensorsError) {
            guard case .object(let members) = value else { throw .malformedEntry(tensor: name, problem: "its entry is no object") }
            if let unknown = members.first(where: { !["dtype", "shape", "data_offsets"].contains($0.name) }) {
                throw .malformedEntry(tensor: name, problem: "unknown field '\(unknown.name)'")
            }
            guard let type = value["dtype"]?.stringValue else { throw .malformedEntry(tensor: name, problem: "no 'dtype' text") }
            guard let width = ["F32": 4, "F64": 8, "I64": 8][type] else { throw .unknownType(tensor: name, found: type) }
            let sizes = value["shape"]?.arrayValue?.map(\.integerValue)
            guard let sizes, sizes.allSatisfy({ $0.map { $0 >= 0 } ?? false }) else {
                throw .malformedEntry(tensor: name, problem: "'shape' is no list of whole numbers from 0")
            }
            let shape = sizes.compactMap { $0 }
            guard let offsets = value["data_offsets"]?.arrayValue?.compactMap(\.integerValue), offsets.count == 2,
                value["data_offsets"]?.arrayValue?.count == 2, offsets[0] >= 0, offsets[0] <= offsets[1]
            else { throw .malformedEntry(tensor: name, problem: "'data_offsets' is no pair 0 <= begin <= end") }
            var count = 1
            for size in shape {
                let (product, overflow) = count.multipliedReportingOverflow(by: size)
                guard !overflow, product <= SafeTensors.valueLimit else {
                    throw .tooLarge(tensor: name, shape: shape, limit: SafeTensors.valueLimit)
                }
                count = product
            }
            guard offsets[1] - offsets[0] == count * width else {
                throw .sizeMismatch(tensor: name, bytes: offsets[1] - offsets[0], expected: count * width)
            }
            self.name = name
            self.type = type
            self.shape = shape
            self.count = count
            (begin, end) = (offsets[0], offsets[1])
        }

        func tensor(_ bytes: [UInt8], from start: Int) -> StoredTensor {
            bytes.withUnsafeBytes { raw in
                func load<Bits: FixedWidthInteger & BitwiseCopyable>(_ type: Bits.Type) -> [Bits] {
                    (0..<count).map {
                        Bits(littleEndian: raw.loadUnaligned(fromByteOffset: start + $0 * MemoryLayout<Bits>.size, as: Bits.self))
                    }
                }
                switch type {
                case "F32": return StoredTensor(name, shape: shape, .float32(load(UInt32.self).map(Float.init(bitPattern:))))
                case "F64": return StoredTensor(name, shape: shape, .float64(load(UInt64.self).map(Double.init(bitPattern:))))
                default: return StoredTensor(name, shape: shape, .int64(load(Int64.self)))
                }
            }
        }
    }
}
