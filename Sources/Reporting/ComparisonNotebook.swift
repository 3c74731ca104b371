import Market
import Store

/// The notebook of one comparison. Its cells read the tables beside it, with outputs drawn here until Python runs them.
struct ComparisonNotebook {
    let tables: ComparisonTables
    let findings: ComparisonFindings
    let plots: ComparisonPlots

    init(_ tables: ComparisonTables) {
        self.tables = tables
        findings = ComparisonFindings(tables)
        plots = ComparisonPlots(tables)
    }

    var notebook: Notebook {
        var notebook = Notebook()
        notebook.markdown(
            "title",
            """
            # \(tables.name): learned beside analytic hedges

            \(tables.about)

            **\(findings.summary).**

            Amounts are in \(tables.unit). *Profit* is the seller's, costs paid and the premium not included; *price* is the \(tables.riskMeasure) \
            of the seller's loss, loss positive: the least premium to charge. Positions are signed, sold is negative. A *hedge ratio* is per unit \
            sold. Every strategy ran on the same paths and paid the same costs; brackets and `low`, `high` are \
            \(DecimalText.significant(tables.confidence * 100, digits: 3)) % intervals.
            """)
        notebook.code("parameters", "data = \".\"  # folder of the tables, beside this notebook", tags: ["parameters"])
        notebook.code("setup", setup)
        addTables(to: &notebook)
        addPlots(to: &notebook)
        notebook.markdown(
            "provenance",
            """
            ## Where this comes from

            `run.json` beside this notebook holds the experiment, seed, versions, checksums of the data and the machine; `hedge reproduce \(tables.name)` \
            runs it again. Every table is there as Parquet and as CSV.
            """)
        return notebook
    }

    private func addTables(to notebook: inout Notebook) {
        notebook.markdown("strategies-text", "## Strategies side by side\n\n\(findings.summary).")
        notebook.code(
            "strategies",
            """
            strategies = table("strategies")
            strategies.set_index("strategy").drop(columns="learned").style.format(precision=5, na_rep="").apply(
                lambda row: ["font-weight: bold" if row.name in learned else ""] * len(row), axis=1)
            """, outputs: [Self.output(tables.files[0].table, without: ["learned"])])
        if let differences = tables.files.first(where: { $0.name == "differences" })?.table {
            notebook.markdown("differences-text", "## Paired differences\n\n\(findings.differences).")
            notebook.code(
                "differences", "table(\"differences\").set_index([\"strategy\", \"against\", \"measure\"]).style.format(precision=6)",
                outputs: [Self.output(differences)])
        }
    }

    private func addPlots(to notebook: inout Notebook) {
        if let figure = plots.profits {
            notebook.markdown("profits-text", "## Profit and loss\n\n\(findings.profits).")
            notebook.code("profits", profitsCode, outputs: [.svg(figure.svg)])
        }
        if let figure = plots.hedgeRatios {
            notebook.markdown("hedge-ratios-text", "## Hedge ratio against moneyness and time\n\n\(findings.hedgeRatios).")
            notebook.code("hedge-ratios", hedgeRatiosCode, outputs: [.svg(figure.svg)])
        }
        if let figure = plots.frontier {
            notebook.markdown("frontier-text", "## Cost against risk\n\n\(findings.frontier).")
            notebook.code("frontier", frontierCode, outputs: [.svg(figure.svg)])
        } else if !tables.frontier.isEmpty {
            notebook.markdown(
                "frontier-text",
                "## Cost against risk\n\nTrading costs nothing in this experiment: the hedge that leaves the least risk is the best one.")
        }
        if let figure = plots.surface {
            notebook.markdown("surface-text", "## Volatility surface and its quotes\n\n\(findings.surface).")
            notebook.code("surface", surfaceCode, outputs: [.svg(figure.svg)])
        }
        if let months = tables.files.first(where: { $0.name == "months" })?.table {
            notebook.markdown("months-text", "## Month by month\n\n\(findings.months).")
            notebook.code(
                "months", "months = table(\"months\")\nmonths.set_index([\"month\", \"strategy\"]).style.format(precision=4, na_rep=\"\")",
                outputs: [Self.output(months)])
            if let figure = plots.months { notebook.code("months-plot", monthsCode, outputs: [.svg(figure.svg)]) }
        }
    }

    // MARK: - Cells

