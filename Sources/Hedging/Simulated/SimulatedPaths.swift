public import Features
public import LinearAlgebra
import Market
import RealModule
public import Stochastics

/// A block of simulated paths as strategies meet it. Columns are computed when a decision asks for them.
public struct SimulatedPaths: HedgingPaths {
    let market: SimulatedMarket
    public let block: PathBlock
    let features: [FeatureName]
    /// Prices of one unit, T + 1 matrices [N, H].
    let prices: [Matrix<Double>]
    let zeros: Matrix<Double>
    let spotDeltas: Matrix<Double>
    public let liabilityGains: [Double]

    /// - Parameter block: Paths on the market's grid, from its simulator or from elsewhere.
    public init(market: SimulatedMarket, block: PathBlock, features: [FeatureName]) {
        precondition(block.steps == market.grid.steps, "\(block.steps) steps on a grid of \(market.grid.steps)")
        self.market = market
        self.block = block
        self.features = features
        zeros = Matrix(rows: block.count, columns: market.hedges.count)
        spotDeltas = Matrix(rows: block.count, columns: market.hedges.count) { market.hedges[$1] == .spot ? 1 : 0 }
        prices = (0...block.steps).map { step in
            Matrix(columns: market.hedges.map { Self.prices(of: $0, market: market, block: block, step: step) })
        }
        liabilityGains = block.spot[block.steps].map(market.claim.payoff)
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
        return Matrix(rows: count, columns: market.hedges.count, storage: gains)
    }

    public func decision(step: Int, holdings: Matrix<Double>) -> DecisionBatch {
        precondition((0..<steps).contains(step), "no decision at step \(step) of \(steps)")
        var deltas = spotDeltas
        var gammas = zeros
        var vegas = zeros
        for (column, hedge) in market.hedges.enumerated() where hedge != .spot {
            guard case .option(let kind, let strike, let days) = hedge else { continue }
            let figures = BlackColumns(
                kind, strike: strike, timeToExpiry: days / market.grid.daysPerYear - market.grid.time(step),
                logSpot: block.logSpot[step], spot: block.spot[step], volatility: [market.simulator.referenceVolatility],
                figures: [.delta, .gamma, .vega])
            for i in 0..<count {
                deltas[i, column] = figures.delta[i]
                gammas[i, column] = figures.gamma[i]
                vegas[i, column] = figures.vega[i]
            }
        }
        return DecisionBatch(
            features: FeatureMatrix(names: features, columns: columns(step: step)), instruments: market.instruments,
            prices: prices[step], deltas: deltas, gammas: gammas, vegas: vegas, holdings: holdings)
    }

    private func columns(step: Int) -> [[Double]] {
        var figures: Set<BlackColumns.Figure> = []
        for feature in features {
            switch feature {
            case .bookDelta: figures.insert(.delta)
            case .bookNetDelta: figures.formUnion([.delta, .value])
            case .bookGamma: figures.insert(.gamma)
            case .bookVega: figures.insert(.vega)
            case .bookVanna: figures.insert(.vanna)
            case .bookValue: figures.insert(.value)
            default: break
            }
        }
        let timeToExpiry = market.grid.timeToMaturity(step)
        let legs =
            figures.isEmpty
            ? []
            : market.claim.legs.map { leg in
                BlackColumns(
                    leg.kind, strike: leg.strike, timeToExpiry: timeToExpiry, logSpot: block.logSpot[step], spot: block.spot[step],
                    volatility: [market.simulator.referenceVolatility], figures: figures)
            }
        func book(_ figure: KeyPath<BlackColumns, [Double]>) -> [Double] {
            var sum = [Double](repeating: 0, count: count)
            for (leg, columns) in zip(market.claim.legs, legs) {
                let values = columns[keyPath: figure]
                for i in 0..<count { sum[i] += leg.quantity * values[i] }
            }
            return sum
        }
        return features.map { feature in
            switch feature {
            case .logMoneyness:
                let logStrike = Double.log(market.claim.legs[0].strike)
                let logSpot = block.logSpot[step]
                return [Double](unsafeUninitializedCapacity: count) { column, initialized in
                    for i in 0..<logSpot.count { column[i] = logStrike - logSpot[i] }
                    initialized = logSpot.count
                }
            case .timeToExpiry: return [Double](repeating: timeToExpiry, count: count)
            case .impliedVolatility: return [Double](repeating: market.simulator.referenceVolatility, count: count)
            case .forward: return block.spot[step]
            case .bookDelta: return book(\.delta)
            case .bookNetDelta:
                let (deltas, values, spot) = (book(\.delta), book(\.value), block.spot[step])
                return (0..<count).map { deltas[$0] - values[$0] / spot[$0] }
            case .bookGamma: return book(\.gamma)
            case .bookVega: return book(\.vega)
            case .bookVanna: return book(\.vanna)
            case .bookValue: return book(\.value)
            case .bookSmileVega: return [Double](repeating: 0, count: count)
            case .bookQuantity: return [Double](repeating: market.claim.legs[0].quantity, count: count)
            default: preconditionFailure("this market has no feature '\(feature)'")
            }
        }
    }

    private static func prices(of hedge: SimulatedInstrument, market: SimulatedMarket, block: PathBlock, step: Int) -> [Double] {
        switch hedge {
        case .spot: return block.spot[step]
        case .varianceSwap: preconditionFailure("no variance in \(market.simulator.name)")
        case .option(let kind, let strike, let days):
            let timeToExpiry = max(days / market.grid.daysPerYear - market.grid.time(step), 0)
            return BlackColumns(
                kind, strike: strike, timeToExpiry: timeToExpiry, logSpot: block.logSpot[step], spot: block.spot[step],
                volatility: [market.simulator.referenceVolatility], figures: [.value]
            ).value
        }
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
