public import Features
public import LinearAlgebra
import Market
import Pricing
import RealModule
public import Stochastics

/// A block of simulated paths as strategies meet it. Columns are computed when a decision asks for them.
///
/// In the markets of Heston, Bates and SVCJ the Black figures are at the implied volatility of the model's price, as a desk sees them,
/// and a variance swap's vega is that of its fair volatility, 2 √(w τ); the model's own sensitivities have their own columns.
public struct SimulatedPaths: HedgingPaths {
    let market: SimulatedMarket
    public let block: PathBlock
    let features: [FeatureName]
    /// Prices of one unit, T + 1 matrices [N, H].
    let prices: [Matrix<Double>]
    private let zeros: Matrix<Double>
    /// The past as the claim and its features look back on it.
    private let record: PathRecord
    public let liabilityGains: [Double]

    /// - Parameter block: Paths on the market's grid, from its simulator or from elsewhere.
    public init(market: SimulatedMarket, block: PathBlock, features: [FeatureName]) {
        precondition(block.steps == market.grid.steps, "\(block.steps) steps on a grid of \(market.grid.steps)")
        self.market = market
        self.block = block
        self.features = features
        zeros = Matrix(rows: block.count, columns: market.hedges.count)
        let view = OptionView(market: market, block: block)
        let inCoin = market.settlement == .inverse
        prices = (0...block.steps).map { step in
            Matrix(
                columns: market.hedges.map { hedge in
                    switch hedge {
                    case .spot: return block.spot[step]
                    case .perpetual, .future:
                        return inCoin ? [Double](repeating: 1, count: block.count) : Self.futures(hedge, block, market.grid, step: step)
                    case .varianceSwap: return view.varianceSwapPrices(step: step)
                    case .option(let kind, let strike, let days):
                        let dollars = view.black(
                            kind, strike: strike, timeToExpiry: Self.timeToExpiry(days: days, market.grid, step: step), step: step,
                            figures: [.value]
                        ).value
                        return inCoin ? zip(dollars, block.spot[step]).map { $0 / $1 } : dollars
                    }
                })
        }
        let record = PathRecord(block, features: Set(market.claim.pathFeatures))
        self.record = record
        liabilityGains = block.spot[block.steps].indices.map { i in
            let dollars = market.claim.exotics.reduce(market.claim.payoff(block.spot[block.steps][i])) {
                $0 + $1.quantity * $1.option.payoff(record, path: i, maturity: market.grid.maturity)
            }
            return inCoin ? dollars / block.spot[block.steps][i] : dollars
        }
    }

    /// Prices of a perpetual or a dated future, in quote currency.
    private static func futures(_ hedge: SimulatedInstrument, _ block: PathBlock, _ grid: TimeGrid, step: Int) -> [Double] {
        guard case .future(let basis, let days) = hedge else { return block.spot[step] }
        let premium = Double.exp(basis * timeToExpiry(days: days, grid, step: step))
        return block.spot[step].map { $0 * premium }
    }

    public var count: Int { block.count }
    public var steps: Int { block.steps }
    public var finalPrices: Matrix<Double> { prices[steps] }
    public var chargesUnwinding: Bool { market.chargesUnwinding }

    public func gains(step: Int) -> Matrix<Double> {
        let before = prices[step].storage
        let after = prices[step + 1].storage
        let gains = [Double](unsafeUninitializedCapacity: before.count) { gains, initialized in
            for i in 0..<before.count { gains[i] = after[i] - before[i] }
            initialized = before.count
        }
        var result = Matrix(rows: count, columns: market.hedges.count, storage: gains)
        for (column, hedge) in market.hedges.enumerated() { addCarry(&result, hedge, column, step: step) }
        return result
    }

