import Surface

/// One of the jump-wings figures of a constant maturity, or its change since the snapshot before.
///
/// Reference: Gatheral, Jacquier, *Arbitrage-free SVI volatility surfaces*, Quantitative Finance 14 (2014), section 3.3.
public struct JumpWing: Feature {
    /// Which figure.
    public enum Figure: String, Sendable, CaseIterable {
        /// v = w(0)/T. Variance per year.
        case variance
        /// ψ = w'(0)/(2√w(0)). Per 1.0 of log-moneyness.
        case skew
        /// p, the left wing's slope over √w(0).
        case putSlope = "put-slope"
        /// c, the right wing's slope over √w(0).
        case callSlope = "call-slope"
        /// ṽ, the lowest variance. Per year.
        case minimumVariance = "minimum-variance"

        func value(_ wings: SVIJumpWings) -> Double {
            switch self {
            case .variance: wings.variance
            case .skew: wings.skew
            case .putSlope: wings.putSlope
            case .callSlope: wings.callSlope
            case .minimumVariance: wings.minimumVariance
            }
        }
    }

    public let figure: Figure
    public let days: Int
    public let isChange: Bool
    public let name: FeatureName

    public init(_ figure: Figure, days: Int, isChange: Bool = false) {
        self.figure = figure
        self.days = days
        self.isChange = isChange
        name = FeatureName(rawValue: "wings-\(figure.rawValue)-\(days)d" + (isChange ? "-change" : ""))
    }

    public var unit: String {
        switch figure {
        case .variance, .minimumVariance: "variance per year"
        case .skew: "total volatility per log-moneyness"
        case .putSlope, .callSlope: "1"
        }
    }
    public var summary: String {
        "jump-wings \(figure.rawValue) of the \(days)-day smile" + (isChange ? ", change since the snapshot before" : "")
    }
    public func measure(_ state: MarketState) -> Double? {
        let now = figure.value(state.market.point[days: Double(days)].wings)
        guard isChange else { return now }
        let points = state.pastFigures.points
        return points.count >= 2 ? now - figure.value(points[points.count - 2][days: Double(days)].wings) : nil
    }

    static let all: [any Feature] = [7, 30, 90].flatMap { days in
        Figure.allCases.map { JumpWing($0, days: days) } + Figure.allCases.map { JumpWing($0, days: days, isChange: true) }
    }
}
