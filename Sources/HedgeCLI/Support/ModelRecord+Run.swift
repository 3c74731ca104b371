import Evaluation
import Foundation
import Hedging
import Store
import StrictJSON

extension ModelRecord {
    /// What a model's files say of the run that made it.
    init(name: String, hedge: LearnedHedge, run: ExperimentRun, training: TrainingReport, comparison: ComparisonReport) throws {
        let experiment = run.experiment
        self.init(
            name: name, hedge: hedge, experiment: try JSONRecord.tree(experiment), seed: Int(experiment.seed), data: try run.data,
            codeVersion: CodeVersion.current(), trainedAt: FileTime.now(), metrics: ModelMetrics(comparison, experiment: experiment),
            notes: ModelNotes(experiment, training: training, warnings: comparison.training?.warnings ?? [], verdict: comparison.verdict))
    }
}

extension ModelMetrics {
    init(_ report: ComparisonReport, experiment: Experiment) {
        let rows = report.strategies.map { row in
            let figures: [Figure] =
                if let recorded = row.recorded {
                    [
                        Figure("rmseReduction", recorded.rmseReduction), Figure("maeReduction", recorded.maeReduction),
                        Figure("hitRate", recorded.hitRate), Figure("expectedShortfall95", -recorded.expectedShortfall5),
                    ]
                } else {
                    [
                        Figure(
                            "price", row.price, low: row.price - 1.96 * row.priceStandardError,
                            high: row.price + 1.96 * row.priceStandardError),
                        Figure("standardDeviation", row.standardDeviation),
                        Figure("expectedShortfall99", row.expectedShortfall["0.99"] ?? .nan), Figure("tradingCost", row.tradingCost),
                    ]
                }
            return Row(row.name, isLearned: row.name == "learned", figures: figures)
        }
        self.init(
            evaluatedOn: "\(FigureText.grouped(report.paths)) \(experiment.market.isRecorded ? "recorded intervals" : "simulated paths")",
            unit: experiment.unit, exact: report.exact.map { Figure("price", $0.price) }, rows: rows,
            differences: report.paired.map {
                Difference(against: $0.against, Figure($0.measure, $0.difference, low: $0.low, high: $0.high))
            })
    }

    /// The learned hedge beat every other strategy beyond the interval when it was judged.
    var favoursLearned: Bool {
        !differences.isEmpty
            && differences.allSatisfy { row in
                row.difference.measure == "price" ? (row.difference.high ?? 0) < 0 : (row.difference.low ?? 0) > 0
            }
    }
}

extension ModelNotes {
    init(_ experiment: Experiment, training: TrainingReport, warnings: [String], verdict: Verdict) {
        let instruments = experiment.instruments.map(\.name).joined(separator: ", ")
        let place = experiment.market.name
        var limits = [
            "It knows \(place) only; under another law, calendar or cost its answers mean little."
        ]
        if experiment.market.isRecorded {
            limits.append("It hedges one sold option at a time; a book is answered as the sum of its options.")
        } else {
            limits.append("Simulated paths have no gaps in liquidity, no margin calls and no venue that fails.")
        }
        let ending =
            switch training.end {
            case .epochs: ""
            case .settled: " It stopped early: the objective had settled."
            case .budget: " Its time budget cut it short, so that it cannot be repeated to the last bit."
            case .cancelled: " It was cut short by hand."
            }
        self.init(
            hedges: "Hedges \(experiment.liability) on \(place) with \(instruments).",
            training:
                "\(training.epochs) epochs, \(experiment.training.paths) paths each, objective \(experiment.objective); the weights are those of "
                + "epoch \(training.bestEpoch), the best on paths apart. \(training.parameterCount) weights, "
                + String(format: "%.1f", training.seconds) + " s.\(ending)" + warnings.map { "\n\n**\($0)**" }.joined(),
            verdict: "Use \(verdict.use). \(verdict.reason)", limits: limits)
    }
}

extension Experiment {
    /// Currency that amounts are in.
    var unit: String {
        if evaluation.unit == .premium { return "% of the premium" }
        if case .recorded(let settings) = market { return settings.currency.rawValue }
        return market.isInCoin ? "coin" : "USD"
    }

    /// What is hedged, in a few words.
    var liability: String {
        switch claim {
        case .everyOption: "every liquid option, one sold for one interval"
        case .randomBooks(let options, let count, _): "\(count) random books of \(options) options"
        case .poissonBook(let book): "a dealer's book that \(DecimalText.significant(book.arrivalsPerDay, digits: 4)) clients a day add to"
        case .options(let positions) where positions.count == 1:
            "\(positions[0].quantity < 0 ? "a sold" : "a bought") \(positions[0].kind.rawValue) of strike \(DecimalText.significant(positions[0].strike, digits: 8))"
        case .exotics(let exotics, let options) where exotics.count + options.count == 1:
            "\(exotics[0].quantity < 0 ? "a sold" : "a bought") \(exotics[0].option.name)"
        case .basket(let basket):
            "\(basket.quantity < 0 ? "a sold" : "a bought") \(basket.kind.rawValue) on a basket of \(basket.weights.count) assets"
        case .exotics(let exotics, let options): "a book of \(exotics.count + options.count) claims"
        case .options(let positions): "a book of \(positions.count) options"
        }
    }
}
