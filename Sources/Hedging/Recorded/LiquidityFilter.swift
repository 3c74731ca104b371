public import Market

/// Which quotes of a snapshot are liquid enough to be judged on.
///
/// The defaults are those of the published table of recorded hedges: a day or more to live, both sides quoted, held by somebody, a
/// spread of at most half the mid, a forward that can be traded, and a strike within a factor of two of it.
public struct LiquidityFilter: Sendable, Equatable, Codable {
    public var minimumDays = 1.0
    public var minimumOpenInterest = 1.0
    /// (ask − bid)/mid, computed in doubles: quotes whose true spread is just this bound fall on either side by rounding.
    public var maximumRelativeSpread = 0.5
    /// Strike over forward.
    public var minimumMoneyness = 0.5
    public var maximumMoneyness = 2.0
    /// Whether a forward that is only the spot index will do.
    public var acceptsIndexForward = false

    public init() {}

    public func accepts(_ option: OptionQuote, at time: Timestamp) -> Bool {
        guard let bid = option.quote.bid, let ask = option.quote.ask, let vega = option.vega else { return false }
        let days = Double(option.contract.expiry.nanoseconds - time.nanoseconds) / Double(Timestamp.nanosecondsPerDay)
        let moneyness = option.contract.strike / option.forward
        return days >= minimumDays && bid > 0 && ask >= bid && option.openInterest >= minimumOpenInterest && vega > 0
            && (ask - bid) / ((bid + ask) / 2) <= maximumRelativeSpread
            && (acceptsIndexForward || option.forwardName != "INDEX")
            && moneyness >= minimumMoneyness && moneyness <= maximumMoneyness
    }
}
