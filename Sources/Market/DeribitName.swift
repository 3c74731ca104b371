/// Deribit's instrument names, both ways.
///
///     BTC-27DEC24-100000-C        inverse option          XRP_USDC-27DEC24-0d55-C   linear option, d is the decimal point
///     BTC-PERPETUAL               inverse perpetual       ETH_USDC-PERPETUAL        linear perpetual
///     BTC-27DEC24                 dated inverse future    BTC_USDC                  spot
///
/// The day has no leading zero; every dated instrument ends at 08:00 UTC. A name is read strictly, so that
/// `format(parse(name)) == name` for every canonical name, and `parse(format(instrument)) == instrument`.
///
/// Reference: docs.deribit.com, "Naming".
public enum DeribitName {
    /// Hour of day, UTC, at which options and futures end.
    public static let expiryHour = 8

    /// The quote currency of linear instruments and spot.
    public static let linearQuote: Currency = "USDC"

    static let months = ["JAN", "FEB", "MAR", "APR", "MAY", "JUN", "JUL", "AUG", "SEP", "OCT", "NOV", "DEC"]

    public static func parse(_ name: String) throws(DeribitNameError) -> Instrument {
        try withBytes(of: name) { (name) throws(DeribitNameError) in try parse(name) }
    }

    /// Reads a name from its UTF-8 bytes; makes no string of it unless it is wrong.
    public static func parse(_ name: UnsafeBufferPointer<UInt8>) throws(DeribitNameError) -> Instrument {
        var rest = name[...]
        func part() -> Bytes {
            let end = rest.firstIndex(of: dash) ?? rest.endIndex
            defer { rest = rest[min(end + 1, rest.endIndex)...] }
            return Bytes(rebasing: rest[..<end])
        }
        let count = name.reduce(1) { $1 == dash ? $0 + 1 : $0 }
        let (underlying, settlement, hasQuote) = try pair(part(), name)
        switch count {
        case 1:
            guard hasQuote else {
                throw .malformed(text(name), found: "no part after '\(underlying.rawValue)'", expected: "an expiry, PERPETUAL or _USDC")
            }
            return .spot(underlying)
        case 2:
            let second = part()
            if second.elementsEqual("PERPETUAL".utf8) { return .perpetual(underlying: underlying, settlement: settlement) }
            return .future(underlying: underlying, expiry: try expiry(second, name), settlement: settlement)
        case 4:
            let expiry = try expiry(part(), name)
            let strike = try strike(part(), name)
            return .option(
                .init(underlying: underlying, kind: try kind(part(), name), strike: strike, expiry: expiry, settlement: settlement))
        default:
            throw .malformed(
                text(name), found: "\(count) parts", expected: "UNDERLYING-EXPIRY-STRIKE-KIND, UNDERLYING-EXPIRY or UNDERLYING-PERPETUAL")
        }
    }

    public static func format(_ instrument: Instrument) throws(DeribitNameError) -> String {
        switch instrument {
        case .option(let contract):
            guard contract.strike > 0, contract.strike.isFinite else { throw .strikeNotPositive(contract.strike) }
            return try prefix(contract.underlying, contract.settlement) + "-" + format(expiry: contract.expiry) + "-"
                + format(strike: contract.strike) + (contract.kind == .call ? "-C" : "-P")
        case .future(let underlying, let expiry, let settlement): return try prefix(underlying, settlement) + "-" + format(expiry: expiry)
        case .perpetual(let underlying, let settlement): return try prefix(underlying, settlement) + "-PERPETUAL"
        case .spot(let underlying): return try prefix(underlying, .linear)
        }
    }

    /// Reads the expiry part of a name, `27DEC24`: that day at 08:00 UTC.
    public static func parse(expiry: String) throws(DeribitNameError) -> Timestamp {
        try withBytes(of: expiry) { (part) throws(DeribitNameError) in try self.expiry(part, part) }
    }

    /// Writes the expiry part of a name.
    public static func format(expiry: Timestamp) throws(DeribitNameError) -> String {
        let date = expiry.date
        guard expiry == Timestamp(date, hour: expiryHour), (2000...2099).contains(date.year) else { throw .expiryWithoutName(expiry) }
        let year = date.year % 100
        return "\(date.day)\(months[date.month - 1])\(year < 10 ? "0" : "")\(year)"
    }

    // MARK: - Parts

    private typealias Bytes = UnsafeBufferPointer<UInt8>

    private static let dash = UInt8(ascii: "-")
    private static let digits = UInt8(ascii: "0")...UInt8(ascii: "9")
    private static let capitals = UInt8(ascii: "A")...UInt8(ascii: "Z")

    private static func withBytes<Value>(
        of text: String, _ read: (Bytes) throws(DeribitNameError) -> Value
    ) throws(DeribitNameError) -> Value {
        var text = text
        return try text.withUTF8 { bytes in Result { () throws(DeribitNameError) in try read(bytes) } }.get()
    }

    private static func pair(
        _ part: Bytes, _ name: Bytes
    ) throws(DeribitNameError) -> (underlying: Currency, settlement: Settlement, hasQuote: Bool) {
        let end = part.firstIndex(of: UInt8(ascii: "_"))
        let code = Bytes(rebasing: part[..<(end ?? part.endIndex)])
        guard (2...10).contains(code.count), code.allSatisfy({ capitals.contains($0) || digits.contains($0) }) else {
            throw .malformed(text(name), found: "'\(text(code))' as the underlying", expected: "2 to 10 capital letters or digits")
        }
        let underlying = Currency(rawValue: text(code))
        guard let end else { return (underlying, .inverse, false) }
        let quote = Bytes(rebasing: part[(end + 1)...])
        guard quote.elementsEqual(linearQuote.rawValue.utf8) else {
            throw .malformed(text(name), found: "'\(text(quote))' as the quote currency", expected: linearQuote.rawValue)
        }
        return (underlying, .linear, true)
    }

