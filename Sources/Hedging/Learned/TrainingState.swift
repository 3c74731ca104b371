public import Learning

/// Where a training stands after an epoch: all that the epochs to come follow from, to the last bit, and what the past ones found.
///
/// Network, scales and paths are not in it: settings and market determine them.
public struct TrainingState: Sendable, Equatable {
    /// Epochs done.
    public var epoch: Int
    public var parameters: [Float]
    public var moments: Adam.State
    public var average: ParameterAverage
    /// The objective on the last epoch's own paths, before each update; NaN before the first.
    public var latestLoss: Double
    /// What the objective takes its next weights by.
    public var anchor: RiskAnchor?
    /// Nil before the first validation.
    public var best: Best?
    public var history: [TrainingReport.Point]
    public var pathSteps: Double
    /// Time spent so far.
    public var seconds: Double

    /// The parameters that did best on the validation paths.
    public struct Best: Sendable, Equatable {
        public var epoch: Int
        /// The objective there, and its standard error over the validation paths.
        public var value: Double
        public var error: Double
        public var parameters: [Float]

        public init(epoch: Int, value: Double, error: Double, parameters: [Float]) {
            self.epoch = epoch
            self.value = value
            self.error = error
            self.parameters = parameters
        }
    }

    /// Before the first epoch.
    ///
    /// - Parameter decay: Of the running mean of the parameters.
    public init(parameters: [Float], decay: Double) {
        self.init(
            epoch: 0, parameters: parameters, moments: Adam.State(parameterCount: parameters.count),
            average: ParameterAverage(decay: decay, parameters: parameters), latestLoss: .nan, anchor: nil, best: nil, history: [],
            pathSteps: 0, seconds: 0)
    }

    /// As a checkpoint kept it.
    public init(
        epoch: Int, parameters: [Float], moments: Adam.State, average: ParameterAverage, latestLoss: Double, anchor: RiskAnchor?,
        best: Best?,
        history: [TrainingReport.Point], pathSteps: Double, seconds: Double
    ) {
        let counts = [moments.first.count, average.parameters.count, best?.parameters.count ?? parameters.count]
        precondition(counts.allSatisfy { $0 == parameters.count }, "\(parameters.count) parameters; moments, mean and best have \(counts)")
        self.epoch = epoch
        self.parameters = parameters
        self.moments = moments
        self.average = average
        self.latestLoss = latestLoss
        self.anchor = anchor
        self.best = best
        self.history = history
        self.pathSteps = pathSteps
        self.seconds = seconds
    }

    /// One update of the parameters and of their running mean.
    mutating func descend(_ optimizer: Adam, along gradient: [Float], rate: Float) {
        optimizer.update(&parameters, along: gradient, rate: rate, state: &moments)
        average.add(parameters)
    }

    /// What the validation paths said of the averaged parameters, which are kept where they are the best so far.
    mutating func judged(_ value: Double, error: Double) {
        history.append(.init(epoch: epoch, loss: latestLoss, validation: value))
        if value < best?.value ?? .infinity {
            best = .init(epoch: epoch, value: value, error: error, parameters: average.parameters)
        }
    }

    func progress(epochs: Int, isValidated: Bool) -> TrainingProgress {
        TrainingProgress(
            epoch: epoch, epochs: epochs, loss: latestLoss, validation: isValidated ? history.last?.validation : nil,
            pathStepsPerSecond: pathSteps / max(seconds, 1e-9), seconds: seconds)
    }

    /// Validations in a row, up to the last, that did not improve on the best before them by more than `improvement`.
    public func validationsWithoutGain(_ improvement: Double) -> Int {
        var best = Double.infinity
        var count = 0
        for point in history {
            count = point.validation < best - improvement ? 0 : count + 1
            best = min(best, point.validation)
        }
        return count
    }
}
