import Evaluation
import Feeds
import Foundation
import Hedging
import LinearAlgebra
import Market
import Store

/// An experiment with its market at hand: trains and compares, with progress on stderr and Control-C heard.
struct ExperimentRun {
    let experiment: Experiment
    /// The last recorded snapshot; nil where the market is simulated.
    let lastSnapshot: MarketSnapshot?
    /// The hedge that `training.from` names.
    private let fitted: LearnedHedge?
    private let market: Kind

    private enum Kind {
        case simulated(SimulatedComparison)
        case recorded(RecordedComparison)
        case books(BookComparison)
    }

    struct Outcome {
        var result: ComparisonOutcome
        /// Nil where nothing was learned.
        var training: TrainingReport?
    }

    /// - Parameter models: Folder of the model that `training.from` names.
    init(_ given: Experiment, models: String = "models", workers: Workers) throws(Failure) {
        var experiment = try Self.withReturns(given)
        fitted = try Self.fitted(&experiment, models)
        self.experiment = experiment
        guard case .recorded(let settings) = experiment.market else {
            market = .simulated(SimulatedComparison(experiment, workers: workers))
            lastSnapshot = nil
            return
        }
        // Recorded books are valued in coin.
        var selection = SnapshotSelection(currency: settings.currency, settlement: .inverse)
        selection.from = settings.from.map { Timestamp($0) }
        selection.to = settings.to.map { Timestamp($0).adding(days: 1) }
        let chosen = selection
        let snapshots = try reading(settings.path) {
            try RecordedChains.snapshots(at: settings.path, selecting: chosen, workers: workers)
        }
        lastSnapshot = snapshots.last
        do {
            if case .randomBooks = experiment.claim {
                market = .books(try BookComparison(experiment, snapshots: snapshots, workers: workers))
            } else {
                market = .recorded(try RecordedComparison(experiment, snapshots: snapshots, workers: workers))
            }
        } catch {
            throw .usage("\(error)")
        }
    }

    /// The experiment with the recorded returns that its simulator draws from, where it draws from any.
    private static func withReturns(_ given: Experiment) throws(Failure) -> Experiment {
        guard case .simulated(var settings) = given.market, let path = settings.history else { return given }
        let history = try reading(path) { try HistoryFile(reading: path) }
        guard case .bars(let bars) = history, bars.count > 2 else {
            throw .data("\(path): \(history.count) rows that are no price bars, or too few; expected a history of prices.")
        }
        settings.returns = zip(bars, bars.dropFirst()).map { log($1.close / $0.close) }
        var experiment = given
        experiment.market = .simulated(settings)
        return experiment
    }

    /// The hedge that `training.from` names, whose version the experiment says from then on.
    private static func fitted(_ experiment: inout Experiment, _ models: String) throws(Failure) -> LearnedHedge? {
        guard let name = experiment.training.from else { return nil }
        let reference = try usage { try ModelReference(name) }
        let stored = try reading(models) { try ModelStore(URL(fileURLWithPath: models, isDirectory: true)).load(reference) }
        experiment.training.from = "\(stored.record.name)@\(stored.record.version)"
        return stored.hedge
    }

    /// The recorded data that took part.
    var data: [DataReference] {
        get throws {
            let path: String
            switch experiment.market {
            case .recorded(let settings): path = settings.path
            case .simulated(let settings):
                guard let history = settings.history else { return [] }
                path = history
            }
            let digest = try RecordedChains.files(at: path).map { try RegularFile.sha256(URL(fileURLWithPath: $0)) }
            let name = URL(fileURLWithPath: path).lastPathComponent
            return [DataReference(name: name, sha256: RegularFile.sha256(of: Array(digest.joined().utf8)))]
        }
    }

    var simulated: SimulatedComparison? { if case .simulated(let comparison) = market { comparison } else { nil } }
    var recorded: RecordedComparison? { if case .recorded(let comparison) = market { comparison } else { nil } }

    /// Trains the policy; nil where there is nothing to learn from.
    ///
    /// - Parameter keeper: Where a training that was cut goes on, and this one's state is kept.
    func train(keeper: TrainingKeeper? = nil) throws -> (hedge: LearnedHedge, report: TrainingReport)? {
        if case .books = market { return nil }
        let state = try keeper?.state()
        // Nobody sees what it costs where stderr is no terminal.
        let reference = Terminal.showsProgress ? try simulated?.reference() : nil
        var line = TrainingLine(experiment, reference: reference)
        defer { line.end() }
        func progress(_ state: TrainingProgress) { line.show(state) }
        func checkpoint(_ state: TrainingState, _ end: TrainingReport.End?) { keeper?.keep(state, end) }
        func isCancelled() -> Bool { Interruption.isRequested || keeper?.finishes ?? false }
        do {
            switch market {
            case .simulated(let comparison):
                return try comparison.train(
                    startingWith: fitted, from: state, progress: progress, checkpoint: checkpoint, isCancelled: isCancelled)
            case .recorded(let comparison):
                return try comparison.train(
                    startingWith: fitted, from: state, progress: progress, checkpoint: checkpoint, isCancelled: isCancelled)
            case .books: return nil
            }
        } catch let error as Experiment.SetupError {
            throw Failure.usage("\(error)")
        } catch let error as DeepHedgeError {
            throw Failure.work("\(error)")
        }
    }

    /// Both indifference prices of the claim.
    func quote(learns: Bool) throws -> IndifferenceQuote {
        guard let simulated else {
            throw Failure.usage("\(experiment.name) runs on \(experiment.market.name); indifference prices need a simulated one.")
        }
        var line = TrainingLine(experiment, reference: nil)
        defer { line.end() }
        let quote: IndifferenceQuote
        do {
            quote = try simulated.indifferenceQuote(
                learns: learns, startingWith: fitted, progress: { line.show($0) }, isCancelled: { Interruption.isRequested })
        } catch let error as Experiment.SetupError {
            throw Failure.usage("\(error)")
        } catch let error as DeepHedgeError {
            throw Failure.work("\(error)")
        }
        if Interruption.isRequested { throw Failure(status: .interrupted, message: "interrupted; nothing was priced.") }
        return quote
    }

    /// - Parameter given: A hedge trained before; else one is trained where `training` says so.
    func compare(
        training: Bool, given: (hedge: LearnedHedge, report: TrainingReport)? = nil, keeper: TrainingKeeper? = nil
    ) throws -> Outcome {
        let trained = given == nil && training ? try train(keeper: keeper) : given
        if Interruption.isRequested, let keeper, let report = trained?.report {
            throw Failure(status: .interrupted, message: keeper.explanation(report))
        }
        if Interruption.isRequested { throw Failure.interrupted }
        var line = ProgressLine("comparing \(experiment.name)", unit: "paths")
        defer { line.end() }
        let hedge = trained?.hedge
        var result: ComparisonOutcome?
        do {
            switch market {
            case .simulated(let comparison):
                result = try comparison.report(learned: hedge) {
                    line.show($0, of: experiment.evaluation.paths)
                    return !Interruption.isRequested
                }
            case .recorded(let comparison):
                result = try comparison.report(learned: hedge) {
                    line.show($0, of: comparison.judging.count)
                    return !Interruption.isRequested
                }
            case .books(let comparison): result = try comparison.report()
            }
        } catch let error as Experiment.SetupError {
            throw Failure.usage("\(error)")
        }
        if let report = trained?.report { result?.report.describe(report, isRecorded: experiment.market.isRecorded) }
        guard let result else { throw Failure.interrupted }
        return Outcome(result: result, training: trained?.report)
    }
}
