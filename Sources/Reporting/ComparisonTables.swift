public import Store

/// All that a report of one comparison shows, as plain numbers: strategies side by side on the same paths or recorded intervals.
///
/// Any part may be empty; the report then leaves its section out.
public struct ComparisonTables: Sendable, Equatable {
    /// A number and its name, in the order columns shall have. Names are those of `hedge compare --json`.
    public struct Figure: Sendable, Equatable {
        public var name: String
        /// NaN where there is none.
        public var value: Double

        public init(_ name: String, _ value: Double) {
            self.name = name
            self.value = value
        }
    }

    /// One line of the result table.
    public struct Strategy: Sendable, Equatable {
        public var name: String
        public var isLearned: Bool
        /// `price`, `tradingCost` and `standardDeviation` are drawn where they are present.
        public var figures: [Figure]

        public init(_ name: String, isLearned: Bool, figures: [Figure]) {
            self.name = name
            self.isLearned = isLearned
            self.figures = figures
        }

        public subscript(figure: String) -> Double? { figures.first { $0.name == figure }?.value }
    }

    public struct Exact: Sendable, Equatable {
        public var price: Double
        /// `dynamic-programming`.
        public var method: String

        public init(price: Double, method: String) {
            self.price = price
            self.method = method
        }
    }

    /// Net profit of the seller on each sampled path, premium not included, costs paid. Value i of every strategy is the same path.
    public struct Profits: Sendable, Equatable {
        public var strategy: String
        public var values: [Double]

        public init(_ strategy: String, _ values: [Double]) {
            self.strategy = strategy
            self.values = values
        }
    }

    /// The hedge ratio of one sold unit over a grid of states.
    public struct HedgeRatios: Sendable, Equatable {
        public var strategy: String
        /// ln(K/F), ascending.
        public var logMoneyness: [Double]
        /// Years, ascending.
        public var timeToExpiry: [Double]
        /// [times][moneyness]; NaN where the strategy has none.
        public var ratios: [[Double]]

        public init(_ strategy: String, logMoneyness: [Double], timeToExpiry: [Double], ratios: [[Double]]) {
            precondition(
                ratios.count == timeToExpiry.count && ratios.allSatisfy { $0.count == logMoneyness.count },
                "ratios must be \(timeToExpiry.count) rows of \(logMoneyness.count)")
            self.strategy = strategy
            self.logMoneyness = logMoneyness
            self.timeToExpiry = timeToExpiry
            self.ratios = ratios
        }
    }

    /// One rule at one setting of it: what it pays for trading and what risk it leaves.
    public struct FrontierPoint: Sendable, Equatable {
        /// Points of one strategy are joined by a line in the order given.
        public var strategy: String
        /// The setting, such as `aversion 1`; empty for a strategy without one.
        public var setting: String
        /// Mean over the paths.
        public var tradingCost: Double
        /// Standard deviation of the net profit.
        public var risk: Double

        public init(_ strategy: String, setting: String = "", tradingCost: Double, risk: Double) {
            self.strategy = strategy
            self.setting = setting
            self.tradingCost = tradingCost
            self.risk = risk
        }
    }

    /// One expiry of the volatility surface.
    public struct Slice: Sendable, Equatable {
        /// As people name it: `27 Mar 2026`.
        public var expiry: String
        /// Years.
        public var timeToExpiry: Double
        /// The fitted curve: ln(K/F) and volatility, annual decimal.
        public var fitted: [(logMoneyness: Double, volatility: Double)]
        /// The market's quotes as volatilities; NaN for a missing side.
        public var quotes: [(logMoneyness: Double, bid: Double, ask: Double)]

        public init(
            expiry: String, timeToExpiry: Double, fitted: [(logMoneyness: Double, volatility: Double)],
            quotes: [(logMoneyness: Double, bid: Double, ask: Double)]
        ) {
            self.expiry = expiry
            self.timeToExpiry = timeToExpiry
            self.fitted = fitted
            self.quotes = quotes
        }

        public static func == (a: Slice, b: Slice) -> Bool {
            a.expiry == b.expiry && a.timeToExpiry == b.timeToExpiry && a.fitted.elementsEqual(b.fitted, by: ==)
                && a.quotes.elementsEqual(b.quotes, by: ==)
        }
    }

    /// The learned strategy less another one, path by path.
    public struct Difference: Sendable, Equatable {
        public var strategy: String
        public var against: String
        public var measure: String
        public var difference: Double
        public var low: Double
        public var high: Double

        public init(_ strategy: String, against: String, measure: String, difference: Double, low: Double, high: Double) {
            self.strategy = strategy
            self.against = against
            self.measure = measure
            self.difference = difference
            self.low = low
            self.high = high
        }
    }

    /// One strategy in one month of recorded data.
    public struct Month: Sendable, Equatable {
        /// `2026-01`.
        public var month: String
        public var strategy: String
        public var figures: [Figure]

        public init(_ month: String, _ strategy: String, figures: [Figure]) {
            self.month = month
            self.strategy = strategy
            self.figures = figures
        }
    }

