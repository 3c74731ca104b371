import RealModule

/// ln(F/S)/T at a constant maturity. Per year.
public struct Basis: Feature {
    public var days: Int
    public init(days: Int) { self.days = days }

    public var name: FeatureName { FeatureName(rawValue: "basis-\(days)d") }
    public var unit: String { "per year" }
    public var summary: String { "log of forward over index, annualised, \(days) days" }
    public func measure(_ state: MarketState) -> Double? {
        let years = Double(days) / 365
        return Double.log(state.surface.forward(timeToExpiry: years) / state.index) / years
    }
}

/// Basis of 90 days less that of 7. Per year.
public struct BasisSlope: Feature {
    public init() {}
    public var name: FeatureName { "basis-slope" }
    public var unit: String { "per year" }
    public var summary: String { "90-day less 7-day basis" }
    public func measure(_ state: MarketState) -> Double? {
        guard let far = Basis(days: 90).measure(state), let near = Basis(days: 7).measure(state) else { return nil }
        return far - near
    }
}

/// (P − S)/S. Fraction; 0 without a perpetual.
public struct PerpetualPremium: Feature {
    public init() {}
    public var name: FeatureName { "perpetual-premium" }
    public var unit: String { "fraction" }
    public var summary: String { "perpetual over index, less one" }
    public func measure(_ state: MarketState) -> Double? { state.perpetual.map { ($0 - state.index) / state.index } }
}

/// The eight-hour funding that the present premium p leads to: max(0.025 %, p) + min(−0.025 %, p), within ±0.5 %. Fraction.
///
/// Longs pay it when positive. Reference: Deribit, *Inverse perpetual*, funding rate.
public struct PredictedFunding: Feature {
    public init() {}
    public var name: FeatureName { "predicted-funding-8h" }
    public var version: Int { FundingRule.version }
    public var unit: String { "fraction per 8 h" }
    public var summary: String { "funding of eight hours that the present premium leads to" }
    public func measure(_ state: MarketState) -> Double? {
        PerpetualPremium().measure(state).map(FundingRule.rate)
    }
}

/// The venue's current funding rate, else the one the premium rule predicts. Fraction per eight hours.
public struct Funding: Feature {
    public init() {}
    public var name: FeatureName { "funding-8h" }
    public var version: Int { FundingRule.version }
    public var unit: String { "fraction per 8 h" }
    public var summary: String { "current funding rate, predicted from the premium where the venue gives none" }
    public func measure(_ state: MarketState) -> Double? { state.fundingRate ?? PredictedFunding().measure(state) }
}

/// Funding of the past, as paid or, where payments were not recorded, as the premium at each snapshot predicts.
enum FundingFeatures {
    static let all: [any Feature] =
        [
            // Σ w f/Σ w, weights halved every day.
            Figure(
                "funding-ewma-1d", unit: "fraction per 8 h", version: FundingRule.version,
                "mean funding of eight hours, weights halved every day"
            ) { state in
                var (sum, weights) = (0.0, 0.0)
                for payment in state.pastFigures.funding {
                    let weight = Double.exp2(-payment.time.years(to: state.time) * 365)
                    sum += weight * payment.rate
                    weights += weight
                }
                return weights > 0 ? sum / weights : nil
            }
        ] + [1.0, 3, 7].map(cumulative)

    /// Σ f Δt/8 h over the last days, what a long perpetual has paid. A rate holds for the time since the one before, eight hours at most.
    static func cumulative(days: Double) -> any Feature {
        Figure(
            FeatureName(rawValue: "funding-\(Int(days))d"), unit: "fraction", version: FundingRule.version,
            "funding that a long perpetual paid over \(Int(days)) days"
        ) { state in
            let start = state.time.adding(days: -days)
            let payments = state.pastFigures.funding.filter { $0.time > start }
            guard !payments.isEmpty else { return nil }
            var sum = 0.0
            var before = start
            for payment in payments {
                let hours = min(before.years(to: payment.time) * 8760, 8)
                sum += payment.rate * hours / 8
                before = payment.time
            }
            return sum
        }
    }
}

/// How far hedges with the perpetual and dated forwards part: √(Σ w (Δln F − Δln P)²/Σ w Δt) over past snapshots. Annual decimal.
enum BasisRiskFeatures {
    static let all: [any Feature] = [30.0, 90].map { days in
        Figure(
            FeatureName(rawValue: "basis-risk-\(Int(days))d"), unit: "annual decimal",
            "volatility of the \(Int(days))-day forward against the perpetual"
        ) { state in
            state.pastFigures.volatility { point in point.perpetual.map { Double.log(point[days: days].forward / $0) } }
        }
    }
}
