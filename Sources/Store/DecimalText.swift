/// Numbers for people: plain decimals of ordinary size, the sign a true minus only where text allows it.
public enum DecimalText {
    /// `digits` significant digits, trailing zeros of the fraction dropped; an exponent only below 1e-4 and from 1e9.
    public static func significant(_ value: Double, digits: Int) -> String {
        guard value.isFinite else { return value.isNaN ? "n/a" : value < 0 ? "-inf" : "inf" }
        guard value != 0 else { return "0" }
        let rounded = scientific(value, digits: digits)
        guard (-4..<9).contains(rounded.exponent) else {
            return "\(trimmed(fixed(rounded.mantissa, decimals: digits - 1)))e\(rounded.exponent)"
        }
        return trimmed(fixed(value, decimals: max(digits - 1 - rounded.exponent, 0)))
    }

    /// Exactly `decimals` digits after the point, halves to even on the binary value.
    public static func fixed(_ value: Double, decimals: Int) -> String {
        guard value.isFinite else { return significant(value, digits: 1) }
        precondition((0...17).contains(decimals), "decimals must be 0 to 17, found \(decimals)")
        var scale = 1.0
        for _ in 0..<decimals { scale *= 10 }
        let scaled = (value.magnitude * scale).rounded(.toNearestOrEven)
        // Beyond 2^53 a Double has no fraction to show.
        guard scaled < 9e15 else { return value.description }
        let digits = String(Int64(scaled))
        let padded = digits.count > decimals ? digits : String(repeating: "0", count: decimals + 1 - digits.count) + digits
        let whole = padded.dropLast(decimals)
        let sign = value < 0 && scaled > 0 ? "-" : ""
        return decimals == 0 ? sign + whole : sign + whole + "." + padded.suffix(decimals)
    }

    private static func trimmed(_ text: String) -> String {
        guard text.contains(".") else { return text }
        var text = Substring(text)
        while text.hasSuffix("0") { text.removeLast() }
        if text.hasSuffix(".") { text.removeLast() }
        return String(text)
    }

    /// value = mantissa · 10^exponent with 1 ≤ |mantissa| < 10 after rounding to `digits`.
    private static func scientific(_ value: Double, digits: Int) -> (mantissa: Double, exponent: Int) {
        var mantissa = value
        var exponent = 0
        while mantissa.magnitude >= 10 { (mantissa, exponent) = (mantissa / 10, exponent + 1) }
        while mantissa.magnitude < 1 { (mantissa, exponent) = (mantissa * 10, exponent - 1) }
        if (fixed(mantissa.magnitude, decimals: digits - 1)).hasPrefix("10") { (mantissa, exponent) = (mantissa / 10, exponent + 1) }
        return (mantissa, exponent)
    }
}
