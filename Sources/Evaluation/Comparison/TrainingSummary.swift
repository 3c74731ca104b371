public import Hedging

/// What a report says of the training behind its learned hedge.
public struct TrainingSummary: Sendable, Equatable, Codable {
    public var epochs: Int
    public var end: TrainingReport.End
    /// The epoch whose weights were kept.
    public var bestEpoch: Int
    /// The objective there on the validation paths, with its standard error.
    public var bestValidation: Double
    public var standardError: Double
    /// What looks wrong, a sentence each with what to do; empty where nothing does.
    public var warnings: [String]

    /// - Parameters:
    ///   - isRecorded: Whether it learned from a recording, which more epochs show again and again.
    ///   - learned: The hedge as it was judged.
    ///   - exact: The optimum of the objective, where theory knows it.
    public init(_ training: TrainingReport, isRecorded: Bool, learned: StrategySummary?, exact: Double?) {
        epochs = training.epochs
        end = training.end
        bestEpoch = training.bestEpoch
        bestValidation = training.bestValidation
        standardError = training.standardError
        warnings = [
            Self.stillFalling(training), Self.roseAgain(training, isRecorded: isRecorded), Self.lookAhead(learned, exact: exact),
        ].compactMap { $0 }
    }

    /// Not converged: the last quarter of the epochs still gained more than the validation's standard error.
    private static func stillFalling(_ training: TrainingReport) -> String? {
        let history = training.history
        guard training.end != .settled, let last = history.last, let before = history.last(where: { 4 * $0.epoch <= 3 * last.epoch })
        else { return nil }
        let fall = before.validation - training.bestValidation
        guard fall > training.standardError, 4 * training.bestEpoch > 3 * last.epoch else { return nil }
        let remedy =
            switch training.end {
            case .budget: "the budget cut it: give training.budgetSeconds more"
            case .cancelled: "it was cut: let it go on"
            case .epochs, .settled: "give it more training.epochs, or a larger training.learningRate"
            }
        return
            "Not converged: from epoch \(before.epoch) to \(training.bestEpoch) the validation still fell by \(text(fall)), more than its "
            + "standard error; \(remedy)."
    }

    /// The end lies above the best by more than three standard errors.
    private static func roseAgain(_ training: TrainingReport, isRecorded: Bool) -> String? {
        guard let last = training.history.last, last.epoch > training.bestEpoch else { return nil }
        let rise = last.validation - training.bestValidation
        guard rise > 3 * training.standardError else { return nil }
        let reason =
            isRecorded
            ? "more epochs learn the recording by heart: fewer training.epochs, a smaller policy, or training.patience"
            : "the steps are too large: a smaller training.learningRate, or training.gradientNorm"
        return "Unstable: after epoch \(training.bestEpoch) the validation rose again by \(text(rise)); \(reason)."
    }

    /// Nothing beats the optimum but chance, or knowledge of the future.
    private static func lookAhead(_ learned: StrategySummary?, exact: Double?) -> String? {
        guard let learned, let exact, learned.priceStandardError > 0 else { return nil }
        let distance = (exact - learned.price) / learned.priceStandardError
        guard distance > 3 else { return nil }
        return
            "Look-ahead suspected: the learned price \(text(learned.price)) lies \(text((distance * 10).rounded() / 10)) standard errors below "
            + "the exact optimum \(text(exact)); look for a feature that knows the future."
    }

    /// Four significant digits or so.
    private static func text(_ value: Double) -> String {
        guard value.magnitude >= 1e-9, value.magnitude < 1e9 else { return value.description }
        var scale = 1000.0
        var size = value.magnitude
        while size < 1 { (size, scale) = (size * 10, scale * 10) }
        let rounded = (value * scale).rounded() / scale
        return rounded == rounded.rounded() ? String(Int(rounded)) : rounded.description
    }
}
