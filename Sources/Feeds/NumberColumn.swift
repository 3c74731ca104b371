import Foundation

/// A column of numbers as bytes, exact to the last bit.
///
/// Prices are written with few decimals, so a column is kept as whole numbers m, each value m · 10^-d · s with one d and s for the column:
/// where that does not give back every value, the doubles themselves are kept.
///
///     u8 width (0, 1, 2, 4 or 8)   u8 d   u8 s   then n values
///
/// Width 0 is one double that all values equal; 1, 2, 4 are signed whole numbers, the least of which stands for an absent value; 8 are
/// doubles, with NaN for an absent value.
enum NumberColumn {
    private static let mostDecimals = 9

    /// - Parameter scale: s, 1 or the 100 by which the house's vega exceeds the venue's.
    static func append(_ values: [Double], scale: Int = 1, to bytes: inout [UInt8]) {
        precondition(scale == 1 || scale == 100, "the scale is \(scale), neither 1 nor 100")
        if let first = values.first, values.allSatisfy({ $0.bitPattern == first.bitPattern }) {
            bytes.append(contentsOf: [0, 0, 1])
            bytes.append(bits: first.bitPattern)
            return
        }
        if let (decimals, numbers) = wholeNumbers(values, scale: Double(scale)) {
            let largest = numbers.reduce(0) { max($0, $1?.magnitude ?? 0) }
            let width = largest < 1 << 7 ? 1 : largest < 1 << 15 ? 2 : 4
            bytes.append(contentsOf: [UInt8(width), UInt8(decimals), UInt8(scale)])
            switch width {
            case 1: for number in numbers { bytes.append(bits: UInt8(bitPattern: number.map { Int8($0) } ?? .min)) }
            case 2: for number in numbers { bytes.append(bits: UInt16(bitPattern: number.map { Int16($0) } ?? .min)) }
            default: for number in numbers { bytes.append(bits: UInt32(bitPattern: number.map { Int32($0) } ?? .min)) }
            }
            return
        }
        bytes.append(contentsOf: [8, 0, 1])
        for value in values { bytes.append(bits: value.bitPattern) }
    }

    /// nil where a value is no such number; an element is nil where the value is absent.
    private static func wholeNumbers(_ values: [Double], scale: Double) -> (decimals: Int, numbers: [Int32?])? {
        var decimals = 0
        var power = 1.0
        for value in values where !value.isNaN {
            while !isWhole(value, power, scale) {
                guard decimals < mostDecimals else { return nil }
                decimals += 1
                power *= 10
            }
        }
        var numbers: [Int32?] = []
        numbers.reserveCapacity(values.count)
        for value in values {
            if value.isNaN {
                numbers.append(nil)
                continue
            }
            let number = (value / scale * power).rounded()
            guard number.magnitude < Double(Int32.max), isWhole(value, power, scale) else { return nil }
            numbers.append(Int32(number))
        }
        return (decimals, numbers)
    }

    private static func isWhole(_ value: Double, _ power: Double, _ scale: Double) -> Bool {
        let number = (value / scale * power).rounded()
        // A whole number has no negative zero.
        return (number / power * scale).bitPattern == value.bitPattern && (number != 0 || value.sign == .plus)
    }

    static func read(_ count: Int, from reader: inout ByteCursor) throws(FeedError) -> [Double] {
        let width = Int(try reader.number(UInt8.self))
        let decimals = Int(try reader.number(UInt8.self))
        let scale = Double(try reader.number(UInt8.self))
        guard decimals <= mostDecimals else { throw reader.damaged("a column of \(decimals) decimals") }
        var power = 1.0
        for _ in 0..<decimals { power *= 10 }
        switch width {
        case 0: return Array(repeating: Double(bitPattern: try reader.number(UInt64.self)), count: count)
        case 1: return try reader.values(UInt8.self, count) { Self.value(Int8(bitPattern: $0), power, scale) }
        case 2: return try reader.values(UInt16.self, count) { Self.value(Int16(bitPattern: $0), power, scale) }
        case 4: return try reader.values(UInt32.self, count) { Self.value(Int32(bitPattern: $0), power, scale) }
        case 8: return try reader.values(UInt64.self, count) { Double(bitPattern: $0) }
        default: throw reader.damaged("a column of width \(width)")
        }
    }

    @inline(__always)
    private static func value<Number: FixedWidthInteger & SignedInteger>(_ number: Number, _ power: Double, _ scale: Double) -> Double {
        number == .min ? .nan : Double(number) / power * scale
    }
}

/// Reads little-endian numbers from left to right; what runs over the end is damage.
struct ByteCursor {
    let path: String
    let bytes: UnsafeRawBufferPointer
    private(set) var position = 0

    init(path: String, bytes: UnsafeRawBufferPointer) {
        self.path = path
        self.bytes = bytes
    }

    func damaged(_ what: String) -> FeedError { .damaged(path: path, reason: "damaged data: \(what) at byte \(position) of a block") }

    mutating func number<Number: FixedWidthInteger>(_ type: Number.Type) throws(FeedError) -> Number {
        guard position + MemoryLayout<Number>.size <= bytes.count else { throw damaged("the end") }
        defer { position += MemoryLayout<Number>.size }
        return Number(littleEndian: bytes.loadUnaligned(fromByteOffset: position, as: Number.self))
    }

    mutating func double() throws(FeedError) -> Double { Double(bitPattern: try number(UInt64.self)) }

    /// A text of at most 255 bytes after its length.
    mutating func text() throws(FeedError) -> String {
        let count = Int(try number(UInt8.self))
        guard position + count <= bytes.count else { throw damaged("the end") }
        defer { position += count }
        return String(decoding: bytes[position..<position + count], as: UTF8.self)
    }

    mutating func values<Number: FixedWidthInteger, Value>(
        _ type: Number.Type, _ count: Int, _ make: (Number) -> Value
    ) throws(FeedError) -> [Value] {
        let size = MemoryLayout<Number>.size
        guard count >= 0, count <= (bytes.count - position) / size else { throw damaged("the end") }
        let start = position
        position += count * size
        return [Value](unsafeUninitializedCapacity: count) { buffer, filled in
            for index in 0..<count {
                let number = bytes.loadUnaligned(fromByteOffset: start + index * size, as: Number.self)
                (buffer.baseAddress! + index).initialize(to: make(Number(littleEndian: number)))
            }
            filled = count
        }
    }
}

extension [UInt8] {
    /// Little-endian.
    mutating func append<Number: FixedWidthInteger>(bits number: Number) {
        Swift.withUnsafeBytes(of: number.littleEndian) { append(contentsOf: $0) }
    }

    /// At most 255 bytes after their number.
    mutating func append(short text: String) {
        precondition(text.utf8.count <= 255, "'\(text)' has more than 255 bytes")
        append(UInt8(text.utf8.count))
        append(contentsOf: text.utf8)
    }
}
