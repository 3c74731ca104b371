public import Features
public import Market
import Pricing
public import Probability
public import Stochastics

/// A simulated market with a sold or bought claim, as many paths as asked.
///
/// A book settled in coin is valued in coin: the claim pays its dollars' worth of it, perpetuals and futures are inverse ones, a unit of
/// which is a coin's worth at the price of the moment and earns 1 − F₀/F₁ coin.
///
/// Rates are zero; the claim's legs expire at the end of the grid and are settled there, so that a path's book profit
/// is the payoff with its sign. Premium is not included.
public struct SimulatedMarket: HedgingMarket {
    public let simulator: any PathSimulator
    public let grid: TimeGrid
    public let claim: SimulatedClaim
    public let hedges: [SimulatedInstrument]
    public let instruments: [HedgeInstrument]
    /// Whether the last holdings are sold, and charged, at the end.
    public let chargesUnwinding: Bool
    /// What claim and instruments pay in.
    public let settlement: Settlement
    /// Heston's model, with its jumps or without, where the simulator has one, and its figures by step.
    let affine: HestonJumpModel?
    private(set) var sheets: HestonSheets?
    /// Where the paths come from: streams of different purposes are independent.
    public var stream: RandomStream

    /// - Parameter costs: One for each instrument, or one for all.
    public init(
        simulator: any PathSimulator, grid: TimeGrid, claim: SimulatedClaim, instruments: [SimulatedInstrument] = [.spot],
        costs: [TradingCost] = [.init()], chargesUnwinding: Bool = false, settlement: Settlement = .linear, stream: RandomStream
    ) throws(SimulatedMarketError) {
        precondition(!instruments.isEmpty, "no instrument to hedge with")
        precondition(
            costs.count == instruments.count || costs.count == 1, "\(costs.count) costs for \(instruments.count) instruments")
        let law = AffineLaw(simulator)
        for instrument in instruments {
            switch instrument {
            case .spot: guard settlement == .linear else { throw .paysNoCoin(instrument: instrument.name) }
            case .varianceSwap:
                guard settlement == .linear else { throw .paysNoCoin(instrument: instrument.name) }
                guard simulator is HestonSimulator else { throw .varianceSwapNeedsVariance(simulator: simulator.name) }
            case .perpetual: break
            case .future(_, let days):
                guard days >= grid.maturityDays else { throw .optionExpiresEarly(days: days, gridDays: grid.maturityDays) }
            case .option(_, let strike, let days):
                guard strike > 0 else { throw .badStrike(found: strike) }
                guard days >= grid.maturityDays else { throw .optionExpiresEarly(days: days, gridDays: grid.maturityDays) }
            }
        }
        for leg in claim.exotics {
            if let fault = leg.option.fault(spot: simulator.spot, steps: grid.steps) { throw .badClaim(fault) }
        }
        self.simulator = simulator
        self.grid = grid
        self.claim = claim
        self.hedges = instruments
        self.instruments = instruments.indices.map { index in
            HedgeInstrument(
                name: instruments[index].name, kind: instruments[index].kind, cost: costs.count == 1 ? costs[0] : costs[index])
        }
        self.chargesUnwinding = chargesUnwinding
        self.settlement = settlement
        let sheets = law.flatMap { HestonSheets($0.model, initialVariance: $0.initialVariance, horizon: grid.maturity) }
        self.sheets = sheets
        affine = sheets == nil ? nil : law?.model
        self.stream = stream
    }

    /// Heston's model where that is all the law.
    var heston: HestonModel? { simulator is HestonSimulator ? affine?.heston : nil }

    /// What Black's formula is used with where the law has no formula of its own here.
    var referenceVolatility: Double { simulator.referenceVolatility(on: grid) }

    public var recordedPaths: Int? { nil }

    public var availableFeatures: [FeatureName] {
        var features: [FeatureName] = [.timeToExpiry, .impliedVolatility, .forward]
        if claim.firstStrike != nil { features.append(.logMoneyness) }
        if claim.hasFormula { features += [.bookDelta, .bookNetDelta, .bookGamma, .bookVega, .bookValue] }
        if claim.isEuropean {
            features += [.bookVanna, .bookSmileVega]
            if settlement == .linear {
                features += [.bookModelDelta, .bookVarianceVega, .bookJumpDelta, .varianceSpotSlope, .hedgeModelDelta, .hedgeVarianceVega]
            }
            if claim.legs.count == 1 { features.append(.bookQuantity) }
        }
        if simulator.hasVariance { features.append(.variance) }
        if funding != nil { features.append(.fundingRate) }
        return features + claim.pathFeatures
    }

    public func paths(_ range: Range<Int>, features: [FeatureName]) -> any HedgingPaths {
        for feature in features {
            precondition(availableFeatures.contains(feature), "this market has no feature '\(feature)'")
        }
        let block = withFunding(simulator.paths(range, on: grid, stream: stream), range, stream: stream)
        return SimulatedPaths(market: self, block: block, features: features)
    }

    /// What the perpetual's holders pay; nil where none is held.
    var funding: FundingProcess? {
        for case .perpetual(let funding) in hedges { return funding }
        return nil
    }

    /// The block with the funding rates of its paths.
    func withFunding(_ block: PathBlock, _ range: Range<Int>, stream: RandomStream) -> PathBlock {
        guard let funding else { return block }
        var block = block
        block.fundingRate = funding.rates(range, on: grid, stream: stream)
        return block
    }

    /// Whether the same tables serve both.
    func hasTheLaw(of other: SimulatedMarket) -> Bool {
        guard let law = AffineLaw(simulator) else { return false }
        return law == AffineLaw(other.simulator) && grid == other.grid
    }

    mutating func shareSheets(of twin: SimulatedMarket) { sheets = twin.sheets }

    /// The same market with paths of another stream: for fitting, for choosing, for judging.
    public func drawing(from stream: RandomStream) -> SimulatedMarket {
        var market = self
        market.stream = stream
        return market
    }
}

/// What is wrong with a simulated market that was asked for.
public enum SimulatedMarketError: Error, Equatable, CustomStringConvertible {
    case varianceSwapNeedsVariance(simulator: String)
    case optionExpiresEarly(days: Double, gridDays: Double)
    case badStrike(found: Double)
    case badClaim(String)
    /// In a book settled in coin.
    case paysNoCoin(instrument: String)
    /// Options are valued in the markets of Black-Scholes and SABR only.
    case noImpliedVolatility(simulator: String)

    public var description: String {
        switch self {
        case .varianceSwapNeedsVariance(let simulator): "a variance swap is hedged with in the heston market, not in \(simulator)"
        case .paysNoCoin(let instrument): "a book in coin is hedged with perpetuals, futures and options, not with \(instrument)"
        case .optionExpiresEarly(let days, let gridDays): "a hedge of \(days) days expires before the claim, of \(gridDays) days"
        case .noImpliedVolatility(let simulator): "options are valued in the markets black-scholes and sabr only, not in \(simulator)"
        case .badStrike(let found): "a hedge option with strike \(found), expected a positive one"
        case .badClaim(let fault): "no claim to hedge: \(fault)"
        }
    }
}
