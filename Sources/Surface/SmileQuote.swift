public import Market
import Pricing
import RealModule

/// One two-sided option quote as the fit sees it: a band of volatility at a log-moneyness.
public struct SmileQuote: Sendable, Equatable, Codable {
    public var kind: OptionKind
    public var strike: Double
    /// ln(K/F).
    public var logMoneyness: Double
    /// Prices at expiry per unit of forward: coin for inverse options, dollars over forward for linear ones, over the discount factor.
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

    /// The quotes of options of one expiry; without those whose ask no volatility gives.
    ///
    /// - Parameters:
    ///   - forward: Of the expiry.
    ///   - discount: By which prices are divided before they are inverted.
    ///   - timeToExpiry: Years.
    static func quotes(_ options: [OptionQuote], forward: Double, discount: Double, timeToExpiry: Double) -> [SmileQuote] {
        guard forward > 0, forward.isFinite, timeToExpiry > 0 else { return [] }
        let quoted = options.filter { $0.quote.bid != nil && $0.quote.ask != nil && $0.contract.strike > 0 && $0.contract.strike.isFinite }
        let scales = quoted.map { ($0.contract.settlement == .inverse ? forward : 1) / discount }
        let deviations = ImpliedDeviations(
            quoted.map(\.contract.kind) + quoted.map(\.contract.kind),
            prices: zip(quoted, scales).map { $0.quote.bid! * $1 } + zip(quoted, scales).map { $0.quote.ask! * $1 },
            forwards: [Double](repeating: forward, count: 2 * quoted.count),
            strikes: quoted.map(\.contract.strike) + quoted.map(\.contract.strike))
        let isBelowIntrinsic = Set(
            deviations.refusals.lazy.filter { if case .belowIntrinsic = $0.reason { true } else { false } }.map(\.index))
        let root = timeToExpiry.squareRoot()
        return quoted.indices.compactMap { i in
            let (low, high) = (isBelowIntrinsic.contains(i) ? 0 : deviations.values[i], deviations.values[quoted.count + i])
            guard low >= 0, high > 0, high.isFinite else { return nil }
            let contract = quoted[i].contract
            let scale = scales[i] / forward
            return SmileQuote(
                kind: contract.kind, strike: contract.strike, logMoneyness: Double.log(contract.strike / forward),
                bid: quoted[i].quote.bid! * scale, ask: quoted[i].quote.ask! * scale, bidVolatility: low / root,
                askVolatility: high / root, markVolatility: quoted[i].markVolatility)
        }
    }
}
