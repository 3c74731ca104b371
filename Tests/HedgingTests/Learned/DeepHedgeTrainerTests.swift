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

    /// A training as its caller cut it.
    private struct Cut: Error {}

    @Test(
        "cut after any epoch and gone on with, a training gives the bits of one that was not cut", arguments: [1, 4, 5, 11, 12],
        [RiskMeasure.entropic(aversion: 1), .expectedShortfall(level: 0.9), .meanDeviation(weight: 1)])
    func goesOn(cut: Int, risk: RiskMeasure) throws {
        var trainer = Self.small()
        trainer.batch = 350
        trainer.optimizer = Adam(weightDecay: 0.01, gradientNorm: 1)
        let (training, validation) = (try Self.market(.trainingPaths), try Self.market(.validationPaths))
        let whole = try trainer.fit(risk, market: training, validation: validation, workers: Workers(threads: 1))
        var kept: TrainingState?
        #expect(throws: Cut.self) {
            try trainer.fit(
                risk, market: training, validation: validation, workers: Workers(threads: 2),
                checkpoint: { state, _ in
                    kept = state
                    if state.epoch == cut { throw Cut() }
                })
        }
        let state = try #require(kept)
        #expect(state.epoch == cut && state.moments.steps == 2 * cut && state.history.count == (cut == 12 ? 3 : cut / 5))
        let rest = try trainer.fit(risk, market: training, validation: validation, from: state, workers: Workers(threads: 2))
        #expect(rest.hedge == whole.hedge && rest.report.history == whole.report.history)
        #expect(rest.report.bestEpoch == whole.report.bestEpoch && rest.report.standardError == whole.report.standardError)
        #expect(rest.report.epochs == 12 && rest.report.seconds >= state.seconds)
    }

    @Test("cancelling leaves a state that goes on as if nobody had: the judging that it asked for is not in it")
    func goesOnAfterCancelling() throws {
        let trainer = Self.small()
        let (training, validation) = (try Self.market(.trainingPaths), try Self.market(.validationPaths))
        let whole = try trainer.fit(.entropic(aversion: 1), market: training, validation: validation)
        var kept: TrainingState?
        var ends: [TrainingReport.End?] = []
        let cut = try trainer.fit(
            .entropic(aversion: 1), market: training, validation: validation,
            checkpoint: { state, end in
                kept = state
                ends.append(end)
            }, isCancelled: { (kept?.epoch ?? 0) >= 6 })
        #expect(cut.report.end == .cancelled && cut.report.history.map(\.epoch) == [5, 7])
        #expect(ends == Array(repeating: nil, count: 6) + [.cancelled])
        let state = try #require(kept)
        #expect(state.history.map(\.epoch) == [5])
        let rest = try trainer.fit(.entropic(aversion: 1), market: training, validation: validation, from: state)
        #expect(rest.hedge == whole.hedge && rest.report.history == whole.report.history)
        // Asked to end at once, a training that goes on takes what it has.
        let taken = try trainer.fit(
            .entropic(aversion: 1), market: training, validation: validation, from: state, isCancelled: { true })
        #expect(taken.report.epochs == 7 && taken.hedge == cut.hedge && taken.report.history == cut.report.history)
    }

    @Test("several updates an epoch are as many epochs of one update; what is no divisor of the paths is refused")
    func batches() throws {
        let (training, validation) = (try Self.market(.trainingPaths), try Self.market(.validationPaths))
        var single = Self.small()
        single.paths = 350
        single.epochs = 24
        single.validateEvery = 10
        var several = Self.small()
        several.batch = 350
        let one = try single.fit(.variance, market: training, validation: validation)
        let other = try several.fit(.variance, market: training, validation: validation)
        #expect(one.hedge == other.hedge && one.report.history.map(\.validation) == other.report.history.map(\.validation))
        several.batch = 300
        #expect(throws: DeepHedgeError.setting(name: "batch", found: "300", expected: "a divisor of paths, which is 700")) {
            try several.fit(.variance, market: training, validation: validation)
        }
    }

    @Test("a training that no longer gains stops, says so and keeps its best; one that gains goes on")
    func settles() throws {
        let (training, validation) = (try Self.market(.trainingPaths), try Self.market(.validationPaths))
        var trainer = Self.small()
        trainer.epochs = 60
        trainer.validateEvery = 2
        trainer.patience = 3
        // Nothing gains a thousand: the first validation is the best, and three more are one too many.
        trainer.minimumImprovement = 1000
        let report = try trainer.fit(.entropic(aversion: 1), market: training, validation: validation).report
        #expect(report.end == .settled && report.epochs == 8 && report.history.map(\.epoch) == [2, 4, 6, 8])
        #expect(report.bestValidation == report.history.map(\.validation).min())
        trainer.minimumImprovement = 0
        trainer.patience = 30
        let whole = try trainer.fit(.entropic(aversion: 1), market: training, validation: validation).report
        #expect(whole.end == .epochs && whole.epochs == 60)
        #expect(whole.history.prefix(4) == report.history[...])
    }

    @Test(
        "fitted to a formula first, the weights hedge like it before any epoch has done much",
        arguments: [PolicyKind.feedForward, .noTransactionBand],
        [PolicyCenter.delta, .zero])
    func startsFromFormula(kind: PolicyKind, center: PolicyCenter) throws {
        let cost = 0.01
        let (training, validation) = (try Self.market(.trainingPaths, cost: cost), try Self.market(.validationPaths, cost: cost))
        let risk = RiskMeasure.entropic(aversion: 1)
        let formula = WhalleyWilmottHedge(riskAversion: 1)
        func value(_ strategy: any HedgingStrategy) throws -> Double {
            try risk.value(losses: Rollout.run(strategy, on: validation, paths: 0..<10_000).losses)
        }
        var trainer = Self.small(kind)
        trainer.center = center
        trainer.learnsShift = center == .zero
        trainer.features = [.logMoneyness, .timeToExpiry, .bookDelta, .bookGamma]
        trainer.hidden = [32, 32]
        trainer.epochs = 1
        trainer.learningRate = .constant(1e-9)
        let fitted = try trainer.fit(risk, market: training, validation: validation, start: .strategy(formula)).hedge
        let random = try trainer.fit(risk, market: training, validation: validation).hedge
        let (reference, found, other) = (try value(formula), try value(fitted), try value(random))
        #expect((found - reference).magnitude < 0.15, "\(reference) \(found) \(other)")
        // About delta random weights hedge not badly either; about nothing they do not hedge.
        if center == .zero { #expect((found - reference).magnitude < 0.1 * (other - reference).magnitude) }
        let again = try trainer.fit(risk, market: training, validation: validation, start: .strategy(formula), workers: Workers(threads: 1))
        #expect(again.hedge == fitted)
    }

    @Test("a fitted hedge's weights go on where they were, with its scales; those of another policy are refused by what differs")
    func startsFromHedge() throws {
        let (training, validation) = (try Self.market(.trainingPaths), try Self.market(.validationPaths))
        let risk = RiskMeasure.entropic(aversion: 1)
        let (hedge, report) = try Self.small().fit(risk, market: training, validation: validation)
        var trainer = Self.small()
        trainer.epochs = 1
        trainer.learningRate = .constant(1e-12)
        let dearer = try Self.market(.trainingPaths, cost: 3e-3)
        let rest = try trainer.fit(risk, market: dearer, validation: validation, start: .hedge(hedge))
        #expect(rest.hedge.policy == hedge.policy)
        #expect((rest.report.bestValidation - report.bestValidation).magnitude < 1e-6)
        trainer.hidden = [12, 13]
        #expect(
            throws: DeepHedgeError.setting(
                name: "hidden of the hedge to start from", found: "[12, 12]", expected: "what is to be trained: [12, 13]")
        ) {
            try trainer.fit(risk, market: training, validation: validation, start: .hedge(hedge))
        }
        trainer.hidden = [12, 12]
        trainer.features = [.logMoneyness, .timeToExpiry]
        #expect(throws: DeepHedgeError.self) { try trainer.fit(risk, market: training, validation: validation, start: .hedge(hedge)) }
    }

    @Test("a rate far too large is an error that names epoch, loss and rate")
    func diverges() throws {
        var trainer = Self.small(.feedForward)
        trainer.learningRate = .constant(1e30)
        #expect {
            try trainer.fit(.quadratic, market: try Self.market(.trainingPaths), validation: try Self.market(.validationPaths))
        } throws: {
            guard case .diverged(let epoch, _, let rate)? = $0 as? DeepHedgeError else { return false }
            return (2...12).contains(epoch) && rate == 1e30
        }
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
