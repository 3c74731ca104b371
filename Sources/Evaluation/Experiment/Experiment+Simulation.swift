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

        public var description: String {
            switch self {
            case .market(let reason): reason
            case .missingFeature(let strategy, let feature, let market):
                "the strategy \(strategy) needs the feature \(feature), which \(market) cannot fill; leave it out of evaluation.against"
            }
        }
    }

    /// The simulated market with paths drawn for one purpose; nil where the market is recorded.
    public func simulatedMarket(_ purpose: RandomStream.Purpose) throws(SetupError) -> SimulatedMarket? {
        guard case .options(let positions) = claim else { return nil }
        do {
            guard let simulator = try market.simulator else { return nil }
            return try SimulatedMarket(
                simulator: simulator, grid: calendar.grid,
                claim: SimulatedClaim(legs: positions.map { SimulatedClaim.Leg($0.kind, strike: $0.strike, quantity: $0.quantity) }),
                instruments: instruments.compactMap { $0.simulated(calendar) },
                costs: instruments.map { TradingCost(proportional: $0.proportional ?? costs.proportional, fixed: costs.fixed) },
                chargesUnwinding: costs.terminal, stream: RandomStream(seed: seed, purpose: purpose))
        } catch {
            throw .market("\(error)")
        }
    }

    /// What analytic strategies are told of the experiment.
    public var strategySettings: StrategySettings {
        var settings = StrategySettings(timeStep: calendar.grid.timeStep)
        if case .entropic(let aversion) = objective { settings.riskAversion = aversion }
        if market.isRecorded { settings.delta = .net }
        return settings
    }

    /// The formula of that name, able to run on the market; nil where the name is that of a regression.
    func formula(named name: String, on market: any HedgingMarket) throws(SetupError) -> (any HedgingStrategy)? {
        guard let strategy = StrategyCatalog.strategy(named: name, settings: strategySettings) else { return nil }
        try require(strategy.inputs, of: name, on: market)
        return strategy
    }

    func require(_ features: [FeatureName], of strategy: String, on market: any HedgingMarket) throws(SetupError) {
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

extension InstrumentSettings {
    func simulated(_ calendar: CalendarSettings) -> SimulatedInstrument? {
        switch kind {
        case .spot: .spot
        case .varianceSwap: .varianceSwap
        case .option(let kind, let strike, let maturityDays):
            .option(kind, strike: strike, maturityDays: maturityDays ?? calendar.maturityDays)
        case .perpetual, .future, .listedOptions: nil
        }
    }
}
