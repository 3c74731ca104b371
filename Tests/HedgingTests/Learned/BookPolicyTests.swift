import Features
import Hedging
import Learning
import LinearAlgebra
import Probability
import Stochastics
import Testing

@Suite struct BookPolicyTests {
    static let features: [FeatureName] = [.remainingSteps, .forward, .impliedVolatility]

    /// Five dates, so that a gradient is soon checked.
    static func market(_ simulator: any PathSimulator = PoissonBookTests.sabr, cost: TradingCost = .init(proportional: 0.01)) throws
        -> PoissonBookMarket
    {
        var settings = PoissonBookMarket.Settings()
        settings.arrivalsPerDay = 3
        return try PoissonBookMarket(
            simulator: simulator, grid: TimeGrid(maturityDays: 5, daysPerYear: 252, steps: 5), settings: settings, cost: cost,
            stream: RandomStream(seed: 3, purpose: .trainingPaths))
    }

    static func hedge(_ market: PoissonBookMarket, seed: UInt64 = 5, outputScale: Float = 1) -> LearnedHedge {
        let policy = HedgePolicy(
            kind: .book, center: .zero, features: features,
            standardizer: Standardizer(centers: [3, 10, 0.3], scales: [1.5, 0.3, 0.02]),
            instruments: market.instruments.map(\.name), holdingScales: [Double](repeating: 1.5, count: market.instruments.count),
            seesHoldings: true, learnsShift: true, hidden: [6], activation: .tanh)
        return LearnedHedge(policy, network: Network(policy.architecture, from: RandomStream(seed: seed, purpose: .weights)))
    }

    @Test("losses of the training pass are those of the rollout, cost and all", arguments: [0.0, 0.05])
    func losses(fixed: Double) throws {
        let market = try Self.market(cost: TradingCost(proportional: 0.01, fixed: fixed))
        let hedge = Self.hedge(market)
        let measure = RiskMeasure.meanDeviation(weight: 1)
        let outcome = Rollout.run(hedge, on: market, paths: 0..<300)
        let trained = try hedge.valueAndGradient(measure, on: market, paths: 0..<300)
        #expect((try measure.value(losses: outcome.losses) - trained.value).magnitude < 2e-4)
        #expect(outcome.turnover.contains { $0 > 0.5 })
    }

    @Test("the gradient is that of central differences of the rollout")
    func gradient() throws {
        let market = try Self.market()
        let hedge = Self.hedge(market)
        let measure = RiskMeasure.entropic(aversion: 0.2)
        let gradient = try hedge.valueAndGradient(measure, on: market, paths: 0..<256).gradient
        let largest = gradient.map(\.magnitude).max() ?? 0
        for index in stride(from: 0, to: gradient.count, by: 3) {
            let values = try [Float(1e-2), -1e-2].map { step in
                var network = hedge.network
                network.parameters[index] += step
                let moved = LearnedHedge(hedge.policy, network: network)
                return try measure.value(losses: Rollout.run(moved, on: market, paths: 0..<256).losses)
            }
            #expect((Float((values[0] - values[1]) / 2e-2) - gradient[index]).magnitude < 0.02 * largest, "parameter \(index)")
        }
    }

    @Test("decisions do not know what comes after them")
    func lookAhead() throws {
        let market = try Self.market()
        let hedge = Self.hedge(market)
        let whole = market.paths(0..<64, features: hedge.inputs)
        var holdings = Matrix<Double>(rows: 64, columns: 5)
        for t in 0..<5 {
            let batch = whole.decision(step: t, holdings: holdings)
            holdings = hedge.targetHoldings(batch)
            for i in 0..<64 { for s in t + 1..<5 { #expect(holdings[i, s] == 0 && batch.gammas[i, s] == 0 && batch.prices[i, s].isNaN) } }
        }
    }

    @Test("a short training beats delta and delta-gamma, and the threads change nothing")
    func training() throws {
        let market = try PoissonBookTests.market(seed: 11)
        var trainer = DeepHedgeTrainer()
        trainer.policy = .book
        trainer.features = Self.features
        trainer.hidden = [8]
        (trainer.paths, trainer.epochs, trainer.validationPaths, trainer.validateEvery) = (512, 30, 2048, 10)
        let measure = RiskMeasure.expectedShortfall(level: 0.95)
        let validation = market.drawing(from: RandomStream(seed: 11, purpose: .validationPaths))
        let hedges = try [1, 2].map {
            try trainer.fit(measure, market: market, validation: validation, workers: Workers(threads: $0)).hedge
        }
        #expect(hedges[0] == hedges[1])
        let judging = market.drawing(from: RandomStream(seed: 11, purpose: .evaluationPaths))
        func risk(_ strategy: any HedgingStrategy) throws -> Double {
            try measure.value(losses: Rollout.run(strategy, on: judging, paths: 0..<8192).losses)
        }
        #expect(try risk(hedges[0]) < min(try risk(GammaBandHedge()), try risk(DeltaHedge())))
    }
}
