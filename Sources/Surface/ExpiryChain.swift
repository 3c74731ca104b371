public import Market
import RealModule

/// The options of one expiry in a snapshot, filtered and inverted.
public struct ExpiryChain: Sendable, Equatable {
    public var expiry: Timestamp
    /// Years.
    public var timeToExpiry: Double
    /// Median of the rows' forwards, or that of ``curve``: see ``ForwardSource``.
    public var forward: Double
    /// Today's value of a unit of the settlement currency at expiry, by which the quotes' prices are divided.
    public var discount: Double
    /// The forward that liquid calls and puts imply together; nil without a strike that has both.
    public var parity: ParityForward?
    /// The forward and discount that they imply; nil with fewer than three such strikes, and where the venue's are taken.
    public var curve: ParityCurve?
    /// Options the snapshot lists.
    public var listed: Int
    /// Options refused, by reason: those of ``LiquidityFilter/Refusal`` and `no-volatility`, where no volatility gives the ask.
    public var refusals: [String: Int]
    public var refused: Int { refusals.values.reduce(0, +) }
    /// In order of strike, calls before puts.
    public var quotes: [SmileQuote]

    public init(
        expiry: Timestamp, timeToExpiry: Double, forward: Double, discount: Double = 1, parity: ParityForward? = nil,
        curve: ParityCurve? = nil, listed: Int, refusals: [String: Int] = [:], quotes: [SmileQuote]
    ) {
        self.expiry = expiry
        self.timeToExpiry = timeToExpiry
        self.forward = forward
        self.discount = discount
        self.parity = parity
        self.curve = curve
        self.listed = listed
        self.refusals = refusals
        self.quotes = quotes
    }

    /// Log-moneyness of the lowest and highest strike.
    public var quotedRange: ClosedRange<Double> {
        (quotes.first?.logMoneyness ?? 0)...(quotes.last?.logMoneyness ?? 0)
    }

    /// All expiries after the snapshot's time, in order, those without liquid quotes included.
    public static func chains(
        of snapshot: MarketSnapshot, filter: LiquidityFilter = .quotesAlone, forwards: ForwardSource = .venue
    ) -> [ExpiryChain] {
        let options = snapshot.options
        var byExpiry: [Timestamp: [Int]] = [:]
        // The rows of an expiry mostly follow each other.
        var first = 0
        while first < options.count {
            let expiry = options[first].contract.expiry
            let end = (first..<options.count).first { options[$0].contract.expiry != expiry } ?? options.count
            if expiry > snapshot.time { byExpiry[expiry, default: []] += first..<end }
            first = end
        }
        return byExpiry.keys.sorted().map { expiry in
            let listed = byExpiry[expiry]!
            let timeToExpiry = snapshot.time.years(to: expiry)
            var reasons: [LiquidityFilter.Refusal: Int] = [:]
            let liquid = listed.filter {
                guard let reason = filter.refusal(of: options[$0], at: snapshot.time) else { return true }
                reasons[reason, default: 0] += 1
                return false
            }.sorted {
                let (a, b) = (options[$0].contract, options[$1].contract)
                return a.strike != b.strike ? a.strike < b.strike : a.kind == .call && b.kind == .put
            }
            let venue = median(listed.filter { filter.acceptsForward(of: options[$0]) }.map { options[$0].forward }) ?? 0
            let curve = forwards == .parity ? ParityCurve(liquid.lazy.map { options[$0] }) : nil
            let (forward, discount) = (curve?.forward ?? venue, curve?.discount ?? 1)
            let quotes = SmileQuote.quotes(
                liquid.map { options[$0] }, forward: forward, discount: discount, timeToExpiry: timeToExpiry)
            var refusals = Dictionary(uniqueKeysWithValues: reasons.map { ($0.key.rawValue, $0.value) })
            if quotes.count < liquid.count { refusals["no-volatility"] = liquid.count - quotes.count }
            return ExpiryChain(
                expiry: expiry, timeToExpiry: timeToExpiry, forward: forward, discount: discount,
                parity: ParityForward(liquid.lazy.map { options[$0] }), curve: curve, listed: listed.count, refusals: refusals,
                quotes: quotes)
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

/// Where the forward and the discount factor of an expiry come from.
public enum ForwardSource: String, Sendable, Codable, CaseIterable {
    /// The venue's own forward, no discounting: options whose premium is paid in what they settle in, as on crypto venues.
    case venue
    /// Both from put-call parity where an expiry has three strikes with call and put; else as `venue`. For listed equity-style chains with
    /// rates and dividends.
    case parity
}
