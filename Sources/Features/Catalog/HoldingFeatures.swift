import Market
import RealModule

/// What the account's own fills say: how long the book has been held, and what has moved since it was last touched.
enum HoldingFeatures {
    static let all: [any Feature] = [
        Figure("inventory-age", unit: "days", "age of the options held, mean by vega, first bought first sold") { age($0) },
        // A week where no fill is known.
        Figure("hours-since-fill", unit: "hours", "time since the book's last fill, a week at most", otherwise: { _ in 168 }) { state in
            state.account.fills.last.map { min($0.time.years(to: state.time) * 8760, 168) }
        },
        Figure("forward-move-since-fill", unit: "log return", "log move of the index since the book's last fill") { state in
            atLastFill(state).map { Double.log(state.index / $0.index) }
        },
        Figure("volatility-move-since-fill", unit: "annual decimal", "move of 30-day at-the-money volatility since the book's last fill") {
            state in
            atLastFill(state).map { state.market.point[days: 30].volatility - $0[days: 30].volatility }
        },
        Figure("net-delta-since-fill", unit: "coin", "net delta now less that after the book's last fill") { state in
            state.account.fills.last?.netDelta.map { state.valued.sum(\.coin.netDelta) + state.valued.inverseFutures - $0 }
        },
    ]

    /// The last surface seen at or before the last fill.
    private static func atLastFill(_ state: MarketState) -> SurfacePoint? {
        state.account.fills.last.flatMap { state.past.surfaces.known(at: $0.time).last }
    }

    /// Σ |q| vega · age/Σ |q| vega over options whose fills are known; an option's age is that of its open lots, mean by size.
    private static func age(_ state: MarketState) -> Double? {
        var lots: [Instrument: [(quantity: Double, time: Timestamp)]] = [:]
        for fill in state.account.fills.elements {
            var left = fill.quantity
            while let first = lots[fill.instrument]?.first, left != 0, first.quantity.sign != left.sign {
                if first.quantity.magnitude > left.magnitude {
                    lots[fill.instrument]![0].quantity += left
                    left = 0
                } else {
                    left += first.quantity
                    lots[fill.instrument]!.removeFirst()
                }
            }
            if left != 0 { lots[fill.instrument, default: []].append((left, fill.time)) }
        }
        var (sum, weights) = (0.0, 0.0)
        for option in state.valued.options {
            guard let open = lots[.option(option.contract)], !open.isEmpty else { continue }
            let size = open.reduce(0) { $0 + $1.quantity.magnitude }
            let days = open.reduce(0) { $0 + $1.quantity.magnitude * $1.time.years(to: state.time) * 365 } / size
            let weight = option.quantity.magnitude * option.greeks.vega
            sum += weight * days
            weights += weight
        }
        return weights > 0 ? sum / weights : nil
    }
}