    /// Kebab-case, as the experiment names it.
    public var name: String
    /// One or two sentences: liability, instruments, market, costs, number of paths.
    public var about: String
    /// Currency of every amount: `USD`, `BTC`.
    public var unit: String
    /// What `price` measures: `entropic risk, aversion 1`.
    public var riskMeasure: String
    /// Coverage of every interval.
    public var confidence: Double
    public var exact: Exact?
    /// In the order they shall be listed.
    public var strategies: [Strategy]
    public var profits: [Profits]
    public var hedgeRatios: [HedgeRatios]
    public var frontier: [FrontierPoint]
    public var surface: [Slice]
    public var differences: [Difference]
    public var months: [Month]

    public init(
        name: String, about: String, unit: String, riskMeasure: String, confidence: Double = 0.95, exact: Exact? = nil,
        strategies: [Strategy],
        profits: [Profits] = [], hedgeRatios: [HedgeRatios] = [], frontier: [FrontierPoint] = [], surface: [Slice] = [],
        differences: [Difference] = [], months: [Month] = []
    ) {
        precondition(profits.allSatisfy { $0.values.count == profits[0].values.count }, "strategies have different numbers of paths")
        self.name = name
        self.about = about
        self.unit = unit
        self.riskMeasure = riskMeasure
        self.confidence = confidence
        self.exact = exact
        self.strategies = strategies
        self.profits = profits
        self.hedgeRatios = hedgeRatios
        self.frontier = frontier
        self.surface = surface
        self.differences = differences
        self.months = months
    }
}

extension ComparisonTables {
    /// The parts that have content, by the name of their file.
    public var files: [(name: String, table: DataTable)] {
        [
            ("strategies", strategyTable), ("differences", differenceTable), ("profits", profitTable), ("hedge-ratios", hedgeRatioTable),
            ("frontier", frontierTable), ("surface-fit", fittedTable), ("surface-quotes", quoteTable), ("months", monthTable),
        ].filter { $0.table.count > 0 }
    }

    private var strategyTable: DataTable {
        var table = DataTable()
        table.add("strategy", strategies.map(\.name))
        table.add("learned", strategies.map { $0.isLearned ? 1 : 0 })
        for (name, values) in Self.columns(strategies.map(\.figures)) { table.add(name, values) }
        return table
    }

    private var differenceTable: DataTable {
        var table = DataTable()
        table.add("strategy", differences.map(\.strategy))
        table.add("against", differences.map(\.against))
        table.add("measure", differences.map(\.measure))
        table.add("difference", differences.map(\.difference))
        table.add("low", differences.map(\.low))
        table.add("high", differences.map(\.high))
        return table
    }

    /// One column per strategy, one row per path.
    private var profitTable: DataTable {
        var table = DataTable()
        table.add("path", Array(0..<(profits.first?.values.count ?? 0)))
        for sample in profits { table.add(sample.strategy, sample.values) }
        return table
    }

    private var hedgeRatioTable: DataTable {
        var table = DataTable()
        let points = hedgeRatios.flatMap { grid in
            grid.timeToExpiry.indices.flatMap { time in
                grid.logMoneyness.indices.map { (grid.strategy, grid.logMoneyness[$0], grid.timeToExpiry[time], grid.ratios[time][$0]) }
            }
        }
        table.add("strategy", points.map(\.0))
        table.add("logMoneyness", points.map(\.1))
        table.add("timeToExpiry", points.map(\.2))
        table.add("hedgeRatio", points.map(\.3))
        return table
    }

    private var frontierTable: DataTable {
        var table = DataTable()
        table.add("strategy", frontier.map(\.strategy))
        table.add("setting", frontier.map(\.setting))
        table.add("tradingCost", frontier.map(\.tradingCost))
        table.add("risk", frontier.map(\.risk))
        return table
    }

    private var fittedTable: DataTable {
        var table = DataTable()
        table.add("expiry", surface.flatMap { slice in slice.fitted.map { _ in slice.expiry } })
        table.add("timeToExpiry", surface.flatMap { slice in slice.fitted.map { _ in slice.timeToExpiry } })
        table.add("logMoneyness", surface.flatMap { $0.fitted.map(\.logMoneyness) })
        table.add("volatility", surface.flatMap { $0.fitted.map(\.volatility) })
        return table
    }

    private var quoteTable: DataTable {
        var table = DataTable()
        table.add("expiry", surface.flatMap { slice in slice.quotes.map { _ in slice.expiry } })
        table.add("timeToExpiry", surface.flatMap { slice in slice.quotes.map { _ in slice.timeToExpiry } })
        table.add("logMoneyness", surface.flatMap { $0.quotes.map(\.logMoneyness) })
        table.add("bid", surface.flatMap { $0.quotes.map(\.bid) })
        table.add("ask", surface.flatMap { $0.quotes.map(\.ask) })
        return table
    }

    private var monthTable: DataTable {
        var table = DataTable()
        table.add("month", months.map(\.month))
        table.add("strategy", months.map(\.strategy))
        for (name, values) in Self.columns(months.map(\.figures)) { table.add(name, values) }
        return table
    }

    /// One column per figure name in order of first appearance, NaN where a row lacks it.
    static func columns(_ rows: [[Figure]]) -> [(String, [Double])] {
        var names: [String] = []
        for figure in rows.joined() where !names.contains(figure.name) { names.append(figure.name) }
        return names.map { name in (name, rows.map { row in row.first { $0.name == name }?.value ?? .nan }) }
    }
}
