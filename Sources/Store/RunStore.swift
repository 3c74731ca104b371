public import Foundation
public import StrictJSON

/// What `run.json` says of one run: all that is needed to make it again, and what came out.
public struct RunRecord: Sendable, Equatable, Codable {
    public static let format = 1

    public var formatVersion: Int
    public var name: String
    /// The subcommand that made it: `compare`.
    public var command: String
    public var experiment: JSONValue
    public var seed: Int
    /// Models that took part, `NAME@VERSION`.
    public var models: [String]
    public var data: [DataReference]
    public var codeVersion: String
    public var machine: Machine
    public var startedAt: String
    /// The command's own JSON answer.
    public var results: JSONValue

    public init(
        name: String, command: String, experiment: JSONValue, seed: Int, models: [String] = [], data: [DataReference] = [],
        codeVersion: String = CodeVersion.package, machine: Machine, startedAt: String, results: JSONValue
    ) {
        formatVersion = Self.format
        self.name = name
        self.command = command
        self.experiment = experiment
        self.seed = seed
        self.models = models
        self.data = data
        self.codeVersion = codeVersion
        self.machine = machine
        self.startedAt = startedAt
        self.results = results
    }
}

/// Why a run cannot be read.
public enum RunStoreError: Error, Equatable, CustomStringConvertible {
    case unknownRun(String, store: String, known: [String])

    public var description: String {
        switch self {
        case .unknownRun(let name, let store, let known):
            "no run '\(name)' in \(store); "
                + (known.isEmpty ? "there are none yet: make one with 'hedge compare'" : "there are: \(known.joined(separator: ", "))")
        }
    }
}

/// Runs on disk: `NAME/run.json` beside the tables and the notebook made from it.
public struct RunStore: Sendable {
    public let root: URL
    static let recordFile = "run.json"

    public init(_ root: URL) { self.root = root }

    /// Saves a run, replacing one of the same name; `fill` adds the files beside `run.json`.
    public func save(_ record: RunRecord, fill: (URL) throws -> Void = { _ in }) throws {
        let name = try StoreName(record.name)
        let text = try JSONRecord.text(record)
        try AtomicFile.writeDirectory(try name.directory(in: root), replacing: true) { temporary in
            try fill(temporary)
            try Data(text.utf8).write(to: temporary.appendingPathComponent(Self.recordFile))
        }
    }

    public func names() throws -> [StoreName] {
        try StoreName.directories(in: root).filter { name in
            FileManager.default.fileExists(atPath: root.appendingPathComponent(name.rawValue).appendingPathComponent(Self.recordFile).path)
        }
    }

    public func directory(of name: StoreName) throws -> URL {
        guard try names().contains(name) else {
            throw RunStoreError.unknownRun(name.rawValue, store: root.path, known: try names().map(\.rawValue))
        }
        return try name.directory(in: root)
    }

    public func record(of name: StoreName) throws -> RunRecord {
        let file = try directory(of: name).appendingPathComponent(Self.recordFile)
        return try JSONRecord.read(RunRecord.self, at: file, supported: 1...RunRecord.format)
    }
}
