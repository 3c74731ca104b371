/// A configuration as it was written: scalars are still text, so that a reader can judge each and name its line.
///
/// Both doors lead here: a YAML file (line numbers known) and the JSON copy of it in a model or a run (none).
public struct ConfigNode: Sendable, Equatable {
    public enum Value: Sendable, Equatable {
        /// A quoted scalar is text even where it looks like a number.
        case scalar(String, quoted: Bool)
        case list([ConfigNode])
        /// Keys in the order they were written.
        case map([Entry])
    }

    public struct Entry: Sendable, Equatable {
        public var key: String
        public var line: Int?
        public var node: ConfigNode

        public init(_ key: String, _ node: ConfigNode, line: Int? = nil) {
            self.key = key
            self.node = node
            self.line = line
        }
    }

    public var value: Value
    /// Counted from 1.
    public var line: Int?

    public init(_ value: Value, line: Int? = nil) {
        self.value = value
        self.line = line
    }

    public static func text(_ text: String) -> ConfigNode { ConfigNode(.scalar(text, quoted: true)) }
    public static func number(_ number: Double) -> ConfigNode {
        let whole = number == number.rounded() && number.magnitude < 0x1p53
        return ConfigNode(.scalar(whole ? String(Int64(number)) : number.description, quoted: false))
    }
    public static func integer(_ number: some FixedWidthInteger) -> ConfigNode { ConfigNode(.scalar(String(number), quoted: false)) }
    public static func flag(_ flag: Bool) -> ConfigNode { ConfigNode(.scalar(flag ? "true" : "false", quoted: false)) }
    public static func list(_ items: [ConfigNode]) -> ConfigNode { ConfigNode(.list(items)) }
    /// Entries without a value are left out.
    public static func map(_ entries: [(String, ConfigNode?)]) -> ConfigNode {
        ConfigNode(.map(entries.compactMap { key, node in node.map { Entry(key, $0) } }))
    }

    /// The same with another value at a dotted path of keys, which is added where there is none; nil where the path leads through
    /// something that is no map.
    public func setting(_ path: some Sequence<String>, to new: ConfigNode) -> ConfigNode? {
        var keys = Array(path)
        guard let key = keys.first else { return new }
        keys.removeFirst()
        guard case .map(var entries) = value else { return nil }
        let place = entries.firstIndex { $0.key == key }
        guard let inner = (place.map { entries[$0].node } ?? ConfigNode(.map([]))).setting(keys, to: new) else { return nil }
        if let place { entries[place].node = inner } else { entries.append(Entry(key, inner)) }
        return ConfigNode(.map(entries), line: line)
    }

    /// The number a plain scalar spells: decimal or scientific notation, finite. Nothing else is a number here.
    public var number: Double? {
        guard case .scalar(let text, quoted: false) = value, let first = text.utf8.first else { return nil }
        let digits = UInt8(ascii: "0")...UInt8(ascii: "9")
        guard digits.contains(first) || "+-.".utf8.contains(first), text.utf8.contains(where: digits.contains),
            text.utf8.allSatisfy({ digits.contains($0) || "+-.eE".utf8.contains($0) }), let number = Double(text), number.isFinite
        else { return nil }
        return number
    }

    public var flag: Bool? {
        guard case .scalar(let text, quoted: false) = value else { return nil }
        return text == "true" ? true : text == "false" ? false : nil
    }

    /// The scalar's text, whatever it spells.
    public var text: String? {
        guard case .scalar(let text, _) = value else { return nil }
        return text
    }

    /// How an error shows the node.
    public var excerpt: String {
        switch value {
        case .scalar(let text, let quoted): text.isEmpty ? "nothing" : quoted ? "\"\(text)\"" : text
        case .list(let items): "a list of \(items.count)"
        case .map(let entries): "a map of \(entries.map(\.key).joined(separator: ", "))"
        }
    }
}

/// As JSON: numbers and booleans stay so, keys keep their order where the coder keeps it.
extension ConfigNode: Codable {
    struct Key: CodingKey {
        let stringValue: String
        var intValue: Int? { nil }
        init(_ name: String) { stringValue = name }
        init?(stringValue: String) { self.init(stringValue) }
        init?(intValue: Int) { nil }
    }

    public init(from decoder: any Decoder) throws {
        if let container = try? decoder.container(keyedBy: Key.self) {
            let keys = container.allKeys.sorted { $0.stringValue < $1.stringValue }
            self.init(.map(try keys.map { Entry($0.stringValue, try container.decode(ConfigNode.self, forKey: $0)) }))
        } else if var container = try? decoder.unkeyedContainer() {
            var items: [ConfigNode] = []
            while !container.isAtEnd { items.append(try container.decode(ConfigNode.self)) }
            self = .list(items)
        } else {
            let container = try decoder.singleValueContainer()
            if let flag = try? container.decode(Bool.self) {
                self = .flag(flag)
            } else if let integer = try? container.decode(UInt64.self) {
                self = .integer(integer)
            } else if let number = try? container.decode(Double.self) {
                self = .number(number)
            } else {
                self = .text(try container.decode(String.self))
            }
        }
    }

    public func encode(to encoder: any Encoder) throws {
        switch value {
        case .map(let entries):
            var container = encoder.container(keyedBy: Key.self)
            for entry in entries { try container.encode(entry.node, forKey: Key(entry.key)) }
        case .list(let items):
            var container = encoder.unkeyedContainer()
            for item in items { try container.encode(item) }
        case .scalar(let text, _):
            var container = encoder.singleValueContainer()
            if let flag {
                try container.encode(flag)
            } else if let number {
                // Seeds are whole 64-bit numbers; a Double would lose their last digits.
                if let integer = UInt64(text) { try container.encode(integer) } else { try container.encode(number) }
            } else {
                try container.encode(text)
            }
        }
    }
}
