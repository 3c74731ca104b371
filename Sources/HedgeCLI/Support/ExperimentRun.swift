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
    private let market: Kind

    private enum Kind {
        case simulated(SimulatedComparison)
        case recorded(RecordedComparison)
        case books(BookComparison)
    }

    struct Outcome {
        var result: ComparisonOutcome
        var hedge: LearnedHedge?
        var training: TrainingReport?
    }

    init(_ given: Experiment, workers: Workers) throws(Failure) {
        let experiment = try Self.withReturns(given)
        self.experiment = experiment
        guard case .recorded(let settings) = experiment.market else {
            market = .simulated(SimulatedComparison(experiment, workers: workers))
            lastSnapshot = nil
            return
        }
        var selection = SnapshotSelection(currency: settings.currency)
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
        let history = try reading(path) { try PriceHistory(reading: path) }
        guard case .bars(let bars) = history, bars.count > 2 else {
            throw .data("\(path): \(history.count) rows that are no price bars, or too few; expected a history of prices.")
        }
        settings.returns = zip(bars, bars.dropFirst()).map { log($1.close / $0.close) }
        var experiment = given
        experiment.market = .simulated(settings)
        return experiment
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
    func train() throws -> (hedge: LearnedHedge, report: TrainingReport)? {
        var line = ProgressLine("training \(experiment.name)", unit: "epochs")
        defer { line.end() }
        func progress(_ state: TrainingProgress) {
            line.show(state.epoch, of: state.epochs, note: String(format: "loss %.5g", state.loss))
        }
        do {
            switch market {
            case .simulated(let comparison): return try comparison.train(progress: progress) { Interruption.isRequested }
            case .recorded(let comparison): return try comparison.train(progress: progress) { Interruption.isRequested }
            case .books: return nil
            }
        } catch let error as Experiment.SetupError {
            throw Failure.usage("\(error)")
        } catch let error as DeepHedgeError {
            throw Failure.work("\(error)")
        }
    }

    /// - Parameter given: A hedge trained before; else one is trained where `training` says so.
    func compare(training: Bool, given: LearnedHedge? = nil, trainingSeconds: Double = 0) throws -> Outcome {
        let trained = given == nil && training ? try train() : nil
        if Interruption.isRequested { throw Failure.interrupted }
        var line = ProgressLine("comparing \(experiment.name)", unit: "paths")
        defer { line.end() }
        let hedge = given ?? trained?.hedge
        let result: ComparisonOutcome?
        do {
            switch market {
            case .simulated(let comparison):
                result = try comparison.report(learned: hedge, trainingSeconds: trained?.report.seconds ?? trainingSeconds) {
                    line.show($0, of: experiment.evaluation.paths)
                    return !Interruption.isRequested
                }
            case .recorded(let comparison):
                result = try comparison.report(learned: hedge, trainingSeconds: trained?.report.seconds ?? trainingSeconds) {
                    line.show($0, of: comparison.judging.count)
                    return !Interruption.isRequested
                }
            case .books(let comparison): result = try comparison.report()
            }
        } catch let error as Experiment.SetupError {
            throw Failure.usage("\(error)")
        }
        guard let result else { throw Failure.interrupted }
        return Outcome(result: result, hedge: hedge, training: trained?.report)
    }
}
