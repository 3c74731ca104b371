/// A text that is not the JSON of RFC 8259, or more than this reader takes.
public struct JSONError: Error, Equatable, CustomStringConvertible {
    /// Line and column of the first byte that is wrong, from 1; columns count bytes.
    public var line: Int
    public var column: Int
    public var reason: String

    public init(line: Int, column: Int, reason: String) {
        self.line = line
        self.column = column
        self.reason = reason
    }

    public var description: String { "line \(line), column \(column): \(reason)" }
}

extension JSONValue {
    /// Reads a whole document, stricter than Foundation: no duplicate names, no trailing comma, no byte order mark, no lone surrogate, no
    /// number that overflows or underflows to zero, no text after the value, and no nesting deeper than `depth`.
    ///
    /// Time is linear in the text; an object's names are compared by hash.
    public static func parse(_ text: some Collection<UInt8>, depth: Int = 64) throws(JSONError) -> JSONValue {
        let bytes = Array(text)
        var parser = JSONParser(bytes: bytes, depthLimit: depth)
        return try parser.document()
    }

    public static func parse(_ text: String, depth: Int = 64) throws(JSONError) -> JSONValue {
        try parse(Array(text.utf8), depth: depth)
    }
}

struct JSONParser {
    let bytes: [UInt8]
    let depthLimit: Int
    var position = 0
    var depth = 0

    init(bytes: [UInt8], depthLimit: Int) {
        self.bytes = bytes
        self.depthLimit = depthLimit
    }

    mutating func document() throws(JSONError) -> JSONValue {
        if bytes.starts(with: [0xEF, 0xBB, 0xBF]) { throw failure("found a byte order mark, expected a value") }
        let result = try value()
        skipSpace()
        guard position == bytes.count else { throw failure("found \(shown) after the end of the document") }
        return result
    }

    private mutating func value() throws(JSONError) -> JSONValue {
        skipSpace()
        guard position < bytes.count else { throw failure("the text ends where a value should be") }
        switch bytes[position] {
        case UInt8(ascii: "{"): return try nested { (parser: inout JSONParser) throws(JSONError) in try parser.object() }
        case UInt8(ascii: "["): return try nested { (parser: inout JSONParser) throws(JSONError) in try parser.array() }
        case UInt8(ascii: "\""): return .string(try string())
        case UInt8(ascii: "t"): return try word("true", .bool(true))
        case UInt8(ascii: "f"): return try word("false", .bool(false))
        case UInt8(ascii: "n"): return try word("null", .null)
        case UInt8(ascii: "-"), UInt8(ascii: "0")...UInt8(ascii: "9"): return .number(try number())
        default: throw failure("found \(shown), expected a value")
        }
    }

    private mutating func nested(_ body: (inout JSONParser) throws(JSONError) -> JSONValue) throws(JSONError) -> JSONValue {
        guard depth < depthLimit else { throw failure("nested deeper than \(depthLimit) levels") }
        depth += 1
        position += 1
        let result = try body(&self)
        depth -= 1
        return result
    }

    private mutating func object() throws(JSONError) -> JSONValue {
        var members: [JSONValue.Member] = []
        var names: Set<String> = []
        skipSpace()
        if take("}") { return .object([]) }
        while true {
            skipSpace()
            guard position < bytes.count, bytes[position] == UInt8(ascii: "\"") else {
                throw failure("found \(shown), expected a name in double quotes")
            }
            let start = position
            let name = try string()
            guard names.insert(name).inserted else {
                position = start
                throw failure("the name \"\(name)\" stands twice in one object")
            }
            skipSpace()
            guard take(":") else { throw failure("found \(shown), expected ':' after \"\(name)\"") }
            members.append(JSONValue.Member(name, try value()))
            skipSpace()
            if take("}") { return .object(members) }
            guard take(",") else { throw failure("found \(shown), expected ',' or '}'") }
        }
    }

    private mutating func array() throws(JSONError) -> JSONValue {
        var elements: [JSONValue] = []
        skipSpace()
        if take("]") { return .array([]) }
        while true {
            elements.append(try value())
            skipSpace()
            if take("]") { return .array(elements) }
            guard take(",") else { throw failure("found \(shown), expected ',' or ']'") }
        }
    }

    private mutating func string() throws(JSONError) -> String {
        position += 1
        var units: [UInt8] = []
        while position < bytes.count {
            let byte = bytes[position]
            switch byte {
            case UInt8(ascii: "\""):
                guard let text = String(validating: units, as: UTF8.self) else { throw failure("the string that ends here is not UTF-8") }
                position += 1
                return text
            case UInt8(ascii: "\\"):
                position += 1
                try escape(into: &units)
            case 0..<0x20:
                throw failure("found control character \(byte) in a string; it must be escaped")
            default:
                units.append(byte)
                position += 1
            }
        }
        throw failure("the text ends inside a string")
    }

