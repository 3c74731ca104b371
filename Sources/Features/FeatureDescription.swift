/// What a column of numbers means, as a model file keeps it.
public struct FeatureDescription: Sendable, Hashable {
    public let name: FeatureName
    public let unit: String
    public let summary: String
    /// Of the formula.
    public let version: Int

    public init(name: FeatureName, unit: String, summary: String, version: Int = 1) {
        self.name = name
        self.unit = unit
        self.summary = summary
        self.version = version
    }

    public init(_ feature: any Feature) {
        self.init(name: feature.name, unit: feature.unit, summary: feature.summary, version: feature.version)
    }
}

extension FeatureCatalog {
    /// What this program means by a name: a feature of the catalogue, or a column that only simulated and recorded markets fill.
    ///
    /// Markets of several assets number their columns, `forward.2`; the number does not change the meaning. A name that is neither, such as
    /// that of a condition a policy is told, stands for itself.
    public static func description(of name: FeatureName) -> FeatureDescription {
        if let feature = feature(named: name) { return FeatureDescription(feature) }
        let text = name.rawValue
        if let known = columns[text] { return FeatureDescription(name: name, unit: known.unit, summary: known.summary) }
        if let point = text.lastIndex(of: "."), let number = Int(text[text.index(after: point)...]), number > 0 {
            let one = description(of: FeatureName(rawValue: String(text[..<point])))
            return FeatureDescription(name: name, unit: one.unit, summary: "\(one.summary), asset \(number)", version: one.version)
        }
        return FeatureDescription(name: name, unit: "as the market gives it", summary: "a column of the market named \(text)")
    }

    /// Columns that no feature computes: name, unit, meaning.
    private static let columns: [String: (unit: String, summary: String)] = [
        FeatureName.variance.rawValue: ("variance per year", "instantaneous variance"),
        FeatureName.bookModelDelta.rawValue: ("coin", "delta of the book with the instantaneous variance held"),
        FeatureName.bookJumpDelta.rawValue: ("coin", "what jumps add to the book's delta that minimises the variance"),
        FeatureName.bookVarianceVega.rawValue: (
            "quote currency per 1.00 of variance", "sensitivity of the book to the instantaneous variance"
        ),
        FeatureName.varianceSpotSlope.rawValue: ("variance per quote unit", "move of the variance that comes with a unit move of the spot"),
        FeatureName.hedgeModelDelta.rawValue: ("coin", "delta of the first option hedge, variance held"),
        FeatureName.hedgeVarianceVega.rawValue: (
            "quote currency per 1.00 of variance", "sensitivity of the first option hedge to the instantaneous variance"
        ),
        FeatureName.runningMaximum.rawValue: ("1", "log of the largest spot so far over the spot"),
        FeatureName.runningMinimum.rawValue: ("1", "log of the smallest spot so far over the spot"),
        FeatureName.runningAverage.rawValue: ("1", "log of the mean fixing so far over the spot"),
        FeatureName.fundingRate.rawValue: ("per year", "what a long perpetual pays, per unit of its value"),
        FeatureName.isKnocked.rawValue: ("share", "share of the claim's barriers that have been met"),
        FeatureName.realisedVariance.rawValue: ("variance per year", "squared log returns so far over the years to maturity"),
        FeatureName.startingSpot.rawValue: ("1", "log of the spot at which a forward start fixed its strike over the spot"),
        "book-skew-vega": ("USD per log-moneyness", "vega times the slope of the smile at the money"),
        "remaining-steps": ("count", "decisions left, this one included"),
        "decision-time": ("seconds since 1970", "time of the decision"),
        "todays-option": ("index", "which instrument is the option struck at this decision, counted from 0"),
    ]
}
