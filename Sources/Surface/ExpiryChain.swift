public import Market
import RealModule

/// The options of one expiry in a snapshot, filtered and inverted.
public struct ExpiryChain: Sendable, Equatable {
    public var expiry: Timestamp
    /// Years.
    public var timeToExpiry: Double
    /// Median of the rows' forwards.
    public var forward: Double
    /// Options the snapshot lists.
    public var listed: Int
    /// Options refused by the filter, or whose quotes no volatility gives.
    public var refused: Int
    /// In order of strike, calls before puts.
    public var quotes: [SmileQuote]

    /// Log-moneyness of the lowest and highest strike.
    public var quotedRange: ClosedRange<Double> {
        (quotes.first?.logMoneyness ?? 0)...(quotes.last?.logMoneyness ?? 0)
    }

    /// All expiries after the snapshot's time, in order, those without liquid quotes included.
    public static func chains(of snapshot: MarketSnapshot, filter: LiquidityFilter = .quotesAlone) -> [ExpiryChain] {
        var byExpiry: [Timestamp: [OptionQuote]] = [:]
        for option in snapshot.options where option.contract.expiry > snapshot.time {
            byExpiry[option.contract.expiry, default: []].append(option)
        }
        return byExpiry.keys.sorted().map { expiry in
            let options = byExpiry[expiry]!
            let forwards = options.filter(filter.acceptsForward).map(\.forward)
            let forward = median(forwards) ?? 0
            let timeToExpiry = snapshot.time.years(to: expiry)
            let quotes = options.filter { filter.accepts($0, at: snapshot.time) }
                .compactMap { SmileQuote($0, forward: forward, timeToExpiry: timeToExpiry) }
                .sorted { ($0.strike, $0.kind == .call ? 0 : 1) < ($1.strike, $1.kind == .call ? 0 : 1) }
            return ExpiryChain(
                expiry: expiry, timeToExpiry: timeToExpiry, forward: forward, listed: options.count, refused: options.count - quotes.count,
                quotes: quotes)
        }
    }

    private static func median(_ values: [Double]) -> Double? {
        guard !values.isEmpty else { return nil }
        let sorted = values.sorted()
        let middle = sorted.count / 2
        return sorted.count % 2 == 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2
    }
}
