public import Features
public import Foundation
public import Hedging
import Learning

/// A model by name, and by version where one is asked for: `NAME` or `NAME@VERSION`.
public struct ModelReference: Sendable, Hashable, CustomStringConvertible {
    public var name: StoreName
    /// nil: the newest.
    public var version: Int?

    public init(name: StoreName, version: Int? = nil) {
        self.name = name
        self.version = version
    }

    public init(_ text: String) throws {
        let parts = text.split(separator: "@", maxSplits: 1, omittingEmptySubsequences: false)
        name = try StoreName(String(parts[0]))
        guard parts.count == 2 else { return }
        guard let version = ModelStore.version(String(parts[1])) else { throw ModelStoreError.invalidVersion(String(parts[1])) }
        self.version = version
    }

    public var description: String { version.map { "\(name)@\($0)" } ?? name.rawValue }
}

/// A model version as read and checked.
public struct StoredModel: Sendable, Equatable {
    public var record: ModelRecord
    public var hedge: LearnedHedge

    public init(record: ModelRecord, hedge: LearnedHedge) {
        self.record = record
        self.hedge = hedge
    }
}

/// Why a model cannot be saved or used.
public enum ModelStoreError: Error, Equatable, CustomStringConvertible {
    case invalidVersion(String)
    case unknownModel(String, store: String, known: [String])
    case unknownVersion(String, found: [Int])
    case malformed(file: String, problem: String)
    case checksumMismatch(file: String, found: String, expected: String)
    case schemaMismatch(file: String, found: [FeatureName], expected: [FeatureName])
    case unknownFeature(file: String, feature: FeatureName, known: [FeatureName])
    case caseTwin(String, existing: String)

    public var description: String {
        switch self {
        case .invalidVersion(let text): "'\(text)' is no model version: expected a whole number from 1, as in NAME@3"
        case .unknownModel(let name, let store, let known):
            "no model '\(name)' in \(store); "
                + (known.isEmpty ? "there are none yet: train one with 'hedge train'" : "there are: \(known.joined(separator: ", "))")
        case .unknownVersion(let reference, let found):
            "no version \(reference); there are: \(found.map(String.init).joined(separator: ", "))"
        case .malformed(let file, let problem): "\(file): \(problem). Restore the file or train again"
        case .checksumMismatch(let file, let found, let expected):
            "\(file): SHA-256 is \(found.prefix(12))..., model.json says \(expected.prefix(12))...: the file is damaged or was exchanged. "
                + "Restore it or train again"
        case .schemaMismatch(let file, let found, let expected):
            "\(file): the model reads the features [\(Self.list(found))]; expected [\(Self.list(expected))]. "
                + "Use a model of this schema, or train one"
        case .unknownFeature(let file, let feature, let known):
            "\(file): the model reads the feature '\(feature)', which this program does not have; known are: \(Self.list(known))"
        case .caseTwin(let name, let existing):
            "'\(name)' differs from the existing '\(existing)' only in the case of letters; choose another name"
        }
    }

    private static func list(_ names: [FeatureName]) -> String { names.map(\.rawValue).joined(separator: ", ") }
}

/// Trained models on disk: `NAME/VERSION/{model.json, weights.safetensors, README.md}`, versions counted from 1, and `training.svg` where
/// there is a picture of the training.
///
/// A version appears whole or not at all and is never changed; loading checks every checksum.
public struct ModelStore: Sendable {
    public let root: URL
    static let recordFile = "model.json"
    static let weightsFile = "weights.safetensors"
    static let cardFile = "README.md"
    static let curveFile = "training.svg"

    public init(_ root: URL) { self.root = root }

    /// Saves a model as the next version of its name, and returns its record as saved.
    ///
    /// - Parameter curve: A picture of the training as SVG, shown by the model card.
    @discardableResult
    public func save(_ record: ModelRecord, _ hedge: LearnedHedge, curve: String? = nil) throws -> ModelRecord {
        precondition(record.policy == hedge.policy, "the record describes another policy")
        let name = try StoreName(record.name)
        if let twin = try name.caseTwin(in: root) { throw ModelStoreError.caseTwin(name.rawValue, existing: twin.rawValue) }
        let encodedWeights = try SafeTensors(hedge.tensors.map { StoredTensor($0.name, shape: $0.shape, $0.values) }).encoded()
        var saved = record
        saved.files = [Self.weightsFile: RegularFile.sha256(of: Array(encodedWeights))]
        while true {
            saved.version = (try versions(of: name).last ?? 0) + 1
            let directory = try name.directory(in: root).appendingPathComponent(String(saved.version), isDirectory: true)
            do {
                try AtomicFile.writeDirectory(directory) { temporary in
                    try encodedWeights.write(to: temporary.appendingPathComponent(Self.weightsFile))
                    let card = ModelCard(saved, curveFile: curve.map { _ in Self.curveFile })
                    try Data(card.markdown.utf8).write(to: temporary.appendingPathComponent(Self.cardFile))
                    if let curve { try Data(curve.utf8).write(to: temporary.appendingPathComponent(Self.curveFile)) }
                    try Data(try JSONRecord.text(saved).utf8).write(to: temporary.appendingPathComponent(Self.recordFile))
                }
                return try self.record(ModelReference(name: name, version: saved.version))
            } catch FileError.alreadyExists {
                // Another process saved that version meanwhile; take the next.
                continue
            }
        }
    }

