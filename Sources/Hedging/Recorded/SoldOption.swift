public import Features
public import Market
import Pricing
import RealModule

/// One sold option at one moment: the feature row that recorded intervals and live answers share.
///
/// What the venue publishes (delta, mark, vega) is taken as published; what it leaves out comes from Black-76 at its mark volatility.
public struct SoldOption: Sendable, Equatable {
    public static let features: [FeatureName] = [
        .decisionTime, .bookQuantity, .logMoneyness, .timeToExpiry, .impliedVolatility, .forward, .bookDelta, .bookNetDelta, .bookGamma,
        .bookVega, .bookVanna, .bookValue, .bookSmileVega, .bookSkewVega,
    ]

    /// In the order of `features`, for a book of −1 option.
    public let row: [Double]

    /// - Parameters:
    ///   - price: Coin, what the option is worth: its mark, or another price it is valued at.
    ///   - smiles: Of the snapshot the quote is from.
    /// - Returns: nil where the quote has no mark volatility, or its expiry has come.
    public init?(_ option: OptionQuote, at time: Timestamp, price: Double? = nil, smiles: MarkSmiles) {
        let contract = option.contract
        let timeToExpiry = time.years(to: contract.expiry)
        guard let volatility = option.markVolatility, volatility > 0, timeToExpiry > 0 else { return nil }
        let moneyness = Double.log(contract.strike / option.forward)
        let greeks = Black76.greeks(
            contract.kind, forward: option.forward, strike: contract.strike, volatility: volatility, timeToExpiry: timeToExpiry)
        let mark = option.quote.mark ?? greeks.price / option.forward
        let delta = option.delta ?? greeks.delta
        let vega = option.vega ?? greeks.vega
        row = [
            Double(time.nanoseconds) / 1e9, -1, moneyness, timeToExpiry, volatility, option.forward, -delta, -(delta - mark), -greeks.gamma,
            -vega, -greeks.vanna, -(price ?? mark), -vega * smiles.slope(contract.expiry, at: moneyness),
            -vega * smiles.slope(contract.expiry, at: 0),
        ]
    }

    /// The rows as columns of `features`.
    public static func columns(_ options: [SoldOption]) -> FeatureMatrix {
        FeatureMatrix(names: features, columns: features.indices.map { column in options.map { $0.row[column] } })
    }
}

/// The slopes of a snapshot's mark volatilities, by expiry.
public struct MarkSmiles: Sendable {
    private let slopes: [Timestamp: SmileSlopes]

    public init(_ snapshot: MarketSnapshot) {
        var marks: [Timestamp: [(moneyness: Double, volatility: Double)]] = [:]
        for option in snapshot.options {
            guard let volatility = option.markVolatility, volatility > 0 else { continue }
            marks[option.contract.expiry, default: []].append((Double.log(option.contract.strike / option.forward), volatility))
        }
        slopes = marks.mapValues(SmileSlopes.init(marks:))
    }

    /// ∂σ/∂k of one expiry at a log-moneyness; zero where its marks do not determine it.
    public func slope(_ expiry: Timestamp, at moneyness: Double) -> Double { slopes[expiry]?.slope(at: moneyness) ?? 0 }
}