    private static func prefix(_ underlying: Currency, _ settlement: Settlement) throws(DeribitNameError) -> String {
        let name = settlement == .linear ? underlying.rawValue + "_" + linearQuote.rawValue : underlying.rawValue
        _ = try withBytes(of: name) { (name) throws(DeribitNameError) in try pair(name, name) }
        return name
    }

    private static func kind(_ part: Bytes, _ name: Bytes) throws(DeribitNameError) -> OptionKind {
        if part.count == 1 {
            if part[0] == UInt8(ascii: "C") { return .call }
            if part[0] == UInt8(ascii: "P") { return .put }
        }
        throw .malformed(text(name), found: "'\(text(part))' as the kind", expected: "C or P")
    }

    /// Three letters in one number.
    private static func word(_ letters: some Sequence<UInt8>) -> UInt32 { letters.reduce(0) { $0 << 8 | UInt32($1) } }

    private static let monthWords = months.map { word($0.utf8) }

    private static func expiry(_ part: Bytes, _ name: Bytes) throws(DeribitNameError) -> Timestamp {
        let length = part.firstIndex { !digits.contains($0) } ?? part.count
        guard (1...2).contains(length), part.count == length + 5, part[0] != UInt8(ascii: "0"), let day = number(part[..<length]),
            let year = number(part[(length + 3)...])
        else {
            throw .malformed(text(name), found: "'\(text(part))' as the expiry", expected: "a day like 5JAN26, without leading zero")
        }
        let letters = Bytes(rebasing: part[length..<length + 3])
        guard let month = monthWords.firstIndex(of: word(letters)) else {
            throw .malformed(text(name), found: "'\(text(letters))' as the month", expected: "one of \(months.joined(separator: ", "))")
        }
        guard let date = CivilDate(year: 2000 + year, month: month + 1, day: day) else {
            throw .malformed(
                text(name), found: "'\(text(part))' as the expiry",
                expected: "a day from 1 to \(CivilDate.days(inMonth: month + 1, of: 2000 + year)) in that month")
        }
        return Timestamp(date, hour: expiryHour)
    }

    /// At most 15 digits, all of which a `Double` keeps: whole part without leading zero, then `d` and decimals.
    private static func strike(_ part: Bytes, _ name: Bytes) throws(DeribitNameError) -> Double {
        let point = part.firstIndex(of: UInt8(ascii: "d"))
        let (whole, decimals) = (part[..<(point ?? part.endIndex)], part[(point.map { $0 + 1 } ?? part.endIndex)...])
        guard !whole.isEmpty, point == nil || !decimals.isEmpty, whole.count + decimals.count <= 15,
            whole.count == 1 || whole.first != UInt8(ascii: "0"), let high = number(whole), let low = number(decimals), high + low > 0
        else {
            throw .malformed(
                text(name), found: "'\(text(part))' as the strike",
                expected: "a positive number of at most 15 digits, d as the decimal point")
        }
        // Both are exact and powers of ten up to 10^22 are too: the quotient is the double nearest to the written number.
        var scale = 1
        for _ in 0..<decimals.count { scale *= 10 }
        return Double(high * scale + low) / Double(scale)
    }

    /// Shortest decimal digits that read back as the same strike.
    static func format(strike: Double) throws(DeribitNameError) -> String {
        let shortest = strike.description
        let parts = shortest.split(separator: "e")
        let mantissa = parts[0].split(separator: ".")
        var digits = String(mantissa[0]) + (mantissa.count > 1 && mantissa[1] != "0" ? String(mantissa[1]) : "")
        var point = mantissa[0].count + (parts.count > 1 ? Int(parts[1]) ?? 0 : 0)
        let leading = digits.prefix { $0 == "0" }.count
        digits.removeFirst(leading)
        point -= leading
        guard digits.count <= 15, point <= 15, point > -14 else { throw .strikeWithoutName(strike) }
        let text: String
        if point <= 0 {
            text = "0d" + String(repeating: "0", count: -point) + digits
        } else if digits.count <= point {
            text = digits + String(repeating: "0", count: point - digits.count)
        } else {
            text = digits.prefix(point) + "d" + digits.dropFirst(point)
        }
        guard text.utf8.count <= (text.contains("d") ? 16 : 15) else { throw .strikeWithoutName(strike) }
        return text
    }

    private static func number(_ part: Slice<Bytes>) -> Int? {
        var value = 0
        for byte in part {
            guard digits.contains(byte) else { return nil }
            value = value * 10 + Int(byte - UInt8(ascii: "0"))
        }
        return value
    }

    private static func text(_ bytes: Bytes) -> String { String(decoding: bytes, as: UTF8.self) }
}

/// A name that is none of Deribit's, or an instrument that Deribit has no name for.
public enum DeribitNameError: Error, Equatable, CustomStringConvertible {
    case malformed(_ name: String, found: String, expected: String)
    /// Only 08:00 UTC of the years 2000 to 2099 can be written.
    case expiryWithoutName(Timestamp)
    case strikeNotPositive(Double)
    /// A strike of more than 15 digits.
    case strikeWithoutName(Double)

    public var description: String {
        switch self {
        case .malformed(let name, let found, let expected): "instrument '\(name)': found \(found), expected \(expected)"
        case .expiryWithoutName(let time): "no Deribit name: expiry \(time) is not 08:00 UTC of a day in 2000 to 2099"
        case .strikeNotPositive(let strike): "no Deribit name: strike \(strike) is not positive and finite"
        case .strikeWithoutName(let strike): "no Deribit name: strike \(strike) has more than 15 digits"
        }
    }
}
