/// Every feature a model file may name, in the order help and reports list them.
public enum FeatureCatalog {
    /// Features of one subject.
    public struct Section: Sendable {
        public let title: String
        public let features: [any Feature]
    }

    public static let sections: [Section] = [
        Section(title: "inventory", features: inventory),
        Section(title: "inventory by expiry", features: BucketSum.all),
        Section(title: "scenarios", features: ScenarioFeatures.all),
        Section(title: "surface", features: surface),
        Section(title: "surface over time", features: DynamicsFeatures.all),
        Section(title: "realised volatility and premia", features: realised),
        Section(title: "carry", features: carry),
        Section(title: "flow", features: FlowFeatures.all),
        Section(title: "cost and liquidity", features: SpreadFeatures.all + HedgeCost.features + LiquidityFeatures.all),
        Section(title: "account", features: HoldingFeatures.all + MarginFeatures.all),
        Section(title: "venues", features: VenueFeatures.all),
        Section(title: "clock", features: ClockFeatures.all),
    ]

    public static let all: [any Feature] = sections.flatMap(\.features)

    /// The feature of that name, nil where the catalogue has none.
    public static func feature(named name: FeatureName) -> (any Feature)? { byName[name] }

    private static let byName = Dictionary(uniqueKeysWithValues: all.map { ($0.name, $0) })

    private static let surface: [any Feature] = {
        var features: [any Feature] = []
        let days = SurfacePoint.days.map { Int($0) }
        for days in days { features.append(AtTheMoneyVolatility(days: days)) }
        for days in days { features.append(RiskReversal(days: days)) }
        for days in days { features.append(Butterfly(days: days)) }
        features += [PremiumAdjustedSkew(.riskReversal), PremiumAdjustedSkew(.butterfly), NormalisedSkew()] as [any Feature]
        for days in days { features.append(SkewSlope(days: days)) }
        features.append(TermSlope())
        for (near, far) in zip(days, days.dropFirst()) { features.append(ForwardVariance(fromDays: near, toDays: far)) }
        features +=
            [
                VarianceSwapVolatility(), ButterflyHealth(), CalendarHealth(), WingSteepness(), SurfaceMisfit(), InsideBidAsk(),
            ] as [any Feature]
        return features + JumpWing.all
    }()

    private static let carry: [any Feature] = {
        let present: [any Feature] = [
            Basis(days: 7), Basis(days: 30), Basis(days: 90), BasisSlope(), PerpetualPremium(), PredictedFunding(), Funding(),
        ]
        return present + FundingFeatures.all + BasisRiskFeatures.all
    }()

    private static let realised: [any Feature] = {
        let estimators: [any Feature] = [
            Realised(.closeToClose, days: 1), Realised(.closeToClose, days: 7), Realised(.closeToClose, days: 30),
            Realised(.parkinson, days: 7), Realised(.garmanKlass, days: 7), Realised(.rogersSatchell, days: 7),
            Realised(.yangZhang, days: 7), ExponentialVolatility(halfLifeHours: 1), ExponentialVolatility(halfLifeHours: 6),
            ExponentialVolatility(halfLifeHours: 24), ExponentialVolatility(halfLifeHours: 168), JumpShare(), VarianceRiskPremium(),
            TrailingReturn(days: 1), TrailingReturn(days: 7),
        ]
        return estimators + FiveMinuteFeatures.all + PremiumFeatures.all
    }()

    private static let inventory: [any Feature] = [
        BookMean.logMoneyness, BookMean.timeToExpiry, BookMean.impliedVolatility, BookMean.forward, BookSum.quantity, BookSum.value,
        BookSum.delta, BookSum.netDelta, BookSum.gamma, BookSum.dollarGamma, BookSum.coinGamma, BookSum.vega, BookSum.weightedVega,
        BookSum.grossVega, BookSum.smileVega, BookSum.skewExposure, BookSum.curvatureExposure, BookSum.theta, BookSum.vanna,
        BookSum.volga, BookSum.charm, BookSum.speed, BookSum.zomma, BookSum.rho, BookSum.basisPoint, Concentration(), PinRisk(),
    ]
}
