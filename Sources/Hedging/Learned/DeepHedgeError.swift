public import Features

/// Why a deep hedge cannot be trained.
public enum DeepHedgeError: Error, Equatable, CustomStringConvertible {
    case missingFeature(FeatureName, available: [FeatureName])
    case noPaths
    case tooFewPaths(found: Int, needed: Int)
    case instrumentsDiffer(training: [String], validation: [String])
    /// The loss or the gradient left the numbers: mostly a learning rate too large for the objective.
    case diverged(epoch: Int, loss: Double, rate: Double)
    case setting(name: String, found: String, expected: String)

    public var description: String {
        switch self {
        case .missingFeature(let name, let available):
            "the market has no feature '\(name)'; it has: \(available.map(\.rawValue).joined(separator: ", "))"
        case .noPaths: "the market has no paths"
        case .tooFewPaths(let found, let needed): "the market has \(found) paths, at least \(needed) are needed"
        case .instrumentsDiffer(let training, let validation):
            "the training market trades \(training.joined(separator: ", ")), the validation market \(validation.joined(separator: ", "))"
        case .diverged(let epoch, let loss, let rate):
            "training diverged in epoch \(epoch): loss \(loss) or its gradient is no number; the learning rate, \(rate) there, is too large for "
                + "this objective: lower it, or bound the gradient's norm"
        case .setting(let name, let found, let expected): "\(name) is \(found), expected \(expected)"
        }
    }
}
