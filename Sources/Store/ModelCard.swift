/// The page that a person reads before using a model: `README.md` beside its weights.
public struct ModelCard: Sendable {
    public let record: ModelRecord
    /// The picture of the training beside the card; nil where there is none.
    public let curveFile: String?

    public init(_ record: ModelRecord, curveFile: String? = nil) {
        self.record = record
        self.curveFile = curveFile
    }

    public var markdown: String {
        let metrics = record.metrics
        var lines = [
            "# \(record.name), version \(record.version)", "", record.notes.hedges, "", "## How it was trained", "", record.notes.training,
        ]
        if let curveFile { lines += ["", "![The objective by epoch](\(curveFile))"] }
        lines += [
            "", "| | |", "|---|---|", "| seed | \(record.seed) |", "| trained | \(record.trainedAt) |",
            "| code | `\(record.codeVersion)` |",
            "| features | \(record.featureSchema.names.map { "`\($0)`" }.joined(separator: ", ")) |",
            "| feature schema | `\(record.featureSchema.hash.prefix(16))` |",
        ]
        for data in record.data { lines.append("| data | \(data.name), SHA-256 `\(data.sha256.prefix(16))` |") }
        if record.data.isEmpty { lines.append("| data | simulated; seed and experiment determine every path |") }

        lines += [
            "", "## How it does", "",
            "Evaluated on \(metrics.evaluatedOn). Figures in \(metrics.unit); loss is positive in risk measures. ",
        ]
        let percent = Self.figure(metrics.confidence * 100)
        lines[lines.count - 1] += "Brackets hold \(percent) % intervals. Every strategy ran on the same paths and paid the same costs."
        lines += ["", Self.table(metrics.rows)]
        if let exact = metrics.exact {
            lines += ["", "The exact optimum of \(exact.measure) is **\(DecimalText.significant(exact.value, digits: 7))**."]
        }
        if !metrics.differences.isEmpty {
            lines += [
                "", "Difference to this model, path by path (this model less the other):", "", "| against | measure | difference |",
                "|---|---|---:|",
            ]
            lines += metrics.differences.map { "| \($0.against) | \($0.difference.measure) | \(Self.cell($0.difference)) |" }
        }
        if let verdict = record.notes.verdict { lines += ["", "**\(verdict)**"] }
        lines += ["", "## Limits", ""] + record.notes.limits.map { "- \($0)" }
        lines += [
            "", "## How to use it", "", "```sh",
            "hedge recommend --market MARKET.json --book BOOK.json --model \(record.name)@\(record.version)",
            "hedge models show \(record.name)@\(record.version)", "```", "",
            "`model.json` holds the whole record: policy, standardiser, experiment, metrics and checksums. The weights are plain numbers in "
                + "`weights.safetensors`; any safetensors reader opens them.",
        ]
        return lines.joined(separator: "\n") + "\n"
    }

    /// One line per strategy, one column per measure, this model's lines in bold.
    static func table(_ rows: [ModelMetrics.Row]) -> String {
        var measures: [String] = []
        for figure in rows.flatMap(\.figures) where !measures.contains(figure.measure) { measures.append(figure.measure) }
        var lines = ["| strategy | " + measures.joined(separator: " | ") + " |", "|---|" + measures.map { _ in "---:|" }.joined()]
        for row in rows {
            let cells = measures.map { measure in row.figures.first { $0.measure == measure }.map(Self.cell) ?? "" }
            lines.append("| \(row.isLearned ? "**\(row.strategy)**" : row.strategy) | " + cells.joined(separator: " | ") + " |")
        }
        return lines.joined(separator: "\n")
    }

    static func cell(_ figure: ModelMetrics.Figure) -> String {
        guard let low = figure.low, let high = figure.high else { return Self.figure(figure.value) }
        return "\(Self.figure(figure.value)) [\(Self.figure(low)), \(Self.figure(high))]"
    }

    /// Five significant digits, no exponent for figures of ordinary size.
    static func figure(_ value: Double) -> String { DecimalText.significant(value, digits: 5) }
}
