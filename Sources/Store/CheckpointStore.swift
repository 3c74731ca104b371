public import Foundation
public import Hedging
import Learning
public import StrictJSON

/// A training cut in the middle, and what it was a training of.
public struct TrainingCheckpoint: Sendable, Equatable {
    /// All that decides the bits of the result, as a tree of settings.
    public var settings: JSONValue
    public var codeVersion: String
    public var state: TrainingState

    public init(settings: JSONValue, codeVersion: String, state: TrainingState) {
        self.settings = settings
        self.codeVersion = codeVersion
        self.state = state
    }
}

/// Why a checkpoint cannot be gone on with.
public enum CheckpointError: Error, Equatable, CustomStringConvertible {
    case malformed(file: String, problem: String)

    public var description: String {
        switch self {
        case .malformed(let file, let problem): "\(file): \(problem). Delete the file, or start anew"
        }
    }
}

/// States of trainings on disk, `NAME/seed-SEED.safetensors` each: whole at any moment, replaced by the next.
public struct CheckpointStore: Sendable {
    public let root: URL
    static let format = "1"

    public init(_ root: URL) { self.root = root }

    /// Where the state of that training is kept.
    public func file(_ name: StoreName, seed: UInt64) throws -> URL {
        try name.directory(in: root).appendingPathComponent("seed-\(seed).safetensors")
    }

    public func save(_ checkpoint: TrainingCheckpoint, at file: URL) throws {
        let state = checkpoint.state
        func tensor(_ name: String, _ values: [Float]) -> StoredTensor { StoredTensor(name, shape: [values.count], values) }
        func column(_ name: String, _ value: (TrainingReport.Point) -> Double) -> StoredTensor {
            StoredTensor("history.\(name)", shape: [state.history.count], state.history.map(value))
        }
        var tensors = [
            tensor("parameters", state.parameters), tensor("moments.first", state.moments.first),
            tensor("moments.second", state.moments.second), tensor("average", state.average.parameters),
            column("epoch") { Double($0.epoch) }, column("loss") { $0.loss }, column("validation") { $0.validation },
        ]
        if let best = state.best { tensors.append(tensor("best", best.parameters)) }
        let metadata = [
            "format": Self.format, "code": checkpoint.codeVersion, "settings": checkpoint.settings.text(),
            "state": try JSONRecord.text(Numbers(state)),
        ]
        try AtomicFile.write(try SafeTensors(tensors, metadata: metadata).encoded(), to: file)
    }

    /// Nil where there is none.
    public func load(_ file: URL) throws -> TrainingCheckpoint? {
        guard FileManager.default.fileExists(atPath: file.path) else { return nil }
        func malformed(_ problem: String) -> CheckpointError { .malformed(file: file.path, problem: problem) }
        let contents: SafeTensors
        do { contents = try SafeTensors(parsing: try RegularFile.read(file)) } catch { throw malformed("\(error)") }
        let metadata = contents.metadata
        guard metadata["format"] == Self.format else {
            throw malformed("its format is \(metadata["format"] ?? "not said"), expected \(Self.format)")
        }
        guard let code = metadata["code"], let settings = metadata["settings"], let numbers = metadata["state"] else {
            throw malformed("it does not say what it is a state of")
        }
        do {
            let numbers = try JSONRecord.record(Numbers.self, from: try JSONValue.parse(Array(numbers.utf8)))
            guard let state = numbers.state(with: contents) else { throw malformed("its tensors do not fit each other") }
            return TrainingCheckpoint(settings: try JSONValue.parse(Array(settings.utf8)), codeVersion: code, state: state)
        } catch let error as CheckpointError { throw error } catch { throw malformed("\(error)") }
    }

    /// Deletes the state with what killed processes left of it half-written, and its folder where that is empty then.
    public func remove(_ file: URL) {
        let manager = FileManager.default
        try? manager.removeItem(at: file)
        let folder = file.deletingLastPathComponent()
        let partial = AtomicFile.temporaryPrefix + file.lastPathComponent
        for name in (try? manager.contentsOfDirectory(atPath: folder.path)) ?? [] where name.hasPrefix(partial) {
            try? manager.removeItem(at: folder.appendingPathComponent(name))
        }
        for folder in [folder, root]
        where (try? manager.contentsOfDirectory(atPath: folder.path))?.isEmpty == true {
            try? manager.removeItem(at: folder)
        }
    }

    /// What of a state is no array.
    private struct Numbers: Codable {
        var epoch: Int
        var adamSteps: Int
        var averaged: Int
        var averageDecay: Double
        var latestLoss: Double
        var near: Double?
        var deviation: Double?
        var best: Best?
        var pathSteps: Double
        var seconds: Double

        struct Best: Codable {
            var epoch: Int
            var value: Double
            var error: Double
        }

        init(_ state: TrainingState) {
            epoch = state.epoch
            adamSteps = state.moments.steps
            averaged = state.average.updates
            averageDecay = state.average.decay
            latestLoss = state.latestLoss
            near = state.anchor?.near
            deviation = state.anchor?.deviation
            best = state.best.map { Best(epoch: $0.epoch, value: $0.value, error: $0.error) }
            pathSteps = state.pathSteps
            seconds = state.seconds
        }

        /// Nil where sizes differ or a part is missing.
        func state(with tensors: SafeTensors) -> TrainingState? {
            guard let parameters = tensors["parameters"]?.floats, let first = tensors["moments.first"]?.floats,
                let second = tensors["moments.second"]?.floats, let average = tensors["average"]?.floats,
                let epochs = tensors["history.epoch"]?.doubles, let losses = tensors["history.loss"]?.doubles,
                let validations = tensors["history.validation"]?.doubles, (0..<1).contains(averageDecay)
            else { return nil }
            let kept = tensors["best"]?.floats
            guard [first, second, average, kept ?? parameters].allSatisfy({ $0.count == parameters.count }), (best == nil) == (kept == nil),
                losses.count == epochs.count, validations.count == epochs.count
            else { return nil }
            return TrainingState(
                epoch: epoch, parameters: parameters, moments: .init(first: first, second: second, steps: adamSteps),
                average: .init(decay: averageDecay, parameters: average, updates: averaged), latestLoss: latestLoss,
                anchor: near.map { RiskAnchor(near: $0, deviation: deviation) },
                best: best.flatMap { best in
                    kept.map { .init(epoch: best.epoch, value: best.value, error: best.error, parameters: $0) }
                },
                history: epochs.indices.map { .init(epoch: Int(epochs[$0]), loss: losses[$0], validation: validations[$0]) },
                pathSteps: pathSteps, seconds: seconds)
        }
    }
}
