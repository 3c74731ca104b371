extension JSONValue {
    /// The document as text: members in the order given, whole numbers without a fraction, others with the fewest digits that read back equal.
    ///
    /// - Parameter indented: One member a line, two spaces a level, short arrays of plain values on one line; otherwise no white space.
    /// - Precondition: Every number is finite: JSON has no other.
    public func text(indented: Bool = false) -> String {
        var out = ""
        write(to: &out, level: indented ? 0 : nil)
        return out
    }

    private func write(to out: inout String, level: Int?) {
        switch self {
        case .null: out += "null"
        case .bool(let flag): out += flag ? "true" : "false"
        case .number(let number): out += Self.text(of: number)
        case .string(let string): Self.write(string, to: &out)
        case .array(let elements):
            if level != nil, let line = Self.line(of: elements) { return out += line }
            Self.write("[", "]", elements.count, to: &out, level: level) { index, out, level in
                elements[index].write(to: &out, level: level)
            }
        case .object(let members):
            Self.write("{", "}", members.count, to: &out, level: level) { index, out, inner in
                Self.write(members[index].name, to: &out)
                out += inner == nil ? ":" : ": "
                members[index].value.write(to: &out, level: inner)
            }
        }
    }

    private static func write(
        _ open: String, _ close: String, _ count: Int, to out: inout String, level: Int?, element: (Int, inout String, Int?) -> Void
    ) {
        out += open
        let inner = level.map { $0 + 1 }
        for index in 0..<count {
            if index > 0 { out += "," }
            if let inner { out += "\n" + String(repeating: "  ", count: inner) }
            element(index, &out, inner)
        }
        if let level, count > 0 { out += "\n" + String(repeating: "  ", count: level) }
        out += close
    }

    /// `[1, 2, 3]` where the elements are plain values and it stays short.
    private static func line(of elements: [JSONValue]) -> String? {
        var out = "["
        for (index, element) in elements.enumerated() {
            switch element {
            case .array, .object: return nil
            default: break
            }
            if index > 0 { out += ", " }
            element.write(to: &out, level: nil)
            guard out.utf8.count < 100 else { return nil }
        }
        return out + "]"
    }

    private static func text(of number: Double) -> String {
        precondition(number.isFinite, "JSON has no \(number)")
        if number == number.rounded(), number.magnitude < 0x1p53 { return String(Int64(number)) }
        return "\(number)"
    }

    private static func write(_ string: String, to out: inout String) {
        out += "\""
        for scalar in string.unicodeScalars {
            switch scalar {
            case "\"": out += "\\\""
            case "\\": out += "\\\\"
            case "\n": out += "\\n"
            case "\r": out += "\\r"
            case "\t": out += "\\t"
            case "\u{00}"..<"\u{20}":
                let hexadecimal = String(scalar.value, radix: 16)
                out += "\\u" + String(repeating: "0", count: 4 - hexadecimal.count) + hexadecimal
            default: out.unicodeScalars.append(scalar)
            }
        }
        out += "\""
    }
}
