import ArgumentParser
import Evaluation
import Foundation
import Hedging
import LinearAlgebra
import Store
import StrictJSON
import Yams

/// `hedge sweep EXPERIMENT.yaml --set training.learningRate=1e-2,3e-3 --seeds 1,2,3`: every combination, one table.
struct Sweep: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "One experiment under every combination of settings and seeds, in one table, the best marked.",
        discussion: """
            hedge sweep Tests/Experiments/demo.yaml --set training.learningRate=1e-2,3e-3 --set "policy.hidden=[16,16],[32,32]" --seeds 1,2,3

            What is done is kept in NAME-sweep/sweep.json of the runs' folder: the same command, or one with more settings, goes on with the rest.
            """)

    @Argument(help: "The experiment, in YAML.") var experiment: String
    @Option(
        name: .customLong("set"),
        help: "A key of the experiment and the values it takes: training.learningRate=1e-2,3e-3. May be repeated.",
        transform: SweptKey.init)
    var keys: [SweptKey] = []
    @Option(name: .long, help: "Seeds of every combination: 1,2,3. Default: the experiment's.", transform: SeedList.init) var seeds:
        SeedList?
    @Option(name: .long, help: "Folder of the runs.") var folder = "notebooks-export"
    @Option(name: .long, help: "Folder of the model that training.from names.") var models = "models"
    @OptionGroup var output: OutputOptions
    @OptionGroup var training: TrainingOptions
    @OptionGroup var compute: ComputeOptions

    func validate() throws {
        let paths = keys.map(\.path)
        if Set(paths).count < paths.count { throw ValidationError("--set names a key twice; give all its values at once.") }
        if training.finish { throw ValidationError("--finish is for one training: hedge train, hedge compare.") }
    }

    func run() async throws {
        Interruption.listen()
        let page = try ExperimentFile.node(experiment)
        let base = try ExperimentFile.experiment(page, experiment)
        let seeds = seeds?.values ?? [base.seed]
        let combinations = try SweptKey.combinations(keys).map { settings in
            try seeds.map { seed in
                var job = try ExperimentFile.experiment(try SweptKey.apply(settings, to: page, file: experiment), experiment)
                job.seed = seed
                return job
            }
        }
        let name = try usage { try StoreName("\(base.name)-sweep") }
        var record = try SweepRecord(at: URL(fileURLWithPath: folder).appendingPathComponent(name.rawValue), isFresh: training.fresh)
        var rows: [SweepSummary.Row] = []
        for (index, (settings, jobs)) in zip(SweptKey.combinations(keys), combinations).enumerated() {
            var runs: [ComparisonReport] = []
            var failures: [String] = []
            for job in jobs {
                let place = "\(index + 1) of \(combinations.count), seed \(job.seed)"
                switch try record.outcome(of: job) ?? self.outcome(job, place: place, &record) {
                case .done(let report): runs.append(report)
                case .failed(let reason): failures.append("seed \(job.seed): \(reason)")
                }
            }
            rows.append(SweepSummary.Row(settings.map { .init(path: $0.path, value: $0.text) }, runs: runs, failures: failures))
        }
        let summary = SweepSummary(experiment: base.name, seeds: seeds, rows: rows)
        if output.json { try Terminal.printJSON(summary) } else { print(ReportTable.text(summary)) }
    }

    /// Trains and judges one, and keeps what came of it before anything else is begun.
    private func outcome(_ job: Experiment, place: String, _ record: inout SweepRecord) throws -> SweepRecord.Outcome {
        let run = try ExperimentRun(job, models: models, workers: compute.workers)
        let key = RegularFile.sha256(of: Array(try SweepRecord.key(job).text().utf8)).prefix(12)
        let keeper = try TrainingKeeper(run, name: try usage { try StoreName("sweep-\(key)") }, in: folder, options: training)
        if Terminal.showsProgress { Terminal.say("\r\u{1B}[K\(place)") }
        let outcome: SweepRecord.Outcome
        do {
            outcome = .done(try run.compare(training: true, keeper: keeper).result.report)
        } catch let failure as Failure where failure.status == .workFailed {
            outcome = .failed(failure.message)
        }
        try record.add(outcome, of: job)
        keeper.forget()
        return outcome
    }
}

