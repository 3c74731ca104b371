public import Hedging
public import LinearAlgebra
import Probability

/// One experiment on a simulated market: everyone on the same paths, the learned hedge among them, the exact optimum beside them.
public struct SimulatedComparison: Sendable {
    public let experiment: Experiment
    public let workers: Workers

    public init(_ experiment: Experiment, workers: Workers) {
        self.experiment = experiment
        self.workers = workers
    }

    /// Trains the experiment's policy, on paths of one stream, chosen on paths of another.
    public func train(
        progress: (TrainingProgress) -> Void = { _ in }, isCancelled: () -> Bool = { false }
    ) throws -> (hedge: LearnedHedge, report: TrainingReport) {
        let (training, validation) = (try market(.trainingPaths), try market(.validationPaths))
        let trainer = try experiment.trainer(on: training)
        return try trainer.fit(
            experiment.objective, market: training, validation: validation, workers: workers, progress: progress, isCancelled: isCancelled)
    }

    /// Judges on paths that neither training nor choosing saw.
    ///
    /// - Parameters:
    ///   - learned: Nil compares the analytic hedges alone.
    ///   - progress: Told the number of finished paths now and then; false stops.
    /// - Returns: Nil where `progress` stopped it.
    public func report(
        learned: LearnedHedge?, trainingSeconds: Double = 0, progress: (Int) -> Bool = { _ in true }
    ) throws -> ComparisonReport? {
        let start = ContinuousClock.now
        let market = try market(.evaluationPaths)
        var strategies: [any HedgingStrategy] = try experiment.analyticStrategies(on: market)
        if let learned { strategies.insert(learned, at: 0) }
        let count = experiment.evaluation.paths
        let comparison = Comparison(market: market, strategies: strategies)
        guard let outcomes = comparison.outcomes(paths: 0..<count, workers: workers, progress: progress) else { return nil }
        let premium = experiment.premium(on: market)
        let (summaries, paired) = try Comparison.figures(
            names: strategies.map(\.name), outcomes: outcomes, objective: experiment.objective, premium: premium,
            bootstrap: PairedBootstrap(seed: experiment.seed))
        let exact = try exact(learned: summaries.first { $0.name == "learned" })
        return ComparisonReport(
            experiment: experiment.name, seed: experiment.seed, paths: count, objective: experiment.objective, premium: premium,
            exact: exact,
            strategies: summaries, paired: paired,
            seconds: .init(train: trainingSeconds, evaluate: (ContinuousClock.now - start) / .seconds(1)))
    }

    /// The backward recursion where it applies: entropic risk, Black-Scholes paths, the spot, proportional cost.
    private func exact(learned: StrategySummary?) throws -> ComparisonReport.ExactPrice? {
        guard case .entropic(let aversion) = experiment.objective,
            let problem = ExactEntropicHedge(try market(.evaluationPaths), riskAversion: aversion)
        else { return nil }
        let price = problem.solve(workers: workers).price
        return .init(price: price, method: "dynamic-programming", gapPercent: learned.map { ($0.price / price - 1) * 100 })
    }

    private func market(_ purpose: RandomStream.Purpose) throws -> SimulatedMarket {
        guard let market = try experiment.simulatedMarket(purpose) else {
            throw Experiment.SetupError.market("\(experiment.name) runs on a recorded market")
        }
        return market
    }
}
