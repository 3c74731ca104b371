public import Hedging
public import LinearAlgebra
public import Market
import Probability

/// One experiment on recorded intervals: hedges that learn are fitted on the days up to `trainUntil`, all are judged on the days after.
public struct RecordedComparison: Sendable {
    public let experiment: Experiment
    public let settings: RecordedSettings
    public let market: RecordedOptionMarket
    public let workers: Workers
    /// The paths that hedges may learn from, empty where nothing is said of training, and those everyone is judged on.
    public let learning: Range<Int>
    public let judging: Range<Int>

    /// - Parameter snapshots: In order of time, of the experiment's currency and days.
    public init(_ experiment: Experiment, snapshots: [MarketSnapshot], workers: Workers) throws(Experiment.SetupError) {
        guard case .recorded(let settings) = experiment.market else { throw .market("\(experiment.name) runs on a simulated market") }
        self.experiment = experiment
        self.settings = settings
        self.workers = workers
        var marketSettings = RecordedOptionMarket.Settings(
            hedge: experiment.instruments.contains { $0.kind == .perpetual } ? .perpetual : .future,
            prices: settings.prices == .mid ? .mid : .mark)
        marketSettings.cost = TradingCost(
            proportional: experiment.instruments[0].proportional ?? experiment.costs.proportional, fixed: experiment.costs.fixed)
        marketSettings.chargesUnwinding = experiment.costs.terminal
        market = RecordedOptionMarket(snapshots: snapshots, currency: settings.currency, settings: marketSettings)
        if let last = settings.trainUntil {
            let boundary = Timestamp(last).adding(days: 1)
            learning = market.paths(to: boundary)
            judging = market.paths(from: boundary)
        } else {
            learning = 0..<0
            judging = 0..<market.contracts.count
        }
        guard !judging.isEmpty else {
            throw .market("no liquid interval of \(settings.currency.rawValue) lies in the days to judge on; widen from, to or trainUntil")
        }
    }

    /// Trains the experiment's policy on the learning days; the last fifth of them chooses the epoch. Nil where there are none.
    public func train(
        startingWith fitted: LearnedHedge? = nil, from state: TrainingState? = nil, progress: (TrainingProgress) -> Void = { _ in },
        checkpoint: (TrainingState, TrainingReport.End?) throws -> Void = { _, _ in }, isCancelled: () -> Bool = { false }
    ) throws -> (hedge: LearnedHedge, report: TrainingReport)? {
        guard !learning.isEmpty else { return nil }
        let boundary = learning.lowerBound + learning.count * 4 / 5
        let trainer = try experiment.trainer(on: market)
        return try trainer.fit(
            experiment.objective, market: MarketSlice(market, learning.lowerBound..<boundary),
            validation: MarketSlice(market, boundary..<learning.upperBound),
            start: try experiment.start(from: fitted, on: market), from: state, workers: workers, progress: progress,
            checkpoint: checkpoint, isCancelled: isCancelled)
    }

    /// - Returns: Nil where `progress` stopped it.
    public func report(
        learned: LearnedHedge?, trainingSeconds: Double = 0, progress: (Int) -> Bool = { _ in true }
    ) throws -> ComparisonOutcome? {
        let start = ContinuousClock.now
        var strategies = try experiment.recordedStrategies(on: market)
        if let learned { strategies.insert(learned, at: 0) }
        let comparison = Comparison(market: market, strategies: strategies)
        guard let outcomes = comparison.outcomes(paths: judging, workers: workers, progress: progress) else { return nil }
        let unhedged = Array(market.unhedged[judging])
        let months = Array(market.months[judging])
        let first = market.intervals[judging.lowerBound]
        let groups = market.intervals[judging].map { $0 - first }
        let bootstrap = Bootstrap(seed: experiment.seed)
        var summaries: [StrategySummary] = []
        var paired: [PairedDifference] = []
        for (strategy, outcome) in zip(strategies, outcomes) {
            let figures = RecordedFigures(hedged: outcome.profit, unhedged: unhedged, tradingCosts: outcome.tradingCost, months: months)
            summaries.append(
                try StrategySummary(name: strategy.name, outcome: outcome, objective: experiment.objective, recorded: figures))
            if learned != nil, strategy.name != "learned" {
                paired.append(
                    .rmseReduction(
                        of: outcomes[0].profit, less: outcome.profit, unhedged: unhedged, against: strategy.name, groups: groups,
                        bootstrap: bootstrap))
            }
        }
        var report = ComparisonReport(
            experiment: experiment.name, seed: experiment.seed, paths: judging.count, objective: experiment.objective, premium: 0,
            exact: nil, strategies: summaries, paired: paired,
            seconds: .init(train: trainingSeconds, evaluate: (ContinuousClock.now - start) / .seconds(1)))
        if let base = strategies.firstIndex(where: { $0.name == "net-delta" }) {
            let (intervals, starts) = (Array(market.intervals[judging]), Array(market.starts[judging]))
            report.robustness = strategies.indices.filter { $0 != base && strategies[$0].name != "none" }.map { index in
                RecordedReport(
                    name: strategies[index].name, baseline: "net-delta", profits: outcomes[index].profit,
                    baselineProfits: outcomes[base].profit, intervals: intervals, starts: starts,
                    bootstrap: bootstrap)
            }
        }
        // Evenly over time: the first intervals would be those of a few days.
        let step = max(1, judging.count / ComparisonOutcome.sampledPaths)
        let sample = outcomes.map { outcome in stride(from: 0, to: outcome.count, by: step).map { outcome.profit[$0] } }
        return ComparisonOutcome(report: report, strategies: strategies, profits: sample)
    }
}

extension Experiment {
    /// The strategies named under `evaluation.against`; regressions are fitted again as time goes on, from intervals that had ended, so
    /// that none sees what it is judged on.
    func recordedStrategies(on market: RecordedOptionMarket) throws(SetupError) -> [any HedgingStrategy] {
        var strategies: [any HedgingStrategy] = []
        for name in evaluation.against {
            if var regression = RegressionCatalog.regression(named: name, delta: .net) {
                if evaluation.refit == .always { regression.refit = .always }
                strategies.append(regression.walkForward(on: market))
            } else if let formula = try formula(named: name, on: market) {
                strategies.append(formula)
            } else {
                throw .market("the strategy \(name) does not run on recorded intervals of single options")
            }
        }
        return strategies
    }
}
