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

/// The eight-hour funding that the present premium p leads to: max(0.05 %, p) + min(−0.05 %, p), within ±0.5 %. Fraction.
///
/// Longs pay it when positive. Reference: Deribit, *Inverse perpetual*, funding rate.
public struct PredictedFunding: Feature {
    public init() {}
    public var name: FeatureName { "predicted-funding-8h" }
    public var unit: String { "fraction per 8 h" }
    public var summary: String { "funding of eight hours that the present premium leads to" }
    public func measure(_ state: MarketState) -> Double? {
        PerpetualPremium().measure(state).map { min(max(max(0.0005, $0) + min(-0.0005, $0), -0.005), 0.005) }
    }
}

/// The venue's current funding rate, else the one the premium rule predicts. Fraction per eight hours.
public struct Funding: Feature {
    public init() {}
    public var name: FeatureName { "funding-8h" }
    public var unit: String { "fraction per 8 h" }
    public var summary: String { "current funding rate, predicted from the premium where the venue gives none" }
    public func measure(_ state: MarketState) -> Double? { state.fundingRate ?? PredictedFunding().measure(state) }
}
