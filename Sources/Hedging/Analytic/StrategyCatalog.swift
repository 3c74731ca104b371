public import Features
public import LinearAlgebra
public import Probability

/// Every analytic strategy, by the name that experiments and reports write.
public enum StrategyCatalog {
    public struct Entry: Sendable {
        public let name: String
        public let summary: String
        /// Builds the strategy for one experiment.
        public let make: @Sendable (StrategySettings) -> any HedgingStrategy
    }

    /// Those that need no fitting.
    public static let all: [Entry] = [
        Entry(name: "none", summary: "no hedge") { _ in NoHedge() },
        Entry(name: "delta", summary: "Black delta") { _ in DeltaHedge(.plain) },
        Entry(name: "net-delta", summary: "Black delta less the premium in coin") { _ in DeltaHedge(.net) },
        Entry(name: "smile-delta", summary: "delta with the move of the smile that comes with the spot") {
            SmileDeltaHedge(delta: $0.delta, stickiness: $0.smileStickiness)
        },
        Entry(name: "minimum-variance", summary: "the model's delta with the variance that comes with the spot, or its two hedges") { _ in
            MinimumVarianceHedge()
        },
        Entry(name: "leland", summary: "delta at the volatility that prices the cost") { LelandHedge(timeStep: $0.timeStep) },
        Entry(name: "whalley-wilmott", summary: "delta within the small-cost optimal band") {
            WhalleyWilmottHedge(riskAversion: $0.riskAversion, delta: $0.delta)
        },
        Entry(name: "variance-optimal", summary: "least variance between decisions, without cost") {
            VarianceOptimalHedge(timeStep: $0.timeStep)
        },
        Entry(name: "delta-vega", summary: "delta and vega with one option") { _ in SensitivityHedge([.delta, .vega]) },
        Entry(name: "delta-vega-gamma", summary: "delta, vega and gamma with two options") { _ in
            SensitivityHedge([.delta, .vega, .gamma])
        },
        Entry(name: "delta-gamma", summary: "delta, and gamma with the option that each day strikes") { _ in GammaBandHedge() },
    ]

    /// A strategy with a few numbers to fit on training paths before it is judged on others.
    public struct FittedEntry: Sendable {
        public let name: String
        public let summary: String
        /// The feature columns it reads.
        public let inputs: [FeatureName]
        public let fit:
            @Sendable (_ training: any HedgingMarket, RiskMeasure, _ paths: Range<Int>, StrategySettings, Workers) -> any HedgingStrategy
    }

    public static let fitted: [FittedEntry] = [
        FittedEntry(
            name: "tuned-band", summary: "a band whose width and centre are fitted", inputs: TunedBandHedge().inputs
        ) {
            market, objective, paths, settings, workers in
            TunedBandHedge.fit(on: market, objective: objective, paths: paths, delta: settings.delta, workers: workers).strategy
        },
        FittedEntry(
            name: "gamma-band", summary: "delta, and gamma within a band whose width is fitted", inputs: GammaBandHedge().inputs
        ) {
            market, objective, paths, _, workers in
            GammaBandHedge.fit(on: market, objective: objective, paths: paths, workers: workers).strategy
        },
    ]

    /// The strategy of that name among those that need no fitting, nil where the catalogue has none.
    public static func strategy(named name: String, settings: StrategySettings) -> (any HedgingStrategy)? {
        all.first { $0.name == name }?.make(settings)
    }
}

/// What an experiment tells its analytic strategies; costs they read from the instruments.
public struct StrategySettings: Sendable, Equatable, Codable {
    /// a of the entropic risk measure, per unit of book currency.
    public var riskAversion: Double
    /// Years between decisions.
    public var timeStep: Double
    /// Plain for books in the quote currency, net for books in coin.
    public var delta: DeltaHedge.Kind
    /// R: 0 moves the smile with the spot, 1 leaves it at its strikes, 2 is a short-dated local volatility.
    public var smileStickiness: Double

    public init(
        riskAversion: Double = 1, timeStep: Double = 1.0 / 365, delta: DeltaHedge.Kind = .plain, smileStickiness: Double = 2
    ) {
        self.riskAversion = riskAversion
        self.timeStep = timeStep
        self.delta = delta
        self.smileStickiness = smileStickiness
    }
}
