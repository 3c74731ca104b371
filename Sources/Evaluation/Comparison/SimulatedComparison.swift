public import Hedging
public import LinearAlgebra
public import Probability

/// One experiment on a simulated market: everyone on the same paths, the learned hedge among them, the exact optimum beside them.
public struct SimulatedComparison: Sendable {
    public let experiment: Experiment
    public let workers: Workers

    public init(_ experiment: Experiment, workers: Workers) {
        self.experiment = experiment
        self.workers = workers
    }

    /// Trains the experiment's policy, on paths of one stream, chosen on paths of another; from `state` on where one is given.
    public func train(
        startingWith fitted: LearnedHedge? = nil, from state: TrainingState? = nil, progress: (TrainingProgress) -> Void = { _ in },
        checkpoint: (TrainingState, TrainingReport.End?) throws -> Void = { _, _ in }, isCancelled: () -> Bool = { false }
    ) throws -> (hedge: LearnedHedge, report: TrainingReport) {
        let (training, validation) = (try market(.trainingPaths), try market(.validationPaths))
        let trainer = try experiment.trainer(on: training)
        if let family = try experiment.family() {
            return try trainer.fit(
                family, from: state, workers: workers, progress: progress, checkpoint: checkpoint, isCancelled: isCancelled)
        }
        return try trainer.fit(
            experiment.objective, market: training, validation: validation,
            start: try experiment.start(from: fitted, on: training), from: state, workers: workers, progress: progress,
            checkpoint: checkpoint, isCancelled: isCancelled)
    }

    /// Judges on paths that neither training nor choosing saw.
    ///
    /// - Parameters:
    ///   - learned: Nil compares the analytic hedges alone.
    ///   - progress: Told the number of finished paths now and then; false stops.
    /// - Returns: Nil where `progress` stopped it.
    public func report(
        learned: LearnedHedge?, trainingSeconds: Double = 0, progress: (Int) -> Bool = { _ in true }
    ) throws -> ComparisonOutcome? {
        let start = ContinuousClock.now
        let market = try market(.evaluationPaths)
        var strategies = try strategies(on: market)
        if let learned { strategies.insert(learned.told(experiment.conditionValues), at: 0) }
        let count = experiment.evaluation.paths
        let comparison = Comparison(market: market, strategies: strategies)
        guard var outcomes = comparison.outcomes(paths: 0..<count, workers: workers, progress: progress) else { return nil }
        let scale = try scale(on: market)
        var premium = experiment.premium(on: market)
        if let scale {
            outcomes = outcomes.map(scale.outcome)
            premium = 0
        }
        let run = experiment.evaluation.sampling.run
        let (plain, paired) = try Comparison.figures(
            names: strategies.map(\.name), outcomes: outcomes, objective: experiment.objective, premium: premium, run: run,
            bootstrap: Bootstrap(seed: experiment.seed))
        var summaries = plain
        if experiment.evaluation.controlVariate {
            let controls = try controls(on: market, paths: count)
            for index in summaries.indices {
                let losses = outcomes[index].losses.map { $0 - premium }
                let (shift, left) = try controls.explain(try experiment.objective.influences(losses: losses))
                summaries[index].price -= shift
                summaries[index].priceStandardError = RiskMeasure.standardError(influences: left, run: run)
            }
        }
        let exact = try exact(learned: summaries.first { $0.name == "learned" }, premium: premium, scale: scale)
        var report = ComparisonReport(
            experiment: experiment.name, seed: experiment.seed, paths: count, objective: experiment.objective,
            premium: scale?.premium ?? premium, exact: exact, strategies: summaries, paired: paired,
            seconds: .init(train: trainingSeconds, evaluate: (ContinuousClock.now - start) / .seconds(1)))
        report.unit = experiment.evaluation.unit
        if let learned, !experiment.evaluation.elsewhere.isEmpty {
            guard let elsewhere = try elsewhere(learned, progress: { progress(count) }) else { return nil }
            report.elsewhere = elsewhere
        }
        return ComparisonOutcome(
            report: report, strategies: strategies, profits: outcomes.map { Array($0.profit.prefix(ComparisonOutcome.sampledPaths)) })
    }

    /// The same hedge told other values, one at a time; nil where `progress` stopped it.
    private func elsewhere(_ learned: LearnedHedge, progress: () -> Bool) throws -> [ConditionSummary]? {
        var summaries: [ConditionSummary] = []
        for (condition, value, experiment) in try experiment.elsewhere() {
            let comparison = SimulatedComparison(experiment, workers: workers)
            guard let outcome = try comparison.report(learned: learned, progress: { _ in progress() }) else { return nil }
            guard let summary = ConditionSummary(condition: condition, value: value, report: outcome.report) else { continue }
            summaries.append(summary)
        }
        return summaries
    }

    private func controls(on market: any HedgingMarket, paths: Int) throws -> ControlVariates {
        guard let market = market as? SimulatedMarket, market.hasControls else {
            throw Experiment.SetupError.market(
                "evaluation.controlVariate needs one asset of the black-scholes or heston market without drift, a claim with a formula, "
                    + "settled in dollars")
        }
        let size = 4096
        let blocks = workers.map(count: (paths + size - 1) / size) { index in
            market.controls(index * size..<min((index + 1) * size, paths))
        }
        return ControlVariates(blocks[0].indices.map { column in blocks.flatMap { $0[column] } })
    }

    /// Paths that a rule with a few numbers is fitted to.
    private static let fittingPaths = 20_000

