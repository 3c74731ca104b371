import ArgumentParser
import Evaluation
import Features
import Foundation
import Hedging
import LinearAlgebra
import Market
import Serving
import Surface

/// `hedge demo`: the whole road on the committed dataset, offline, in under a minute.
struct Demo: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "The whole road on the committed dataset: market, surface, features, learned against analytic, advice, notebook.")

    @OptionGroup var output: OutputOptions
    @OptionGroup var compute: ComputeOptions

    struct Answer: Encodable {
        var snapshots: Int
        var surface: SurfaceStudy
        var features: Int
        var recorded: ComparisonReport
        var simulated: ComparisonReport
        var notebook: String
        var seconds: Double
    }

    static let dataset = "datasets/simulated-chains"
    /// Committed: trained by `hedge train Tests/Experiments/simulated-chains.yaml`.
    static let model = "simulated-chains"
    static let models = "models"
    static let experiments = "Tests/Experiments"
    static let runs = "notebooks-export"

    func run() async throws {
        Interruption.listen()
        guard FileManager.default.fileExists(atPath: Self.dataset) else {
            throw Failure.usage("no folder \(Self.dataset) here; run hedge demo in the checkout: make demo")
        }
        let start = ContinuousClock.now
        let workers = compute.workers
        func say(_ text: String) { if !output.json { print(text) } }

        say("1. Market: an invented ETH option venue, thirty days, four snapshots a day (\(Self.dataset))")
        let read = try Inputs.snapshots(Self.dataset, currency: "ETH", workers: workers)
        let (snapshots, filtered) = QuoteFilter().screen(read)
        say(
            "   \(snapshots.count) snapshots, \(FigureText.grouped(filtered.quotes)) quotes; the filter took out \(filtered.total) bad ones\n"
        )

        let last = snapshots[snapshots.count - 1]
        let (study, _) = SurfaceStudy.run(snapshots: Array(snapshots.suffix(8)), workers: workers) { (ContinuousClock.now - start).seconds }
        say("2. Surface: an SVI slice for every expiry of the last eight snapshots")
        say(
            "   \(study.slices) slices, \(FigureText.percent(study.insideBidAsk)) of quotes have the fitted price inside bid and ask, "
                + "\(study.butterflyViolations + study.calendarViolations) arbitrage violations\n")

        let book = Self.book(of: last)
        let pipeline = FeaturePipeline()
        if let state = SnapshotPipeline().states(of: read, workers: workers, book: { _ in book }).last {
            let row = pipeline.matrix([state])
            say(
                "3. Features: \(row.names.count) of the surface, carry, realised volatility and inventory, the same code offline and online\n"
            )
        }

        say("4. Learned against analytic on the recorded days: every liquid option sold for one interval\n")
        let recorded = try compare("simulated-chains", workers, budget: 10)
        say(indented(ReportTable.text(recorded.outcome.result.report)))

        say("\n5. Learned against analytic where trading costs money: a sold call in the Black-Scholes market, 0.39 % a trade\n")
        let simulated = try compare("demo", workers, budget: 15)
        say(indented(ReportTable.text(simulated.outcome.result.report)))

        say("\n6. Advice for a book of \(book.positions.count) options on the last snapshot, by the code that serves\n")
        let model = try Inputs.model(Self.model, in: Self.models)
        let advisor = HedgeAdvisor(model: model)
        say(indented(try RecommendationText.text(try advisor.recommend(advisor.fit(last), book, now: last.time))))

        try RunFolder.write(recorded.run, recorded.outcome, into: Self.runs, name: "demo-recorded", executes: false)
        try RunFolder.write(simulated.run, simulated.outcome, into: Self.runs, name: "demo", executes: false)
        let notebook = "\(Self.runs)/demo/comparison.ipynb"
        let seconds = (ContinuousClock.now - start).seconds
        if output.json {
            return try Terminal.printJSON(
                Answer(
                    snapshots: snapshots.count, surface: study, features: pipeline.features.count, recorded: recorded.outcome.result.report,
                    simulated: simulated.outcome.result.report, notebook: notebook, seconds: seconds))
        }
        print(
            """

            7. Notebooks: \(notebook) and \(Self.runs)/demo-recorded/comparison.ipynb, pictures included

            The road took \(String(format: "%.0f", seconds)) s. What to try next:
              hedge compare Tests/Experiments/cost-2-8-band.yaml     train for a minute instead of seconds, judge on a million paths
              hedge train Tests/Experiments/demo.yaml                save a model, then: hedge models list
              hedge surface fit --data \(Self.dataset) --at 2026-01-20T00:00:00Z
              hedge serve                                            the same advice over HTTP; hedge serve --help shows how to ask for it
              cp Tests/Experiments/demo.yaml mine.yaml               your own market, claim, costs and objective; README.md explains the keys
            """)
    }

    private func compare(_ name: String, _ workers: Workers, budget: Double) throws -> (run: ExperimentRun, outcome: ExperimentRun.Outcome)
    {
        var experiment = try ExperimentFile.read("\(Self.experiments)/\(name).yaml")
        experiment.training.budgetSeconds = min(experiment.training.budgetSeconds, budget)
        let run = try ExperimentRun(experiment, workers: workers)
        return (run, try run.compare(training: true))
    }

    /// A market maker's book: options of several strikes and expiries, calls and puts, mostly sold.
    static func book(of snapshot: MarketSnapshot) -> Book {
        let liquid = snapshot.options.filter { LiquidityFilter().accepts($0, at: snapshot.time) }
        let step = max(1, liquid.count / 8)
        let chosen = stride(from: 0, to: liquid.count, by: step).prefix(8)
        return Book(
            chosen.enumerated().map { place, index in
                Position(.option(liquid[index].contract), quantity: place % 4 == 3 ? 5 : Double(-10 + 2 * (place % 3)))
            })
    }

    private func indented(_ text: String) -> String {
        text.split(separator: "\n", omittingEmptySubsequences: false).map { $0.isEmpty ? "" : "   \($0)" }.joined(separator: "\n")
    }
}
