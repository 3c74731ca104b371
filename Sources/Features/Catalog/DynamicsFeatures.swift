import RealModule

/// How the surface moves over time, and with the forward.
enum DynamicsFeatures {
    static let all: [any Feature] = factors + response

    /// Level, slope and curvature: the value, its change since the snapshot before, and the volatility of its changes.
    static let factors: [any Feature] = kinds.flatMap { factor -> [any Feature] in
        let (name, unit, summary, place) = (factor.name, factor.unit, factor.summary, factor.factor)
        return [
            Figure(FeatureName(rawValue: name), unit: unit, summary) { $0.market.point.factors[place] },
            Figure(FeatureName(rawValue: "\(name)-change"), unit: unit, "change since the snapshot before: \(summary)") {
                $0.pastFigures.change(place)
            },
            Figure(
                FeatureName(rawValue: "\(name)-volatility"), unit: "\(unit), per root year",
                "annual volatility of its changes, weights halved every week: \(summary)"
            ) { $0.pastFigures.factorVolatilities?[place.rawValue] },
        ]
    }

    private struct Kind: Sendable {
        let name: String
        let unit: String
        let summary: String
        let factor: SurfaceFactors.Factor
    }

    private static let kinds = [
        Kind(name: "surface-level", unit: "log volatility", summary: "mean log of at-the-money volatilities", factor: .level),
        Kind(
            name: "surface-term-slope", unit: "log volatility per log time", summary: "slope of at-the-money volatilities in time, log-log",
            factor: .termSlope),
        Kind(
            name: "surface-term-curvature", unit: "log volatility per log time²",
            summary: "bend of at-the-money volatilities in time, log-log", factor: .termCurvature),
        Kind(
            name: "surface-skew", unit: "annual decimal per log-moneyness", summary: "slope of the 30-day smile at the money", factor: .skew
        ),
        Kind(
            name: "surface-curvature", unit: "annual decimal per log-moneyness²",
            summary: "second derivative of the 30-day smile at the money", factor: .curvature),
    ]

    /// β = cov(Δσ_ATM, Δln F)/var(Δln F), weights halved every week, and the skew stickiness ratio R = β/ψ: 0 where the smile moves with
    /// the forward, 1 where it stays at its strikes, 2 in short-dated local volatility.
    ///
    /// Reference: Bergomi, *Smile dynamics IV*, Risk (2009).
    static let response: [any Feature] = [7.0, 30, 90].flatMap { days -> [any Feature] in
        [
            Figure(
                FeatureName(rawValue: "spot-response-\(Int(days))d"), unit: "annual decimal per log forward",
                "move of the \(Int(days))-day at-the-money volatility that comes with a move of the forward"
            ) { $0.pastFigures.response(days: days)?.slope },
            Figure(
                FeatureName(rawValue: "skew-stickiness-\(Int(days))d"), unit: "1",
                "that response over the smile's slope: 0 sticky moneyness, 1 sticky strike"
            ) { state in
                let skew = state.market.point[days: days].skew
                // A smile without slope has no ratio.
                return skew.magnitude > 1e-6 ? state.pastFigures.response(days: days).map { $0.slope / skew } : nil
            },
        ]
    }
}
