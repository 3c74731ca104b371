public import Market
public import Surface

extension ComparisonTables.Slice {
    /// The fitted expiries of a snapshot, each over its quoted range with a tenth of it beyond on both sides, and the quotes it was fitted to.
    ///
    /// - Parameter points: Of the curve, beside those at the quotes' own log-moneynesses.
    public static func slices(of surface: VolatilitySurface, snapshot: MarketSnapshot, points: Int = 81) -> [ComparisonTables.Slice] {
        let chains = ExpiryChain.chains(of: snapshot)
        return surface.slices.map { slice in
            let quotes = chains.first { $0.expiry == slice.expiry }?.quotes ?? []
            let margin = 0.1 * (slice.quoted.upperBound - slice.quoted.lowerBound)
            let low = slice.quoted.lowerBound - margin
            let step = (slice.quoted.upperBound + margin - low) / Double(points - 1)
            let date = slice.expiry.date
            return ComparisonTables.Slice(
                expiry: "\(date.day) \(months[date.month - 1]) \(date.year)", timeToExpiry: slice.timeToExpiry,
                fitted: Set((0..<points).map { low + step * Double($0) } + quotes.map(\.logMoneyness)).sorted().map { k in
                    (k, (slice.smile.totalVariance(atLogMoneyness: k) / slice.timeToExpiry).squareRoot())
                },
                quotes: quotes.map { (logMoneyness: $0.logMoneyness, bid: $0.bidVolatility, ask: $0.askVolatility) })
        }
    }

    private static let months = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"]
}