    /// Funding, and what an inverse future earns in coin though its price in coin is always 1.
    private func addCarry(_ gains: inout Matrix<Double>, _ hedge: SimulatedInstrument, _ column: Int, step: Int) {
        switch hedge {
        case .spot, .varianceSwap, .option: return
        case .perpetual, .future:
            let inCoin = market.settlement == .inverse
            let before = Self.futures(hedge, block, market.grid, step: step)
            let after = Self.futures(hedge, block, market.grid, step: step + 1)
            if inCoin {
                for i in 0..<count { gains[i, column] += InverseFuture.profit(coinNotional: 1, from: before[i], to: after[i]) }
            }
            guard case .perpetual(let funding) = hedge else { return }
            for i in 0..<count {
                let rate = block.fundingRate.isEmpty ? funding.mean : block.fundingRate[step][i]
                let paid = rate * before[i] * market.grid.timeStep
                gains[i, column] -= inCoin ? paid / after[i] : paid
            }
        }
    }

    public func decision(step: Int, holdings: Matrix<Double>) -> DecisionBatch {
        precondition((0..<steps).contains(step), "no decision at step \(step) of \(steps)")
        let view = OptionView(market: market, block: block)
        let inCoin = market.settlement == .inverse
        var deltas = zeros
        var gammas = zeros
        var vegas = zeros
        for (column, hedge) in market.hedges.enumerated() {
            switch hedge {
            case .spot: for i in 0..<count { deltas[i, column] = 1 }
            case .perpetual, .future:
                let price = Self.futures(hedge, block, market.grid, step: step)
                for i in 0..<count { deltas[i, column] = inCoin ? 1 : price[i] / block.spot[step][i] }
            case .varianceSwap:
                let vega = view.varianceSwapVegas(step: step)
                for i in 0..<count { vegas[i, column] = vega[i] }
            case .option(let kind, let strike, let days):
                let black = view.black(
                    kind, strike: strike, timeToExpiry: Self.timeToExpiry(days: days, market.grid, step: step), step: step,
                    figures: [.delta, .gamma, .vega])
                // In coin a move is a relative one: net delta, F Γ and vega/F.
                for i in 0..<count {
                    let spot = inCoin ? block.spot[step][i] : 1
                    deltas[i, column] = black.delta[i] - (inCoin ? prices[step][i, column] : 0)
                    gammas[i, column] = black.gamma[i] * spot
                    vegas[i, column] = black.vega[i] / spot
                }
            }
        }
        return DecisionBatch(
            features: FeatureMatrix(names: features, columns: columns(step: step, view)), instruments: market.instruments,
            prices: prices[step], deltas: deltas, gammas: gammas, vegas: vegas, holdings: holdings)
    }

