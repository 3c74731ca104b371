import Pricing
import RealModule

/// A sum over the book: Σ q x of its options, and what its futures and coins add.
public struct BookSum: Feature {
    public let name: FeatureName
    public let unit: String
    public let summary: String
    let total: @Sendable (MarketState) -> Double

    init(_ name: FeatureName, unit: String, _ summary: String, _ total: @escaping @Sendable (MarketState) -> Double) {
        self.name = name
        self.unit = unit
        self.summary = summary
        self.total = total
    }

    public func measure(_ state: MarketState) -> Double? { total(state) }
}

extension BookSum {
    /// Σ q Δ and futures and coins. Coin.
    static let delta = BookSum(.bookDelta, unit: "coin", "Black delta of the book") {
        $0.valued.sum(\.greeks.delta) + $0.valued.inverseFutures + $0.valued.linearUnits
    }
    /// Σ q (Δ − v) and inverse futures: coin is no risk to who counts in coin. Coin.
    static let netDelta = BookSum(.bookNetDelta, unit: "coin", "delta of the coin value: Black delta less premium") {
        $0.valued.sum(\.coin.netDelta) + $0.valued.inverseFutures
    }
    /// Σ q Γ. Coin per 1.0 of forward.
    static let gamma = BookSum(.bookGamma, unit: "coin per quote unit", "gamma of the book") { $0.valued.sum(\.greeks.gamma) }
    /// 0.01 Σ q Γ F². Quote-currency delta per 1 % move.
    static let dollarGamma = BookSum("book-gamma-1pct", unit: "USD delta per 1 % move", "dollar gamma for a move of one per cent") {
        0.01 * $0.valued.sum { $0.greeks.gamma * $0.forward * $0.forward }
    }
    /// Σ q F²∂²v/∂F² − 2 Σ futures. Coin.
    static let coinGamma = BookSum("book-coin-gamma", unit: "coin", "second derivative of the coin value to a relative move") {
        $0.valued.sum(\.coin.gamma) - 2 * $0.valued.inverseFutures
    }
    /// Σ q vega. Quote currency per 1.00 of volatility.
    static let vega = BookSum(.bookVega, unit: "USD per 1.00 of volatility", "vega of the book") { $0.valued.sum(\.greeks.vega) }
    /// Σ q vega √(30 d/T): a 30-day volatility's move, when moves fall with the root of time. Quote currency per 1.00.
    static let weightedVega = BookSum(
        "book-weighted-vega", unit: "USD per 1.00 of 30-day volatility", "vega weighted by the root of 30 days over time to expiry"
    ) {
        // An option in its last hour would weigh without end.
        $0.valued.sum { $0.greeks.vega * (30 / 365.0 / max($0.timeToExpiry, 1 / 8760.0)).squareRoot() }
    }
    /// Σ q ∂V/∂t. Quote currency per year.
    static let theta = BookSum("book-theta", unit: "USD per year", "what passing time changes") { $0.valued.sum(\.greeks.theta) }
    /// Σ q ∂²V/∂F∂σ. Coin of delta per 1.00 of volatility.
    static let vanna = BookSum(.bookVanna, unit: "coin per 1.00 of volatility", "delta per volatility") { $0.valued.sum(\.greeks.vanna) }
    /// Σ q ∂²V/∂σ². Quote currency per 1.00 squared.
    static let volga = BookSum("book-volga", unit: "USD per 1.00² of volatility", "vega per volatility") { $0.valued.sum(\.greeks.volga) }
    /// Σ q ∂Δ/∂t. Coin per year.
    static let charm = BookSum("book-charm", unit: "coin per year", "what passing time changes of delta") { $0.valued.sum(\.greeks.charm) }
    /// Σ q ∂Γ/∂F. Coin per quote unit squared.
    static let speed = BookSum("book-speed", unit: "coin per quote unit²", "gamma per forward") { $0.valued.sum(\.greeks.speed) }
    /// Σ q ∂Γ/∂σ. Coin per quote unit, per 1.00 of volatility.
    static let zomma = BookSum("book-zomma", unit: "coin per quote unit and 1.00 of volatility", "gamma per volatility") {
        $0.valued.sum(\.greeks.zomma)
    }
    /// 10⁻⁴ Σ q ∂V/∂r, the spot held, so that the forward grows with the dollar rate. Quote currency per basis point.
    static let rho = BookSum("book-rho-1bp", unit: "USD per basis point", "value per basis point of the dollar rate, the spot held") {
        1e-4 * $0.valued.sum(\.greeks.rho)
    }
    /// 10⁻⁴ Σ q Δ F T, dated futures included: every basis, or coin funding curve, up by a basis point. Quote currency per basis point.
    static let basisPoint = BookSum("book-basis-1bp", unit: "USD per basis point", "value per basis point of annual basis") { state in
        1e-4
            * (state.valued.sum { $0.greeks.delta * $0.forward * $0.timeToExpiry }
                + state.valued.datedFutures.reduce(0) { $0 + $1.quantity * $1.forward * $1.timeToExpiry })
    }
    /// Σ q vega k: σ(k) = σ₀ + ψ k + c k²/2 and ψ moves. Quote currency per 1.00 of ψ.
    static let skewExposure = BookSum("book-skew-exposure", unit: "USD per 1.00 of skew", "value per slope of the smile at the money") {
        $0.valued.sum { $0.greeks.vega * $0.logMoneyness }
    }
    /// Σ q vega k²/2: the smile's curvature c moves. Quote currency per 1.00 of c.
    static let curvatureExposure = BookSum(
        "book-curvature-exposure", unit: "USD per 1.00 of curvature", "value per curvature of the smile at the money"
    ) { $0.valued.sum { $0.greeks.vega * $0.logMoneyness * $0.logMoneyness / 2 } }
    /// Σ q vega ∂σ/∂k. Quote currency per 1.0 of log-moneyness.
    static let smileVega = BookSum(.bookSmileVega, unit: "USD per log-moneyness", "vega times the slope of the smile at each strike") {
        $0.valued.sum { $0.greeks.vega * $0.smileSlope }
    }
    /// Σ q v. Coin.
    static let value = BookSum(.bookValue, unit: "coin", "value of the options in coin") { $0.valued.sum(\.coin.value) }
    /// Σ q. Units of underlying.
    static let quantity = BookSum(.bookQuantity, unit: "coin", "options held less options sold") { state in
        state.valued.options.reduce(0) { $0 + $1.quantity }
    }
    /// Σ |q| vega: how much there is before netting. Quote currency per 1.00.
    static let grossVega = BookSum("book-gross-vega", unit: "USD per 1.00 of volatility", "vega before netting") { state in
        state.valued.options.reduce(0) { $0 + $1.quantity.magnitude * $1.greeks.vega }
    }
}

