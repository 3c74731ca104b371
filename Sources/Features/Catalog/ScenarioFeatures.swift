/// What the book gains when forward and volatility move together: full revaluation, no Greeks.
enum ScenarioFeatures {
    static let all: [any Feature] = cells + worst

    /// The book's gain in each cell of the ladder at unmoved rates, but the one in which nothing moves. Coin.
    static let cells: [any Feature] = {
        let moves = ScenarioLadder.Moves()
        let rate = moves.rate.firstIndex(of: 0)!
        return moves.volatility.indices.flatMap { volatility in
            moves.forward.indices.filter { moves.forward[$0] != 0 || moves.volatility[volatility] != 1 }.map { forward in
                let percent = Int((moves.forward[forward] * 100).rounded())
                let factor = moves.volatility[volatility]
                let label = "\(percent < 0 ? "down" : "up")-\(percent.magnitude)-vol-\(factor < 1 ? "down" : factor > 1 ? "up" : "same")"
                return Figure(
                    FeatureName(rawValue: "scenario-\(label)"), unit: "coin",
                    "gain of the book when the forward moves by \(percent) % and volatility becomes \(factor) times what it is"
                ) { $0.ladder[forward: forward, volatility: volatility, rate: rate].coin }
            }
        }
    }()

    static let worst: [any Feature] = [
        // −min over all cells, rates moved too; 0 where none loses.
        Figure("scenario-worst-loss", unit: "coin", "largest loss of the ladder in coin") { max(-$0.ladder.worst(by: .coin).coin, 0) },
        Figure("scenario-worst-loss-usd", unit: "USD", "largest loss of the ladder in dollars") {
            max(-$0.ladder.worst(by: .quote).quote, 0)
        },
        // Which cell it is.
        Figure("scenario-worst-move", unit: "fraction", "move of the forward in the worst scenario in coin") {
            $0.ladder.worst(by: .coin).forward
        },
        Figure(
            "scenario-worst-volatility", unit: "factor", "factor on volatility in the worst scenario in coin", otherwise: { _ in 1 }
        ) { $0.ladder.worst(by: .coin).volatility },
        Figure("scenario-worst-loss-hedged", unit: "coin", "largest loss in coin once net delta is hedged with the perpetual") {
            hedgedWorstLoss($0)
        },
    ]

    /// Of the ladder once the net delta Δ is sold in the perpetual: −min (gain − Δ m/(1 + m)), 0 at least. Coin.
    static func hedgedWorstLoss(_ state: MarketState) -> Double {
        let delta = state.valued.sum(\.coin.netDelta) + state.valued.inverseFutures
        return state.ladder.cells.reduce(0) { max($0, -($1.coin - delta * $1.forward / (1 + $1.forward))) }
    }
}
