import ArgumentParser
import Evaluation
import Foundation
import Hedging
import LinearAlgebra
import Store

/// `hedge train EXPERIMENT.yaml`: fits the policy, judges it beside the analytic hedges, saves a model version.
struct Train: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Fit the experiment's policy and save it as a model version.",
        discussion: """
            Control-C, or a process that dies, costs little: the state of the training is kept in .training of the models' folder, and the \
            same command goes on from it, to the same bits. --finish takes the best weights so far instead.
            """)

    @Argument(help: "The experiment, in YAML.") var experiment: String
    @Option(name: .long, help: "Name of the model. Default: the experiment's.") var name: String?
    @Option(name: .long, help: "Folder of the models.") var models = "models"
    @OptionGroup var output: OutputOptions
    @OptionGroup var training: TrainingOptions
    @OptionGroup var compute: ComputeOptions

    struct Answer: Encodable {
        var model: String
        var path: String
        var training: TrainingReport
        var comparison: ComparisonReport
    }

    func run() async throws {
        Interruption.listen()
        let experiment = try ExperimentFile.read(experiment)
        let name = try usage { try StoreName(self.name ?? experiment.name) }
        let run = try ExperimentRun(experiment, models: models, workers: compute.workers)
        let keeper = try TrainingKeeper(run, name: name, in: models, options: training)
        guard let trained = try run.train(keeper: keeper) else {
            throw Failure.usage(
                "\(self.experiment): nothing to learn from; a recorded market needs market.trainUntil, the last day of training.")
        }
        if Interruption.isRequested { throw Failure(status: .interrupted, message: keeper.explanation(trained.report)) }
        let outcome = try run.compare(training: false, given: trained)
        let report = outcome.result.report
        let store = ModelStore(URL(fileURLWithPath: models, isDirectory: true))
        let record = try ModelRecord(name: name.rawValue, hedge: trained.hedge, run: run, training: trained.report, comparison: report)
        let saved = try store.save(record, trained.hedge, curve: run.curve(outcome)?.figure.svg)
        keeper.forget()
        let reference = "\(saved.name)@\(saved.version)"
        let path = "\(models)/\(saved.name)/\(saved.version)"
        if output.json {
            try Terminal.printJSON(Answer(model: reference, path: path, training: trained.report, comparison: report))
        } else {
            print(ReportTable.text(report))
            print(ReportTable.text(run.curve(outcome)), terminator: "")
            print(
                "\nSaved \(reference) in \(path): \(trained.report.parameterCount) weights, best of \(trained.report.epochs) epochs at "
                    + "\(trained.report.bestEpoch).\nNext: hedge models show \(reference)")
        }
    }
}
