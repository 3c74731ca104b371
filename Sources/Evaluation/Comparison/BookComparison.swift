public import Hedging
public import LinearAlgebra
public import Market
import Probability

/// One experiment on recorded books: many options sold and bought together, held for days, hedged by the perpetual and two listed options
/// that cost what their quotes say.
public struct BookComparison: Sendable {
    public let experiment: Experiment
    public let workers: Workers
    private let currency: Currency
    private let market: RecordedBookMarket

    /// - Parameter snapshots: In order of time; those before the days to judge on serve as history.
    public init(_ experiment: Experiment, snapshots: [MarketSnapshot], workers: Workers) throws {
        guard case .recorded(let settings) = experiment.market, case .randomBooks(let options, let count, let hold) = experiment.claim
        else {
            throw Experiment.SetupError.market("\(experiment.name) holds no recorded books")
        }
        self.experiment = experiment
        self.workers = workers
        currency = settings.currency
        var books = RecordedBookMarket.Settings()
        books.holdSnapshots = hold
        books.chargesUnwinding = experiment.costs.terminal
        books.from = settings.trainUntil.map { Timestamp($0).adding(days: 1) }
        market = try RecordedBookMarket(
            snapshots: snapshots, currency: currency, claim: .random(options: options, count: count), settings: books,
            seed: experiment.seed,
            workers: workers)
    }

    public func report() throws -> ComparisonOutcome {
        let start = ContinuousClock.now
        var strategies: [any HedgingStrategy] = []
        for name in experiment.evaluation.against {
            guard let strategy = RecordedBookStudy.strategy(named: name) else {
                throw Experiment.SetupError.market(
                    "the strategy \(name) does not hedge recorded books; those that do: \(RecordedBookStudy.strategyNames.joined(separator: ", "))"
                )
            }
            strategies.append(strategy)
        }
        let study = try RecordedBookStudy.run(strategies, on: market, workers: workers)
        // Profits alone: what a study tells of costs are means.
        let summaries = try study.strategies.map { result in
            let cost = result.optionCost + result.futureCost
            var summary = try StrategySummary(
                name: result.name,
                outcome: HedgingOutcome(
                    profit: result.profits, tradingCost: Array(repeating: cost, count: result.profits.count),
                    turnover: Array(repeating: 0, count: result.profits.count)),
                objective: experiment.objective)
            summary.books = BookFigures(result)
            return summary
        }
        let report = ComparisonReport(
            experiment: experiment.name, seed: experiment.seed, paths: study.books, objective: experiment.objective, premium: 0, exact: nil,
            strategies: summaries, paired: [], seconds: .init(train: 0, evaluate: (ContinuousClock.now - start) / .seconds(1)))
        return ComparisonOutcome(report: report, strategies: strategies, profits: study.strategies.map(\.profits))
    }
}

/// Figures of recorded books, coin; losses positive in risk measures.
public struct BookFigures: Sendable, Equatable, Codable {
    /// With hedge options at their marks at the end.
    public var expectedShortfall95: Double
    /// With hedge options closed at the quotes' sides at the end.
    public var unwoundExpectedShortfall95: Double
    /// Mean cost a book.
    public var optionCost: Double
    public var futureCost: Double

    public init(_ result: RecordedBookStudy.Result) {
        expectedShortfall95 = result.expectedShortfall95
        unwoundExpectedShortfall95 = result.unwoundExpectedShortfall95
        optionCost = result.optionCost
        futureCost = result.futureCost
    }
}
