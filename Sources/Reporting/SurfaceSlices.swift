public import Market
public import Surface

extension ComparisonTables.Slice {
    /// The fitted expiries of a snapshot, each over its quoted range with a tenth of it beyond on both sides, and the quotes it was fitted to.
    public static func slices(of surface: VolatilitySurface, snapshot: MarketSnapshot, points: Int = 81) -> [ComparisonTables.Slice] {
        let chains = ExpiryChain.chains(of: snapshot)
        return surface.slices.map { slice in
            let margin = 0.1 * (slice.quoted.upperBound - slice.quoted.lowerBound)
            let low = slice.quoted.lowerBound - margin
            let step = (slice.quoted.upperBound + margin - low) / Double(points - 1)
            let date = slice.expiry.date
            return ComparisonTables.Slice(
                expiry: "\(date.day) \(months[date.month - 1]) \(date.year)", timeToExpiry: slice.timeToExpiry,
                fitted: (0..<points).map { index in
                    let k = low + step * Double(index)
                    return (k, (slice.smile.totalVariance(atLogMoneyness: k) / slice.timeToExpiry).squareRoot())
                },
                quotes: (chains.first { $0.expiry == slice.expiry }?.quotes ?? []).map {
                    (logMoneyness: $0.logMoneyness, bid: $0.bidVolatility, ask: $0.askVolatility)
                })
        }
    }

    private static let months = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"]
}
