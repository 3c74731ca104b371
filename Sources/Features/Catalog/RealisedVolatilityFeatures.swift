import Market
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
    public func neutral(_ state: MarketState) -> Double { state.market.point[days: 30].volatility }
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
    public func neutral(_ state: MarketState) -> Double { state.market.point[days: 30].volatility }
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
        let volatility = state.market.point[days: 30].volatility
        return state.pastFigures.realisedVariance.map { volatility * volatility - $0 }
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

/// Realised variance of the last day by prices five minutes apart. Variance per year; nothing where they are further apart.
enum FiveMinuteFeatures {
    static let all: [any Feature] = [
        // Σ r²; without such prices the 30-day at-the-money variance.
        Figure(
            "realised-variance-5m-1d", unit: "variance per year", "realised variance of a day from five-minute returns",
            otherwise: atTheMoneyVariance
        ) { sampled($0)?.realised },
        // π/2 Σ |r||r₋₁|: what no jump adds to.
        Figure(
            "bipower-variance-5m-1d", unit: "variance per year", "bipower variance of a day from five-minute returns",
            otherwise: atTheMoneyVariance
        ) { sampled($0)?.bipower },
        // max(RV − BV, 0).
        Figure("jump-variance-5m-1d", unit: "variance per year", "realised variance of a day beyond its bipower variation") {
            sampled($0).map { max($0.realised - $0.bipower, 0) }
        },
    ]

    private static func sampled(_ state: MarketState) -> (realised: Double, bipower: Double)? { state.pastFigures.fiveMinutes }

    @Sendable static func atTheMoneyVariance(_ state: MarketState) -> Double {
        let volatility = state.market.point[days: 30].volatility
        return volatility * volatility
    }
}

/// Forecast variance, and what options pay above it.
enum PremiumFeatures {
    static let all: [any Feature] = [
        // Without thirty days and more of history the 30-day at-the-money variance.
        Figure(
            "har-variance-1d", unit: "variance per year", "tomorrow's variance by the heterogeneous autoregressive model",
            otherwise: FiveMinuteFeatures.atTheMoneyVariance
        ) { $0.pastFigures.forecast?.variance },
        // σ_ATM(30 d)² − HAR.
        Figure("variance-risk-premium-har", unit: "variance per year", "30-day at-the-money variance less the forecast one") { state in
            state.pastFigures.forecast.map { FiveMinuteFeatures.atTheMoneyVariance(state) - $0.variance }
        },
        // Strip of the surface less √RV of 30 days.
        Figure(
            "variance-swap-less-realised-30d", unit: "annual decimal", "30-day variance-swap volatility less the trailing realised one"
        ) { state in
            guard let swap = state.market.figures.varianceSwapVolatility, let realised = state.pastFigures.realisedVariance else {
                return nil
            }
            return swap - realised.squareRoot()
        },
        // 100 (DVOL − √RV), the index of at most two days ago.
        Figure("dvol-less-realised-30d", unit: "volatility points", "the venue's volatility index less the trailing realised volatility") {
            state in
            guard let index = state.past.volatilityIndex.last(days: 2, before: state.time).last,
                let realised = state.pastFigures.realisedVariance
            else { return nil }
            return 100 * (index.volatility - realised.squareRoot())
        },
    ]
}
