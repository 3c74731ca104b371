/// Every feature a model file may name, in the order help and reports list them.
public enum FeatureCatalog {
    public static let all: [any Feature] =
        surface + carry + realised + inventory

    public static let surface: [any Feature] = [
        AtTheMoneyVolatility(days: 7), AtTheMoneyVolatility(days: 30), AtTheMoneyVolatility(days: 90), AtTheMoneyVolatility(days: 180),
        RiskReversal(days: 7), RiskReversal(days: 30), RiskReversal(days: 90), Butterfly(days: 7), Butterfly(days: 30), Butterfly(days: 90),
        NormalisedSkew(), SkewSlope(days: 7), SkewSlope(days: 30), SkewSlope(days: 90), TermSlope(),
        ForwardVariance(fromDays: 7, toDays: 30),
        ForwardVariance(fromDays: 30, toDays: 90), VarianceSwapVolatility(), ButterflyHealth(), CalendarHealth(), WingSteepness(),
        SurfaceMisfit(), InsideBidAsk(), AtTheMoneyHalfSpread(),
    ]

    public static let carry: [any Feature] = [
        Basis(days: 7), Basis(days: 30), Basis(days: 90), BasisSlope(), PerpetualPremium(), PredictedFunding(), Funding(),
    ]

    public static let realised: [any Feature] = [
        Realised(.closeToClose, days: 1), Realised(.closeToClose, days: 7), Realised(.closeToClose, days: 30),
        Realised(.parkinson, days: 7), Realised(.garmanKlass, days: 7), Realised(.rogersSatchell, days: 7), Realised(.yangZhang, days: 7),
        ExponentialVolatility(halfLifeHours: 6), ExponentialVolatility(halfLifeHours: 24), ExponentialVolatility(halfLifeHours: 168),
        JumpShare(), VarianceRiskPremium(), TrailingReturn(days: 1), TrailingReturn(days: 7),
    ]

    public static let inventory: [any Feature] = [
        BookMean.logMoneyness, BookMean.timeToExpiry, BookMean.impliedVolatility, BookMean.forward, BookSum.quantity, BookSum.value,
        BookSum.delta, BookSum.netDelta, BookSum.gamma, BookSum.dollarGamma, BookSum.coinGamma, BookSum.vega, BookSum.weightedVega,
        BookSum.grossVega, BookSum.smileVega, BookSum.theta, BookSum.vanna, BookSum.volga, BookSum.charm,
        BucketVega(fromDays: 0, toDays: 7),
        BucketVega(fromDays: 7, toDays: 35), BucketVega(fromDays: 35, toDays: 95), BucketVega(fromDays: 95, toDays: nil), Concentration(),
        PinRisk(),
    ]

    /// The feature of that name, nil where the catalogue has none.
    public static func feature(named name: FeatureName) -> (any Feature)? { all.first { $0.name == name } }
}
