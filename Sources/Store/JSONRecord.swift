import Foundation
public import StrictJSON

/// Typed records as JSON files that read back equal, to the last bit of every number.
public enum JSONRecord {
    /// Indented text, keys in alphabetical order, with a final newline: the same record always gives the same bytes.
    ///
    /// Throws `Problem` where a number is not finite or would be rounded (an integer beyond 2^53).
    public static func text<Record: Codable>(_ record: Record) throws(Problem) -> String {
        let text = try tree(record).text(indented: true) + "\n"
        do {
            let same = try JSONDecoder().decode(Record.self, from: Data(text.utf8))
            guard try bytes(same) == bytes(record) else { throw Problem("an integer beyond 2^53, which JSON readers round") }
        } catch { throw Problem(error) }
        return text
    }

    /// The tree of an encodable value, keys in alphabetical order.
    public static func tree(_ value: some Encodable) throws(Problem) -> JSONValue {
        do {
            return try JSONValue.parse(try bytes(value))
        } catch EncodingError.invalidValue(let value, let context) {
            throw Problem("the number \(path(context.codingPath)) is \(value); only finite numbers can be saved")
        } catch { throw Problem("\(error)") }
    }

    private static func bytes(_ value: some Encodable) throws -> Data {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        return try encoder.encode(value)
    }

    /// The record that a tree describes. A key that the record does not write back is refused as unknown.
    public static func record<Record: Codable>(_ type: Record.Type, from tree: JSONValue) throws(Problem) -> Record {
        let record: Record
        do {
            record = try JSONDecoder().decode(type, from: Data(tree.text().utf8))
        } catch { throw Problem(error) }
        if let unknown = firstName(in: tree, missingFrom: try Self.tree(record), path: []) {
            throw Problem("the key '\(unknown.joined(separator: "."))' is unknown")
        }
        return record
    }

    /// What is wrong with a record, in one plain sentence.
    public struct Problem: Error, Equatable, CustomStringConvertible {
        public let description: String

        init(_ description: String) { self.description = description }

        init(_ error: any Error) {
            switch error {
            case let problem as Problem: self = problem
            case DecodingError.keyNotFound(let key, let context):
                description = "the key '\(key.stringValue)' is missing at \(path(context.codingPath))"
            case DecodingError.typeMismatch(let type, let context), DecodingError.valueNotFound(let type, let context):
                description = "expected \(type) at \(path(context.codingPath))"
            case DecodingError.dataCorrupted(let context): description = "\(context.debugDescription) at \(path(context.codingPath))"
            default: description = "\(error)"
            }
        }
    }

    private static func path(_ keys: [any CodingKey]) -> String {
        keys.isEmpty ? "the top" : "'" + keys.map { $0.intValue.map(String.init) ?? $0.stringValue }.joined(separator: ".") + "'"
    }

    /// Path to the first member that `other` lacks; a null stands for an absent value.
    private static func firstName(in tree: JSONValue, missingFrom other: JSONValue, path: [String]) -> [String]? {
        switch (tree, other) {
        case (.object(let members), _):
            for member in members where member.value != .null {
                guard let counterpart = other[member.name] else { return path + [member.name] }
                if let missing = firstName(in: member.value, missingFrom: counterpart, path: path + [member.name]) { return missing }
            }
            return nil
        case (.array(let elements), .array(let others)) where elements.count == others.count:
            for (index, (element, counterpart)) in zip(elements, others).enumerated() {
                if let missing = firstName(in: element, missingFrom: counterpart, path: path + [String(index)]) { return missing }
            }
            return nil
        default: return nil
        }
    }

    /// Reads a record file: strict JSON, a `formatVersion` in `supported`, no unknown keys.
    static func read<Record: Codable>(
        _ type: Record.Type, at file: URL, supported: ClosedRange<Int>, limit: Int = 1 << 28
    ) throws -> Record {
        let tree: JSONValue
        do {
            tree = try JSONValue.parse(try RegularFile.read(file, limit: limit))
        } catch let error as JSONError { throw RecordFileError.malformed(file: file.path, problem: "\(error)") }
        guard let version = tree["formatVersion"]?.integerValue else {
            throw RecordFileError.malformed(file: file.path, problem: "no whole number 'formatVersion'")
        }
        guard supported.contains(version) else {
            throw RecordFileError.unsupportedFormat(file: file.path, found: version, supported: supported)
        }
        do {
            return try record(type, from: tree)
        } catch { throw RecordFileError.malformed(file: file.path, problem: error.description) }
    }
}

/// Why a `model.json`, `manifest.json` or `run.json` cannot be read.
public enum RecordFileError: Error, Equatable, CustomStringConvertible {
    case unsupportedFormat(file: String, found: Int, supported: ClosedRange<Int>)
    case malformed(file: String, problem: String)

    public var description: String {
        switch self {
        case .unsupportedFormat(let file, let found, let supported):
            "\(file): found format version \(found), expected \(supported.lowerBound) to \(supported.upperBound). "
                + "Read it with the program that wrote it, or make it again with this one"
        case .malformed(let file, let problem): "\(file): \(problem). Restore the file or make it again"
        }
    }
}
