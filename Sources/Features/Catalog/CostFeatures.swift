import Market
import Probability
import RealModule
import Surface

/// What it costs to trade near the money: medians over liquid quotes within half a standard deviation of it.
enum SpreadFeatures {
    static let all: [any Feature] = [
        // (σ_ask − σ_bid)/2.
        Figure("atm-half-spread", unit: "annual decimal", "median half-spread in volatility near the money") {
            $0.market.figures.nearMedian(\.halfSpread)
        },
        // (ask − bid)/2 per unit of forward.
        Figure("atm-half-spread-coin", unit: "coin", "median half-spread in coin near the money") {
            $0.market.figures.nearMedian { ($0.ask - $0.bid) / 2 }
        },
        // (ask − bid)/mid.
        Figure("atm-relative-spread", unit: "fraction", "median spread over the mid near the money") {
            $0.market.figures.nearMedian { 2 * ($0.ask - $0.bid) / ($0.ask + $0.bid) }
        },
        // (ask − bid)/tick, Deribit's ticks of inverse options.
        Figure("atm-spread-ticks", unit: "ticks", "median spread near the money in the venue's ticks") {
            $0.market.figures.nearMedian { ($0.ask - $0.bid) / TickRule.deribitInverse.tick(at: $0.bid) }
        },
    ]
}

/// What the cheapest hedge costs, taking the quotes that stand: fee, half-spread and impact.
///
/// Deribit's list fees: an option min(0.0003 coin, 12.5 % of its premium), the perpetual 0.05 %.
public struct HedgeCost: Sendable {
    /// Impact κ (size/depth)^β of a perpetual order, fraction of its value.
    public var impact = 1e-4
    public var impactExponent = 0.5

    public init() {}

    static let optionFees = FeeSchedule(basis: .quantity, maker: 0.0003, taker: 0.0003, premiumCap: 0.125)
    static let perpetualFees = FeeSchedule(basis: .quantity, maker: 0, taker: 0.0005)

    /// Least cost of a dollar of vega, options of 7 to 95 days, and of a dollar of 1 % gamma, options of 1 to 35, coin per dollar: over
    /// liquid quotes within a deviation of the money.
    static func least(_ market: ObservedMarket) -> (vega: Double?, gamma: Double?) {
        var (vega, gamma): (Double?, Double?) = (nil, nil)
        func lower(_ least: inout Double?, _ ratio: Double) {
            if ratio.isFinite, ratio > 0 { least = min(least ?? ratio, ratio) }
        }
        for chain in market.chains {
            let days = chain.timeToExpiry * 365
            let root = chain.timeToExpiry.squareRoot()
            for quote in chain.quotes where quote.bidVolatility > 0 && quote.logMoneyness.magnitude <= quote.midVolatility * root {
                let cost =
                    (quote.ask - quote.bid) / 2
                    + optionFees.trade(.taker, quantity: 1, price: (quote.bid + quote.ask) / 2, index: market.index)
                let deviation = quote.midVolatility * root
                let density = NormalDistribution.density(-quote.logMoneyness / deviation + deviation / 2)
                if (7...95).contains(days) { lower(&vega, cost / (chain.forward * density * root)) }
                // 0.01 Γ F², Γ = φ(d₁)/(Fσ√T).
                if (1...35).contains(days) { lower(&gamma, cost / (0.01 * chain.forward * density / deviation)) }
            }
        }
        return (vega, gamma)
    }

    /// Cost of a dollar of delta in the perpetual, coin per dollar: fee, half the spread of the last quote, and the impact of hedging the
    /// whole net delta at once. Without a quote of the perpetual the fee alone.
    func perpetual(_ state: MarketState) -> Double {
        var fraction = Self.perpetualFees.taker
        if let quote = FlowFeatures.lastQuote(state) {
            let netDelta = state.valued.sum(\.coin.netDelta) + state.valued.inverseFutures
            let depth = netDelta > 0 ? quote.bidSize : quote.askSize
            fraction += (quote.ask - quote.bid) / (quote.ask + quote.bid)
            fraction += impact * Double.pow(netDelta.magnitude / depth, impactExponent)
        }
        return fraction / state.index
    }

    static let features: [any Feature] = [
        Figure("vega-cost", unit: "coin per USD of vega", "least fee and half-spread of a dollar of vega, 7 to 95 days") {
            $0.market.figures.vegaCost
        },
        Figure("gamma-cost", unit: "coin per USD of gamma", "least fee and half-spread of a dollar of 1 % gamma, 1 to 35 days") {
            $0.market.figures.gammaCost
        },
        Figure("delta-cost", unit: "coin per USD of delta", "fee, half-spread and impact of a dollar of delta in the perpetual") {
            HedgeCost().perpetual($0)
        },
    ]
}
