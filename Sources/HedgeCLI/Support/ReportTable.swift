import Evaluation
import Foundation
import Reporting

/// Comparisons as a person reads them in a terminal; the learned strategy stands out where there is colour.
enum ReportTable {
    static func text(_ report: ComparisonReport) -> String {
        if report.strategies.contains(where: { $0.books != nil }) { return books(report) }
        return report.strategies.contains { $0.recorded != nil } ? recorded(report) : simulated(report)
    }

    /// Several seeds of one experiment.
    static func text(_ summary: SeedSummary) -> String {
        let hasGap = summary.strategies.contains { $0.gapPercent != nil }
        let isRecorded = summary.strategies.contains { $0.rmseReduction != nil }
        let columns = ["price", "sd", "ES 99 %"] + (hasGap ? ["gap %"] : []) + (isRecorded ? ["RMSE red."] : [])
        let text = table(["strategy"] + columns, summary.strategies, name: \.name) { row in
            func cell(_ spread: SeedSummary.Spread?, _ show: (Double) -> String = { FigureText.number($0) }) -> String {
                spread.map { "\(show($0.mean)) / \(show($0.worst))" } ?? ""
            }
            return [cell(row.price), cell(row.standardDeviation), cell(row.expectedShortfall99)]
                + (hasGap ? [cell(row.gapPercent) { String(format: "%.3f", $0) }] : [])
                + (isRecorded ? [cell(row.rmseReduction, FigureText.percent)] : [])
        }
        let seeds = summary.seeds.map(String.init).joined(separator: ", ")
        let exact = summary.exactPrice.map { "\nexact optimum \(FigureText.number($0, 5)); the gap is the price's distance above it" } ?? ""
        return "\(summary.experiment): mean / worst of seeds \(seeds)\n\n\(text)\(exact)"
    }

    /// Several settings of one experiment; the best row stands out and is marked.
    static func text(_ summary: SweepSummary) -> String {
        let rows = summary.rows.enumerated().map { (row: $0.element, isBest: $0.offset == summary.best) }
        let paths = summary.rows.first?.settings.map(\.path) ?? []
        let hasGap = summary.rows.contains { $0.gapPercent != nil }
        let isRecorded = summary.rows.contains { $0.rmseReduction != nil }
        let titles =
            paths + ["price", "worst"] + (hasGap ? ["gap %", "worst"] : []) + (isRecorded ? ["RMSE red.", "worst"] : []) + ["seconds", ""]
        var table = TextTable(titles)
        for (row, isBest) in rows {
            func cells(_ spread: SeedSummary.Spread?, _ show: (Double) -> String = { FigureText.number($0) }) -> [String] {
                spread.map { [show($0.mean), show($0.worst)] } ?? ["", ""]
            }
            var line = row.settings.map(\.value) + cells(row.price)
            if hasGap { line += cells(row.gapPercent) { String(format: "%.3f", $0) } }
            if isRecorded { line += cells(row.rmseReduction, FigureText.percent) }
            line.append(row.seconds.map { String(format: "%.1f", $0) } ?? "")
            line.append(isBest ? "best" : row.failures.isEmpty ? "" : "failed")
            table.add(line, isEmphasised: isBest)
        }
        let seeds = summary.seeds.map(String.init).joined(separator: ", ")
        var lines = [
            "\(summary.experiment): the learned hedge, mean and worst of seeds \(seeds)", "",
            table.text(colour: TextTable.terminalTakesColour),
        ]
        if let exact = summary.exactPrice {
            lines.append("exact optimum \(FigureText.number(exact, 5)); the gap is the price's distance above it")
        }
        for row in summary.rows {
            let settings = row.settings.map { "\($0.path)=\($0.value)" }.joined(separator: " ")
            lines += row.failures.map { "failed: \(settings) \($0)" }
        }
        return lines.joined(separator: "\n")
    }

