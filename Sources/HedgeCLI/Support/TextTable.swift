import Evaluation
import Foundation

/// Columns of text: the first flush left, the others flush right.
struct TextTable {
    var header: [String]
    var rows: [[String]] = []

    var text: String {
        let all = [header] + rows
        let widths = header.indices.map { column in all.map { $0[column].count }.max() ?? 0 }
        let lines = all.map { row in
            zip(row, widths).enumerated().map { column, cell in
                let padding = String(repeating: " ", count: cell.1 - cell.0.count)
                return column == 0 ? cell.0 + padding : padding + cell.0
            }.joined(separator: "  ")
        }
        return ([lines[0], String(repeating: "-", count: widths.reduce(0, +) + 2 * (widths.count - 1))] + lines.dropFirst())
            .joined(separator: "\n")
    }

    static func number(_ value: Double, _ digits: Int = 4) -> String {
        guard value != 0 else { return "0" }
        // Coin amounts of one option are thousandths: as many decimals as five significant digits need, four at least.
        let places = max(digits, min(9, 4 - Int(log10(value.magnitude).rounded(.down))))
        return String(format: "%.\(value.magnitude >= 1000 ? 1 : min(places, digits + 4))f", value)
    }

    static func percent(_ share: Double) -> String { String(format: "%.2f %%", share * 100) }
}

/// Comparisons as a person reads them.
enum ReportTable {
    static func text(_ report: ComparisonReport) -> String {
        if report.strategies.contains(where: { $0.books != nil }) { return books(report) }
        return report.strategies.contains { $0.recorded != nil } ? recorded(report) : simulated(report)
    }

    private static func simulated(_ report: ComparisonReport) -> String {
        var table = TextTable(header: ["strategy", "price", "± s.e.", "mean", "sd", "ES 50 %", "ES 95 %", "ES 99 %", "cost", "turnover"])
        for row in report.strategies {
            table.rows.append(
                [
                    row.name, TextTable.number(row.price), TextTable.number(row.priceStandardError), TextTable.number(row.mean),
                    TextTable.number(row.standardDeviation),
                ] + StrategySummary.shortfallLevels.map { TextTable.number(row.expectedShortfall[$0.0] ?? .nan) } + [
                    TextTable.number(row.tradingCost), TextTable.number(row.turnover, 2),
                ])
        }
        var lines = [
            "\(report.experiment): \(grouped(report.paths)) paths, seed \(report.seed), price = \(report.objective)"
                + (report.premium == 0 ? "" : " of the loss less \(TextTable.number(report.premium))"), "", table.text, "",
        ]
        if let exact = report.exact {
            let gap = exact.gapPercent.map { String(format: "; learned is %.2f %% above it", $0) } ?? ""
            lines.append("exact optimum \(TextTable.number(exact.price, 5)) (\(exact.method))\(gap)")
        }
        return (lines + differences(report)).joined(separator: "\n")
    }

    private static func recorded(_ report: ComparisonReport) -> String {
        var table = TextTable(header: ["strategy", "RMSE red.", "MAE red.", "var. red.", "hit rate", "5 % quantile", "5 % ES", "costs"])
        for row in report.strategies {
            guard let figures = row.recorded else { continue }
            table.rows.append([
                row.name, TextTable.percent(figures.rmseReduction), TextTable.percent(figures.maeReduction),
                TextTable.percent(figures.varianceReduction), TextTable.percent(figures.hitRate),
                String(format: "%.6f", figures.quantile5), String(format: "%.6f", figures.expectedShortfall5),
                String(format: "%.6f", figures.costs),
            ])
        }
        var lines = ["\(report.experiment): \(grouped(report.paths)) recorded intervals, coin per option", "", table.text, ""]
        if let months = report.strategies.first?.recorded?.months, months.count > 1 {
            var byMonth = TextTable(header: ["RMSE reduction"] + months.map(\.month))
            for row in report.strategies where row.name != "none" {
                byMonth.rows.append([row.name] + (row.recorded?.months ?? []).map { TextTable.percent($0.rmseReduction) })
            }
            lines += [byMonth.text, ""]
        }
        return (lines + differences(report)).joined(separator: "\n")
    }

    private static func books(_ report: ComparisonReport) -> String {
        var table = TextTable(header: ["strategy", "mean", "sd", "ES 95 %", "ES 95 % unwound", "option cost", "future cost"])
        for row in report.strategies {
            guard let figures = row.books else { continue }
            table.rows.append(
                [row.name]
                    + [
                        row.mean, row.standardDeviation, figures.expectedShortfall95, figures.unwoundExpectedShortfall95,
                        figures.optionCost,
                        figures.futureCost,
                    ].map { TextTable.number($0, 5) })
        }
        return (["\(report.experiment): \(grouped(report.paths)) recorded books, coin", "", table.text, ""] + differences(report)).joined(
            separator: "\n")
    }

    private static func differences(_ report: ComparisonReport) -> [String] {
        var lines: [String] = []
        if !report.paired.isEmpty {
            lines.append("learned less each other, same paths, 95 % bootstrap interval:")
            for difference in report.paired {
                let shown = [difference.difference, difference.low, difference.high].map {
                    difference.measure == "price" ? TextTable.number($0) : TextTable.percent($0)
                }
                let name = difference.against.padding(toLength: 18, withPad: " ", startingAt: 0)
                lines.append("  \(name)\(difference.measure) \(shown[0])  [\(shown[1]), \(shown[2])]")
            }
        }
        let seconds = String(format: "trained %.1f s, compared %.1f s", report.seconds.train, report.seconds.evaluate)
        return lines + ["", "Use \(report.verdict.use). \(report.verdict.reason)", seconds]
    }

    static func text(_ summary: SeedSummary) -> String {
        let hasGap = summary.strategies.contains { $0.gapPercent != nil }
        let isRecorded = summary.strategies.contains { $0.rmseReduction != nil }
        let names = ["price", "sd", "ES 99 %"] + (hasGap ? ["gap %"] : []) + (isRecorded ? ["RMSE red."] : [])
        var table = TextTable(header: ["mean / worst of \(summary.runs.count) seeds"] + names)
        for row in summary.strategies {
            func cell(_ spread: SeedSummary.Spread?, _ show: (Double) -> String = { TextTable.number($0) }) -> String {
                spread.map { "\(show($0.mean)) / \(show($0.worst))" } ?? ""
            }
            table.rows.append(
                [row.name, cell(row.price), cell(row.standardDeviation), cell(row.expectedShortfall99)]
                    + (hasGap ? [cell(row.gapPercent) { String(format: "%.3f", $0) }] : [])
                    + (isRecorded ? [cell(row.rmseReduction, TextTable.percent)] : []))
        }
        let exact = summary.exactPrice.map { "\nexact optimum \(TextTable.number($0, 5))" } ?? ""
        return "\n\(summary.experiment), seeds \(summary.seeds.map(String.init).joined(separator: ", "))\n\n\(table.text)\(exact)\n"
    }

    static func grouped(_ count: Int) -> String {
        var digits = String(count)
        var position = digits.count - 3
        while position > 0 {
            digits.insert(" ", at: digits.index(digits.startIndex, offsetBy: position))
            position -= 3
        }
        return digits
    }
}
