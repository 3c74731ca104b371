import Features
import Foundation
import Hedging
import Learning
import LinearAlgebra
import Probability
import Stochastics
import Testing

@Suite struct DeepHedgeTrainerTests {
    static func market(_ purpose: RandomStream.Purpose, cost: Double = 2e-3, unwinding: Bool = false) throws -> SimulatedMarket {
        try SimulatedMarket(
            simulator: BlackScholesSimulator(), grid: TimeGrid(steps: 8), claim: .call(strike: 100),
            costs: [TradingCost(proportional: cost)], chargesUnwinding: unwinding, stream: RandomStream(seed: 1, purpose: purpose))
    }

    static func small(_ kind: PolicyKind = .noTransactionBand) -> DeepHedgeTrainer {
        var trainer = DeepHedgeTrainer()
        trainer.policy = kind
        trainer.hidden = [12, 12]
        trainer.paths = 700
        trainer.blockSize = 128
        trainer.epochs = 12
        trainer.validationPaths = 1000
        trainer.validateEvery = 5
        return trainer
    }

    /// The first paths of a simulated market as if they were all that was ever recorded.
    struct Recording: HedgingMarket {
        let market: SimulatedMarket
        let count: Int
        var instruments: [HedgeInstrument] { market.instruments }
        var recordedPaths: Int? { count }
        var availableFeatures: [FeatureName] { market.availableFeatures }
        func paths(_ range: Range<Int>, features: [FeatureName]) -> any HedgingPaths {
            precondition(range.upperBound <= count, "asked for \(range) of \(count)")
            return market.paths(range, features: features)
        }
    }

    @Test(
        "the same seed gives the same bits with one and with two threads, another seed others",
        arguments: PolicyKind.allCases.filter { $0 != .book }, [RiskMeasure.entropic(aversion: 1), .expectedShortfall(level: 0.9)])
    func threads(kind: PolicyKind, risk: RiskMeasure) throws {
        let (training, validation) = (try Self.market(.trainingPaths), try Self.market(.validationPaths))
        var trainer = Self.small(kind)
        let one = try trainer.fit(risk, market: training, validation: validation, workers: Workers(threads: 1))
        let two = try trainer.fit(risk, market: training, validation: validation, workers: Workers(threads: 2))
        #expect(one.hedge == two.hedge)
        #expect(one.report.history == two.report.history)
        #expect(one.report.end == .epochs && one.report.epochs == 12)
        #expect(one.report.history.map(\.epoch) == [5, 10, 12])
        trainer.seed = 2
        let other = try trainer.fit(risk, market: training, validation: validation, workers: Workers(threads: 2))
        #expect(one.hedge != other.hedge)
    }

    @Test("a short training already beats the analytic delta after costs, and says what it did")
    func learns() throws {
        let cost = 0.01
        var trainer = Self.small()
        trainer.paths = 4000
        trainer.epochs = 60
        trainer.validateEvery = 20
        trainer.validationPaths = 10_000
        let risk = RiskMeasure.entropic(aversion: 1)
        var lines: [TrainingProgress] = []
        let (hedge, report) = try trainer.fit(
            risk, market: try Self.market(.trainingPaths, cost: cost), validation: try Self.market(.validationPaths, cost: cost),
            progress: { lines.append($0) })
        let judging = try Self.market(.evaluationPaths, cost: cost)
        let learned = try risk.value(losses: Rollout.run(hedge, on: judging, paths: 0..<50_000).losses)
        let delta = try risk.value(losses: Rollout.run(DeltaHedge(), on: judging, paths: 0..<50_000).losses)
        #expect(learned < delta - 0.2)
        #expect(lines.count == 60 && lines.map(\.epoch) == Array(1...60))
        #expect(report.bestValidation == report.history.map(\.validation).min())
        #expect(report.standardError > 0 && report.pathStepsPerSecond > 0)
        #expect(report.parameterCount == hedge.network.parameters.count)
        // The kept parameters are those of the best epoch: the validation value is theirs.
        let validation = try Self.market(.validationPaths, cost: cost)
        let again = try hedge.valueAndGradient(risk, on: validation, paths: 0..<10_000, blockSize: 128).value
        #expect(again == report.bestValidation)
    }

    @Test("a recorded market is trained on in slices or whole, never past its end")
    func recorded() throws {
        let market = Recording(market: try Self.market(.trainingPaths), count: 1000)
        let (hedge, report) = try Self.small().fit(.entropic(aversion: 1), market: market, validation: market)
        #expect(report.epochs == 12 && hedge.policy.instruments == ["spot"])
        var whole = Self.small()
        whole.paths = 5000
        let full = try whole.fit(.entropic(aversion: 1), market: market, validation: market)
        #expect(full.report.bestValidation.isFinite)
    }

    @Test("cancelling keeps what was learned so far")
    func cancelling() throws {
        var asked = 0
        let (_, report) = try Self.small().fit(
            .entropic(aversion: 1), market: try Self.market(.trainingPaths), validation: try Self.market(.validationPaths),
            isCancelled: {
                asked += 1
                return asked == 3
            })
        #expect(report.end == .cancelled && report.epochs == 3 && report.bestEpoch == 3)
        var hurried = Self.small()
        hurried.budgetSeconds = 0
        let late = try hurried.fit(
            .entropic(aversion: 1), market: try Self.market(.trainingPaths), validation: try Self.market(.validationPaths))
        #expect(late.report.end == .budget && late.report.epochs == 1)
    }

    @Test("what cannot be trained is refused with its name")
    func refusals() throws {
        let market = try Self.market(.trainingPaths)
        var trainer = Self.small()
        trainer.features.append("no-such-feature")
        #expect(throws: DeepHedgeError.missingFeature("no-such-feature", available: market.availableFeatures)) {
            try trainer.fit(.entropic(aversion: 1), market: market, validation: market)
        }
        #expect(throws: RiskError.self) { try Self.small().fit(.entropic(aversion: -1), market: market, validation: market) }
        #expect(throws: DeepHedgeError.noPaths) {
            try Self.small().fit(.quadratic, market: Recording(market: market, count: 0), validation: market)
        }
        trainer = Self.small()
        trainer.epochs = 0
        #expect(throws: DeepHedgeError.setting(name: "epochs", found: "0", expected: "at least 1")) {
            try trainer.fit(.quadratic, market: market, validation: market)
        }
    }

    @Test("policy and tensors read back give the same hedge; tensors of another network do not")
    func files() throws {
        let (hedge, _) = try Self.small().fit(
            .entropic(aversion: 1), market: try Self.market(.trainingPaths), validation: try Self.market(.validationPaths))
        let policy = try JSONDecoder().decode(HedgePolicy.self, from: JSONEncoder().encode(hedge.policy))
        #expect(try LearnedHedge(policy, tensors: hedge.tensors) == hedge)
        #expect(throws: NetworkError.self) { try LearnedHedge(policy, tensors: hedge.tensors.dropLast()) }
        let settings = Self.small()
        #expect(try JSONDecoder().decode(DeepHedgeTrainer.self, from: JSONEncoder().encode(settings)) == settings)
    }
}
