import Market
import RealModule
import Surface

/// What several features read of a snapshot's quotes and surface.
struct MarketFigures: Sendable {
    /// A liquid quote with both volatilities within half a standard deviation of the money.
    struct NearQuote: Sendable {
        /// Annual decimal.
        var halfSpread: Double
        /// Premiums per unit of forward.
        var bid: Double
        var ask: Double
    }

    /// Square root of the 30-day variance-swap rate, annual decimal.
    let varianceSwapVolatility: Double?
    let nearTheMoney: [NearQuote]
    /// Liquid quotes that have the venue's mark volatility, and how many of these lie inside bid and ask.
    let marks: (inside: Int, all: Int)
    /// Least cost of a dollar of vega and of 1 % gamma, coin.
    let vegaCost: Double?
    let gammaCost: Double?
    /// Lowest butterfly density between quoted strikes; lowest forward variance between neighbours where both are quoted.
    let butterflyDensity: Double?
    let forwardVariance: Double?

    init(_ market: ObservedMarket) {
        let month = 30 / 365.0
        varianceSwapVolatility = market.surface.smile(timeToExpiry: month).varianceSwapTotalVariance().map { ($0 / month).squareRoot() }
        var near: [NearQuote] = []
        var marks = (inside: 0, all: 0)
        for chain in market.chains {
            let width = market.surface.totalVariance(logMoneyness: 0, timeToExpiry: chain.timeToExpiry).squareRoot() / 2
            for quote in chain.quotes {
                if let mark = quote.markVolatility {
                    marks.all += 1
                    marks.inside += quote.contains(volatility: mark) ? 1 : 0
                }
                guard quote.logMoneyness.magnitude <= width, quote.bidVolatility > 0 else { continue }
                near.append(NearQuote(halfSpread: quote.halfSpread, bid: quote.bid, ask: quote.ask))
            }
        }
        nearTheMoney = near
        self.marks = marks
        (vegaCost, gammaCost) = HedgeCost.least(market)
        let slices = market.surface.slices
        butterflyDensity = slices.map { $0.smile.minimumButterflyDensity(over: $0.quoted, gridPoints: 41).density }.min()
        forwardVariance = zip(slices, slices.dropFirst()).compactMap { earlier, later in
            let low = max(earlier.quoted.lowerBound, later.quoted.lowerBound)
            let high = min(earlier.quoted.upperBound, later.quoted.upperBound)
            guard low < high else { return nil }
            return later.smile.minimumCalendarGap(after: earlier.smile, over: low...high, gridPoints: 41).gap
                / (later.timeToExpiry - earlier.timeToExpiry)
        }.min()
    }

    /// The upper median of a figure of the quotes near the money; nil without any.
    func nearMedian(_ figure: (NearQuote) -> Double) -> Double? {
        let sorted = nearTheMoney.map(figure).sorted()
        return sorted.isEmpty ? nil : sorted[sorted.count / 2]
    }
}
