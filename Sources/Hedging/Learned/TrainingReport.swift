/// Where a training stands, after an epoch.
public struct TrainingProgress: Sendable, Equatable {
    /// Epochs done, and how many were asked for.
    public var epoch: Int
    public var epochs: Int
    /// The objective on the epoch's own paths, before its update.
    public var loss: Double
    /// The objective of the averaged parameters on the validation paths, where this epoch computed it.
    public var validation: Double?
    /// Path-steps per second so far, validation included.
    public var pathStepsPerSecond: Double
    public var seconds: Double
}

/// What a training did. It is for the reader to judge: a loss that has not settled is no error.
public struct TrainingReport: Sendable, Codable, Equatable {
    public enum End: String, Sendable, Codable {
        /// All epochs were run.
        case epochs
        /// The validation objective had stopped falling.
        case settled
        case budget, cancelled
    }

    /// One line of the history, at each validation.
    public struct Point: Sendable, Codable, Equatable {
        public var epoch: Int
        public var loss: Double
        public var validation: Double

        public init(epoch: Int, loss: Double, validation: Double) {
            self.epoch = epoch
            self.loss = loss
            self.validation = validation
        }
    }

    public var epochs: Int
    public var end: End
    /// The epoch whose parameters were kept: lowest validation objective.
    public var bestEpoch: Int
    /// The objective there, and its standard error over the validation paths.
    public var bestValidation: Double
    public var standardError: Double
    public var history: [Point]
    public var parameterCount: Int
    public var seconds: Double
    public var pathStepsPerSecond: Double

    public init(
        epochs: Int, end: End, bestEpoch: Int, bestValidation: Double, standardError: Double, history: [Point], parameterCount: Int,
        seconds: Double, pathStepsPerSecond: Double
    ) {
        self.epochs = epochs
        self.end = end
        self.bestEpoch = bestEpoch
        self.bestValidation = bestValidation
        self.standardError = standardError
        self.history = history
        self.parameterCount = parameterCount
        self.seconds = seconds
        self.pathStepsPerSecond = pathStepsPerSecond
    }
}

extension TrainingReport {
    init(_ state: TrainingState, best: TrainingState.Best, end: End) {
        self.init(
            epochs: state.epoch, end: end, bestEpoch: best.epoch, bestValidation: best.value, standardError: best.error,
            history: state.history, parameterCount: state.parameters.count, seconds: state.seconds,
            pathStepsPerSecond: state.pathSteps / max(state.seconds, 1e-9))
    }
}