    private mutating func escape(into units: inout [UInt8]) throws(JSONError) {
        guard position < bytes.count else { throw failure("the text ends inside a string") }
        switch bytes[position] {
        case UInt8(ascii: "\""), UInt8(ascii: "\\"), UInt8(ascii: "/"): units.append(bytes[position])
        case UInt8(ascii: "b"): units.append(0x08)
        case UInt8(ascii: "f"): units.append(0x0C)
        case UInt8(ascii: "n"): units.append(0x0A)
        case UInt8(ascii: "r"): units.append(0x0D)
        case UInt8(ascii: "t"): units.append(0x09)
        case UInt8(ascii: "u"):
            var code = try hexadecimal()
            if 0xD800..<0xDC00 ~= code {
                guard position + 2 < bytes.count, bytes[position + 1] == UInt8(ascii: "\\"), bytes[position + 2] == UInt8(ascii: "u") else {
                    throw failure("a high surrogate escape stands without its low one")
                }
                position += 2
                let low = try hexadecimal()
                guard 0xDC00..<0xE000 ~= low else { throw failure("a high surrogate escape stands without its low one") }
                code = 0x10000 + (code - 0xD800) << 10 + (low - 0xDC00)
            }
            guard let scalar = Unicode.Scalar(code) else { throw failure("a low surrogate escape stands without its high one") }
            units.append(contentsOf: Array(String(Character(scalar)).utf8))
        default:
            throw failure("found \\ followed by \(shown), which is no escape")
        }
        position += 1
    }

    /// The four digits after `\u`; leaves the position on the last of them.
    private mutating func hexadecimal() throws(JSONError) -> UInt32 {
        var code: UInt32 = 0
        for _ in 0..<4 {
            position += 1
            guard position < bytes.count, let digit = Character(Unicode.Scalar(bytes[position])).hexDigitValue else {
                throw failure("expected four hexadecimal digits after \\u")
            }
            code = code << 4 | UInt32(digit)
        }
        return code
    }

    private mutating func number() throws(JSONError) -> Double {
        let start = position
        _ = take("-")
        if !take("0") {
            guard digits() > 0 else { throw failure("found \(shown), expected a digit") }
        }
        var isZero = !bytes[start..<position].contains { UInt8(ascii: "1")...UInt8(ascii: "9") ~= $0 }
        if take(".") {
            let from = position
            guard digits() > 0 else { throw failure("found \(shown), expected a digit after the decimal point") }
            isZero = isZero && !bytes[from..<position].contains { $0 != UInt8(ascii: "0") }
        }
        if take("e") || take("E") {
            if !take("+") { _ = take("-") }
            guard digits() > 0 else { throw failure("found \(shown), expected a digit of the exponent") }
        }
        let text = String(decoding: bytes[start..<position], as: UTF8.self)
        guard let result = Double(text), result.isFinite, isZero || result.isNormal else {
            position = start
            throw failure("the number \(text.prefix(32)) is outside what a double holds")
        }
        return result
    }

    private mutating func digits() -> Int {
        let start = position
        while position < bytes.count, UInt8(ascii: "0")...UInt8(ascii: "9") ~= bytes[position] { position += 1 }
        return position - start
    }

    private mutating func word(_ word: StaticString, _ value: JSONValue) throws(JSONError) -> JSONValue {
        for index in 0..<word.utf8CodeUnitCount {
            guard position < bytes.count, bytes[position] == word.utf8Start[index] else {
                throw failure("found \(shown), expected \(word)")
            }
            position += 1
        }
        return value
    }

    private mutating func take(_ character: Unicode.Scalar) -> Bool {
        guard position < bytes.count, bytes[position] == UInt8(ascii: character) else { return false }
        position += 1
        return true
    }

    private mutating func skipSpace() {
        while position < bytes.count {
            switch bytes[position] {
            case 0x20, 0x09, 0x0A, 0x0D: position += 1
            default: return
            }
        }
    }

    /// The byte at hand as a message shows it.
    private var shown: String {
        guard position < bytes.count else { return "the end of the text" }
        let byte = bytes[position]
        return 0x21..<0x7F ~= byte ? "'\(Character(Unicode.Scalar(byte)))'" : "byte \(byte)"
    }

    private func failure(_ reason: String) -> JSONError {
        var line = 1
        var column = 1
        for byte in bytes.prefix(position) {
            if byte == 0x0A {
                line += 1
                column = 1
            } else {
                column += 1
            }
        }
        return JSONError(line: line, column: column, reason: reason)
    }
}
