/// Where a training's weights begin.
public enum TrainingStart: Sendable {
    /// Random ones that hedge much like the policy's centre.
    case random
    /// Those of a hedge fitted before, with its scales: same policy, same instruments.
    case hedge(LearnedHedge)
    /// Random ones, then fitted to a formula's holdings by least squares before the first epoch.
    case strategy(any HedgingStrategy)
}

extension HedgePolicy {
    /// Why the weights of another policy's network mean nothing in this one's; nil where they do. Scales may differ.
    func obstacle(toWeightsOf other: HedgePolicy) -> (name: String, found: String, expected: String)? {
        let parts: [(String, String, String)] = [
            ("kind", other.kind.rawValue, kind.rawValue), ("center", other.center.rawValue, center.rawValue),
            ("features", "\(other.features.map(\.rawValue))", "\(features.map(\.rawValue))"),
            ("instruments", "\(other.instruments)", "\(instruments)"),
            ("previousHolding", "\(other.seesHoldings)", "\(seesHoldings)"), ("learnsShift", "\(other.learnsShift)", "\(learnsShift)"),
            ("sharedAcrossAssets", "\(other.sharingAssets != nil)", "\(sharingAssets != nil)"),
            ("hidden", "\(other.architecture.hidden)", "\(architecture.hidden)"),
            ("activation", other.architecture.activation.rawValue, architecture.activation.rawValue),
        ]
        if let part = parts.first(where: { $0.1 != $0.2 }) { return (part.0, part.1, part.2) }
        var scaled = other
        (scaled.standardizer, scaled.holdingScales) = (standardizer, holdingScales)
        return scaled == self ? nil : ("policy", "another one", "the same but for its scales")
    }
}
