/// How much is open and traded, over all options of a snapshot. Nothing in states without quotes.
enum LiquidityFeatures {
    static let all: [any Feature] = [
        Figure("open-interest", unit: "coin", "open interest of all options") { listed($0)?.open },
        Figure("open-interest-puts", unit: "share", "share of the open interest that is puts", otherwise: { _ in 0.5 }) {
            listed($0).flatMap { $0.open > 0 ? $0.openPuts / $0.open : nil }
        },
        Figure("option-volume-24h", unit: "coin", "options traded in 24 hours") { listed($0)?.volume },
        Figure("option-turnover-24h", unit: "1", "options traded in 24 hours over open interest") {
            listed($0).flatMap { $0.open > 0 ? $0.volume / $0.open : nil }
        },
        // Quotes that the surface's filter took, of all options listed.
        Figure("liquid-share", unit: "share", "share of the listed options with a liquid quote") { state in
            listed(state).map { interest in Double(state.chains.reduce(0) { $0 + $1.quotes.count }) / Double(interest.listed) }
        },
        // Share of the venue's own mark volatilities that lie inside bid and ask.
        Figure("marks-inside", unit: "share", "share of the venue's marks inside bid and ask", otherwise: { _ in 1 }) { state in
            let marks = state.market.figures.marks
            return marks.all > 0 ? Double(marks.inside) / Double(marks.all) : nil
        },
    ]

    private static func listed(_ state: MarketState) -> OptionInterest? {
        state.market.interest.listed > 0 ? state.market.interest : nil
    }
}
