import Evaluation
import Feeds
import Foundation
import Hedging
import LinearAlgebra
import Market

/// An experiment with its market at hand: trains and compares, with progress on stderr and Control-C heard.
struct ExperimentRun {
    let experiment: Experiment
    private let market: Kind

    private enum Kind {
        case simulated(SimulatedComparison)
        case recorded(RecordedComparison)
    }

    struct Outcome {
        var report: ComparisonReport
        var hedge: LearnedHedge?
        var training: TrainingReport?
    }

    init(_ experiment: Experiment, workers: Workers) throws(Failure) {
        self.experiment = experiment
        guard case .recorded(let settings) = experiment.market else {
            market = .simulated(SimulatedComparison(experiment, workers: workers))
            return
        }
        var selection = SnapshotSelection(currency: settings.currency)
        selection.from = settings.from.map { Timestamp($0) }
        selection.to = settings.to.map { Timestamp($0).adding(days: 1) }
        let chosen = selection
        let snapshots = try reading(settings.path) {
            try RecordedChains.snapshots(at: settings.path, selecting: chosen, workers: workers)
        }
        do {
            market = .recorded(try RecordedComparison(experiment, snapshots: snapshots, workers: workers))
        } catch {
            throw .usage("\(error)")
        }
    }

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
            }
        } catch let error as Experiment.SetupError {
            throw Failure.usage("\(error)")
        } catch let error as DeepHedgeError {
            throw Failure.work("\(error)")
        }
    }

    /// - Parameter given: A hedge trained before; else one is trained where `training` says so.
    func compare(training: Bool, given: LearnedHedge? = nil) throws -> Outcome {
        let trained = given == nil && training ? try train() : nil
        if Interruption.isRequested { throw Failure.interrupted }
        var line = ProgressLine("comparing \(experiment.name)", unit: "paths")
        defer { line.end() }
        let hedge = given ?? trained?.hedge
        let report: ComparisonReport?
        do {
            switch market {
            case .simulated(let comparison):
                report = try comparison.report(learned: hedge, trainingSeconds: trained?.report.seconds ?? 0) {
                    line.show($0, of: experiment.evaluation.paths)
                    return !Interruption.isRequested
                }
            case .recorded(let comparison):
                report = try comparison.report(learned: hedge, trainingSeconds: trained?.report.seconds ?? 0) {
                    line.show($0, of: comparison.judging.count)
                    return !Interruption.isRequested
                }
            }
        } catch let error as Experiment.SetupError {
            throw Failure.usage("\(error)")
        }
        guard let report else { throw Failure.interrupted }
        return Outcome(report: report, hedge: hedge, training: trained?.report)
    }
}