    private func columns(step: Int, _ view: OptionView) -> [[Double]] {
        let timeToExpiry = market.grid.timeToMaturity(step)
        let legs = market.claim.legs
        func constant(_ value: Double) -> [Double] { [Double](repeating: value, count: count) }
        // Legs' figures, computed together for all columns that need them.
        var figures: Set<BlackColumns.Figure> = []
        for feature in features { figures.formUnion(Self.blackFigures[feature] ?? []) }
        let needsModel = !figures.isEmpty || !Self.modelFeatures.isDisjoint(with: features)
        let model = needsModel ? legs.map { view.model(strike: $0.strike, timeToExpiry: timeToExpiry, step: step) } : []
        let black =
            figures.isEmpty
            ? []
            : zip(legs, model).map { leg, model in
                view.black(
                    leg.kind, strike: leg.strike, timeToExpiry: timeToExpiry, step: step,
                    volatility: model?.impliedVolatility ?? [market.referenceVolatility], figures: figures)
            }
        let exotic = exoticFigures(step: step)
        func book(_ value: (_ leg: Int, _ path: Int) -> Double, and exotic: [Double]? = nil) -> [Double] {
            var sum = exotic ?? constant(0)
            for leg in legs.indices {
                let quantity = legs[leg].quantity
                for i in 0..<count { sum[i] += quantity * value(leg, i) }
            }
            return sum
        }
        let spot = block.spot[step]
        return features.map { feature in
            switch feature {
            case .logMoneyness:
                guard let strike = market.claim.firstStrike else { preconditionFailure("a claim without strike has no moneyness") }
                let logStrike = Double.log(strike)
                let logSpot = block.logSpot[step]
                return [Double](unsafeUninitializedCapacity: count) { column, initialized in
                    for i in 0..<logSpot.count { column[i] = logStrike - logSpot[i] }
                    initialized = logSpot.count
                }
            case .timeToExpiry: return constant(timeToExpiry)
            case .forward: return spot
            case .variance: return block.variance[step]
            case .impliedVolatility: return model.first??.impliedVolatility ?? constant(market.referenceVolatility)
            case .bookQuantity: return constant(legs[0].quantity)
            case .bookDelta: return book({ black[$0].delta[$1] }, and: exotic?.map(\.delta))
            case .bookNetDelta:
                return book(
                    { black[$0].delta[$1] - black[$0].value[$1] / spot[$1] },
                    and: exotic.map { zip($0, spot).map { $0.delta - $0.value / $1 } })
            case .bookGamma: return book({ black[$0].gamma[$1] }, and: exotic?.map(\.gamma))
            case .bookVega: return book({ black[$0].vega[$1] }, and: exoticVegas(step: step))
            case .bookVanna: return book { black[$0].vanna[$1] }
            case .bookValue:
                let dollars = book({ black[$0].value[$1] }, and: exotic?.map(\.value))
                return market.settlement == .inverse ? zip(dollars, spot).map { $0 / $1 } : dollars
            case .fundingRate: return block.fundingRate.isEmpty ? constant(market.funding?.mean ?? 0) : block.fundingRate[step]
            case .bookSmileVega:
                return book { leg, i in model[leg].map { $0.smileSlope[i] * black[leg].vega[i] } ?? 0 }
            case .bookModelDelta:
                return book { leg, i in
                    model[leg].map { $0.delta[i] - (legs[leg].kind == .call ? 0 : 1) } ?? black[leg].delta[i]
                }
            case .bookVarianceVega: return book { leg, i in model[leg].map { $0.varianceVega[i] * legs[leg].strike } ?? 0 }
            case .bookJumpDelta:
                guard let affine = market.affine, affine.jumpIntensity > 0 else { return constant(0) }
                let (slope, square) = (affine.heston.correlation * affine.heston.volatilityOfVariance, affine.meanSquaredGrowth)
                return book { leg, i in
                    guard let call = model[leg] else { return 0 }
                    let isPut = legs[leg].kind == .put
                    return affine.jumpDelta(
                        covariance: call.jumpCovariance[i] - (isPut ? square : 0),
                        diffusionDelta: call.delta[i] - (isPut ? 1 : 0) + slope / spot[i] * call.varianceVega[i] * legs[leg].strike,
                        variance: block.variance[step][i])
                }
            case .varianceSpotSlope:
                guard let heston = market.affine?.heston else { return constant(0) }
                return spot.map { heston.correlation * heston.volatilityOfVariance / $0 }
            case .hedgeModelDelta: return hedgeFigures(step: step, view).delta
            case .hedgeVarianceVega: return hedgeFigures(step: step, view).varianceVega
            default:
                guard let column = record.column(feature, of: market.claim, step: step, maturity: market.grid.maturity) else {
                    preconditionFailure("this market has no feature '\(feature)'")
                }
                return column
            }
        }
    }

    /// Σ q of the exotic legs' figures, one for each path; nil where there is no such leg or no column of the book is asked for.
    private func exoticFigures(step: Int) -> [SpotFigures]? {
        let columns: Set<FeatureName> = [.bookDelta, .bookNetDelta, .bookGamma, .bookValue]
        guard !market.claim.exotics.isEmpty, !columns.isDisjoint(with: features) else { return nil }
        let volatility = market.referenceVolatility
        return (0..<count).map { i in
            market.claim.exotics.reduce(SpotFigures(value: 0)) {
                $0 + $1.quantity * $1.option.figures(record, path: i, step: step, volatility: volatility, on: market.grid)
            }
        }
    }

    private func exoticVegas(step: Int) -> [Double]? {
        guard !market.claim.exotics.isEmpty else { return nil }
        let volatility = market.referenceVolatility
        return (0..<count).map { i in
            market.claim.exotics.reduce(0) {
                $0 + $1.quantity * $1.option.vega(record, path: i, step: step, volatility: volatility, on: market.grid)
            }
        }
    }

