import Features
public import Hedging

/// A learned strategy that may answer: what the store knows it by, and whether its own evaluation says that it pays.
public struct ServingModel: Sendable {
    public enum CompatibilityError: Error, Equatable, CustomStringConvertible {
        case unknownFeature(FeatureName)
        case instruments(found: [String])
        case remembers
        case conditions([String])

        public var description: String {
            switch self {
            case .unknownFeature(let name): "the model reads the feature '\(name)', which a live market does not fill"
            case .instruments(let found): "the model hedges with \(found), expected one future or perpetual"
            case .conditions(let names):
                "the model is told \(names.joined(separator: ", ")), which a live request does not carry; serve a model of one problem"
            case .remembers:
                "the model remembers the path so far (a recurrent policy), which a live request does not carry; serve another kind"
            }
        }
    }

    public let reference: HedgeRecommendation.Model
    public let hedge: LearnedHedge
    /// Its comparison's verdict: false serves the analytic hedge and shows the learned one beside it.
    public let paysOff: Bool

    /// - Throws: `CompatibilityError` for a model of another market than one sold option hedged with its underlying.
    public init(_ reference: HedgeRecommendation.Model, hedge: LearnedHedge, paysOff: Bool) throws(CompatibilityError) {
        if let unknown = hedge.inputs.first(where: { !SoldOption.features.contains($0) }) { throw .unknownFeature(unknown) }
        guard hedge.policy.instrumentCount == 1 else { throw .instruments(found: hedge.policy.instruments) }
        guard !hedge.remembers else { throw .remembers }
        if let conditions = hedge.policy.conditions { throw .conditions(conditions.map(\.name)) }
        self.reference = reference
        self.hedge = hedge
        self.paysOff = paysOff
    }
}
