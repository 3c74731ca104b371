public import Hedging
public import Store

/// How a training went: the objective on the paths it learned from and on those apart, epoch by epoch.
public struct TrainingCurve: Sendable, Equatable {
    public var name: String
    /// Unit of the objective.
    public var unit: String
    /// What the objective is: `entropic(aversion: 1.0)`.
    public var objective: String
    public var training: TrainingReport
    /// The optimum of the objective, where theory knows it.
    public var exact: Double?

    public init(name: String, unit: String, objective: String, training: TrainingReport, exact: Double? = nil) {
        self.name = name
        self.unit = unit
        self.objective = objective
        self.training = training
        self.exact = exact
    }

    private var points: [TrainingReport.Point] { training.history }

    public var figure: SVGFigure {
        let epochs = points.map { Double($0.epoch) }
        let validations = points.map(\.validation)
        let series = [
            SVGPanel.Series("paths of each epoch, latest weights", colour: Palette.faint, .line, x: epochs, y: points.map(\.loss)),
            SVGPanel.Series("paths apart, mean weights", colour: Palette.learned, .line, x: epochs, y: validations, isEmphasised: true),
            SVGPanel.Series(
                "kept", colour: Palette.learned, .points, x: [Double(training.bestEpoch)], y: [training.bestValidation], isEmphasised: true),
        ]
        let references = exact.map { [SVGPanel.Reference(.horizontal, $0, label: "exact", colour: Palette.exact)] } ?? []
        // The first epochs' losses would leave no height to what matters.
        let low = min(validations.min() ?? 0, exact ?? .infinity, points.map(\.loss).min() ?? .infinity)
        let high = validations.max() ?? 1
        let margin = max(0.05 * (high - low), 1e-9)
        return SVGFigure(
            title: "\(name): \(training.epochs) epochs, the best at \(training.bestEpoch)",
            subtitle: "\(objective) of the seller's loss, epoch by epoch",
            panels: [
                SVGPanel(
                    xLabel: "epoch", yLabel: unit.isEmpty ? "objective" : "objective, \(unit)", series: series, references: references,
                    yRange: low - margin...high + margin)
            ])
    }

    /// For a terminal; empty where there are fewer than two validations.
    public var text: String { TextPlot(points.map { (Double($0.epoch), $0.validation) }, reference: exact).text }

    public var table: DataTable {
        var table = DataTable()
        table.add("epoch", points.map(\.epoch))
        table.add("loss", points.map(\.loss))
        table.add("validation", points.map(\.validation))
        return table
    }
}
