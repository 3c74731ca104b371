import Foundation

/// Figures as people read them in a terminal.
enum FigureText {
    /// As many decimals as five significant digits need, `digits` at least: coin amounts of one option are thousandths.
    static func number(_ value: Double, _ digits: Int = 4) -> String {
        guard value != 0 else { return "0" }
        let places = max(digits, min(9, 4 - Int(log10(value.magnitude).rounded(.down))))
        return String(format: "%.\(value.magnitude >= 1000 ? 1 : min(places, digits + 4))f", value)
    }

    static func percent(_ share: Double) -> String { String(format: "%.2f %%", share * 100) }

    /// 1234567 as `1 234 567`.
    static func grouped(_ count: Int) -> String {
        var digits = String(count)
        var position = digits.count - 3
        while position > 0 {
            digits.insert(" ", at: digits.index(digits.startIndex, offsetBy: position))
            position -= 3
        }
        return digits
    }
}
