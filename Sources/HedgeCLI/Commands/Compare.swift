import ArgumentParser
import Evaluation
import Foundation
import Hedging
import LinearAlgebra
import Store

/// `hedge compare EXPERIMENT.yaml`: learned against analytic on the same paths, net of the same costs.
struct Compare: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Learned hedges against analytic ones, on the same paths and net of the same costs.",
        discussion: """
            Trains first where anything is to learn. Examples lie in Tests/Experiments; the keys are explained in README.md. A training that \
            is cut by Control-C goes on with the same command: its state is kept in .training of the runs' folder.
            """)

    @Argument(help: "The experiment, in YAML.") var experiment: String
    @Option(name: .long, help: "One run per seed, then mean and worst of every figure: 1,2,3,4,5.", transform: SeedList.init)
    var seeds: SeedList?
    @Flag(name: .long, help: "Only the analytic hedges; nothing is trained.") var analyticOnly = false
    @Option(name: .long, help: "Write the run of each seed, tables and notebook, into this folder: notebooks-export.") var export: String?
    @Option(name: .long, help: "Folder of the model that training.from names.") var models = "models"
    @OptionGroup var output: OutputOptions
    @OptionGroup var training: TrainingOptions
    @OptionGroup var compute: ComputeOptions

    func run() async throws {
        Interruption.listen()
        let experiment = try ExperimentFile.read(experiment)
        let jobs = (seeds?.values ?? [experiment.seed]).map { seed in
            var job = experiment
            job.seed = seed
            return job
        }
        let folder = export ?? "notebooks-export"
        let name = try usage { try StoreName(experiment.name) }
        var reports: [ComparisonReport] = []
        var keepers: [TrainingKeeper] = []
        for job in jobs {
            let run = try ExperimentRun(job, models: models, workers: compute.workers)
            let keeper = try TrainingKeeper(run, name: name, in: folder, options: training)
            keepers.append(keeper)
            let outcome = try run.compare(training: !analyticOnly, keeper: keeper)
            reports.append(outcome.result.report)
            if !output.json {
                print((reports.count > 1 ? "\n" : "") + ReportTable.text(outcome.result.report))
                if jobs.count == 1 { print(ReportTable.text(run.curve(outcome)), terminator: "") }
            }
            if let export {
                let name = jobs.count == 1 ? job.name : "\(job.name)-seed-\(job.seed)"
                let made = try RunFolder.write(run, outcome, into: export, name: name)
                if !output.json { print("\nRun \(name) in \(export)/\(name): \(made)") }
            }
        }
        if reports.count > 1 {
            let summary = SeedSummary(reports)
            if output.json { try Terminal.printJSON(summary) } else { print("\n" + ReportTable.text(summary)) }
        } else if output.json {
            try Terminal.printJSON(reports[0])
        }
        // Only now: a run of several seeds that is cut goes on with those that were trained.
        for keeper in keepers { keeper.forget() }
    }
}

/// `1,2,3`.
struct SeedList {
    let values: [UInt64]

    init(_ text: String) throws {
        values = try text.split(separator: ",").map {
            guard let seed = UInt64($0), seed <= 1 << 53 else {
                throw ValidationError("\"\($0)\" is no seed; expected whole numbers: 1,2,3.")
            }
            return seed
        }
        guard !values.isEmpty, Set(values).count == values.count else {
            throw ValidationError("--seeds needs different whole numbers: 1,2,3.")
        }
    }
}
