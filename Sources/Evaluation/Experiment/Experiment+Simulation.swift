import Features
public import Hedging
import Market
public import Probability
import Stochastics

extension Experiment {
    /// Why an experiment that reads well cannot be set up.
    public enum SetupError: Error, Equatable, CustomStringConvertible {
        case market(String)
        case missingFeature(strategy: String, feature: String, market: String)
        case noFormula(strategy: String)

        public var description: String {
            switch self {
            case .market(let reason): reason
            case .noFormula(let strategy):
                "the strategy \(strategy) has no formula for this claim (arithmetic means have none); leave it out of evaluation.against"
            case .missingFeature(let strategy, let feature, let market):
                "the strategy \(strategy) needs the feature \(feature), which \(market) cannot fill; leave it out of evaluation.against"
            }
        }
    }

    /// The simulated market with paths drawn for one purpose; nil where the market is recorded.
    public func market(_ purpose: RandomStream.Purpose) throws(SetupError) -> (any HedgingMarket)? {
        guard case .simulated(let settings) = market else { return nil }
        let sampling: Sampling =
            switch purpose {
            case .trainingPaths: training.sampling
            case .evaluationPaths: evaluation.sampling
            default: .independent
            }
        let stream = RandomStream(seed: seed, purpose: purpose).sampled(sampling)
        do {
            if case .poissonBook(let book) = claim {
                return try PoissonBookMarket(
                    simulator: try settings.simulator, grid: calendar.grid, settings: book,
                    cost: TradingCost(proportional: costs.proportional, fixed: costs.fixed), stream: stream)
            }
            guard let sold = claim.simulated else { return nil }
            let hedges = instruments.compactMap { $0.simulated(calendar) }
            let rates = instruments.map {
                TradingCost(proportional: $0.proportional ?? costs.proportional, fixed: costs.fixed, quadratic: costs.quadratic)
            }
            if let assets = try settings.assetSimulator {
                return try MultiAssetMarket(
                    simulator: assets, grid: calendar.grid, claims: assets.assets.map { _ in sold }, instruments: hedges, costs: rates,
                    chargesUnwinding: costs.terminal, settlement: settings.settlement, baskets: claim.basket.map { [$0] } ?? [],
                    stream: stream)
            }
            guard claim.basket == nil else {
                throw SimulatedMarketError.badClaim("a basket needs several assets, market: {assets: ...}")
            }
            return try SimulatedMarket(
                simulator: try settings.simulator, grid: calendar.grid, claim: sold, instruments: hedges, costs: rates,
                chargesUnwinding: costs.terminal, settlement: settings.settlement, stream: stream)
        } catch {
            throw .market("\(error)")
        }
    }

    /// What analytic strategies are told of the experiment.
    public var strategySettings: StrategySettings {
        var settings = StrategySettings(timeStep: calendar.grid.timeStep)
        if case .entropic(let aversion) = objective { settings.riskAversion = aversion }
        if market.isInCoin { settings.delta = .net }
        return settings
    }

    /// The formula of that name, able to run on the market; nil where the name is that of a regression.
    func formula(named name: String, on market: any HedgingMarket) throws(SetupError) -> (any HedgingStrategy)? {
        guard var strategy = StrategyCatalog.strategy(named: name, settings: strategySettings) else { return nil }
        if let several = market as? MultiAssetMarket { strategy = EachAssetHedge(strategy, assets: several.assets.count) }
        try require(strategy.inputs, of: name, on: market)
        return strategy
    }

    func require(_ features: [FeatureName], of strategy: String, on market: any HedgingMarket) throws(SetupError) {
        let assets = (market as? MultiAssetMarket)?.assets ?? (market as? SimulatedMarket).map { [$0] } ?? []
        if assets.contains(where: { !$0.claim.hasFormula }), features.contains(where: { $0.rawValue.hasPrefix("book-") }) {
            throw .noFormula(strategy: strategy)
        }
        for feature in features where !market.availableFeatures.contains(feature) {
            throw .missingFeature(strategy: strategy, feature: feature.rawValue, market: self.market.name)
        }
    }
}

extension MarketSettings {
    /// As a message names it.
    public var name: String {
        switch self {
        case .simulated(let settings): "the \(settings.model) market"
        case .recorded(let settings): "the recorded \(settings.currency.rawValue) market"
        }
    }
}

extension ClaimSettings {
    /// As markets of one law take it; nil where the claim is made of recorded options or grows with the days.
    var simulated: SimulatedClaim? {
        func legs(_ positions: [OptionPosition]) -> [SimulatedClaim.Leg] {
            positions.map { SimulatedClaim.Leg($0.kind, strike: $0.strike, quantity: $0.quantity) }
        }
        return switch self {
        case .options(let positions): SimulatedClaim(legs: legs(positions))
        case .exotics(let exotics, let options):
            SimulatedClaim(legs: legs(options), exotics: exotics.map { SimulatedClaim.ExoticLeg($0.option, quantity: $0.quantity) })
        case .basket: SimulatedClaim.none
        case .everyOption, .randomBooks, .poissonBook: nil
        }
    }

    /// The claim on all assets together.
    var basket: BasketOption? {
        if case .basket(let basket) = self { basket } else { nil }
    }
}

extension InstrumentSettings {
    func simulated(_ calendar: CalendarSettings) -> SimulatedInstrument? {
        switch kind {
        case .spot: .spot
        case .varianceSwap: .varianceSwap
        case .option(let kind, let strike, let maturityDays):
            .option(kind, strike: strike, maturityDays: maturityDays ?? calendar.maturityDays)
        case .simulatedPerpetual(let funding): .perpetual(funding)
        case .simulatedFuture(let basis, let maturityDays): .future(basis: basis, maturityDays: maturityDays ?? calendar.maturityDays)
        case .perpetual, .future, .listedOptions: nil
        }
    }
}