    /// Both sides of a claim.
    static func text(_ quote: IndifferenceQuote) -> String {
        let text = table(["strategy", "buyer", "± s.e.", "seller", "± s.e.", "spread"], quote.strategies, name: \.name) { row in
            [
                row.buyer.price, row.buyer.standardError, row.seller.price, row.seller.standardError, row.seller.price - row.buyer.price,
            ].map { FigureText.number($0) }
        }
        var lines = [
            "\(quote.experiment): \(FigureText.grouped(quote.paths)) paths, seed \(quote.seed), indifferent under \(quote.objective)", "",
            text,
        ]
        if let exact = quote.exact {
            lines.append("exact optimum: buyer \(FigureText.number(exact.buyer, 5)), seller \(FigureText.number(exact.seller, 5))")
        }
        if quote.withoutClaim != 0 {
            lines.append("trading alone, learned, is worth \(FigureText.number(-quote.withoutClaim)) and is taken off the learned prices")
        }
        lines.append(String(format: "priced in %.1f s", quote.seconds))
        return lines.joined(separator: "\n")
    }

    /// The training's objective on the paths apart, epoch by epoch; empty where nothing was trained or there is nothing to draw.
    static func text(_ curve: TrainingCurve?) -> String {
        guard let curve, !curve.text.isEmpty else { return "" }
        let exact = curve.exact.map { ", ┄ exact \(FigureText.number($0))" } ?? ""
        return "\nvalidation by epoch, the best at \(curve.training.bestEpoch)\(exact)\n\n\(curve.text)"
    }

    private static func simulated(_ report: ComparisonReport) -> String {
        let columns = ["price", "± s.e.", "mean", "sd", "ES 50 %", "ES 95 %", "ES 99 %", "cost", "turnover"]
        let text = table(["strategy"] + columns, report.strategies, name: \.name) { row in
            [row.price, row.priceStandardError, row.mean, row.standardDeviation].map { FigureText.number($0) }
                + StrategySummary.shortfallLevels.map { FigureText.number(row.expectedShortfall[$0.0] ?? .nan) }
                + [FigureText.number(row.tradingCost), FigureText.number(row.turnover, 2)]
        }
        let unit = report.unit == .premium ? ", all in % of that premium" : ""
        let premium = report.premium == 0 ? "" : " of the loss less \(FigureText.number(report.premium))\(unit)"
        var lines = [
            "\(report.experiment): \(FigureText.grouped(report.paths)) paths, seed \(report.seed), price = \(report.objective)\(premium)",
            "",
            text,
        ]
        if let exact = report.exact {
            let gap = exact.gapPercent.map { "; learned is \(distance($0)) it" } ?? ""
            lines.append("exact optimum \(FigureText.number(exact.price, 5)) (\(exact.method))\(gap)")
        }
        return (lines + elsewhere(report) + ending(report)).joined(separator: "\n")
    }

    /// `0.04 % above`.
    private static func distance(_ percent: Double) -> String {
        let size = String(format: "%.2f", percent.magnitude)
        return size == "0.00" ? "within 0.01 % of" : "\(size) % \(percent > 0 ? "above" : "below")"
    }

    /// The same policy told other values of its conditions.
    private static func elsewhere(_ report: ComparisonReport) -> [String] {
        guard let rows = report.elsewhere, !rows.isEmpty else { return [] }
        let columns = ["learned", "± s.e.", "exact", "gap %", "best other", "its price"]
        let text = table(["the same policy at"] + columns, rows, name: { "\($0.condition) \(FigureText.number($0.value, 6))" }) { row in
            [
                FigureText.number(row.price), FigureText.number(row.priceStandardError),
                row.exact.map { FigureText.number($0.price, 5) } ?? "",
                row.exact?.gapPercent.map { String(format: "%.3f", $0) } ?? "", row.best?.name ?? "",
                row.best.map { FigureText.number($0.price) } ?? "",
            ]
        }
        return ["", text]
    }

