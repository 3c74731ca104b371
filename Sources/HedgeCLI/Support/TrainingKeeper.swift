import ArgumentParser
import Foundation
import Hedging
import Store
import StrictJSON

struct TrainingOptions: ParsableArguments {
    @Flag(name: .long, help: "Train from the start, though the state of a training that was cut is there.")
    var fresh = false
    @Flag(name: .long, help: "Train no further: take the best weights of a training that was cut.")
    var finish = false
    @Option(name: .customLong("keep-every"), help: "Seconds of training between two states kept on disk.")
    var keepEvery = 10.0

    func validate() throws {
        if fresh && finish { throw ValidationError("--fresh and --finish exclude each other.") }
        if !(keepEvery >= 0) { throw ValidationError("--keep-every is \(keepEvery); expected a number of at least 0.") }
    }
}

/// Keeps the state of a training on disk while it runs, so that the same command goes on where one was cut, to the same bits.
///
/// Two processes that train the same thing do not share a state: the second one keeps none.
final class TrainingKeeper {
    private let run: ExperimentRun
    private let options: TrainingOptions
    private let store: CheckpointStore
    private let file: URL
    private var saved = ContinuousClock.now
    private var lock: Int32?
    private var isOff = false
    /// Read once: a recording's checksum is that of all its files.
    private var knownSettings: JSONValue?
    private lazy var version = CodeVersion.current()

    /// - Parameter folder: Where models or runs are; states lie in its `.training`.
    init(_ run: ExperimentRun, name: StoreName, in folder: String, options: TrainingOptions) throws(Failure) {
        self.run = run
        self.options = options
        let store = CheckpointStore(URL(fileURLWithPath: folder, isDirectory: true).appendingPathComponent(".training"))
        self.store = store
        file = try usage { try store.file(name, seed: run.experiment.seed) }
    }

    deinit { if let lock { _ = close(lock) } }

    /// True where a state found shall be taken as it is.
    var finishes: Bool { options.finish }

    /// The state to go on from; nil begins.
    func state() throws -> TrainingState? {
        let place = file.path
        if options.fresh {
            if FileManager.default.fileExists(atPath: place), isOwned() { try? FileManager.default.removeItem(at: file) }
            return nil
        }
        guard let found = try reading(place, { try store.load(file) }) else {
            if options.finish { throw Failure.usage("nothing to finish: there is no \(place).") }
            return nil
        }
        guard isOwned() else {
            Terminal.say("hedge: another process trains this and keeps its state in \(place); this one begins anew and keeps none.")
            return nil
        }
        let differences = found.settings.differences(to: try settings()).map { difference in
            "\(difference.path) was \(difference.before?.text() ?? "not given"), is \(difference.after?.text() ?? "not given")"
        }
        guard differences.isEmpty else {
            throw Failure.usage(
                "\(place) is the state of a training with other settings: \(differences.joined(separator: "; ")). Put them back to go on with "
                    + "it, or start anew with --fresh.")
        }
        let code =
            found.codeVersion == version ? "" : " It was kept by \(found.codeVersion), this is \(version): the last digits may differ."
        Terminal.say(
            "hedge: going on with \(run.experiment.name), seed \(run.experiment.seed), after epoch \(found.state.epoch) of "
                + "\(run.experiment.training.epochs), from \(place); --fresh starts anew.\(code)")
        return found.state
    }

    /// Told of every epoch: keeps the state when it is time, and always at an end that is worth it.
    func keep(_ state: TrainingState, _ end: TrainingReport.End?) {
        let isDue = (ContinuousClock.now - saved).seconds >= options.keepEvery
        guard !isOff, isDue || (end != nil && (Interruption.isRequested || state.seconds >= options.keepEvery)), isOwned() else { return }
        saved = ContinuousClock.now
        do {
            try store.save(TrainingCheckpoint(settings: try settings(), codeVersion: version, state: state), at: file)
        } catch {
            isOff = true
            Terminal.say("hedge: \(error). The training goes on, but could not be taken up again.")
        }
    }

    /// What a person is told when the training was cut.
    func explanation(_ report: TrainingReport) -> String {
        "interrupted after epoch \(report.epochs) of \(run.experiment.training.epochs)"
            + (isOff ? "." : ", kept in \(file.path). The same command goes on from there; with --finish it takes the best weights so far.")
    }

    /// All is done that the state was kept for.
    func forget() {
        guard lock != nil else { return }
        try? FileManager.default.removeItem(at: lockFile)
        store.remove(file)
    }

    private var lockFile: URL { file.appendingPathExtension("lock") }

    /// Whether this process is the one that keeps this training's state; it becomes so where no other is.
    private func isOwned() -> Bool {
        if lock != nil { return true }
        guard !isOff else { return false }
        try? FileManager.default.createDirectory(at: file.deletingLastPathComponent(), withIntermediateDirectories: true)
        let descriptor = open(lockFile.path, O_RDWR | O_CREAT | O_CLOEXEC, 0o644)
        if descriptor >= 0, lockf(descriptor, F_TLOCK, 0) == 0 {
            lock = descriptor
        } else {
            if descriptor >= 0 { _ = close(descriptor) }
            isOff = true
        }
        return !isOff
    }

    /// All that decides the bits of the result.
    private func settings() throws -> JSONValue {
        if let knownSettings { return knownSettings }
        guard case .object(var members) = try JSONRecord.tree(run.experiment) else { preconditionFailure("an experiment is a map") }
        members.removeAll { ["name", "evaluation"].contains($0.name) }
        for index in members.indices where members[index].name == "training" {
            guard case .object(let training) = members[index].value else { continue }
            members[index].value = .object(training.filter { $0.name != "budgetSeconds" })
        }
        let data = try run.data
        if !data.isEmpty { members.append(.init("data", try JSONRecord.tree(data))) }
        knownSettings = .object(members)
        return .object(members)
    }
}
