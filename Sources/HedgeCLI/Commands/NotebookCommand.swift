import ArgumentParser
import Evaluation
import Foundation
import Hedging
import LinearAlgebra
import Reporting
import Store
import StrictJSON

/// `hedge notebook RUN`: a run as a notebook, its outputs made anew.
struct NotebookCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "notebook", abstract: "Run the notebook of a run again, in its folder.",
        discussion:
            "hedge compare EXPERIMENT.yaml --export notebooks-export makes the run. Needs Python with nbconvert; make test sets one up.")

    @Argument(help: "Name of the run.") var name: String
    @Option(name: .long, help: "Folder of the runs.") var folder = "notebooks-export"

    func run() async throws {
        let store = RunStore(URL(fileURLWithPath: folder, isDirectory: true))
        let name = try usage { try StoreName(self.name) }
        let notebook = try usage { try store.directory(of: name).appendingPathComponent(RunExport.notebookFile) }
        guard let python = NotebookRunner.find() else {
            throw Failure.work("no Python with nbconvert, ipykernel, pandas and matplotlib was found; .ci/python sets one up in .venv.")
        }
        if let problem = python.execute(notebook) { throw Failure.work("\(notebook.path): \(problem)") }
        print("\(folder)/\(name)/\(RunExport.notebookFile) ran top to bottom.")
    }
}

/// `hedge reproduce RUN`: the run again from its `run.json`.
struct Reproduce: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "A run again from its run.json; every figure must come out equal to the last bit on the same kind of machine.")

    @Argument(help: "Name of the run.") var name: String
    @Option(name: .long, help: "Folder of the runs.") var folder = "notebooks-export"
    @OptionGroup var compute: ComputeOptions

    func run() async throws {
        Interruption.listen()
        let store = RunStore(URL(fileURLWithPath: folder, isDirectory: true))
        let name = try usage { try StoreName(self.name) }
        let record = try reading(folder) { try store.record(of: name) }
        let path = "\(folder)/\(name)/run.json"
        let experiment = try reading(path) { try JSONRecord.record(Experiment.self, from: record.experiment) }
        let before = try reading(path) { try JSONDecoder().decode(ComparisonReport.self, from: Data(record.results.text().utf8)) }
        let learned = before.summary(named: "learned") != nil
        var after = try ExperimentRun(experiment, workers: compute.workers).compare(training: learned).result.report
        after.seconds = before.seconds
        // Runs of older versions say nothing of their training.
        if before.training == nil { after.training = nil }
        guard after == before else {
            var rows: [String] = []
            for (was, now) in zip(before.strategies, after.strategies) where was != now {
                rows.append("\(was.name): price \(was.price) was, \(now.price) is")
            }
            throw Failure.work(
                "\(name) came out differently. \(rows.joined(separator: "; ")). It was made by \(record.codeVersion) on \(record.machine.processor); "
                    + "a training that its budget cut short cannot be repeated.")
        }
        print("\(name): equal to the last bit.")
    }
}
