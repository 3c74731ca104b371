import Market
import Pricing
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

    /// Least cost of a dollar of an option's sensitivity, coin per dollar, over liquid quotes within a deviation of the money.
    ///
    /// - Parameters:
    ///   - days: To expiry.
    ///   - sensitivity: Of one option, dollars.
    func option(_ state: MarketState, days: ClosedRange<Double>, _ sensitivity: (BlackGreeks, _ forward: Double) -> Double) -> Double? {
        var least: Double?
        for chain in state.chains where days.contains(chain.timeToExpiry * 365) {
            let root = chain.timeToExpiry.squareRoot()
            for quote in chain.quotes where quote.bidVolatility > 0 && quote.logMoneyness.magnitude <= quote.midVolatility * root {
                let middle = (quote.bid + quote.ask) / 2
                let cost =
                    (quote.ask - quote.bid) / 2 + Self.optionFees.trade(.taker, quantity: 1, price: middle, index: state.index)
                let greeks = Black76.greeks(
                    quote.kind, forward: chain.forward, strike: quote.strike, volatility: quote.midVolatility,
                    timeToExpiry: chain.timeToExpiry)
                let ratio = cost / sensitivity(greeks, chain.forward)
                if ratio.isFinite, ratio > 0 { least = min(least ?? ratio, ratio) }
            }
        }
        return least
    }

    /// Cost of a dollar of delta in the perpetual, coin per dollar: fee, half the spread of the last quote, and the impact of hedging the
    /// whole net delta at once. Without a quote of the perpetual the fee alone.
    func perpetual(_ state: MarketState) -> Double {
        var fraction = Self.perpetualFees.taker
        if let quote = state.past.quotes.last, quote.isValid {
            let netDelta = state.valued.sum(\.coin.netDelta) + state.valued.inverseFutures
            let depth = netDelta > 0 ? quote.bidSize : quote.askSize
            fraction += (quote.ask - quote.bid) / (quote.ask + quote.bid)
            fraction += impact * Double.pow(netDelta.magnitude / depth, impactExponent)
        }
        return fraction / state.index
    }

    static let features: [any Feature] = [
        // Options of 7 to 95 days.
        Figure("vega-cost", unit: "coin per USD of vega", "least fee and half-spread of a dollar of vega, 7 to 95 days") {
            HedgeCost().option($0, days: 7...95) { greeks, _ in greeks.vega }
        },
        // Options of 1 to 35 days; per dollar of delta for a move of 1 %.
        Figure("gamma-cost", unit: "coin per USD of gamma", "least fee and half-spread of a dollar of 1 % gamma, 1 to 35 days") {
            HedgeCost().option($0, days: 1...35) { 0.01 * $0.gamma * $1 * $1 }
        },
        Figure("delta-cost", unit: "coin per USD of delta", "fee, half-spread and impact of a dollar of delta in the perpetual") {
            HedgeCost().perpetual($0)
        },
    ]
}
