import Features
public import Hedging
import LinearAlgebra
import Probability

extension Experiment {
    /// The trainer that the experiment's policy and training describe.
    ///
    /// - Parameter market: What it will be trained on: its features decide what the network reads where the experiment does not say.
    public func trainer(on market: any HedgingMarket) throws(SetupError) -> DeepHedgeTrainer {
        if case .poissonBook = claim, policy.kind != .book {
            throw .market("policy.kind is \(policy.kind.rawValue); a poisson-book is hedged by kind book")
        }
        guard policy.conditioning.isEmpty || !self.market.isRecorded else {
            throw .market("policy.conditioning is for simulated markets; \(self.market.name) has one history")
        }
        guard !policy.sharedAcrossAssets || market is MultiAssetMarket else {
            throw .market("policy.sharedAcrossAssets is true; \(self.market.name) has no assets to share a network (market.assets)")
        }
        var trainer = DeepHedgeTrainer()
        trainer.policy = policy.kind
        let hasDelta = DeltaHedge(.plain).inputs.allSatisfy { columns([$0], of: market).allSatisfy(market.availableFeatures.contains) }
        trainer.center = policy.center ?? (self.market.isInCoin ? .netDelta : hasDelta ? .delta : .zero)
        trainer.learnsShift = policy.learnsShift
        trainer.seesHoldings = policy.previousHolding
        trainer.sharedAcrossAssets = policy.sharedAcrossAssets
        trainer.features = try features(on: market)
        trainer.hidden = policy.hidden
        trainer.activation = policy.activation
        trainer.normalization = policy.normalization
        trainer.cell = policy.cell
        training.apply(to: &trainer)
        trainer.premium = premium(on: market)
        trainer.seed = seed
        return trainer
    }

    /// Where the weights begin.
    ///
    /// - Parameter fitted: The hedge that `training.from` names.
    func start(from fitted: LearnedHedge?, on market: any HedgingMarket) throws(SetupError) -> TrainingStart {
        if let fitted { return .hedge(fitted) }
        guard let name = training.start else { return .random }
        return try formula(named: name, on: market).map { TrainingStart.strategy($0) } ?? .random
    }

    /// What the network reads: the experiment's own list, or the state of the market as far as it is known.
    private func features(on market: any HedgingMarket) throws(SetupError) -> [FeatureName] {
        guard let chosen = policy.features else {
            let state: [FeatureName] =
                self.market.isRecorded
                ? [.logMoneyness, .timeToExpiry, .impliedVolatility, .bookNetDelta, .bookSmileVega]
                : policy.kind == .book
                    ? [.remainingSteps, .forward, .impliedVolatility]
                    : [
                        .logMoneyness, .timeToExpiry, .variance, .bookDelta, .bookGamma, .runningMaximum, .runningMinimum,
                        .runningAverage, .isKnocked, .startingSpot, .realisedVariance,
                    ]
            return columns(state, of: market).filter(market.availableFeatures.contains)
        }
        let names = columns(chosen.map(FeatureName.init(rawValue:)), of: market)
        for name in names where !market.availableFeatures.contains(name) {
            throw .missingFeature(strategy: "learned", feature: name.rawValue, market: self.market.name)
        }
        return names
    }

    /// Paths that a premium without formula is the mean over.
    private static let premiumPaths = 100_000

    /// In a market of several assets a name without number is that column of each, unless it belongs to all of them.
    private func columns(_ names: [FeatureName], of market: any HedgingMarket) -> [FeatureName] {
        guard let several = market as? MultiAssetMarket else { return names }
        let known = several.availableFeatures
        let assets = several.assets.indices
        // A shared network reads asset by asset, and of each what is common too.
        if policy.sharedAcrossAssets { return assets.flatMap { asset in names.map { $0.ofAsset(asset + 1) } } }
        return names.flatMap { name in
            known.contains(name) ? [name] : assets.map { name.ofAsset($0 + 1) }
        }
    }

    /// What is taken off every loss before the objective is applied: nothing where the objective moves with cash, the claim's model value
    /// where it is a mean square or a power of wealth, which have a meaning only about a premium. Without formula, the mean payoff.
    public func premium(on market: any HedgingMarket) -> Double {
        guard case .quadratic = objective, !self.market.isRecorded else { return 0 }
        return modelValue(on: market)
            ?? -market.paths(0..<Self.premiumPaths, features: []).liabilityGains.reduce(0, +) / Double(Self.premiumPaths)
    }

    /// What the model asks for the claim at the start, positive where it is sold; nil where the market has no such price.
    func modelValue(on market: any HedgingMarket) -> Double? {
        guard market.availableFeatures.contains(.bookValue) else { return nil }
        let start = market.paths(0..<1, features: [.bookValue])
        return -start.decision(step: 0, holdings: Matrix(rows: 1, columns: market.instruments.count)).features[.bookValue][0]
    }
}

/// Some of another market's paths, counted from 0.
public struct MarketSlice: HedgingMarket {
    public let market: any HedgingMarket
    public let range: Range<Int>

    public init(_ market: any HedgingMarket, _ range: Range<Int>) {
        precondition(market.recordedPaths.map { range.upperBound <= $0 } ?? true, "paths \(range) of \(market.recordedPaths ?? 0)")
        self.market = market
        self.range = range
    }

    public var instruments: [HedgeInstrument] { market.instruments }
    public var recordedPaths: Int? { range.count }
    public var availableFeatures: [FeatureName] { market.availableFeatures }

    public func paths(_ range: Range<Int>, features: [FeatureName]) -> any HedgingPaths {
        precondition(range.upperBound <= self.range.count, "paths \(range) of \(self.range.count)")
        let start = self.range.lowerBound
        return market.paths(start + range.lowerBound..<start + range.upperBound, features: features)
    }
}
