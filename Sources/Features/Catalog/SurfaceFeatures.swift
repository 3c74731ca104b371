import Market
import Pricing
import RealModule
import Surface

/// σ(k = 0) at a constant maturity, linear in total variance between expiries. Annual decimal.
public struct AtTheMoneyVolatility: Feature {
    public var days: Int
    public init(days: Int) { self.days = days }

    public var name: FeatureName { FeatureName(rawValue: "atm-volatility-\(days)d") }
    public var unit: String { "annual decimal" }
    public var summary: String { "at-the-money volatility, \(days) days" }
    public func measure(_ state: MarketState) -> Double? { state.market.point[days: Double(days)].volatility }
}

/// σ(25Δ call) − σ(25Δ put), Black forward deltas. Annual decimal; the foreign-exchange convention.
public struct RiskReversal: Feature {
    public var days: Int
    public init(days: Int) { self.days = days }

    public var name: FeatureName { FeatureName(rawValue: "risk-reversal-25d-\(days)d") }
    public var unit: String { "annual decimal" }
    public var summary: String { "volatility of the 25-delta call less that of the 25-delta put, \(days) days" }
    public func measure(_ state: MarketState) -> Double? {
        state.market.point[days: Double(days)].riskReversal
    }
}

/// (σ(25Δ call) + σ(25Δ put))/2 − σ_ATM. Annual decimal.
public struct Butterfly: Feature {
    public var days: Int
    public init(days: Int) { self.days = days }

    public var name: FeatureName { FeatureName(rawValue: "butterfly-25d-\(days)d") }
    public var unit: String { "annual decimal" }
    public var summary: String { "mean volatility of the 25-delta wings less the at-the-money one, \(days) days" }
    public func measure(_ state: MarketState) -> Double? {
        state.market.point[days: Double(days)].butterfly
    }
}

/// The 30-day risk reversal or butterfly by premium-adjusted deltas, (K/F)N(±d₂), as books in coin quote them. Annual decimal.
public struct PremiumAdjustedSkew: Feature {
    public enum Measure: String, Sendable {
        case riskReversal = "risk-reversal"
        case butterfly
    }

    public var measure: Measure
    public init(_ measure: Measure) { self.measure = measure }

    public var name: FeatureName { FeatureName(rawValue: "\(measure.rawValue)-25d-premium-adjusted-30d") }
    public var unit: String { "annual decimal" }
    public var summary: String { "25-delta \(measure.rawValue), premium-adjusted deltas, 30 days" }
    public func measure(_ state: MarketState) -> Double? {
        switch measure {
        case .riskReversal: state.surface.riskReversal(timeToExpiry: 30 / 365.0, convention: .premiumAdjusted)
        case .butterfly: state.surface.butterfly(timeToExpiry: 30 / 365.0, convention: .premiumAdjusted)
        }
    }
}

/// (σ(25Δ put) − σ(25Δ call))/σ_ATM. Dimensionless.
public struct NormalisedSkew: Feature {
    public init() {}
    public var name: FeatureName { "normalised-skew-30d" }
    public var unit: String { "1" }
    public var summary: String { "25-delta put less call volatility over the at-the-money one, 30 days" }
    public func measure(_ state: MarketState) -> Double? {
        let month = state.market.point[days: 30]
        return month.riskReversal.map { -$0 / month.volatility }
    }
}

/// ψ = ∂σ/∂k at k = 0, that is w'/(2√(wT)). Annual decimal per 1.0 of log-moneyness.
public struct SkewSlope: Feature {
    public var days: Int
    public init(days: Int) { self.days = days }

    public var name: FeatureName { FeatureName(rawValue: "skew-slope-\(days)d") }
    public var unit: String { "annual decimal per log-moneyness" }
    public var summary: String { "slope of volatility in log-moneyness at the money, \(days) days" }
    public func measure(_ state: MarketState) -> Double? {
        state.market.point[days: Double(days)].skew
    }
}

/// (σ_ATM(90 d) − σ_ATM(7 d))/σ_ATM(30 d). Dimensionless; positive when far volatility is the higher.
public struct TermSlope: Feature {
    public init() {}
    public var name: FeatureName { "term-slope" }
    public var unit: String { "1" }
    public var summary: String { "90-day less 7-day at-the-money volatility, over the 30-day one" }
    public func measure(_ state: MarketState) -> Double? {
        let volatility = { state.market.point[days: $0].volatility }
        return (volatility(90) - volatility(7)) / volatility(30)
    }
}

