import Market
import Pricing
import RealModule

/// What the perpetual's best quotes and the printed trades say of who is in a hurry. Nothing where they are not recorded.
enum FlowFeatures {
    static let all: [any Feature] = quotes + trades + vegaFlow

    static let quotes: [any Feature] =
        [1.0, 10, 60].map { minutes in
            Figure(
                FeatureName(rawValue: "order-flow-imbalance-\(Int(minutes))m"), unit: "depths",
                "order flow at the perpetual's best quotes over \(Int(minutes)) minutes, over the mean size there"
            ) { orderFlow($0.past.quotes.last(days: minutes / 1440, before: $0.time)) }
        } + [
            // ((a q_b + b q_a)/(q_a + q_b) − mid)/mid.
            Figure(
                "micro-price-premium", unit: "fraction", "size-weighted price of the perpetual's best quotes over their middle, less one"
            ) {
                state in
                lastQuote(state).map {
                    let middle = ($0.bid + $0.ask) / 2
                    return ($0.ask * $0.bidSize + $0.bid * $0.askSize) / ($0.bidSize + $0.askSize) / middle - 1
                }
            },
            // (q_b − q_a)/(q_b + q_a).
            Figure("depth-imbalance", unit: "-1..1", "bid size less ask size over their sum, the perpetual's best quotes") {
                lastQuote($0).map { ($0.bidSize - $0.askSize) / ($0.bidSize + $0.askSize) }
            },
            Figure("perpetual-depth", unit: "coin", "mean size at the perpetual's best quotes") {
                lastQuote($0).map { ($0.bidSize + $0.askSize) / 2 }
            },
            // (a − b)/(a + b).
            Figure("perpetual-half-spread", unit: "fraction", "half-spread of the perpetual over its middle") {
                lastQuote($0).map { ($0.ask - $0.bid) / ($0.ask + $0.bid) }
            },
        ]

    /// The perpetual's best quotes, not older than a day.
    static func lastQuote(_ state: MarketState) -> TopOfBook? {
        state.past.quotes.last(days: MarketHistory.quoteReachDays, before: state.time).last.flatMap { $0.isValid ? $0 : nil }
    }

    /// Σ e / mean size,  e = 1{b ≥ b'} q_b − 1{b ≤ b'} q_b' − 1{a ≤ a'} q_a + 1{a ≥ a'} q_a', primes the quote before.
    ///
    /// Reference: Cont, Kukanov, Stoikov, *The price impact of order book events*, J. Financial Econometrics 12 (2014).
    static func orderFlow(_ quotes: ArraySlice<TopOfBook>) -> Double? {
        let valid = quotes.filter(\.isValid)
        guard valid.count >= 2 else { return nil }
        var flow = 0.0
        for (before, now) in zip(valid, valid.dropFirst()) {
            if now.bid >= before.bid { flow += now.bidSize }
            if now.bid <= before.bid { flow -= before.bidSize }
            if now.ask <= before.ask { flow -= now.askSize }
            if now.ask >= before.ask { flow += before.askSize }
        }
        let depth = valid.reduce(0) { $0 + ($1.bidSize + $1.askSize) / 2 } / Double(valid.count)
        return flow / depth
    }

    static let trades: [any Feature] =
        [(1.0, "1h"), (24, "24h")].flatMap { hours, label -> [any Feature] in
            [
                imbalance("option-trade-imbalance-\(label)", "options", hours) { if case .option = $0 { true } else { false } },
                imbalance("perpetual-trade-imbalance-\(label)", "the perpetual", hours) { if case .perpetual = $0 { true } else { false } },
            ]
        } + [
            sinceTrade("hours-since-option-trade", "an option") { if case .option = $0 { true } else { false } },
            sinceTrade("hours-since-perpetual-trade", "the perpetual") { if case .perpetual = $0 { true } else { false } },
        ]

    /// (bought − sold)/(bought + sold) by takers. −1..1.
    private static func imbalance(
        _ name: String, _ what: String, _ hours: Double, _ counts: @escaping @Sendable (Instrument) -> Bool
    ) -> any Feature {
        Figure(
            FeatureName(rawValue: name), unit: "-1..1", "bought less sold over both, takers' trades of \(what) in \(Int(hours)) hours"
        ) { state in
            let own = state.past.trades.last(days: hours / 24, before: state.time).filter { counts($0.instrument) }
            let size = own.reduce(0) { $0 + $1.quantity.magnitude }
            return size > 0 ? own.reduce(0) { $0 + $1.quantity } / size : nil
        }
    }

    /// Hours since the last trade, a week at most; a week where none is known.
    private static func sinceTrade(
        _ name: FeatureName, _ what: String, _ counts: @escaping @Sendable (Instrument) -> Bool
    ) -> any Feature {
        Figure(name, unit: "hours", "time since \(what) last traded, a week at most", otherwise: { _ in 168 }) { state in
            state.past.trades.last(days: MarketHistory.tradeReachDays, before: state.time).last { counts($0.instrument) }.map {
                $0.time.years(to: state.time) * 8760
            }
        }
    }

    /// Σ sign · size · vega of the takers' option trades of a day, by what is left to expiry now. Quote currency per 1.00 of volatility.
    static let vegaFlow: [any Feature] = ExpiryBucket.all.map { bucket in
        Figure(
            FeatureName(rawValue: "vega-flow-\(bucket.label)"), unit: "USD per 1.00 of volatility",
            "vega that takers bought less sold in a day, expiries \(bucket.words)"
        ) { state in
            let trades = state.past.trades.last(days: 1, before: state.time)
            guard !trades.isEmpty else { return nil }
            return trades.reduce(0) { total, trade in
                guard case .option(let contract) = trade.instrument, contract.underlying == state.currency, contract.expiry > state.time
                else { return total }
                let years = state.time.years(to: contract.expiry)
                guard bucket.contains(timeToExpiry: years) else { return total }
                let forward = state.surface.forward(timeToExpiry: years)
                let greeks = Black76.greeks(
                    contract.kind, forward: forward, strike: contract.strike,
                    volatility: state.surface.volatility(strike: contract.strike, timeToExpiry: years), timeToExpiry: years)
                return total + trade.quantity * greeks.vega
            }
        }
    }
}
