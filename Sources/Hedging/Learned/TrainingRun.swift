import LinearAlgebra
import Probability

/// A training on its way: the state, and what carries it from one epoch to the next.
final class TrainingRun {
    private(set) var state: TrainingState
    private let settings: DeepHedgeTrainer
    private let source: TrainingPaths
    private let judges: PolicyPaths
    private let engine: PolicyGradient
    private var objective: RiskObjective
    private let updates: Int
    /// When a training that began now would have had to begin to have spent `state.seconds`.
    private let began: ContinuousClock.Instant

    init(
        _ settings: DeepHedgeTrainer, _ risk: RiskMeasure, policy: HedgePolicy, market: any HedgingMarket, validation: any HedgingMarket,
        from state: TrainingState, workers: Workers
    ) {
        self.settings = settings
        self.state = state
        began = ContinuousClock.now - .seconds(state.seconds)
        updates = settings.paths / (settings.batch ?? settings.paths)
        source = TrainingPaths(market, policy: policy, settings: settings, workers: workers)
        judges = TrainingPaths(validation, policy: policy, settings: settings, workers: workers).all(upTo: settings.validationPaths)
        let steps = [market, validation].map { $0.paths(0..<1, features: policy.inputs).steps }
        engine = PolicyGradient(policy, steps: max(steps[0], steps[1]), tilesAtOnce: settings.tilesAtOnce, workers: workers)
        objective = RiskObjective(risk, premium: settings.premium, anchor: state.anchor)
    }

    /// One epoch.
    func advance() throws {
        var loss = 0.0
        for update in state.epoch * updates..<(state.epoch + 1) * updates {
            let rate = settings.learningRate.rate(step: update, of: settings.epochs * updates)
            let step: PolicyGradient.Step
            do {
                step = try engine.evaluate(&objective, parameters: state.parameters, on: source.update(update))
            } catch RiskError.nonFinite(_, let loss) {
                throw DeepHedgeError.diverged(epoch: state.epoch + 1, loss: loss, rate: rate)
            }
            guard step.loss.isFinite, step.gradient.allSatisfy(\.isFinite) else {
                throw DeepHedgeError.diverged(epoch: state.epoch + 1, loss: step.loss, rate: rate)
            }
            state.descend(settings.optimizer, along: step.gradient, rate: Float(rate))
            state.pathSteps += Double(step.pathSteps)
            loss += step.loss / Double(updates)
        }
        state.anchor = objective.anchor
        state.epoch += 1
        state.latestLoss = loss
        state.seconds = (ContinuousClock.now - began) / .seconds(1)
    }

    /// Judges the averaged parameters on the validation paths, and keeps them where they are the best so far.
    func validate() throws {
        let losses = engine.losses(state.average.parameters, on: judges)
        state.judged(try objective.value(losses), error: try objective.standardError(losses))
        state.seconds = (ContinuousClock.now - began) / .seconds(1)
    }

    func progress(isValidated: Bool) -> TrainingProgress { state.progress(epochs: settings.epochs, isValidated: isValidated) }
}
