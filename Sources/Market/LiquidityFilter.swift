/// Which quotes of a snapshot are liquid enough to fit, to hedge with and to be judged on.
///
/// The defaults are those of the published table of recorded hedges: a day or more to live, both sides quoted, held by somebody, a
/// spread of at most half the mid, a forward that can be traded, and a strike within a factor of two of it.
public struct LiquidityFilter: Sendable, Equatable, Codable {
    public var minimumDays = 1.0
    /// Coin.
    public var minimumOpenInterest = 1.0
    /// (ask − bid)/mid, computed in doubles: quotes whose true spread is just this bound fall on either side by rounding.
    public var maximumRelativeSpread = 0.5
    /// Strike over forward.
    public var minimumMoneyness = 0.5
    public var maximumMoneyness = 2.0
    /// Whether the venue's vega must be given. One that is given must be positive: else the quote says nothing of volatility.
    public var requiresVega = true
    /// Whether a forward that is only the spot index will do.
    public var acceptsIndexForward = false

    public init() {}

    /// Open to quotes without the venue's vega, for those who find volatilities themselves.
    public static var quotesAlone: LiquidityFilter {
        var filter = LiquidityFilter()
        filter.requiresVega = false
        return filter
    }

    /// Whether an option's forward is one: a positive number, and not the spot index unless that will do.
    public func acceptsForward(of option: OptionQuote) -> Bool {
        option.forward.isFinite && option.forward > 0 && (acceptsIndexForward || option.forwardName != "INDEX")
    }

    /// Why a quote is not liquid, in the order in which the reasons are tried.
    public enum Refusal: String, Sendable, Codable, CaseIterable {
        case oneSided = "one-sided"
        case notFinite = "not-finite"
        case crossed
        case tooWide = "too-wide"
        case openInterest = "open-interest"
        /// The venue's own vega is zero, or missing where it is required.
        case vega
        case nearExpiry = "near-expiry"
        case noForward = "no-forward"
        case farStrike = "far-strike"
    }

    /// nil if the quote is liquid at that time.
    public func refusal(of option: OptionQuote, at time: Timestamp) -> Refusal? {
        guard let bid = option.quote.bid, let ask = option.quote.ask, bid > 0 else { return .oneSided }
        guard bid.isFinite, ask.isFinite, option.forward.isFinite, option.forward > 0, option.contract.strike.isFinite,
            option.contract.strike > 0
        else { return .notFinite }
        guard ask >= bid else { return .crossed }
        guard (ask - bid) / ((bid + ask) / 2) <= maximumRelativeSpread else { return .tooWide }
        guard option.openInterest >= minimumOpenInterest else { return .openInterest }
        guard option.vega.map({ $0 > 0 }) ?? !requiresVega else { return .vega }
        let days = Double(option.contract.expiry.nanoseconds - time.nanoseconds) / Double(Timestamp.nanosecondsPerDay)
        guard days >= minimumDays else { return .nearExpiry }
        guard acceptsForward(of: option) else { return .noForward }
        let moneyness = option.contract.strike / option.forward
        guard moneyness >= minimumMoneyness, moneyness <= maximumMoneyness else { return .farStrike }
        return nil
    }

    public func accepts(_ option: OptionQuote, at time: Timestamp) -> Bool { refusal(of: option, at: time) == nil }
}