/// (w(T₂) − w(T₁))/(T₂ − T₁) at the money. Variance per year; negative is calendar arbitrage.
public struct ForwardVariance: Feature {
    public var fromDays: Int
    public var toDays: Int
    public init(fromDays: Int, toDays: Int) {
        self.fromDays = fromDays
        self.toDays = toDays
    }

    public var name: FeatureName { FeatureName(rawValue: "forward-variance-\(fromDays)-\(toDays)d") }
    public var unit: String { "variance per year" }
    public var summary: String { "at-the-money forward variance from \(fromDays) to \(toDays) days" }
    public func measure(_ state: MarketState) -> Double? {
        let w = { (days: Int) in
            let volatility = state.market.point[days: Double(days)].volatility
            return volatility * volatility * Double(days) / 365
        }
        return (w(toDays) - w(fromDays)) / (Double(toDays - fromDays) / 365)
    }
}

/// Square root of the 30-day variance-swap rate, from the strip of all strikes on the surface. Annual decimal, comparable to DVOL/100.
public struct VarianceSwapVolatility: Feature {
    public init() {}
    public var name: FeatureName { "variance-swap-volatility-30d" }
    public var unit: String { "annual decimal" }
    public var summary: String { "square root of the 30-day variance-swap rate" }
    public func measure(_ state: MarketState) -> Double? {
        state.market.figures.varianceSwapVolatility
    }
}

/// Least butterfly density g between quoted strikes, over all expiries. Dimensionless; negative is arbitrage.
public struct ButterflyHealth: Feature {
    public init() {}
    public var name: FeatureName { "butterfly-health" }
    public var unit: String { "1" }
    public var summary: String { "lowest butterfly density between quoted strikes" }
    public func measure(_ state: MarketState) -> Double? {
        state.market.figures.butterflyDensity
    }
}

/// Least ∂w/∂T between neighbouring expiries where both are quoted. Variance per year; negative is arbitrage.
public struct CalendarHealth: Feature {
    public init() {}
    public var name: FeatureName { "calendar-health" }
    public var unit: String { "variance per year" }
    public var summary: String { "lowest forward variance between neighbouring expiries, where both are quoted" }
    public func measure(_ state: MarketState) -> Double? {
        state.market.figures.forwardVariance
    }
}

/// Largest wing slope b(1 + |ρ|) over Lee's bound of 2. Dimensionless; above 1 is arbitrage.
public struct WingSteepness: Feature {
    public init() {}
    public var name: FeatureName { "wing-steepness" }
    public var unit: String { "1" }
    public var summary: String { "largest wing slope as a share of Lee's bound" }
    public func measure(_ state: MarketState) -> Double? {
        state.surface.slices.map { max($0.smile.wingSlopes.left, $0.smile.wingSlopes.right) / 2 }.max()
    }
}

/// Root mean square of (σ_mid − σ_fit)/half-spread over the liquid quotes of fitted expiries. Half-spreads.
public struct SurfaceMisfit: Feature {
    public init() {}
    public var name: FeatureName { "surface-misfit" }
    public var unit: String { "half-spreads" }
    public var summary: String { "root mean square distance of mid quotes from the surface" }
    public func measure(_ state: MarketState) -> Double? {
        let misfits = state.market.misfits
        guard !misfits.isEmpty else { return nil }
        return (misfits.reduce(0) { $0 + $1 * $1 } / Double(misfits.count)).squareRoot()
    }
}

/// Share of the liquid quotes of fitted expiries with the surface inside bid and ask. Share; 1 where there are no quotes.
public struct InsideBidAsk: Feature {
    public init() {}
    public var name: FeatureName { "inside-bid-ask" }
    public var unit: String { "share" }
    public var summary: String { "share of liquid quotes with the surface inside bid and ask" }
    public func measure(_ state: MarketState) -> Double? {
        let misfits = state.market.misfits
        return misfits.isEmpty ? nil : Double(misfits.count { $0.magnitude <= 1 }) / Double(misfits.count)
    }
    public func neutral(_ state: MarketState) -> Double { 1 }
}

extension VolatilitySurface {
    /// Distance of each liquid quote's mid from the surface, half-spreads of the quote.
    func misfits(of chains: [ExpiryChain]) -> [Double] {
        chains.flatMap { chain -> [Double] in
            guard let slice = slice(expiry: chain.expiry) else { return [] }
            return chain.quotes.map { quote in
                let volatility = (slice.smile.totalVariance(atLogMoneyness: quote.logMoneyness) / slice.timeToExpiry).squareRoot()
                return (quote.midVolatility - volatility) / max(quote.halfSpread, 1e-4 * quote.midVolatility)
            }
        }
    }
}
