import Features
public import Market
public import Pricing

/// One claim on a simulated path beyond the European option, settled at the end of the grid.
///
/// What is watched, is watched at the grid's times: extremes with the start among them, fixings of an average without it.
public enum ExoticOption: Sendable, Equatable, Codable {
    public enum Average: String, Sendable, Codable, CaseIterable { case arithmetic, geometric }

    public enum Knock: String, Sendable, Codable, CaseIterable {
        case upIn = "up-in"
        case upOut = "up-out"
        case downIn = "down-in"
        case downOut = "down-out"

        public var side: BarrierOption.Side { self == .upIn || self == .upOut ? .up : .down }
        /// Whether the option begins at the barrier; else it ends there.
        public var isIn: Bool { self == .upIn || self == .downIn }
    }

    /// `cash` where ω(S − K) > 0.
    case digital(OptionKind, strike: Double, cash: Double)
    /// A European option that begins or ends once the spot is at the barrier or beyond.
    case barrier(OptionKind, strike: Double, barrier: Double, Knock)
    /// (max S − K)⁺ of a call, (K − min S)⁺ of a put; without a strike S − min S and max S − S.
    case lookback(OptionKind, strike: Double?)
    /// (ω(A − K))⁺ of the mean A of all fixings.
    case asian(OptionKind, strike: Double, Average)
    /// (ω(S − m S₁))⁺, S₁ the spot at step `start`.
    case forwardStart(OptionKind, moneyness: Double, start: Int)
    /// Σ ln²(S'/S)/T − strike, annual variance.
    case varianceSwap(strike: Double)

    /// Kebab-case, as experiments write it.
    public var name: String {
        switch self {
        case .digital: "digital"
        case .barrier: "barrier"
        case .lookback: "lookback"
        case .asian: "asian"
        case .forwardStart: "forward-start"
        case .varianceSwap: "variance-swap"
        }
    }

    /// In quote currency; nil where there is none.
    public var strike: Double? {
        switch self {
        case .digital(_, let strike, _), .barrier(_, let strike, _, _), .asian(_, let strike, _): strike
        case .lookback(_, let strike): strike
        case .forwardStart, .varianceSwap: nil
        }
    }

    /// Whether Black-Scholes has a formula for it here. The mean of lognormal numbers has none.
    public var hasFormula: Bool {
        if case .asian(_, _, .arithmetic) = self { false } else { true }
    }

    /// The features that tell what the past has made of it.
    var pathFeatures: [FeatureName] {
        switch self {
        case .digital: []
        case .barrier(_, _, _, let knock): [.isKnocked, knock.side == .up ? .runningMaximum : .runningMinimum]
        case .lookback(let kind, let strike): [(kind == .call) == (strike != nil) ? .runningMaximum : .runningMinimum]
        case .asian: [.runningAverage]
        case .forwardStart: [.startingSpot]
        case .varianceSwap: [.realisedVariance]
        }
    }

    /// What is wrong with it on a grid of so many steps that starts at `spot`; nil where nothing is.
    func fault(spot: Double, steps: Int) -> String? {
        switch self {
        case .digital(_, let strike, let cash):
            strike > 0 && cash.isFinite ? nil : "a digital option with strike \(strike) and cash \(cash)"
        case .barrier(_, let strike, let barrier, let knock):
            strike > 0 && barrier > 0 && (knock.side == .up ? spot < barrier : spot > barrier)
                ? nil : "a \(knock.rawValue) barrier at \(barrier) with strike \(strike) and the spot at \(spot)"
        case .lookback(_, let strike): strike.map { $0 > 0 } ?? true ? nil : "a lookback option with strike \(strike ?? 0)"
        case .asian(_, let strike, _): strike > 0 ? nil : "an Asian option with strike \(strike)"
        case .forwardStart(_, let moneyness, let start):
            moneyness > 0 && (1..<steps).contains(start) ? nil : "a forward start of \(moneyness) at step \(start) of \(steps)"
        case .varianceSwap(let strike): strike >= 0 ? nil : "a variance swap with strike \(strike)"
        }
    }
}
