/// A time or date that is not written as it must be.
public enum TimeFormatError: Error, Equatable, CustomStringConvertible {
    /// The text has another shape than the format asks for.
    case malformed(found: String, expected: String)
    /// A field lies outside its range: month 13, 31 February, 25 o'clock.
    case outOfRange(field: String, found: Int, in: String)
    /// The moment is further from 1970 than 64-bit nanoseconds reach (1677 to 2262).
    case unrepresentable(String)

    public var description: String {
        switch self {
        case .malformed(let found, let expected): "'\(found)' is no time: expected \(expected)"
        case .outOfRange(let field, let found, let text): "'\(text)': there is no \(field) \(found)"
        case .unrepresentable(let text): "'\(text)' lies outside the years 1678 to 2261"
        }
    }
}

extension Timestamp {
    public static let nanosecondsPerSecond: Int64 = 1_000_000_000
    public static let nanosecondsPerDay: Int64 = 86_400 * nanosecondsPerSecond

    /// That day at so many hours and minutes after midnight UTC.
    public init(_ date: CivilDate, hour: Int = 0, minute: Int = 0) {
        precondition((0..<24).contains(hour) && (0..<60).contains(minute), "no time of day \(hour):\(minute)")
        self.init(
            nanoseconds: Int64(date.daysSinceEpoch) * Self.nanosecondsPerDay + Int64(hour * 60 + minute) * 60 * Self.nanosecondsPerSecond)
    }

    /// The UTC day this moment lies in.
    public var date: CivilDate { CivilDate(daysSinceEpoch: Int(dayAndRest.day)) }

    /// Nanoseconds after midnight UTC.
    public var nanosecondOfDay: Int64 { dayAndRest.rest }

    private var dayAndRest: (day: Int64, rest: Int64) {
        let (quotient, remainder) = nanoseconds.quotientAndRemainder(dividingBy: Self.nanosecondsPerDay)
        return remainder < 0 ? (quotient - 1, remainder + Self.nanosecondsPerDay) : (quotient, remainder)
    }

    public func adding(days: Double) -> Timestamp {
        Timestamp(nanoseconds: nanoseconds + Int64((days * Double(Self.nanosecondsPerDay)).rounded()))
    }

    /// Reads `2026-01-15T21:21:56.012012+00:00`: extended ISO 8601, seconds with up to nine decimals, then `Z` or an offset.
    public init(iso8601 text: String) throws(TimeFormatError) {
        let shape = "yyyy-MM-ddTHH:mm:ss[.fraction](Z|±HH:MM)"
        var reader = FixedWidthReader(text, expected: shape)
        let date = try reader.date(separator: UInt8(ascii: "-"))
        try reader.skip("T")
        var nanoseconds = try reader.timeOfDay(separator: UInt8(ascii: ":"))
        if reader.next == UInt8(ascii: ".") {
            try reader.skip(".")
            var scale = Self.nanosecondsPerSecond
            var digits = 0
            while let digit = reader.next, (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(digit) {
                digits += 1
                guard digits <= 9 else { throw .malformed(found: text, expected: shape + " with at most nine decimals") }
                scale /= 10
                nanoseconds += Int64(try reader.number(digits: 1)) * scale
            }
            guard digits > 0 else { throw .malformed(found: text, expected: shape) }
        }
        switch reader.next {
        case UInt8(ascii: "Z"): try reader.skip("Z")
        case UInt8(ascii: "+"), UInt8(ascii: "-"):
            let sign: Int64 = reader.next == UInt8(ascii: "+") ? 1 : -1
            try reader.skip(sign > 0 ? "+" : "-")
            let hour = try reader.number(digits: 2, field: "offset hour", in: 0...23)
            try reader.skip(":")
            let minute = try reader.number(digits: 2, field: "offset minute", in: 0...59)
            nanoseconds -= sign * Int64(hour * 60 + minute) * 60 * Self.nanosecondsPerSecond
        default: throw .malformed(found: text, expected: shape)
        }
        try reader.finish()
        try self.init(date, nanoseconds: nanoseconds, text: text)
    }

    /// Reads `20260115T212156Z`, the form recorded files are named with.
    public init(compact text: String) throws(TimeFormatError) {
        var reader = FixedWidthReader(text, expected: "yyyyMMddTHHmmssZ")
        let date = try reader.date(separator: nil)
        try reader.skip("T")
        let nanoseconds = try reader.timeOfDay(separator: nil)
        try reader.skip("Z")
        try reader.finish()
        try self.init(date, nanoseconds: nanoseconds, text: text)
    }

    private init(_ date: CivilDate, nanoseconds: Int64, text: String) throws(TimeFormatError) {
        guard (1678...2261).contains(date.year) else { throw .unrepresentable(text) }
        self.init(nanoseconds: Int64(date.daysSinceEpoch) * Self.nanosecondsPerDay + nanoseconds)
    }

    /// `2026-01-15T21:21:56Z`, with 3, 6 or 9 decimals where the second is not whole.
    public var iso8601: String {
        let rest = nanosecondOfDay
        let fraction = rest % Self.nanosecondsPerSecond
        var text = date.description + "T" + clock(separator: ":")
        if fraction != 0 {
            let digits = fraction % 1_000_000 == 0 ? 3 : fraction % 1000 == 0 ? 6 : 9
            text += "." + padded(Int(fraction), to: 9).prefix(digits)
        }
        return text + "Z"
    }

    /// `20260115T212156Z`; a part of a second is dropped.
    public var compact: String {
        let day = date
        return padded(day.year, to: 4) + padded(day.month, to: 2) + padded(day.day, to: 2) + "T" + clock(separator: "") + "Z"
    }

    private func clock(separator: String) -> String {
        let seconds = Int(nanosecondOfDay / Self.nanosecondsPerSecond)
        return [seconds / 3600, seconds / 60 % 60, seconds % 60].map { padded($0, to: 2) }.joined(separator: separator)
    }
}

extension Timestamp: CustomStringConvertible {
    public var description: String { iso8601 }
}

extension CivilDate: CustomStringConvertible {
    /// Reads `2026-01-15`.
    public init(iso8601 text: String) throws(TimeFormatError) {
        var reader = FixedWidthReader(text, expected: "yyyy-MM-dd")
        self = try reader.date(separator: UInt8(ascii: "-"))
        try reader.finish()
    }