    private static func recorded(_ report: ComparisonReport) -> String {
        let columns = ["RMSE red.", "MAE red.", "var. red.", "hit rate", "5 % quantile", "5 % tail", "costs"]
        let text = table(["strategy"] + columns, report.strategies, name: \.name) { row in
            guard let figures = row.recorded else { return columns.map { _ in "" } }
            return [figures.rmseReduction, figures.maeReduction, figures.varianceReduction, figures.hitRate].map(FigureText.percent)
                + [figures.quantile5, figures.expectedShortfall5, figures.costs].map { String(format: "%.6f", $0) }
        }
        var lines = [
            "\(report.experiment): \(FigureText.grouped(report.paths)) recorded intervals; quantile and mean of the worst 5 % of profits in coin "
                + "per option", "", text,
        ]
        let months = report.strategies.first?.recorded?.months ?? []
        if months.count > 1 {
            let hedged = report.strategies.filter { $0.name != "none" }
            lines.append(
                table(["RMSE reduction"] + months.map(\.month), hedged, name: \.name) { row in
                    (row.recorded?.months ?? []).map { FigureText.percent($0.rmseReduction) }
                })
        }
        lines += robustness(report)
        return (lines + ending(report)).joined(separator: "\n")
    }

    /// Whether a gain stands without the few intervals that carry most of the squared error.
    private static func robustness(_ report: ComparisonReport) -> [String] {
        guard let rules = report.robustness, let baseline = rules.first?.baseline else { return [] }
        let columns = ["all", "95 % interval", "worst month", "without 5 largest", "capped", "intervals improved"]
        let text = table(["squared error to \(baseline)"] + columns, rules, name: \.name) { rule in
            [
                FigureText.percent(rule.change), "\(FigureText.percent(rule.low)) to \(FigureText.percent(rule.high))",
                FigureText.percent(rule.worstMonth), FigureText.percent(rule.withoutLargestFive), FigureText.percent(rule.capped),
                FigureText.percent(rule.shareImproved),
            ]
        }
        let share = FigureText.percent(rules[0].shareOfLargestFive)
        let meaning =
            "negative is better; five intervals carry \(share) of all of \(baseline)'s; capped: each interval cut at the 95 % quantile"
        return [text + meaning, ""]
    }

    private static func books(_ report: ComparisonReport) -> String {
        let columns = ["mean", "sd", "ES 95 %", "ES 95 % unwound", "option cost", "future cost"]
        let text = table(["strategy"] + columns, report.strategies, name: \.name) { row in
            guard let figures = row.books else { return columns.map { _ in "" } }
            return [
                row.mean, row.standardDeviation, figures.expectedShortfall95, figures.unwoundExpectedShortfall95, figures.optionCost,
                figures.futureCost,
            ].map { FigureText.number($0, 5) }
        }
        let title = "\(report.experiment): \(FigureText.grouped(report.paths)) recorded books, coin; shortfall is a loss"
        return ([title, "", text] + ending(report)).joined(separator: "\n")
    }

    /// A line per strategy.
    private static func table<Row>(_ titles: [String], _ rows: [Row], name: (Row) -> String, cells: (Row) -> [String]) -> String {
        var table = TextTable(titles)
        for row in rows { table.add([name(row)] + cells(row), isEmphasised: name(row) == "learned") }
        return table.text(colour: TextTable.terminalTakesColour)
    }

    /// The learned strategy against each other, and what follows from it.
    private static func ending(_ report: ComparisonReport) -> [String] {
        var lines: [String] = []
        if !report.paired.isEmpty {
            lines.append("learned less each other, same paths, 95 % bootstrap interval:")
            for difference in report.paired {
                let shown = [difference.difference, difference.low, difference.high].map {
                    difference.measure == "price" ? FigureText.number($0) : FigureText.percent($0)
                }
                let name = difference.against.padding(toLength: 18, withPad: " ", startingAt: 0)
                lines.append("  \(name)\(difference.measure) \(shown[0])  [\(shown[1]), \(shown[2])]")
            }
            lines.append("")
        }
        for warning in report.training?.warnings ?? [] { lines += [warning, ""] }
        let trained = report.seconds.train > 0 ? String(format: "trained %.1f s, ", report.seconds.train) : ""
        let seconds = trained + String(format: "compared %.1f s", report.seconds.evaluate)
        return lines + ["Use \(report.verdict.use). \(report.verdict.reason)", seconds]
    }
}