    /// Those named under `evaluation.against`; tuned rules and regressions are fitted on the paths of training.
    func strategies(on market: any HedgingMarket) throws -> [any HedgingStrategy] {
        try experiment.evaluation.against.map { name in
            if let formula = try experiment.formula(named: name, on: market) { return formula }
            guard !(market is MultiAssetMarket) else {
                throw Experiment.SetupError.market("the strategy \(name) is fitted to one asset and does not run on several")
            }
            if let tuned = StrategyCatalog.fitted.first(where: { $0.name == name }) {
                try experiment.require(tuned.inputs, of: name, on: market)
                return tuned.fit(
                    try self.market(.trainingPaths), experiment.objective, 0..<Self.fittingPaths, experiment.strategySettings, workers)
            }
            guard let regression = RegressionCatalog.regression(named: name, delta: .plain) else {
                throw Experiment.SetupError.market(
                    "the strategy \(name) hedges recorded books and does not run on \(experiment.market.name)")
            }
            try experiment.require(regression.inputs, of: name, on: market)
            return regression.fit(on: try self.market(.trainingPaths), paths: 0..<Self.fittingPaths, workers: workers)
        }
    }

    /// Whalley-Wilmott's rule from careless to careful: what each aversion pays for trading and what risk it leaves.
    public func frontier(
        aversions: [Double] = [0.03, 0.1, 0.3, 1, 3, 10, 30], paths: Int = 10_000
    ) throws -> [ComparisonOutcome.FrontierPoint] {
        let market = try market(.evaluationPaths)
        guard market.instruments.contains(where: { $0.kind == .underlying && $0.cost.proportional > 0 }) else { return [] }
        let rules = aversions.map { WhalleyWilmottHedge(riskAversion: $0) }
        guard rules[0].inputs.allSatisfy(market.availableFeatures.contains) else { return [] }
        let outcomes = Comparison(market: market, strategies: rules).outcomes(paths: 0..<paths, workers: workers) ?? []
        return try zip(aversions, outcomes).map { aversion, outcome in
            ComparisonOutcome.FrontierPoint(
                strategy: rules[0].name, setting: "aversion \(aversion)",
                tradingCost: outcome.tradingCost.reduce(0, +) / Double(outcome.count),
                standardDeviation: try RiskMeasure.standardDeviation.value(losses: outcome.losses))
        }
    }

    /// What a training can be measured by while it runs: the optimum where theory knows it, else the best of the formulas named under
    /// `evaluation.against` on the validation paths; nil where there is neither, and for a policy that is trained for many problems.
    public func reference() throws -> (name: String, price: Double)? {
        guard experiment.policy.conditioning.isEmpty else { return nil }
        let market = try market(.validationPaths)
        let premium = experiment.premium(on: market)
        if let exact = try exact(learned: nil, premium: premium, scale: nil) { return ("exact", exact.price) }
        let formulas = try experiment.evaluation.against.compactMap { try experiment.formula(named: $0, on: market) }
        let count = try experiment.trainer(on: market).validationPaths
        let outcomes = Comparison(market: market, strategies: formulas).outcomes(paths: 0..<count, workers: workers) ?? []
        let prices = try outcomes.map { try experiment.objective.value(losses: $0.losses.map { $0 - premium }) }
        return zip(formulas.map(\.name), prices).min { $0.1 < $1.1 }.map { (name: $0.0, price: $0.1) }
    }

    /// Nil where amounts are reported in the currency they come in.
    private func scale(on market: any HedgingMarket) throws -> PremiumScale? {
        guard experiment.evaluation.unit == .premium else { return nil }
        guard let value = experiment.modelValue(on: market), value > 0 else {
            throw Experiment.SetupError.market("the claim has no model value above zero to count amounts in; leave out evaluation.unit")
        }
        return PremiumScale(premium: value)
    }

    /// The backward recursion where it applies: Black-Scholes paths, the spot, proportional cost, and a measure that it can solve.
    func exact(learned: StrategySummary?, premium: Double, scale: PremiumScale?) throws -> ComparisonReport.ExactPrice? {
        guard let market = try market(.evaluationPaths) as? SimulatedMarket, var price = exactPrice(on: market, premium: premium) else {
            return nil
        }
        if let scale { price = scale.loss(price) }
        return .init(price: price, method: "dynamic-programming", gapPercent: learned.map { ($0.price / price - 1) * 100 })
    }

    private func exactPrice(on market: SimulatedMarket, premium: Double) -> Double? {
        switch experiment.objective {
        case .entropic(let aversion): ExactEntropicHedge(market, riskAversion: aversion)?.solve(workers: workers).price
        case .quadratic: ExactQuadraticHedge(market)?.solve(workers: workers).meanSquare(about: premium)
        case .variance: ExactQuadraticHedge(market)?.solve(workers: workers).variance
        case .standardDeviation: ExactQuadraticHedge(market)?.solve(workers: workers).variance.squareRoot()
        case .meanDeviation(let weight) where weight > 0:
            ExactQuadraticHedge(market)?.solve(workers: workers).meanDeviation(weight: weight)
        case .meanDeviation, .expectedShortfall, .quadraticCVaR, .isoelastic: nil
        }
    }

    /// The experiment's market with paths drawn for one purpose.
    public func market(_ purpose: RandomStream.Purpose) throws -> any HedgingMarket {
        guard let market = try experiment.market(purpose) else {
            throw Experiment.SetupError.market("\(experiment.name) runs on a recorded market")
        }
        return market
    }
}