    /// The models that have a version, in order.
    public func names() throws -> [StoreName] { try StoreName.directories(in: root).filter { try !versions(of: $0).isEmpty } }

    /// The versions of a model from the oldest; empty where there is none.
    public func versions(of name: StoreName) throws -> [Int] {
        try StoreName.directories(in: try name.directory(in: root)).compactMap { Self.version($0.rawValue) }.sorted()
    }

    /// The directory of a version; the newest where the reference names none.
    public func resolve(_ reference: ModelReference) throws -> (directory: URL, version: Int) {
        let found = try versions(of: reference.name)
        guard let newest = found.last else {
            throw ModelStoreError.unknownModel(reference.name.rawValue, store: root.path, known: try names().map(\.rawValue))
        }
        let version = reference.version ?? newest
        guard found.contains(version) else { throw ModelStoreError.unknownVersion(reference.description, found: found) }
        let directory = try StoreName(String(version)).directory(in: try reference.name.directory(in: root))
        return (directory, version)
    }

    /// What a version's `model.json` says; the weights are not read.
    public func record(_ reference: ModelReference) throws -> ModelRecord {
        let (directory, version) = try resolve(reference)
        let file = directory.appendingPathComponent(Self.recordFile)
        let record = try JSONRecord.read(ModelRecord.self, at: file, supported: 1...ModelRecord.format)
        guard record.name == reference.name.rawValue, record.version == version else {
            throw ModelStoreError.malformed(
                file: file.path, problem: "it describes \(record.name)@\(record.version), expected \(reference.name)@\(version)")
        }
        if let problem = record.policyProblem { throw ModelStoreError.malformed(file: file.path, problem: problem) }
        return record
    }

    /// A version, every file checked against its checksum.
    ///
    /// - Parameters:
    ///   - expecting: The schema of the features that will be fed; another one is refused.
    ///   - known: The features that this program can fill; a model that reads another is refused.
    public func load(
        _ reference: ModelReference, expecting schema: FeatureSchema? = nil, known: [FeatureName]? = nil
    ) throws -> StoredModel {
        let (directory, version) = try resolve(reference)
        let record = try record(ModelReference(name: reference.name, version: version))
        let recordPath = directory.appendingPathComponent(Self.recordFile).path
        if let schema, record.featureSchema != schema {
            if record.featureSchema.names == schema.names, let difference = record.featureSchema.difference(from: schema) {
                throw ModelStoreError.malformed(file: recordPath, problem: "'featureSchema': \(difference)")
            }
            throw ModelStoreError.schemaMismatch(file: recordPath, found: record.featureSchema.names, expected: schema.names)
        }
        if let known, let unknown = record.featureSchema.names.first(where: { !known.contains($0) }) {
            throw ModelStoreError.unknownFeature(file: recordPath, feature: unknown, known: known)
        }
        guard record.files.keys.sorted() == [Self.weightsFile], let expected = record.files[Self.weightsFile] else {
            throw ModelStoreError.malformed(
                file: recordPath, problem: "'files' lists \(record.files.keys.sorted()), expected [\(Self.weightsFile)]")
        }
        // The bytes that are checked are the bytes that are used: the file is read once.
        let file = directory.appendingPathComponent(Self.weightsFile)
        let bytes = try RegularFile.read(file)
        let found = RegularFile.sha256(of: bytes)
        guard found == expected else { throw ModelStoreError.checksumMismatch(file: file.path, found: found, expected: expected) }
        do {
            return StoredModel(record: record, hedge: try Self.hedge(record, SafeTensors(parsing: bytes)))
        } catch { throw ModelStoreError.malformed(file: file.path, problem: "\(error)") }
    }

    private static func hedge(_ record: ModelRecord, _ weights: SafeTensors) throws -> LearnedHedge {
        let tensors = try weights.tensors.map { tensor in
            guard let values = tensor.floats else { throw SafeTensorsError.unknownType(tensor: tensor.name, found: tensor.values.typeName) }
            return NamedTensor(name: tensor.name, shape: tensor.shape, values: values)
        }
        return try LearnedHedge(record.policy, tensors: tensors, name: record.strategy)
    }

    /// 1, 2, ...; no sign, no leading zero.
    static func version(_ text: String) -> Int? {
        guard let version = Int(text), version >= 1, String(version) == text else { return nil }
        return version
    }
}
