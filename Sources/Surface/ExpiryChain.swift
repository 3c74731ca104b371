public import Market
import RealModule

/// The options of one expiry in a snapshot, filtered and inverted.
public struct ExpiryChain: Sendable, Equatable {
    public var expiry: Timestamp
    /// Years.
    public var timeToExpiry: Double
    /// Median of the rows' forwards.
    public var forward: Double
    /// The forward that liquid calls and puts imply together; nil without a strike that has both.
    public var parity: ParityForward?
    /// Options the snapshot lists.
    public var listed: Int
    /// Options refused by the filter, or whose quotes no volatility gives.
    public var refused: Int
    /// In order of strike, calls before puts.
    public var quotes: [SmileQuote]

    public init(
        expiry: Timestamp, timeToExpiry: Double, forward: Double, parity: ParityForward?, listed: Int, refused: Int, quotes: [SmileQuote]
    ) {
        self.expiry = expiry
        self.timeToExpiry = timeToExpiry
        self.forward = forward
        self.parity = parity
        self.listed = listed
        self.refused = refused
        self.quotes = quotes
    }

    /// Log-moneyness of the lowest and highest strike.
    public var quotedRange: ClosedRange<Double> {
        (quotes.first?.logMoneyness ?? 0)...(quotes.last?.logMoneyness ?? 0)
    }

    /// All expiries after the snapshot's time, in order, those without liquid quotes included.
    public static func chains(of snapshot: MarketSnapshot, filter: LiquidityFilter = .quotesAlone) -> [ExpiryChain] {
        let options = snapshot.options
        var byExpiry: [Timestamp: [Int]] = [:]
        for i in options.indices where options[i].contract.expiry > snapshot.time {
            byExpiry[options[i].contract.expiry, default: []].append(i)
        }
        return byExpiry.keys.sorted().map { expiry in
            let listed = byExpiry[expiry]!
            let forward = median(listed.filter { filter.acceptsForward(of: options[$0]) }.map { options[$0].forward }) ?? 0
            let timeToExpiry = snapshot.time.years(to: expiry)
            let liquid = listed.filter { filter.accepts(options[$0], at: snapshot.time) }.sorted {
                let (a, b) = (options[$0].contract, options[$1].contract)
                return a.strike != b.strike ? a.strike < b.strike : a.kind == .call && b.kind == .put
            }
            let quotes = SmileQuote.quotes(liquid.map { options[$0] }, forward: forward, timeToExpiry: timeToExpiry)
            return ExpiryChain(
                expiry: expiry, timeToExpiry: timeToExpiry, forward: forward, parity: ParityForward(liquid.lazy.map { options[$0] }),
                listed: listed.count, refused: listed.count - quotes.count, quotes: quotes)
        }
    }

    /// Strikes with a liquid quote.
    public var strikes: Int {
        quotes.indices.reduce(0) { $0 + ($1 == 0 || quotes[$1].strike != quotes[$1 - 1].strike ? 1 : 0) }
    }

    private static func median(_ values: [Double]) -> Double? {
        guard !values.isEmpty else { return nil }
        let sorted = values.sorted()
        let middle = sorted.count / 2
        return sorted.count % 2 == 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2
    }
}