    private var setup: String {
        let colours = ComparisonPlots.colours(tables).map { "    \(Self.literal($0.strategy)): \(Self.literal($0.colour)),\n" }.joined()
        let learned = tables.strategies.filter(\.isLearned).map { Self.literal($0.name) }.joined(separator: ", ")
        return """
            import os
            import sys
            import textwrap
            from pathlib import Path

            import matplotlib

            if "ipykernel" not in sys.modules and not os.environ.get("DISPLAY"):
                matplotlib.use("Agg")  # no screen: draw into memory
            import matplotlib.pyplot as plt
            import numpy as np
            import pandas as pd
            from matplotlib.ticker import PercentFormatter

            folder = Path(data)
            learned = [\(learned)]
            colours = {
            \(colours)}
            plt.rcParams.update({
                "figure.dpi": 110, "axes.spines.top": False, "axes.spines.right": False, "axes.grid": True, "axes.axisbelow": True,
                "grid.color": "\(Palette.grid)", "axes.edgecolor": "\(Palette.faint)", "axes.titlelocation": "left", "axes.titlesize": 10,
                "figure.titlesize": 12, "legend.frameon": False, "font.size": 9,
            })


            def table(name):
                \"\"\"One table of this run, from Parquet where pandas can read it, else from CSV.\"\"\"
                try:
                    return pd.read_parquet(folder / f"{name}.parquet")
                except ImportError:
                    return pd.read_csv(folder / f"{name}.csv", keep_default_na=name != "frontier")


            def style(strategy):
                \"\"\"Learned strategies are drawn thick and on top.\"\"\"
                emphasis = strategy in learned
                return {"color": colours[strategy], "linewidth": 2.4 if emphasis else 1.4, "zorder": 3 if emphasis else 2}


            def show(figure, title, subtitle=""):
                \"\"\"The finding over the picture, both from the left edge.\"\"\"
                lines = textwrap.wrap(title, int(12 * figure.get_figwidth()))
                figure.suptitle("\\n".join(lines) + ("\\n" if subtitle else ""), x=0.01, ha="left", fontweight="bold")
                if subtitle:
                    top = (0.13 + 0.21 * len(lines)) / figure.get_figheight()
                    figure.text(0.01, 1 - top, subtitle, ha="left", va="top", color="\(Palette.faint)")
                plt.show()
            """
    }

    private var profitsCode: String {
        let marked = [findings.learned, findings.reference].compactMap { $0?.name }.map(Self.literal).joined(separator: ", ")
        return """
            profits = table("profits").drop(columns="path")
            if len(profits.columns) > 1:
                profits = profits.drop(columns="none", errors="ignore")
            edges = np.linspace(profits.quantile(0.005).min(), profits.quantile(0.995).max(), 61)
            figure, axes = plt.subplots(figsize=(10, 4.2), layout="constrained")
            for name, sample in profits.items():
                shares = np.histogram(sample, edges)[0] / len(sample)
                axes.stairs(shares, edges, label=name, **style(name))
                if name in learned:
                    axes.stairs(shares, edges, fill=True, color=colours[name], alpha=0.16)
            for name in [\(marked)]:
                if name in profits:
                    worst = profits[name].nsmallest(max(int(np.ceil(0.05 * len(profits))), 1)).mean()
                    axes.axvline(worst, color=colours[name], linestyle=":", linewidth=1.4, label=f"{name},\\nmean of worst 5 %: {worst:.4g}")
            axes.set(xlabel=\(Self.literal("net profit of the seller, \(tables.unit) (losses to the left)")), ylabel="share of paths")
            axes.yaxis.set_major_formatter(PercentFormatter(1))
            axes.legend(loc="upper left", bbox_to_anchor=(1, 1))
            show(figure, \(Self.literal(findings.profits)),
                 f"{len(profits)} of the paths, the same for every strategy; costs paid, premium not included")
            """
    }

    private var hedgeRatiosCode: String {
        """
        ratios = table("hedge-ratios").dropna().query("strategy != 'none'")
        times = np.sort(ratios["timeToExpiry"].unique())
        moneyness = ratios["logMoneyness"].unique()
        at_the_money = moneyness[np.abs(moneyness).argmin()]
        figure, panels = plt.subplots(1, 3, figsize=(13, 3.8), layout="constrained")
        for axes, time in zip(panels, [times[len(times) // 2], times[0]]):
            for name, grid in ratios[ratios["timeToExpiry"] == time].groupby("strategy", sort=False):
                axes.plot(grid["logMoneyness"], grid["hedgeRatio"], label=name, linestyle="-" if name in learned else "--", **style(name))
            axes.set(title=f"days to expiry: {365 * time:.2g}", xlabel="ln(K/F)", ylabel="hedge ratio per sold unit")
        for name, grid in ratios[ratios["logMoneyness"] == at_the_money].groupby("strategy", sort=False):
            panels[2].plot(365 * grid["timeToExpiry"], grid["hedgeRatio"], label=name, linestyle="-" if name in learned else "--", **style(name))
        panels[2].set(title=f"ln(K/F) = {at_the_money:.2f}", xlabel="days to expiry", ylabel="hedge ratio per sold unit")
        panels[0].legend()
        show(figure, \(Self.literal(findings.hedgeRatios)), "units held against one unit sold; a sold call's Black-Scholes ratio is +N(d1)")
        """
    }

