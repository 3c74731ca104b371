/// Which option quotes are good enough to fit, to hedge with and to judge by.
///
/// A quote is liquid if it is two-sided, not too wide, held by somebody, neither about to expire nor far from the money,
/// and refers to a forward of its own.
public struct LiquidFilter: Sendable, Equatable, Codable {
    /// Years to expiry, at least.
    public var minimumTimeToExpiry = 1.0 / 365
    /// Coin, at least.
    public var minimumOpenInterest = 1.0
    /// (ask − bid)/mid, at most.
    public var maximumRelativeSpread = 0.5
    /// K/F, at least and at most.
    public var strikes = 0.5...2.0
    /// Whether the venue's vega must be positive where it is given.
    public var requiresVega = true
    /// Names of forwards that are none: the venue put the spot index there.
    public var refusedForwards = ["INDEX"]

    public init() {}

    /// Why a quote is refused, in the order in which the reasons are tried.
    public enum Refusal: String, Sendable, Codable, CaseIterable {
        case oneSided = "one-sided"
        case crossed
        case notFinite = "not-finite"
        case tooWide = "too-wide"
        case openInterest = "open-interest"
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
        guard ask - bid <= maximumRelativeSpread * (ask + bid) / 2 else { return .tooWide }
        guard option.openInterest >= minimumOpenInterest else { return .openInterest }
        if requiresVega { guard option.vega ?? 1 > 0 else { return .vega } }
        guard time.years(to: option.contract.expiry) >= minimumTimeToExpiry else { return .nearExpiry }
        guard !refusedForwards.contains(option.forwardName) else { return .noForward }
        guard strikes.contains(option.contract.strike / option.forward) else { return .farStrike }
        return nil
    }

    public func accepts(_ option: OptionQuote, at time: Timestamp) -> Bool { refusal(of: option, at: time) == nil }
}
