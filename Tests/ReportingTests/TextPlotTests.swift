import Hedging
import Reporting
import Testing

@Suite struct TextPlotTests {
    static func plot(_ values: [Double], reference: Double? = nil) -> [String] {
        var plot = TextPlot(values.enumerated().map { (Double($0.offset), $0.element) }, reference: reference)
        plot.width = 4
        plot.height = 2
        return plot.text.split(separator: "\n", omittingEmptySubsequences: false).map(String.init)
    }

    @Test("a falling line runs from the upper left to the lower right, its ends are named")
    func falling() {
        // Eight dots by eight: each column's dot lies one lower than the last.
        #expect(plot([7, 0]) == ["7 ┤⠑⢄", "0 ┤  ⠑⢄", "  └────", "   0  1", ""])
    }

    @Test("a jump is a stroke, a level line a row, and a reference a dashed one where no curve is")
    func shapes() {
        let jump = Self.plot([1, 1, 0, 0])
        #expect(jump[0].hasPrefix("1 ┤⠉") && jump[1].hasSuffix("⣀"))
        #expect(
            Self.plot([2, 2]).filter { $0.contains("┤") || $0.contains("│") }.joined().filter { $0 >= "\u{2801}" && $0 <= "\u{28FF}" }.count
                == 4)
        #expect(Self.plot([7, 4], reference: 0)[1] == "0 ┤┄┄┄┄")
        #expect(Self.plot([1]) == [""] && Self.plot([.nan, 1]) == [""])
    }

    @Test("a level line stands in the middle beside its value, the only one named", arguments: [(0, "0"), (100, "100"), (-0.05, "-0.05")])
    func level(value: Double, name: String) {
        var plot = TextPlot([(1, value), (9, value)])
        (plot.width, plot.height) = (4, 3)
        let margin = String(repeating: " ", count: name.count)
        #expect(plot.text == "\(margin) │\n\(name) ┤⠤⠤⠤⠤\n\(margin) │\n\(margin) └────\n\(margin)  1  9\n")
    }

    private func plot(_ values: [Double]) -> [String] { Self.plot(values) }

    @Test("a training's curve holds its points, the exact optimum and the kept epoch, as picture, text and table")
    func curve() {
        let history = (1...8).map { TrainingReport.Point(epoch: 25 * $0, loss: 3 + 1 / Double($0), validation: 2.9 + 0.5 / Double($0)) }
        let report = TrainingReport(
            epochs: 200, end: .epochs, bestEpoch: 200, bestValidation: 2.9625, standardError: 0.01, history: history, parameterCount: 9,
            seconds: 1, pathStepsPerSecond: 1)
        let curve = TrainingCurve(name: "tiny", unit: "USD", objective: "entropic", training: report, exact: 2.88613)
        #expect(curve.table.count == 8 && curve.table.csv.contains("200,3.125,2.9625"))
        #expect(curve.figure.svg.contains("exact") && curve.figure.svg.contains("200 epochs, the best at 200"))
        #expect(!curve.figure.svg.contains("nan") && !curve.figure.svg.contains("inf"))
        #expect(curve.text.contains("3.4") && curve.text.contains("2.8861") && curve.text.contains("┄"))
    }
}
