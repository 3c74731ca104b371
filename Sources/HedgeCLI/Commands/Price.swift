import ArgumentParser
import Evaluation
import Foundation
import Hedging
import LinearAlgebra

/// `hedge price EXPERIMENT.yaml`: what a seller must ask for the claim and a buyer may pay, under each hedge.
struct Price: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Indifference prices of the claim: what a seller must ask, what a buyer may pay.",
        discussion: """
            By the experiment's objective, costs and policy: a hedge is learned for either side, and every strategy of evaluation.against \
            priced beside it on the same paths. The objective must move with cash: entropic, expected-shortfall, mean-deviation.
            """)

    @Argument(help: "The experiment, in YAML, of a simulated market.") var experiment: String
    @Flag(name: .long, help: "Only the analytic hedges; nothing is trained.") var analyticOnly = false
    @Option(name: .long, help: "Folder of the model that training.from names.") var models = "models"
    @OptionGroup var output: OutputOptions
    @OptionGroup var compute: ComputeOptions

    func run() async throws {
        Interruption.listen()
        let run = try ExperimentRun(try ExperimentFile.read(experiment), models: models, workers: compute.workers)
        let quote = try run.quote(learns: !analyticOnly)
        if output.json { try Terminal.printJSON(quote) } else { print(ReportTable.text(quote)) }
    }
}
