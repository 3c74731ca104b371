public import Market
import Pricing
import RealModule

/// One two-sided option quote as the fit sees it: a band of volatility at a log-moneyness.
public struct SmileQuote: Sendable, Equatable, Codable {
    public var kind: OptionKind
    public var strike: Double
    /// ln(K/F).
    public var logMoneyness: Double
    /// Prices per unit of forward: coin for inverse options, dollars over forward for linear ones.
    public var bid: Double
    public var ask: Double
    /// Volatilities of bid and ask, annual decimals. A bid below intrinsic value has volatility 0.
    public var bidVolatility: Double
    public var askVolatility: Double
    /// The venue's mark volatility, where it gives one.
    public var markVolatility: Double?

    public init(
        kind: OptionKind, strike: Double, logMoneyness: Double, bid: Double, ask: Double, bidVolatility: Double, askVolatility: Double,
        markVolatility: Double? = nil
    ) {
        self.kind = kind
        self.strike = strike
        self.logMoneyness = logMoneyness
        self.bid = bid
        self.ask = ask
        self.bidVolatility = bidVolatility
        self.askVolatility = askVolatility
        self.markVolatility = markVolatility
    }

    public var midVolatility: Double { (bidVolatility + askVolatility) / 2 }

    /// Half of the volatility band.
    public var halfSpread: Double { (askVolatility - bidVolatility) / 2 }

    /// Whether a volatility prices the option inside its quotes: price rises with volatility, so the bands agree.
    public func contains(volatility: Double) -> Bool { volatility >= bidVolatility && volatility <= askVolatility }

    /// The quote of an option with its expiry's forward; nil if no volatility gives the ask.
    public init?(_ option: OptionQuote, forward: Double, timeToExpiry: Double) {
        guard let bid = option.quote.bid, let ask = option.quote.ask, forward > 0, timeToExpiry > 0 else { return nil }
        let contract = option.contract
        let scale = contract.settlement == .inverse ? 1 : 1 / forward
        let ratio = contract.strike / forward
        let root = timeToExpiry.squareRoot()
        func deviation(_ price: Double) -> Double? {
            do {
                return try ImpliedVolatility.totalDeviation(contract.kind, price: price, forward: 1, strike: ratio)
            } catch .belowIntrinsic {
                return 0
            } catch {
                return nil
            }
        }
        guard ratio > 0, ratio.isFinite, let low = deviation(bid * scale), let high = deviation(ask * scale), high > 0, high.isFinite
        else { return nil }
        self.init(
            kind: contract.kind, strike: contract.strike, logMoneyness: Double.log(ratio), bid: bid * scale, ask: ask * scale,
            bidVolatility: low / root, askVolatility: high / root, markVolatility: option.markVolatility)
    }
}
