/// Reads one map strictly: every key must be asked for, every value be in its range.
public struct ConfigReader {
    public let path: String
    public let line: Int?
    private let entries: [ConfigNode.Entry]
    private var asked: [String] = []

    /// - Parameter path: The dotted way to this map; empty at the top.
    public init(_ node: ConfigNode, path: String) throws(ConfigError) {
        guard case .map(let entries) = node.value else {
            throw .invalid(path: path.isEmpty ? "the file" : path, found: node.excerpt, expected: "a map of keys", line: node.line)
        }
        self.path = path
        self.entries = entries
        line = node.line
    }

    public func path(of key: String) -> String { path.isEmpty ? key : "\(path).\(key)" }

    /// The keys that are there, in the order they were written.
    public var keys: [String] { entries.map(\.key) }

    public mutating func node(_ key: String) -> ConfigNode? {
        asked.append(key)
        return entries.first { $0.key == key }?.node
    }

    public mutating func required(_ key: String, expected: String) throws(ConfigError) -> ConfigNode {
        guard let node = node(key) else { throw .missing(path: path(of: key), expected: expected, line: line) }
        return node
    }

    /// A finite number of the range; without a default it must be there.
    public mutating func number(_ key: String, _ range: NumberRange, default standard: Double? = nil) throws(ConfigError) -> Double {
        guard let node = node(key) else {
            guard let standard else { throw .missing(path: path(of: key), expected: range.description, line: line) }
            return standard
        }
        return try Self.number(node, range, path: path(of: key))
    }

    /// A finite number of the range; nil where nothing is said.
    public mutating func optionalNumber(_ key: String, _ range: NumberRange) throws(ConfigError) -> Double? {
        guard let node = node(key) else { return nil }
        return try Self.number(node, range, path: path(of: key))
    }

    public static func number(_ node: ConfigNode, _ range: NumberRange, path: String) throws(ConfigError) -> Double {
        guard let number = node.number, range.contains(number) else {
            throw .invalid(path: path, found: node.excerpt, expected: range.description, line: node.line)
        }
        return number
    }

    /// A whole number; `1e6` is one.
    public mutating func count(_ key: String, in range: ClosedRange<Int>, default standard: Int? = nil) throws(ConfigError) -> Int {
        if let count = try optionalCount(key, in: range) ?? standard { return count }
        throw .missing(path: path(of: key), expected: Self.expected(range), line: line)
    }

    /// A whole number; nil where nothing is said.
    public mutating func optionalCount(_ key: String, in range: ClosedRange<Int>) throws(ConfigError) -> Int? {
        guard let node = node(key) else { return nil }
        guard let number = node.number, let count = Int(exactly: number), range.contains(count) else {
            throw .invalid(path: path(of: key), found: node.excerpt, expected: Self.expected(range), line: node.line)
        }
        return count
    }

    private static func expected(_ range: ClosedRange<Int>) -> String { "a whole number from \(range.lowerBound) to \(range.upperBound)" }

    public mutating func seed(_ key: String, default standard: UInt64) throws(ConfigError) -> UInt64 {
        guard let node = node(key) else { return standard }
        guard let text = node.text, let seed = UInt64(text), seed <= 1 << 53 else {
            throw .invalid(path: path(of: key), found: node.excerpt, expected: "a whole number from 0 to 2^53", line: node.line)
        }
        return seed
    }

    public mutating func flag(_ key: String, default standard: Bool) throws(ConfigError) -> Bool {
        guard let node = node(key) else { return standard }
        guard let flag = node.flag else {
            throw .invalid(path: path(of: key), found: node.excerpt, expected: "true or false", line: node.line)
        }
        return flag
    }

    public mutating func text(_ key: String, expected: String, default standard: String? = nil) throws(ConfigError) -> String {
        guard let node = node(key) else {
            guard let standard else { throw .missing(path: path(of: key), expected: expected, line: line) }
            return standard
        }
        guard let text = node.text, !text.isEmpty else {
            throw .invalid(path: path(of: key), found: node.excerpt, expected: expected, line: node.line)
        }
        return text
    }

    /// One of a closed set of names.
    public mutating func choice(_ key: String, of known: [String], default standard: String? = nil) throws(ConfigError) -> String {
        guard let node = node(key) else {
            guard let standard else {
                throw .missing(path: path(of: key), expected: "one of \(known.joined(separator: ", "))", line: line)
            }
            return standard
        }
        return try Self.choice(node, of: known, path: path(of: key))
    }

    public static func choice(_ node: ConfigNode, of known: [String], path: String) throws(ConfigError) -> String {
        guard let text = node.text, known.contains(text) else {
            let question = SpellingDistance.nearest(to: node.text ?? "", among: known).map { " (did you mean \($0)?)" } ?? ""
            let expected = "one of \(known.joined(separator: ", "))\(question)"
            throw .invalid(path: path, found: node.excerpt, expected: expected, line: node.line)
        }
        return text
    }

    /// The items of a list, each with its own path.
    public mutating func list(_ key: String, expected: String) throws(ConfigError) -> [(node: ConfigNode, path: String)]? {
        guard let node = node(key) else { return nil }
        guard case .list(let items) = node.value else {
            throw .invalid(path: path(of: key), found: node.excerpt, expected: expected, line: node.line)
        }
        return items.enumerated().map { ($1, "\(path(of: key))[\($0)]") }
    }

    public mutating func map(_ key: String, expected: String) throws(ConfigError) -> ConfigReader {
        try ConfigReader(required(key, expected: expected), path: path(of: key))
    }

    public mutating func optionalMap(_ key: String) throws(ConfigError) -> ConfigReader? {
        guard let node = node(key) else { return nil }
        return try ConfigReader(node, path: path(of: key))
    }

    /// Refuses keys that nothing asked for.
    public func finish() throws(ConfigError) {
        for entry in entries where !asked.contains(entry.key) {
            throw .unknownKey(
                path: path(of: entry.key), nearest: SpellingDistance.nearest(to: entry.key, among: asked), known: asked,
                line: entry.line ?? entry.node.line)
        }
    }
}

/// Where a number must lie.
public enum NumberRange: Sendable, Equatable, CustomStringConvertible {
    case finite
    case positive
    case nonNegative
    case atLeast(Double)
    /// 0 <= x < 1.
    case share
    /// 0 <= x <= 1.
    case unit
    /// -1 <= x <= 1.
    case correlation

    public func contains(_ x: Double) -> Bool {
        switch self {
        case .finite: true
        case .positive: x > 0
        case .nonNegative: x >= 0
        case .atLeast(let bound): x >= bound
        case .share: x >= 0 && x < 1
        case .unit: x >= 0 && x <= 1
        case .correlation: x.magnitude <= 1
        }
    }

    public var description: String {
        switch self {
        case .finite: "a finite number"
        case .positive: "a positive number"
        case .nonNegative: "a number of at least 0"
        case .atLeast(let bound): "a number of at least \(bound)"
        case .share: "a share, at least 0 and below 1"
        case .unit: "a number from 0 to 1"
        case .correlation: "a number from -1 to 1"
        }
    }
}
