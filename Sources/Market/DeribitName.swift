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
        let bytes = Array(name.utf8)
        let parts = bytes.split(separator: UInt8(ascii: "-"), omittingEmptySubsequences: false)
        let (underlying, settlement, hasQuote) = try pair(parts[0], name)
        switch parts.count {
        case 1:
            guard hasQuote else {
                throw .malformed(name, found: "no part after '\(underlying.rawValue)'", expected: "an expiry, PERPETUAL or _USDC")
            }
            return .spot(underlying)
        case 2:
            if parts[1].elementsEqual("PERPETUAL".utf8) { return .perpetual(underlying: underlying, settlement: settlement) }
            return .future(underlying: underlying, expiry: try expiry(parts[1], name), settlement: settlement)
        case 4:
            let expiry = try expiry(parts[1], name)
            let strike = try strike(parts[2], name)
            let kind: OptionKind
            switch parts[3] {
            case [UInt8(ascii: "C")]: kind = .call
            case [UInt8(ascii: "P")]: kind = .put
            default: throw .malformed(name, found: "'\(text(parts[3]))' as the kind", expected: "C or P")
            }
            return .option(.init(underlying: underlying, kind: kind, strike: strike, expiry: expiry, settlement: settlement))
        default:
            throw .malformed(
                name, found: "\(parts.count) parts", expected: "UNDERLYING-EXPIRY-STRIKE-KIND, UNDERLYING-EXPIRY or UNDERLYING-PERPETUAL")
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
    public static func parse(expiry: String) throws(DeribitNameError) -> Timestamp { try self.expiry(Array(expiry.utf8)[...], expiry) }

    /// Writes the expiry part of a name.
    public static func format(expiry: Timestamp) throws(DeribitNameError) -> String {
        let date = expiry.date
        guard expiry == Timestamp(date, hour: expiryHour), (2000...2099).contains(date.year) else { throw .expiryWithoutName(expiry) }
        let year = date.year % 100
        return "\(date.day)\(months[date.month - 1])\(year < 10 ? "0" : "")\(year)"
    }

    // MARK: - Parts

    private static func pair(
        _ part: ArraySlice<UInt8>, _ name: String
    ) throws(DeribitNameError) -> (underlying: Currency, settlement: Settlement, hasQuote: Bool) {
        let sides = part.split(separator: UInt8(ascii: "_"), omittingEmptySubsequences: false)
        let isCode = { (code: ArraySlice<UInt8>) in
            (2...10).contains(code.count)
                && code.allSatisfy {
                    (UInt8(ascii: "A")...UInt8(ascii: "Z")).contains($0) || (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0)
                }
        }
        guard isCode(sides[0]) else {
            throw .malformed(name, found: "'\(text(sides[0]))' as the underlying", expected: "2 to 10 capital letters or digits")
        }
        let underlying = Currency(rawValue: text(sides[0]))
        guard sides.count > 1 else { return (underlying, .inverse, false) }
        guard sides.count == 2, sides[1].elementsEqual(linearQuote.rawValue.utf8) else {
            throw .malformed(
                name, found: "'\(text(part[sides[1].startIndex...]))' as the quote currency", expected: linearQuote.rawValue)
        }
        return (underlying, .linear, true)
    }

    private static func prefix(_ underlying: Currency, _ settlement: Settlement) throws(DeribitNameError) -> String {
        let name = settlement == .linear ? underlying.rawValue + "_" + linearQuote.rawValue : underlying.rawValue
        _ = try pair(Array(name.utf8)[...], name)
        return name
    }

    private static func expiry(_ part: ArraySlice<UInt8>, _ name: String) throws(DeribitNameError) -> Timestamp {
        let form = "a day like 5JAN26, without leading zero"
        let digits = part.prefix { (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0) }
        guard (1...2).contains(digits.count), part.count == digits.count + 5, digits.first != UInt8(ascii: "0"),
            let day = number(digits), let year = number(part.suffix(2))
        else { throw .malformed(name, found: "'\(text(part))' as the expiry", expected: form) }
        let monthText = text(part.dropFirst(digits.count).prefix(3))
        guard let month = months.firstIndex(of: monthText) else {
            throw .malformed(name, found: "'\(monthText)' as the month", expected: "one of \(months.joined(separator: ", "))")
        }
        guard let date = CivilDate(year: 2000 + year, month: month + 1, day: day) else {
            throw .malformed(
                name, found: "'\(text(part))' as the expiry",
                expected: "a day from 1 to \(CivilDate.days(inMonth: month + 1, of: 2000 + year)) in that month")
        }
        return Timestamp(date, hour: expiryHour)
    }

    /// At most 15 digits, all of which a `Double` keeps: whole part without leading zero, then `d` and decimals.
    private static func strike(_ part: ArraySlice<UInt8>, _ name: String) throws(DeribitNameError) -> Double {
        let expected = "a positive number of at most 15 digits, d as the decimal point"
        let sides = part.split(separator: UInt8(ascii: "d"), omittingEmptySubsequences: false)
        let whole = sides[0]
        let decimals = sides.count > 1 ? sides[1] : []
        guard sides.count <= 2, !whole.isEmpty, sides.count == 1 || !decimals.isEmpty, whole.count + decimals.count <= 15,
            whole.count == 1 || whole.first != UInt8(ascii: "0"), let digits = number(whole + decimals), digits > 0
        else { throw .malformed(name, found: "'\(text(part))' as the strike", expected: expected) }
        // Both are exact and powers of ten up to 10^22 are too: the quotient is the double nearest to the written number.
        var scale = 1.0
        for _ in 0..<decimals.count { scale *= 10 }
        return Double(digits) / scale
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

    private static func number(_ digits: some Sequence<UInt8>) -> Int? {
        var value = 0
        for digit in digits {
            guard (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(digit) else { return nil }
            value = value * 10 + Int(digit - UInt8(ascii: "0"))
        }
        return value
    }

    private static func text(_ bytes: ArraySlice<UInt8>) -> String { String(decoding: bytes, as: UTF8.self) }
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
