import RealModule
import Surface

/// Realised volatility of the index or forward over the last days. Annual decimal; without history, the 30-day at-the-money volatility.
public struct Realised: Feature {
    public enum Estimator: String, Sendable, CaseIterable {
        case closeToClose = "close-close"
        case parkinson
        case garmanKlass = "garman-klass"
        case rogersSatchell = "rogers-satchell"
        case yangZhang = "yang-zhang"
    }

    public var estimator: Estimator
    public var days: Int

    public init(_ estimator: Estimator, days: Int) {
        self.estimator = estimator
        self.days = days
    }

    public var name: FeatureName { FeatureName(rawValue: "realised-\(estimator.rawValue)-\(days)d") }
    public var unit: String { "annual decimal" }
    public var summary: String { "realised volatility of \(days) days, \(estimator.rawValue) on bars" }
    public func measure(_ state: MarketState) -> Double? {
        let bars = state.history.last(days: Double(days), before: state.time)
        let variance =
            switch estimator {
            case .closeToClose: RealisedVolatility.closeToClose(bars)
            case .parkinson: RealisedVolatility.parkinson(bars)
            case .garmanKlass: RealisedVolatility.garmanKlass(bars)
            case .rogersSatchell: RealisedVolatility.rogersSatchell(bars)
            case .yangZhang: RealisedVolatility.yangZhang(bars)
            }
        return variance.map { max($0, 0).squareRoot() }
    }
    public func neutral(_ state: MarketState) -> Double { state.surface.atTheMoneyVolatility(days: 30) }
}

/// Realised volatility with exponentially falling weights. Annual decimal; without history, the 30-day at-the-money volatility.
public struct ExponentialVolatility: Feature {
    public var halfLifeHours: Int
    public init(halfLifeHours: Int) { self.halfLifeHours = halfLifeHours }

    public var name: FeatureName { FeatureName(rawValue: "realised-ewma-\(halfLifeHours)h") }
    public var unit: String { "annual decimal" }
    public var summary: String { "realised volatility, weights halved every \(halfLifeHours) hours" }
    public func measure(_ state: MarketState) -> Double? {
        let days = Double(halfLifeHours) / 24
        // Ten half-lives hold all but a thousandth of the weight.
        return RealisedVolatility.exponential(
            state.history.last(days: 10 * days, before: state.time), until: state.time, halfLifeDays: days
        ).map { $0.squareRoot() }
    }
    public func neutral(_ state: MarketState) -> Double { state.surface.atTheMoneyVolatility(days: 30) }
}

/// Share of a week's realised variance that is jumps, by bipower variation. Share; 0 without history.
public struct JumpShare: Feature {
    public init() {}
    public var name: FeatureName { "jump-share-7d" }
    public var unit: String { "share" }
    public var summary: String { "share of a week's realised variance beyond its bipower variation" }
    public func measure(_ state: MarketState) -> Double? { RealisedVolatility.jumpShare(state.history.last(days: 7, before: state.time)) }
}

/// σ_ATM(30 d)² less the trailing 30-day realised variance. Variance per year; 0 without history.
public struct VarianceRiskPremium: Feature {
    public init() {}
    public var name: FeatureName { "variance-risk-premium-30d" }
    public var unit: String { "variance per year" }
    public var summary: String { "30-day at-the-money variance less the trailing realised one" }
    public func measure(_ state: MarketState) -> Double? {
        let volatility = state.surface.atTheMoneyVolatility(days: 30)
        return RealisedVolatility.closeToClose(state.history.last(days: 30, before: state.time)).map { volatility * volatility - $0 }
    }
}

/// ln of the last price over the one so many days ago. Dimensionless; 0 without history.
public struct TrailingReturn: Feature {
    public var days: Int
    public init(days: Int) { self.days = days }

    public var name: FeatureName { FeatureName(rawValue: "return-\(days)d") }
    public var unit: String { "log return" }
    public var summary: String { "log return of the last \(days) days" }
    public func measure(_ state: MarketState) -> Double? {
        let bars = state.history.last(days: Double(days), before: state.time)
        guard let first = bars.first, let last = bars.last, bars.count >= 2 else { return nil }
        return Double.log(last.close / first.close)
    }
}
