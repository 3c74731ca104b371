public import Features
public import LinearAlgebra

/// What one hedge instrument is and costs.
public struct HedgeInstrument: Sendable, Equatable {
    public enum Kind: Sendable, Equatable {
        /// Spot, perpetual or dated future: the instrument that carries delta.
        case underlying
        case option
        case varianceSwap
    }

    public var name: String
    public var kind: Kind
    public var cost: TradingCost

    public init(name: String, kind: Kind, cost: TradingCost = .init()) {
        self.name = name
        self.kind = kind
        self.cost = cost
    }
}

/// What a trade of n units at price p costs: `proportional · |n| p + quadratic · n² p + fixed · 1{n ≠ 0}`.
public struct TradingCost: Sendable, Equatable, Codable {
    /// Fraction of the traded value.
    public var proportional = 0.0
    /// Book currency per trade.
    public var fixed = 0.0
    /// Fraction of the traded value, for each unit of the trade: what a large trade moves the price by.
    public var quadratic = 0.0

    public init(proportional: Double = 0, fixed: Double = 0, quadratic: Double = 0) {
        self.proportional = proportional
        self.fixed = fixed
        self.quadratic = quadratic
    }

    /// What trading `units` costs; nothing for none. A price below zero (a forward contract's) still costs its size.
    public func cost(ofTrade units: Double, price: Double) -> Double {
        units == 0 ? 0 : (proportional + quadratic * units.magnitude) * units.magnitude * price.magnitude + fixed
    }
}

/// N decisions at once: what a strategy may know before it chooses holdings. Online N is 1.
///
/// Sensitivities are those of one unit of each instrument **in the book's own currency**. In a dollar book the
/// underlying's move is a dollar of forward: spot has delta 1. In a coin book it is a relative move of the forward:
/// one coin notional of inverse future has delta 1, an option its net delta.
public struct DecisionBatch: Sendable {
    /// Market and book columns, N rows.
    public var features: FeatureMatrix
    public var instruments: [HedgeInstrument]
    /// Price of one unit, [N, H].
    public var prices: Matrix<Double>
    /// First-order sensitivity of one unit to the underlying, [N, H].
    public var deltas: Matrix<Double>
    /// Sensitivity of one unit's delta to the underlying, [N, H].
    public var gammas: Matrix<Double>
    /// Sensitivity of one unit to volatility, per 1.00, [N, H].
    public var vegas: Matrix<Double>
    /// Units held before the decision, [N, H].
    public var holdings: Matrix<Double>
    /// What a unit costs to trade, where the instruments' own `cost` is not it; nil where it is.
    public var unitCosts: UnitCosts?

    public init(
        features: FeatureMatrix, instruments: [HedgeInstrument], prices: Matrix<Double>, deltas: Matrix<Double>,
        gammas: Matrix<Double>, vegas: Matrix<Double>, holdings: Matrix<Double>, unitCosts: UnitCosts? = nil
    ) {
        let shape = (prices.rows, instruments.count)
        precondition(
            features.names.isEmpty || features.count == prices.rows, "\(features.count) rows of features, \(prices.rows) of prices")
        for matrix in [prices, deltas, gammas, vegas, holdings] + (unitCosts.map { [$0.buying] } ?? []) {
            precondition((matrix.rows, matrix.columns) == shape, "expected \(shape), found \((matrix.rows, matrix.columns))")
        }
        self.features = features
        self.instruments = instruments
        self.prices = prices
        self.deltas = deltas
        self.gammas = gammas
        self.vegas = vegas
        self.holdings = holdings
        self.unitCosts = unitCosts
    }

    /// N.
    public var count: Int { prices.rows }
}
