import Hedging
import Learning
import LinearAlgebra
import Probability
import Stochastics
import Testing

/// One policy for many problems.
@Suite struct ProblemFamilyTests {
    static let family = ProblemFamily([PolicyCondition("costRate", 1e-3...1e-1), PolicyCondition("riskAversion", 0.5...2)]) {
        values, purpose in
        ProblemFamily.Problem(market: try Self.market(cost: values[0], purpose), risk: .entropic(aversion: values[1]))
    }

    static func market(cost: Double, _ purpose: RandomStream.Purpose) throws -> SimulatedMarket {
        try SimulatedMarket(
            simulator: BlackScholesSimulator(), grid: TimeGrid(steps: 8), claim: .call(strike: 100),
            costs: [TradingCost(proportional: cost)], stream: RandomStream(seed: 1, purpose: purpose))
    }

    static func trainer(epochs: Int, paths: Int) -> DeepHedgeTrainer {
        var trainer = DeepHedgeTrainer()
        trainer.policy = .noTransactionBand
        trainer.hidden = [16, 16]
        trainer.paths = paths
        trainer.epochs = epochs
        trainer.validationPaths = 8000
        trainer.validateEvery = 20
        return trainer
    }

    @Test("the same seed gives the same bits with one and with two threads, another seed others")
    func threads() throws {
        var trainer = Self.trainer(epochs: 6, paths: 1000)
        let one = try trainer.fit(Self.family, problems: 5, workers: Workers(threads: 1))
        let two = try trainer.fit(Self.family, problems: 5, workers: Workers(threads: 2))
        #expect(one.hedge == two.hedge && one.report.history == two.report.history)
        trainer.seed = 2
        #expect(try trainer.fit(Self.family, problems: 5).hedge != one.hedge)
    }

    @Test("told what trading costs it hedges each cost better than told another, and near a policy trained for that cost alone")
    func told() throws {
        let trainer = Self.trainer(epochs: 120, paths: 6000)
        let (hedge, report) = try trainer.fit(Self.family, problems: 12)
        #expect(report.end == .epochs && report.bestValidation.isFinite && report.standardError > 0)
        for cost in [2e-3, 5e-2] {
            let judging = try Self.market(cost: cost, .evaluationPaths)
            let risk = RiskMeasure.entropic(aversion: 1)
            func price(_ hedge: LearnedHedge) throws -> Double {
                try risk.value(losses: Rollout.run(hedge, on: judging, paths: 0..<40_000).losses)
            }
            let right = try price(hedge.told(["costRate": cost, "riskAversion": 1]))
            let wrong = try price(hedge.told(["costRate": cost == 2e-3 ? 5e-2 : 2e-3, "riskAversion": 1]))
            #expect(right < wrong - 0.02, "told \(cost): \(right), told otherwise: \(wrong)")
            let alone = try trainer.fit(
                risk, market: try Self.market(cost: cost, .trainingPaths), validation: try Self.market(cost: cost, .validationPaths))
            #expect(right < 1.03 * (try price(alone.hedge)), "cost \(cost)")
        }
    }

    @Test("values spread evenly in their logarithm where positive, else as they are; what is told has no other range than its own")
    func condition() throws {
        let cost = PolicyCondition("costRate", 1e-4...1e-2)
        #expect((cost.value(at: 0.5) - 1e-3).magnitude < 1e-15 && cost.value(at: 0) == 1e-4)
        #expect(PolicyCondition("drift", -1...3).value(at: 0.25) == 0)
        let (hedge, _) = try PolicyGradientTests.example(PolicyGradientTests.settings[20])
        #expect(hedge.conditions == [1e-2, 0])
        #expect(hedge.told(["shift": 2, "nothing": 3]).conditions == [1e-2, 2])
    }
}