    private var frontierCode: String {
        return """
            frontier = table("frontier")
            figure, axes = plt.subplots(figsize=(9, 4.4), layout="constrained")
            for name, points in frontier.sort_values("tradingCost").groupby("strategy", sort=False):
                axes.plot(points["tradingCost"], points["risk"], marker="o", markersize=9 if name in learned else 6, markeredgecolor="white", **style(name))
                axes.annotate(name, points[["tradingCost", "risk"]].iloc[0], xytext=(8, 5), textcoords="offset points", color=colours[name],
                              fontweight="bold" if name in learned else "normal")
            axes.margins(x=0.15, y=0.12)
            axes.set(xlabel=\(Self.literal("mean trading cost, \(tables.unit)")), ylabel=\(Self.literal("standard deviation of net profit, \(tables.unit)")))
            show(figure, \(Self.literal(findings.frontier)),
                 "down and to the left is better; points of one strategy are settings of it")
            """
    }

    private var surfaceCode: String {
        """
        fitted, quotes = table("surface-fit"), table("surface-quotes")
        expiries = fitted.sort_values("timeToExpiry").drop_duplicates("expiry").head(12)
        columns = min(3, len(expiries))
        rows = -(-len(expiries) // columns)
        figure, panels = plt.subplots(rows, columns, figsize=(4.3 * columns, 2.9 * rows + 0.4), layout="constrained", squeeze=False)
        for axes in panels.flat[len(expiries):]:
            axes.set_visible(False)
        for axes, (expiry, time) in zip(panels.flat, expiries[["expiry", "timeToExpiry"]].itertuples(index=False)):
            curve, market = fitted[fitted["expiry"] == expiry], quotes[quotes["expiry"] == expiry].dropna()
            axes.vlines(market["logMoneyness"], market["bid"], market["ask"], color="\(Palette.quotes)", linewidth=2.2, label="bid to ask")
            axes.plot(curve["logMoneyness"], curve["volatility"], color="\(Palette.learned)", linewidth=1.8, label="fitted")
            axes.set(title=f"{expiry}, {365 * time:.3g} days", xlabel="ln(K/F)", ylabel="implied volatility")
            axes.yaxis.set_major_formatter(PercentFormatter(1))
        panels[0, 0].legend()
        show(figure, \(Self.literal(findings.surface)))
        """
    }

    private var monthsCode: String {
        """
        figure, axes = plt.subplots(figsize=(9, 3.8), layout="constrained")
        for name, row in months[months["strategy"] != "none"].groupby("strategy", sort=False):
            axes.plot(row["month"], row["rmseReduction"], marker="o", label=name, **style(name))
        axes.set(ylabel="error removed")
        axes.yaxis.set_major_formatter(PercentFormatter(1))
        axes.legend()
        show(figure, \(Self.literal(findings.months)), "share of the unhedged root mean square error that each hedge removes; higher is better")
        """
    }

    /// A Python string.
    private static func literal(_ text: String) -> String {
        "\"" + text.flatMap { $0 == "\"" || $0 == "\\" ? ["\\", $0] : $0 == "\n" ? ["\\", "n"] : [$0] } + "\""
    }

    // MARK: - Outputs

    /// A table as pandas would show it.
    static func output(_ table: DataTable, without dropped: [String] = []) -> Notebook.Output {
        let columns = table.columns.filter { !dropped.contains($0.name) }
        func cell(_ column: DataTable.Column, _ row: Int) -> String {
            switch column.values {
            case .integers(let values): String(values[row])
            case .numbers(let values): values[row].isNaN ? "" : DecimalText.significant(values[row], digits: 6)
            case .times(let values): values[row].iso8601
            case .texts(let values): values[row]
            }
        }
        func escaped(_ text: String) -> String {
            text.map { $0 == "&" ? "&amp;" : $0 == "<" ? "&lt;" : $0 == ">" ? "&gt;" : String($0) }.joined()
        }
        func isText(_ column: DataTable.Column) -> Bool { if case .texts = column.values { true } else { false } }
        var text = TextTable(columns.map { .init($0.name, isText($0) ? .left : .right) })
        for row in 0..<table.count { text.add(columns.map { cell($0, row) }) }
        var html = "<table>\n<thead><tr>" + columns.map { "<th>\(escaped($0.name))</th>" }.joined() + "</tr></thead>\n<tbody>\n"
        for row in 0..<table.count {
            html +=
                "<tr>" + columns.map { isText($0) ? "<th>\(escaped(cell($0, row)))</th>" : "<td>\(cell($0, row))</td>" }.joined()
                + "</tr>\n"
        }
        return .html(html + "</tbody>\n</table>", text: text.text())
    }
}
