/// What claims on the whole path make of the past, point in time: columns of markets whose claim looks back.
extension FeatureName {
    /// ln(M/S), M the largest spot so far. Dimensionless, not negative.
    public static let runningMaximum: FeatureName = "running-maximum"
    /// ln(m/S), m the smallest spot so far. Dimensionless, not positive.
    public static let runningMinimum: FeatureName = "running-minimum"
    /// ln(A/S), A the mean of the fixings so far; 0 before the first.
    public static let runningAverage: FeatureName = "running-average"
    /// What a long perpetual pays, a year, per unit of its value: the rate at which funding until the next decision is paid.
    public static let fundingRate: FeatureName = "funding-rate"
    /// Share of the claim's barriers that have been met.
    public static let isKnocked: FeatureName = "is-knocked"
    /// Σ ln² so far over the years to maturity: what a variance swap has in hand.
    public static let realisedVariance: FeatureName = "realised-variance"
    /// ln(S₁/S), S₁ the spot at which a forward start fixed its strike; 0 before.
    public static let startingSpot: FeatureName = "starting-spot"
}