/// One key and the values that it takes in turn.
struct SweptKey {
    /// Dotted.
    let path: String
    let values: [ConfigNode]

    /// `training.learningRate=1e-2,3e-3`; a list is one value: `policy.hidden=[16,16],[32,32]`.
    init(_ text: String) throws {
        let parts = text.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false).map(String.init)
        guard parts.count == 2, !parts[0].isEmpty,
            parts[0].split(separator: ".", omittingEmptySubsequences: false).allSatisfy({ !$0.isEmpty })
        else { throw ValidationError("\"\(text)\" is no setting; expected KEY=VALUE,VALUE: training.learningRate=1e-2,3e-3.") }
        path = parts[0]
        guard let root = try? Yams.compose(yaml: "[\(parts[1])]"), case .list(let items)? = try? ConfigNode(root).value, !items.isEmpty
        else {
            throw ValidationError("\"\(parts[1])\" holds no values for \(path); expected VALUE,VALUE: 1e-2,3e-3.")
        }
        values = items
    }

    /// A value of one key.
    struct Choice {
        let path: String
        let value: ConfigNode
        var text: String { (try? JSONRecord.tree(value).text()) ?? value.excerpt }
    }

    /// Every value of every key with every other's; the last key changes fastest.
    static func combinations(_ keys: [SweptKey]) -> [[Choice]] {
        keys.reduce([[]]) { rows, key in rows.flatMap { row in key.values.map { row + [Choice(path: key.path, value: $0)] } } }
    }

    static func apply(_ choices: [Choice], to page: ConfigNode, file: String) throws(Failure) -> ConfigNode {
        var page = page
        for choice in choices {
            guard let changed = page.setting(choice.path.split(separator: ".").map(String.init), to: choice.value) else {
                throw .usage("--set \(choice.path): \(file) has something else than a map on the way to it.")
            }
            page = changed
        }
        return page
    }
}

/// What a sweep has done, as a file that is whole at any moment.
struct SweepRecord {
    enum Outcome {
        case done(ComparisonReport)
        case failed(String)
    }

    private struct File: Codable {
        var formatVersion = 1
        var runs: [Run] = []

        struct Run: Codable {
            var experiment: JSONValue
            var codeVersion: String
            var report: ComparisonReport?
            var failure: String?
        }
    }

    private let file: URL
    private var contents = File()
    private let version = CodeVersion.current()

    init(at folder: URL, isFresh: Bool) throws(Failure) {
        file = folder.appendingPathComponent("sweep.json")
        guard !isFresh, FileManager.default.fileExists(atPath: file.path) else { return }
        let url = file
        contents = try reading(url.path) {
            try JSONRecord.record(File.self, from: try JSONValue.parse(try RegularFile.read(url)))
        }
    }

    /// All that decides a run's figures.
    static func key(_ experiment: Experiment) throws -> JSONValue { try JSONRecord.tree(experiment) }

    /// Nil where it has not been done by this code.
    func outcome(of experiment: Experiment) throws -> Outcome? {
        let key = try Self.key(experiment)
        guard let run = contents.runs.last(where: { $0.experiment == key && $0.codeVersion == version }) else { return nil }
        return run.report.map(Outcome.done) ?? .failed(run.failure ?? "")
    }

    mutating func add(_ outcome: Outcome, of experiment: Experiment) throws {
        var run = File.Run(experiment: try Self.key(experiment), codeVersion: version)
        switch outcome {
        case .done(let report): run.report = report
        case .failed(let reason): run.failure = reason
        }
        contents.runs.removeAll { $0.experiment == run.experiment }
        contents.runs.append(run)
        try AtomicFile.write(try JSONRecord.text(contents), to: file)
    }
}
