import Foundation

/// Decimal numbers as data files write them, and nothing else.
///
///     number = ["-"] digits ["." digits] [("e" | "E") ["+" | "-"] digits],   digits without a needless leading zero
///
/// Refused, where `Double.init` would take some of it: `nan`, `inf`, `0x1p3`, `+1`, `.5`, `5.`, `007`, spaces, the empty text, and
/// every number too large (`1e400`) or too small (`1e-400`) for a double. What is taken is read to the nearest double.
public enum StrictNumber {
    public static func double(_ text: String) -> Double? {
        var text = text
        return text.withUTF8 { double($0) }
    }

    public static func double(_ bytes: UnsafeBufferPointer<UInt8>) -> Double? {
        var position = 0
        let negative = !bytes.isEmpty && bytes[0] == UInt8(ascii: "-")
        if negative { position = 1 }
        var mantissa: UInt64 = 0
        var kept = 0
        var exponent = 0

        let wholeStart = position
        while position < bytes.count, let digit = digit(bytes[position]) {
            if kept < 19 {
                mantissa = mantissa &* 10 &+ UInt64(digit)
                if mantissa > 0 { kept += 1 }
            } else {
                kept += 1
                exponent += 1
            }
            position += 1
        }
        let wholeDigits = position - wholeStart
        guard wholeDigits > 0, wholeDigits == 1 || bytes[wholeStart] != UInt8(ascii: "0") else { return nil }

        if position < bytes.count, bytes[position] == UInt8(ascii: ".") {
            position += 1
            let start = position
            while position < bytes.count, let digit = digit(bytes[position]) {
                if kept < 19 {
                    mantissa = mantissa &* 10 &+ UInt64(digit)
                    if mantissa > 0 { kept += 1 }
                    exponent -= 1
                } else {
                    kept += 1
                }
                position += 1
            }
            guard position > start else { return nil }
        }
        if position < bytes.count, bytes[position] | 0x20 == UInt8(ascii: "e") {
            position += 1
            var sign = 1
            if position < bytes.count, bytes[position] == UInt8(ascii: "-") || bytes[position] == UInt8(ascii: "+") {
                sign = bytes[position] == UInt8(ascii: "-") ? -1 : 1
                position += 1
            }
            let start = position
            var written = 0
            while position < bytes.count, let digit = digit(bytes[position]) {
                written = min(written * 10 + Int(digit), 100_000)
                position += 1
            }
            guard position > start else { return nil }
            exponent += sign * written
        }
        guard position == bytes.count else { return nil }

        if mantissa == 0 { return negative ? -0.0 : 0.0 }
        // Digits up to 2^53 and powers of ten up to 10^22 are exact doubles, so one rounding is the nearest double.
        if kept <= 19, mantissa <= 1 << 53, (-22...22).contains(exponent) {
            let digits = Double(mantissa)
            let value = exponent < 0 ? digits / powersOfTen[-exponent] : digits * powersOfTen[exponent]
            return negative ? -value : value
        }
        guard let value = Double(String(decoding: bytes, as: UTF8.self)), value.isFinite, value != 0 else { return nil }
        return value
    }

    /// A whole number of at most 18 digits.
    public static func integer(_ bytes: UnsafeBufferPointer<UInt8>) -> Int64? {
        let negative = !bytes.isEmpty && bytes[0] == UInt8(ascii: "-")
        let start = negative ? 1 : 0
        guard (1...18).contains(bytes.count - start), bytes.count - start == 1 || bytes[start] != UInt8(ascii: "0") else { return nil }
        var value: Int64 = 0
        for index in start..<bytes.count {
            guard let digit = digit(bytes[index]) else { return nil }
            value = value * 10 + Int64(digit)
        }
        return negative ? -value : value
    }

    private static let powersOfTen: [Double] = [
        1e0, 1e1, 1e2, 1e3, 1e4, 1e5, 1e6, 1e7, 1e8, 1e9, 1e10, 1e11, 1e12, 1e13, 1e14, 1e15, 1e16, 1e17, 1e18, 1e19, 1e20, 1e21, 1e22,
    ]

    @inline(__always)
    private static func digit(_ byte: UInt8) -> UInt8? {
        let value = byte &- UInt8(ascii: "0")
        return value <= 9 ? value : nil
    }
}