    /// What each column needs of Black's figures.
    private static let blackFigures: [FeatureName: Set<BlackColumns.Figure>] = [
        .bookDelta: [.delta], .bookNetDelta: [.delta, .value], .bookGamma: [.gamma], .bookVega: [.vega], .bookVanna: [.vanna],
        .bookValue: [.value], .bookSmileVega: [.vega], .bookModelDelta: [.delta],
    ]

    private static let modelFeatures: Set<FeatureName> = [
        .impliedVolatility, .bookSmileVega, .bookModelDelta, .bookVarianceVega, .bookJumpDelta,
    ]

    /// ∂/∂S and ∂/∂v of the first hedge that is no underlying; zero where there is none or the law has no variance.
    private func hedgeFigures(step: Int, _ view: OptionView) -> (delta: [Double], varianceVega: [Double]) {
        let zero = [Double](repeating: 0, count: count)
        guard let heston = market.affine?.heston, let hedge = market.hedges.first(where: { $0.kind != .underlying }) else {
            return (zero, zero)
        }
        switch hedge {
        case .spot, .perpetual, .future: return (zero, zero)
        case .varianceSwap:
            return (zero, [Double](repeating: heston.memory(market.grid.timeToMaturity(step)), count: count))
        case .option(let kind, let strike, let days):
            let time = Self.timeToExpiry(days: days, market.grid, step: step)
            guard let model = view.model(strike: strike, timeToExpiry: time, step: step) else { return (zero, zero) }
            return (model.delta.map { kind == .call ? $0 : $0 - 1 }, model.varianceVega.map { $0 * strike })
        }
    }

    private static func timeToExpiry(days: Double, _ grid: TimeGrid, step: Int) -> Double {
        max(days / grid.daysPerYear - grid.time(step), 0)
    }
}

/// Options and variance swaps on one block, in whichever market it is.
private struct OptionView {
    let market: SimulatedMarket
    let block: PathBlock

    /// Black's figures at the market's volatility: constant, or implied by the model's price.
    func black(
        _ kind: OptionKind, strike: Double, timeToExpiry: Double, step: Int, figures: Set<BlackColumns.Figure>
    ) -> BlackColumns {
        let volatility = model(strike: strike, timeToExpiry: timeToExpiry, step: step)?.impliedVolatility
        return black(
            kind, strike: strike, timeToExpiry: timeToExpiry, step: step, volatility: volatility ?? [market.referenceVolatility],
            figures: figures)
    }

    /// The same where the volatility is known, as one number or one a path.
    func black(
        _ kind: OptionKind, strike: Double, timeToExpiry: Double, step: Int, volatility: [Double], figures: Set<BlackColumns.Figure>
    ) -> BlackColumns {
        BlackColumns(
            kind, strike: strike, timeToExpiry: timeToExpiry, logSpot: block.logSpot[step], spot: block.spot[step],
            volatility: volatility, figures: figures)
    }

    /// The model's figures of a call; nil where the law has none, or without time left.
    func model(strike: Double, timeToExpiry: Double, step: Int) -> HestonSheet.Columns? {
        guard let sheets = market.sheets, timeToExpiry > 0 else { return nil }
        let logStrike = Double.log(strike)
        return sheets[timeToExpiry].columns(moneyness: block.logSpot[step].map { $0 - logStrike }, variance: block.variance[step])
    }

    func varianceSwapPrices(step: Int) -> [Double] {
        guard let heston = market.heston else { return [] }
        let years = market.grid.timeToMaturity(step)
        return zip(block.integratedVariance[step], block.variance[step]).map {
            $0 + heston.expectedTotalVariance(from: $1, years: years)
        }
    }

    func varianceSwapVegas(step: Int) -> [Double] {
        guard let heston = market.heston else { return [] }
        let years = market.grid.timeToMaturity(step)
        return block.variance[step].map { 2 * (heston.expectedTotalVariance(from: $0, years: years) * years).squareRoot() }
    }
}

extension Matrix where Scalar == Double {
    /// The columns side by side; one column is taken as it is.
    init(columns: [[Double]]) {
        if columns.count == 1 {
            self.init(rows: columns[0].count, columns: 1, storage: columns[0])
        } else {
            self.init(rows: columns[0].count, columns: columns.count) { columns[$1][$0] }
        }
    }
}
