import Store

/// The pictures of a comparison, drawn here; the notebook's cells draw the same ones with matplotlib.
struct ComparisonPlots {
    let tables: ComparisonTables
    let findings: ComparisonFindings
    private let colours: [String: String]

    init(_ tables: ComparisonTables) {
        self.tables = tables
        findings = ComparisonFindings(tables)
        colours = Dictionary(uniqueKeysWithValues: Self.colours(tables).map { ($0.strategy, $0.colour) })
    }

    /// One colour for every strategy that any part names.
    static func colours(_ tables: ComparisonTables) -> [(strategy: String, colour: String)] {
        var names: [String] = []
        let all =
            tables.strategies.map(\.name) + tables.profits.map(\.strategy) + tables.hedgeRatios.map(\.strategy)
            + tables.frontier.map(\.strategy) + tables.months.map(\.strategy)
        for name in all where !names.contains(name) { names.append(name) }
        return Palette.colours(names)
    }

    private func colour(_ strategy: String) -> String { colours[strategy] ?? Palette.faint }

    private func isLearned(_ strategy: String) -> Bool { tables.strategies.contains { $0.name == strategy && $0.isLearned } }

    /// Net profit of the seller: shares of paths per bin, the mean of the worst 5 % marked.
    var profits: SVGFigure? {
        let drawn = tables.profits.filter { $0.strategy != "none" || tables.profits.count == 1 }
        guard !drawn.isEmpty, drawn[0].values.count > 1 else { return nil }
        let edges = Self.edges(drawn.map(\.values))
        let series = drawn.map { sample in
            SVGPanel.Series(
                sample.strategy, colour: colour(sample.strategy), .bars, x: edges, y: Self.shares(sample.values, edges: edges),
                isEmphasised: isLearned(sample.strategy))
        }
        let marked = drawn.filter { isLearned($0.strategy) || $0.strategy == findings.reference?.name }
        let references = marked.map { sample in
            let loss = ComparisonFindings.expectedShortfall(sample.values)
            return SVGPanel.Reference(
                .vertical, -loss, label: "\(sample.strategy), worst 5 %: \(DecimalText.significant(-loss, digits: 4))",
                colour: colour(sample.strategy))
        }
        return SVGFigure(
            title: findings.profits,
            subtitle: "\(drawn[0].values.count) of the paths, the same for every strategy; costs paid, premium not included",
            panels: [
                SVGPanel(
                    xLabel: "net profit of the seller, \(tables.unit) (losses to the left)", yLabel: "share of paths", series: series,
                    references: references, xRange: edges[0]...edges[edges.count - 1], yIsShare: true)
            ])
    }

    /// 60 bins over all but the outermost 0.5 % on both sides of every strategy's profits.
    static func edges(_ samples: [[Double]], bins: Int = 60) -> [Double] {
        var low = Double.infinity
        var high = -Double.infinity
        for sample in samples {
            let sorted = sample.sorted()
            let cut = sorted.count / 200
            low = min(low, sorted[cut])
            high = max(high, sorted[sorted.count - 1 - cut])
        }
        if low == high { (low, high) = (low - 0.5, high + 0.5) }
        return (0...bins).map { low + (high - low) * Double($0) / Double(bins) }
    }

    static func shares(_ values: [Double], edges: [Double]) -> [Double] {
        let bins = edges.count - 1
        let (low, high) = (edges[0], edges[bins])
        var counts = [Int](repeating: 0, count: bins)
        for value in values where value >= low && value <= high {
            counts[min(Int((value - low) / (high - low) * Double(bins)), bins - 1)] += 1
        }
        return counts.map { Double($0) / Double(values.count) }
    }

