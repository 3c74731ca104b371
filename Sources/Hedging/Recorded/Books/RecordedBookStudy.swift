public import LinearAlgebra
public import Market
import Probability
import RealModule

/// Strategies side by side on recorded books: what `hedge compare` prints for `random-books` and `book`.
public struct RecordedBookStudy: Sendable, Equatable {
    public var currency: Currency
    /// Books, each from one start.
    public var books: Int
    /// Start of each book.
    public var starts: [Timestamp]
    /// In the order asked for.
    public var strategies: [Result]

    /// One strategy's results. Coin; losses positive in risk measures.
    public struct Result: Sendable, Equatable {
        public var name: String
        /// Net of trading, hedge options at their marks at the end, of each book.
        public var profits: [Double]
        /// What closing the hedge options at the end would cost, of each book.
        public var unwindingCosts: [Double]
        /// Mean cost a book, of options and of the perpetual.
        public var optionCost: Double
        public var futureCost: Double
        public var standardDeviation: Double
        public var expectedShortfall95: Double
        /// With the hedge options closed at the quotes' sides at the end.
        public var unwoundExpectedShortfall95: Double

        /// Profits with the hedge options closed at the end.
        public var unwoundProfits: [Double] { zip(profits, unwindingCosts).map { $0 - $1 } }
        public var mean: Double { profits.isEmpty ? 0 : profits.reduce(0, +) / Double(profits.count) }
    }

    /// The strategies of recorded books by name, for books in coin; nil for a name that is none of ``strategyNames``.
    public static func strategy(named name: String) -> (any HedgingStrategy)? {
        switch name {
        case "delta-vega": SensitivityLeastSquares([.delta, .vega])
        case "delta-vega-gamma": SensitivityLeastSquares([.delta, .vega, .gamma])
        case "minimum-variance": ScenarioRidgeHedge(penalty: 0, instruments: 1)
        case "ridge": ScenarioRidgeHedge()
        case "optimizer": ScenarioOptimizer()
        case "none": NoHedge()
        case "delta": DeltaHedge(.plain)
        case "net-delta": DeltaHedge(.net)
        default: nil
        }
    }

    /// What ``strategy(named:)`` knows, in the order of a report.
    public static let strategyNames = [
        "none", "delta", "net-delta", "minimum-variance", "delta-vega", "delta-vega-gamma", "ridge", "optimizer",
    ]

    /// Books of a recording, and strategies on them: the one call behind `random-books` and `book`.
    ///
    /// - Throws: ``BookClaimError`` where the recording has no such book, `RiskError` where profits are not finite.
    public static func run(
        snapshots: [MarketSnapshot], currency: Currency, claim: BookClaim, strategies: [any HedgingStrategy],
        settings: RecordedBookMarket.Settings = .init(), seed: UInt64 = 1, workers: Workers = Workers(threads: 1)
    ) throws -> RecordedBookStudy {
        let market = try RecordedBookMarket(
            snapshots: snapshots, currency: currency, claim: claim, settings: settings, seed: seed, workers: workers)
        return try run(strategies, on: market, workers: workers)
    }

    /// Runs strategies on the same books and costs.
    public static func run(
        _ strategies: [any HedgingStrategy], on market: RecordedBookMarket, workers: Workers = Workers(threads: 1)
    ) throws(RiskError) -> RecordedBookStudy {
        var results: [Result] = []
        for strategy in strategies { results.append(try run(strategy, on: market, workers: workers)) }
        return RecordedBookStudy(
            currency: market.currency, books: market.paths.count, starts: market.paths.map(\.start), strategies: results)
    }

    private struct Block: Sendable {
        var profits: [Double] = []
        var optionCost: [Double] = []
        var futureCost: [Double] = []
        var unwinding: [Double] = []
    }

    private static func run(
        _ strategy: any HedgingStrategy, on market: RecordedBookMarket, workers: Workers
    ) throws(RiskError) -> Result {
        let size = 64
        let count = market.paths.count
        let blocks = workers.map(count: (count + size - 1) / size) { number in
            block(strategy, market.paths(number * size..<min(count, (number + 1) * size), features: strategy.inputs))
        }
        var all = Block()
        for block in blocks {
            all.profits += block.profits
            all.optionCost += block.optionCost
            all.futureCost += block.futureCost
            all.unwinding += block.unwinding
        }
        let losses = all.profits.map { -$0 }
        let unwound = zip(all.profits, all.unwinding).map { $1 - $0 }
        let mean = { (values: [Double]) in values.reduce(0, +) / Double(max(values.count, 1)) }
        return Result(
            name: strategy.name, profits: all.profits, unwindingCosts: all.unwinding, optionCost: mean(all.optionCost),
            futureCost: mean(all.futureCost), standardDeviation: try RiskMeasure.standardDeviation.value(losses: losses),
            expectedShortfall95: try RiskMeasure.expectedShortfall(level: 0.95).value(losses: losses),
            unwoundExpectedShortfall95: try RiskMeasure.expectedShortfall(level: 0.95).value(losses: unwound))
    }

    /// The rollout, with its costs told apart by instrument.
    private static func block(_ strategy: any HedgingStrategy, _ paths: any HedgingPaths) -> Block {
        var result = Block(
            optionCost: Array(repeating: 0, count: paths.count), futureCost: Array(repeating: 0, count: paths.count),
            unwinding: Array(repeating: 0, count: paths.count))
        var last: Matrix<Double>?
        var kinds: [HedgeInstrument.Kind] = []
        let outcome = Rollout.run(strategy, on: paths) { _, batch, target in
            kinds = batch.instruments.map(\.kind)
            for row in 0..<target.rows {
                for column in 0..<target.columns {
                    let units = target[row, column] - batch.holdings[row, column]
                    let cost = batch.unitCosts?.cost(ofTrade: units, row: row, column: column) ?? 0
                    if kinds[column] == .option { result.optionCost[row] += cost } else { result.futureCost[row] += cost }
                }
            }
            last = target
        }
        result.profits = outcome.profit
        if let last, let costs = paths.finalUnitCosts, !paths.chargesUnwinding {
            for row in 0..<last.rows {
                for column in 0..<last.columns where kinds[column] == .option {
                    result.unwinding[row] += costs.cost(ofTrade: -last[row, column], row: row, column: column)
                }
            }
        }
        return result
    }
}