    /// `2026-01-15`.
    public var description: String { padded(year, to: 4) + "-" + padded(month, to: 2) + "-" + padded(day, to: 2) }
}

private func padded(_ number: Int, to width: Int) -> String {
    let digits = String(number)
    return String(repeating: "0", count: max(0, width - digits.count)) + digits
}

/// Reads digits and marks from left to right; whatever does not fit is an error that shows the whole text.
private struct FixedWidthReader {
    let text: String
    let expected: String
    let bytes: [UInt8]
    var position = 0

    init(_ text: String, expected: String) {
        self.text = text
        self.expected = expected
        bytes = Array(text.utf8)
    }

    var next: UInt8? { position < bytes.count ? bytes[position] : nil }

    mutating func skip(_ mark: Unicode.Scalar) throws(TimeFormatError) {
        guard next == UInt8(ascii: mark) else { throw .malformed(found: text, expected: expected) }
        position += 1
    }

    mutating func number(digits: Int, field: String = "", in range: ClosedRange<Int>? = nil) throws(TimeFormatError) -> Int {
        var value = 0
        for _ in 0..<digits {
            guard let byte = next, (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte) else {
                throw .malformed(found: text, expected: expected)
            }
            value = value * 10 + Int(byte - UInt8(ascii: "0"))
            position += 1
        }
        if let range, !range.contains(value) { throw .outOfRange(field: field, found: value, in: text) }
        return value
    }

    mutating func date(separator: UInt8?) throws(TimeFormatError) -> CivilDate {
        let year = try number(digits: 4)
        if let separator { try skip(Unicode.Scalar(separator)) }
        let month = try number(digits: 2, field: "month", in: 1...12)
        if let separator { try skip(Unicode.Scalar(separator)) }
        let day = try number(digits: 2)
        guard let date = CivilDate(year: year, month: month, day: day) else {
            throw .outOfRange(field: "day of that month", found: day, in: text)
        }
        return date
    }

    /// Nanoseconds after midnight. A leap second is refused: no market stamp has one.
    mutating func timeOfDay(separator: UInt8?) throws(TimeFormatError) -> Int64 {
        let hour = try number(digits: 2, field: "hour", in: 0...23)
        if let separator { try skip(Unicode.Scalar(separator)) }
        let minute = try number(digits: 2, field: "minute", in: 0...59)
        if let separator { try skip(Unicode.Scalar(separator)) }
        let second = try number(digits: 2, field: "second", in: 0...59)
        return Int64((hour * 60 + minute) * 60 + second) * Timestamp.nanosecondsPerSecond
    }

    func finish() throws(TimeFormatError) {
        guard position == bytes.count else { throw .malformed(found: text, expected: expected) }
    }
}