/// Herfindahl index of |q| vega over (expiry, strike): 1/n for n equal positions, 1 for one. Share; 0 for a book without vega.
public struct Concentration: Feature {
    public init() {}
    public var name: FeatureName { "book-concentration" }
    public var unit: String { "1" }
    public var summary: String { "Herfindahl index of vega over expiries and strikes" }
    public func measure(_ state: MarketState) -> Double? {
        struct Cell: Hashable {
            var expiry: Int64
            var strike: Double
        }
        var cells: [Cell: Double] = [:]
        for option in state.valued.options {
            cells[Cell(expiry: option.contract.expiry.nanoseconds, strike: option.contract.strike), default: 0] +=
                option.quantity * option.greeks.vega
        }
        // Summed in order of size: a dictionary has none of its own.
        let sizes = cells.values.map(\.magnitude).sorted()
        let total = sizes.reduce(0, +)
        return total > 0 ? sizes.reduce(0) { $0 + $1 * $1 } / (total * total) : nil
    }
}

/// Σ |q| of options within a day of expiry whose strike lies within one standard deviation of the forward. Coin.
public struct PinRisk: Feature {
    public init() {}
    public var name: FeatureName { "book-pin" }
    public var unit: String { "coin" }
    public var summary: String { "options within a day of expiry and a standard deviation of the money" }
    public func measure(_ state: MarketState) -> Double? {
        state.valued.options.reduce(0) { total, option in
            let near =
                option.timeToExpiry < 1 / 365.0 && option.logMoneyness.magnitude <= option.volatility * option.timeToExpiry.squareRoot()
            return total + (near ? option.quantity.magnitude : 0)
        }
    }
}

/// A figure of the book's options, their mean by |q| vega: the option's own where the book is one option.
public struct BookMean: Feature {
    public let name: FeatureName
    public let unit: String
    public let summary: String
    let figure: @Sendable (ValuedOption) -> Double
    let otherwise: @Sendable (MarketState) -> Double

    public func measure(_ state: MarketState) -> Double? {
        let options = state.valued.options
        if options.count == 1 { return figure(options[0]) }
        let total = options.reduce(0) { $0 + $1.quantity.magnitude * $1.greeks.vega }
        return total > 0 ? options.reduce(0) { $0 + $1.quantity.magnitude * $1.greeks.vega * figure($1) } / total : nil
    }
    public func neutral(_ state: MarketState) -> Double { otherwise(state) }
}

extension BookMean {
    static let logMoneyness = BookMean(
        name: .logMoneyness, unit: "1", summary: "ln(K/F) of the option, of a book its mean by vega", figure: \.logMoneyness,
        otherwise: { _ in 0 })
    static let timeToExpiry = BookMean(
        name: .timeToExpiry, unit: "years", summary: "time to expiry of the option, of a book its mean by vega", figure: \.timeToExpiry,
        otherwise: { _ in 0 })
    static let impliedVolatility = BookMean(
        name: .impliedVolatility, unit: "annual decimal", summary: "volatility of the option, of a book its mean by vega",
        figure: \.volatility,
        otherwise: { $0.market.point[days: 30].volatility })
    static let forward = BookMean(
        name: .forward, unit: "quote currency", summary: "forward of the option, of a book its mean by vega", figure: \.forward,
        otherwise: \.index)
}
