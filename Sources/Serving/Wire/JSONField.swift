import StrictJSON

/// A value that stands in a document where another was expected: `options[3].strike: found -5, expected a number above 0`.
public struct WireError: Error, Equatable, CustomStringConvertible {
    public var path: String
    public var found: String
    public var expected: String

    public init(path: String, found: String, expected: String) {
        self.path = path
        self.found = found
        self.expected = expected
    }

    public var description: String { "\(path.isEmpty ? "document" : path): found \(found), expected \(expected)" }
}

/// A value with its place in the document, so that what is wrong with it can be said with its path.
struct JSONField {
    let path: String
    let value: JSONValue

    init(_ value: JSONValue, path: String = "") {
        self.path = path
        self.value = value
    }

    func error(_ found: String, expected: String) -> WireError { WireError(path: path, found: found, expected: expected) }

    /// The members of an object that has no others than `names`; a misspelt name is an error that names the known ones.
    func object(_ names: [String]) throws(WireError) -> JSONObject {
        guard case .object(let members) = value else { throw error(value.kind, expected: "an object") }
        for member in members where !names.contains(member.name) {
            throw error("the unknown name \"\(member.name)\"", expected: "only \(names.joined(separator: ", "))")
        }
        return JSONObject(field: self, members: members)
    }

    func array() throws(WireError) -> [JSONField] {
        guard case .array(let elements) = value else { throw error(value.kind, expected: "an array") }
        return elements.enumerated().map { JSONField($0.element, path: "\(path)[\($0.offset)]") }
    }

    func string() throws(WireError) -> String {
        guard case .string(let text) = value else { throw error(value.kind, expected: "a string") }
        return text
    }

    func boolean() throws(WireError) -> Bool {
        guard case .bool(let value) = value else { throw error(value.kind, expected: "true or false") }
        return value
    }

    func number(_ range: ClosedRange<Double>, _ expected: String) throws(WireError) -> Double {
        guard case .number(let number) = value else { throw error(value.kind, expected: "a number, \(expected)") }
        guard range.contains(number) else { throw error("\(number)", expected: expected) }
        return number
    }
}

struct JSONObject {
    let field: JSONField
    let members: [JSONValue.Member]

    /// The member of that name; nil where it is absent or null.
    subscript(name: String) -> JSONField? {
        guard let value = members.first(where: { $0.name == name })?.value, value != .null else { return nil }
        return JSONField(value, path: field.path.isEmpty ? name : "\(field.path).\(name)")
    }

    func required(_ name: String, _ expected: String) throws(WireError) -> JSONField {
        guard let member = self[name] else { throw field.error("no \"\(name)\"", expected: "\"\(name)\", \(expected)") }
        return member
    }
}
