import Learning
public import LinearAlgebra
import Probability

extension DeepHedgeTrainer {
    /// Trains one policy for all problems of a family: each update descends the mean of the objectives of `problems` of them, drawn anew
    /// from the ranges, on paths of their own, `paths` together.
    ///
    /// Scales of inputs and holdings are those of the problem in the middle. The policy kept is the one whose mean objective over
    /// `problems` fixed ones was lowest. As for a single problem the bits depend on the settings alone.
    ///
    /// - Parameters:
    ///   - problems: Of one update, and of a validation.
    ///   - earlier, progress, checkpoint, isCancelled: As for a single problem.
    public func fit(
        _ family: ProblemFamily, problems: Int = 16, from earlier: TrainingState? = nil, workers: Workers = Workers(),
        progress: (TrainingProgress) -> Void = { _ in },
        checkpoint: (TrainingState, TrainingReport.End?) throws -> Void = { _, _ in }, isCancelled: () -> Bool = { false }
    ) throws -> (hedge: LearnedHedge, report: TrainingReport) {
        let middle = try family.problem(family.conditions.map { $0.value(at: 0.5) }, drawing: .trainingPaths)
        try validate(middle.market, middle.market)
        guard problems >= 1, paths >= problems, validationPaths >= problems else {
            throw DeepHedgeError.setting(
                name: "problems", found: "\(problems) on \(paths) and \(validationPaths) paths", expected: "at least one path of each")
        }
        let policy = try fittedPolicy(middle.market, conditions: family.conditions)
        var network = initialNetwork(policy)
        var state = earlier ?? TrainingState(parameters: network.parameters, decay: averaging)
        guard state.parameters.count == network.parameters.count else {
            throw DeepHedgeError.setting(
                name: "state", found: "that of \(state.parameters.count) parameters", expected: "\(network.parameters.count)")
        }
        let began = ContinuousClock.now - .seconds(state.seconds)
        let steps = middle.market.paths(0..<1, features: policy.inputs).steps
        let engine = PolicyGradient(policy, steps: steps, tilesAtOnce: tilesAtOnce, workers: workers)

        /// One problem of a draw, as the engine takes it.
        func tasks(
            _ stream: RandomStream, _ purpose: RandomStream.Purpose, paths: Int, first: Int
        ) throws -> [(risk: RiskMeasure, paths: PolicyPaths, conditions: [Float])] {
            try family.draw(problems, from: stream).enumerated().map { index, values in
                let problem = try family.problem(values, drawing: purpose)
                try problem.risk.validate()
                let range = first + index * paths..<first + (index + 1) * paths
                return (problem.risk, .simulated(problem.market, range), policy.conditionInputs(values))
            }
        }
        let judges = try tasks(
            RandomStream(seed: seed, purpose: .data), .validationPaths, paths: validationPaths / problems, first: 0)

        func judge(_ state: inout TrainingState) throws {
            var (sum, squares) = (0.0, 0.0)
            for judge in judges {
                let losses = engine.losses(state.average.parameters, on: judge.paths, conditions: judge.conditions)
                let objective = RiskObjective(judge.risk, premium: premium)
                sum += try objective.value(losses) / Double(problems)
                let error = try objective.standardError(losses) / Double(problems)
                squares += error * error
            }
            state.judged(sum, error: squares.squareRoot())
        }

        var end = state.epoch == 0 ? nil : self.end(state, isCancelled: isCancelled())
        while end == nil {
            let epoch = state.epoch
            var loss = 0.0
            var gradient = [Float](repeating: 0, count: state.parameters.count)
            for task in try tasks(
                RandomStream(seed: seed, purpose: .shuffle, epoch: epoch), .trainingPaths, paths: paths / problems,
                first: epoch * (paths / problems) * problems)
            {
                // A shift near one problem's losses serves the next; where a threshold says which paths weigh, each takes its own.
                let isShift = if case .entropic = task.risk { true } else { false }
                var objective = RiskObjective(task.risk, premium: premium, anchor: isShift ? state.anchor : nil)
                let step = try engine.evaluate(&objective, parameters: state.parameters, on: task.paths, conditions: task.conditions)
                state.anchor = objective.anchor
                loss += step.loss / Double(problems)
                state.pathSteps += Double(step.pathSteps)
                for k in gradient.indices { gradient[k] += step.gradient[k] / Float(problems) }
            }
            let rate = learningRate.rate(step: epoch, of: epochs)
            guard loss.isFinite, gradient.allSatisfy(\.isFinite) else {
                throw DeepHedgeError.diverged(epoch: epoch + 1, loss: loss, rate: rate)
            }
            state.descend(optimizer, along: gradient, rate: Float(rate))
            state.epoch += 1
            state.latestLoss = loss
            state.seconds = (ContinuousClock.now - began) / .seconds(1)
            let isValidated = state.epoch % validateEvery == 0 || state.epoch == epochs
            if isValidated { try judge(&state) }
            end = self.end(state, isCancelled: isCancelled())
            try checkpoint(state, end)
            progress(state.progress(epochs: epochs, isValidated: isValidated))
        }
        // An end between two validations.
        if state.history.last?.epoch != state.epoch { try judge(&state) }
        guard let best = state.best, let end else { throw DeepHedgeError.noPaths }
        network.parameters = best.parameters
        let report = TrainingReport(state, best: best, end: end)
        return (LearnedHedge(policy, network: network), report)
    }
}