    /// Against moneyness in the middle and near the end of the life, and against time at the money.
    var hedgeRatios: SVGFigure? {
        guard let first = tables.hedgeRatios.first, !first.logMoneyness.isEmpty, !first.timeToExpiry.isEmpty else { return nil }
        func series(_ values: (ComparisonTables.HedgeRatios) -> (x: [Double], y: [Double])) -> [SVGPanel.Series] {
            tables.hedgeRatios.filter { $0.strategy != "none" }.map { grid in
                let (x, y) = values(grid)
                return SVGPanel.Series(
                    grid.strategy, colour: colour(grid.strategy), isLearned(grid.strategy) ? .line : .dashedLine, x: x, y: y,
                    isEmphasised: isLearned(grid.strategy))
            }
        }
        func days(_ years: Double) -> String { "days to expiry: \(DecimalText.significant(years * 365, digits: 2))" }
        let middle = first.timeToExpiry.count / 2
        func againstMoneyness(_ index: Int) -> SVGPanel {
            SVGPanel(
                title: days(first.timeToExpiry[index]), xLabel: "ln(K/F)", yLabel: "hedge ratio per sold unit",
                series: series { ($0.logMoneyness, $0.ratios[min(index, $0.ratios.count - 1)]) })
        }
        let atTheMoney = first.logMoneyness.indices.min { first.logMoneyness[$0].magnitude < first.logMoneyness[$1].magnitude } ?? 0
        let moneyness = DecimalText.fixed(first.logMoneyness[atTheMoney], decimals: 2)
        let againstTime = SVGPanel(
            title: "ln(K/F) = \(moneyness)", xLabel: "days to expiry", yLabel: "hedge ratio per sold unit",
            series: series { grid in (grid.timeToExpiry.map { $0 * 365 }, grid.ratios.map { $0[min(atTheMoney, $0.count - 1)] }) })
        return SVGFigure(
            title: findings.hedgeRatios, subtitle: "units held against one unit sold; a sold call's Black-Scholes ratio is +N(d1)",
            panels: [againstMoneyness(middle), againstMoneyness(0), againstTime], columns: 3, panelWidth: 400, panelHeight: 320)
    }

    var frontier: SVGFigure? {
        guard tables.frontier.contains(where: { $0.tradingCost > 0 }) else { return nil }
        var names: [String] = []
        for point in tables.frontier where !names.contains(point.strategy) { names.append(point.strategy) }
        let series = names.flatMap { name -> [SVGPanel.Series] in
            let points = tables.frontier.filter { $0.strategy == name }.sorted { $0.tradingCost < $1.tradingCost }
            let (x, y) = (points.map(\.tradingCost), points.map(\.risk))
            let line = SVGPanel.Series("", colour: colour(name), .line, x: x, y: y)
            let labels = points.enumerated().map { $0.offset == 0 ? name : "" }
            let dots = SVGPanel.Series("", colour: colour(name), .points, x: x, y: y, labels: labels, isEmphasised: isLearned(name))
            return points.count > 1 ? [line, dots] : [dots]
        }
        return SVGFigure(
            title: findings.frontier, subtitle: "down and to the left is better; points of one strategy are settings of it",
            panels: [
                SVGPanel(
                    xLabel: "mean trading cost, \(tables.unit)", yLabel: "standard deviation of net profit, \(tables.unit)", series: series)
            ])
    }

    /// At most twelve expiries, the shortest first.
    var surface: SVGFigure? {
        let slices = tables.surface.sorted { $0.timeToExpiry < $1.timeToExpiry }.prefix(12)
        guard !slices.isEmpty else { return nil }
        let panels = slices.map { slice in
            SmileFigure.panel(slice, title: "\(slice.expiry), \(DecimalText.significant(slice.timeToExpiry * 365, digits: 3)) days")
        }
        return SVGFigure(
            title: findings.surface, panels: panels, columns: min(3, panels.count), panelWidth: panels.count == 1 ? 760 : 380,
            panelHeight: 270)
    }

    var months: SVGFigure? {
        let names = Array(Set(tables.months.map(\.month))).sorted()
        guard names.count > 1 else { return nil }
        var strategies: [String] = []
        for row in tables.months where row.strategy != "none" && !strategies.contains(row.strategy) { strategies.append(row.strategy) }
        let series = strategies.map { name in
            let values = names.map { month in
                tables.months.first { $0.month == month && $0.strategy == name }?.figures.first { $0.name == "rmseReduction" }?.value
                    ?? .nan
            }
            return SVGPanel.Series(
                name, colour: colour(name), .line, x: names.indices.map { Double($0) }, y: values, isEmphasised: isLearned(name))
        }
        guard series.contains(where: { $0.y.contains(where: \.isFinite) }) else { return nil }
        return SVGFigure(
            title: findings.months, subtitle: "share of the unhedged root mean square error that each hedge removes; higher is better",
            panels: [
                SVGPanel(xLabel: "month", yLabel: "error removed", series: series, xNames: names, yIsShare: true)
            ])
    }
}
