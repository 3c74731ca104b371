import Evaluation
import Foundation
import Hedging
import LinearAlgebra
import Market
import Reporting
import Store
import StrictJSON
import Surface

/// A comparison as a folder for people: `run.json`, tables, notebook.
enum RunFolder {
    /// - Returns: How the notebook got its outputs, in a few words.
    @discardableResult
    static func write(
        _ run: ExperimentRun, _ outcome: ExperimentRun.Outcome, into folder: String, name: String? = nil, executes: Bool = true
    ) throws -> String {
        let (experiment, result) = (run.experiment, outcome.result)
        let record = RunRecord(
            name: name ?? experiment.name, command: "compare", experiment: try JSONRecord.tree(experiment), seed: Int(experiment.seed),
            models: experiment.training.from.map { [$0] } ?? [],
            data: try run.data, codeVersion: CodeVersion.current(), machine: .current(blas: BLASBuild.current.kernel),
            startedAt: FileTime.now(),
            results: try JSONRecord.tree(result.report))
        let export = RunExport(try tables(run, result, name: record.name), record: record, training: run.curve(outcome))
        return try export.write(
            to: RunStore(URL(fileURLWithPath: folder, isDirectory: true)), python: executes ? NotebookRunner.find() : nil
        ).description
    }

    private static func tables(_ run: ExperimentRun, _ result: ComparisonOutcome, name: String) throws -> ComparisonTables {
        let (experiment, report) = (run.experiment, result.report)
        let ratios: [ComparisonTables.HedgeRatios] =
            if let market = try run.simulated?.market(.evaluationPaths) as? SimulatedMarket {
                HedgeRatioSurvey.grids(of: result.strategies, on: market)
            } else if let recorded = run.recorded {
                HedgeRatioSurvey.grids(of: result.strategies, on: recorded.market, paths: recorded.judging)
            } else { [] }
        var frontier = report.strategies.filter { $0.name != "none" }.map {
            ComparisonTables.FrontierPoint($0.name, tradingCost: $0.tradingCost, risk: $0.standardDeviation)
        }
        for point in try run.simulated?.frontier() ?? [] {
            frontier.append(.init(point.strategy, setting: point.setting, tradingCost: point.tradingCost, risk: point.standardDeviation))
        }
        var slices: [ComparisonTables.Slice] = []
        if let snapshot = run.lastSnapshot, let surface = SurfaceCalibration().fit(snapshot).surface {
            slices = ComparisonTables.Slice.slices(of: surface, snapshot: snapshot)
        }
        return ComparisonTables(
            name: name,
            about:
                "\(experiment.liability) on \(experiment.market.name), \(FigureText.grouped(report.paths)) paths. \(report.verdict.reason)",
            unit: experiment.unit, riskMeasure: "\(report.objective)",
            exact: report.exact.map { .init(price: $0.price, method: $0.method) }, strategies: report.strategies.map(strategy),
            profits: zip(report.strategies, result.profits).map { .init($0.name, $1) }, hedgeRatios: ratios, frontier: frontier,
            surface: slices,
            differences: report.paired.map {
                .init("learned", against: $0.against, measure: $0.measure, difference: $0.difference, low: $0.low, high: $0.high)
            },
            months: report.strategies.flatMap { row in
                (row.recorded?.months ?? []).map { month in
                    .init(
                        month.month, row.name,
                        figures: [
                            .init("intervals", Double(month.intervals)), .init("rmseReduction", month.rmseReduction),
                            .init("maeReduction", month.maeReduction),
                        ])
                }
            })
    }

    private static func strategy(_ row: StrategySummary) -> ComparisonTables.Strategy {
        var figures: [ComparisonTables.Figure] = [
            .init("price", row.price), .init("priceStandardError", row.priceStandardError), .init("mean", row.mean),
            .init("standardDeviation", row.standardDeviation),
        ]
        for (name, level) in StrategySummary.shortfallLevels {
            figures.append(.init("expectedShortfall\(Int((level * 100).rounded()))", row.expectedShortfall[name] ?? .nan))
        }
        figures += [.init("tradingCost", row.tradingCost), .init("turnover", row.turnover)]
        if let recorded = row.recorded {
            figures += [
                .init("rmseReduction", recorded.rmseReduction), .init("maeReduction", recorded.maeReduction),
                .init("varianceReduction", recorded.varianceReduction), .init("hitRate", recorded.hitRate),
            ]
        }
        return .init(row.name, isLearned: row.name == "learned", figures: figures)
    }
}

extension ExperimentRun {
    /// How the training went; nil where nothing was trained.
    func curve(_ outcome: Outcome) -> TrainingCurve? {
        outcome.training.map { training in
            TrainingCurve(
                name: experiment.name, unit: experiment.objective.isCashInvariant ? experiment.unit : "",
                objective: "\(experiment.objective)", training: training, exact: outcome.result.report.exact?.price)
        }
    }
}
