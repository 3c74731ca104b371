/// How far the account is from its margins. Nothing where equity and margins are not known.
enum MarginFeatures {
    static let all: [any Feature] = [
        Figure("maintenance-margin-use", unit: "fraction", "maintenance margin over equity") { over($0, $0.account.maintenanceMargin) },
        Figure("initial-margin-use", unit: "fraction", "initial margin over equity") { over($0, $0.account.initialMargin) },
        hedged("maintenance-margin-use-hedged", "maintenance", \.maintenanceMargin),
        hedged("initial-margin-use-hedged", "initial", \.initialMargin),
        Figure("worst-loss-of-equity", unit: "fraction", "largest loss of the scenario ladder in coin, over equity") {
            over($0, max(-$0.ladder.worst(by: .coin).coin, 0))
        },
        // Half, the ladder's end, where no scenario reaches it.
        Figure(
            "liquidation-distance-down", unit: "fraction", "fall of the forward at which equity meets maintenance margin, half at most",
            otherwise: { _ in 0.5 }
        ) { distance($0, side: -1) },
        Figure(
            "liquidation-distance-up", unit: "fraction", "rise of the forward at which equity meets maintenance margin, half at most",
            otherwise: { _ in 0.5 }
        ) { distance($0, side: 1) },
    ]

    /// (M + L' − L)/E, 0 at least: venues margin portfolios by the worst loss L of a ladder, which the hedge changes to L'.
    private static func hedged(
        _ name: FeatureName, _ which: String, _ margin: KeyPath<Account, Double?> & Sendable
    ) -> any Feature {
        Figure(name, unit: "fraction", "\(which) margin over equity once net delta is hedged, as the ladder's worst loss moves it") {
            state in
            state.account[keyPath: margin].flatMap { now in
                let change = ScenarioFeatures.hedgedWorstLoss(state) - max(-state.ladder.worst(by: .coin).coin, 0)
                return over(state, max(now + change, 0))
            }
        }
    }

    private static func over(_ state: MarketState, _ amount: Double?) -> Double? {
        guard let amount, let equity = state.account.equity, equity > 0 else { return nil }
        return amount / equity
    }

    /// The move at which equity + gain = maintenance margin, the margin as it is now.
    private static func distance(_ state: MarketState, side: Double) -> Double? {
        guard let equity = state.account.equity, let margin = state.account.maintenanceMargin else { return nil }
        return state.ladder.distance(toGain: margin - equity, side: side) ?? 0.5
    }
}
