import Market
import Pricing
import RealModule

/// A book with its sensitivities in one market.
struct Inventory {
    struct Option {
        var name: String
        var contract: OptionContract
        var quantity: Double
        var forward: Double
        var greeks: InverseGreeks
        var dollarGreeks: BlackGreeks
    }

    private(set) var options: [Option] = []
    /// Coin notional of dated futures.
    private(set) var futures = 0.0
    /// Coin notional of the perpetual.
    private(set) var held = 0.0

    /// Positions of other currencies, expired ones and coin itself are passed over, with a warning.
    init(_ book: Book, in market: FittedMarket, warnings: inout [String]) throws(AdviceError) {
        let currency = market.snapshot.currency
        var foreign = 0
        for position in book.positions {
            guard position.instrument.underlying == currency else {
                foreign += 1
                continue
            }
            let name = (try? DeribitName.format(position.instrument)) ?? "\(position.instrument)"
            if let expiry = position.instrument.expiry, expiry <= market.snapshot.time {
                warnings.append("\(name) has expired and is left out")
                continue
            }
            switch position.instrument {
            case .perpetual: held += position.quantity
            case .future: futures += position.quantity
            case .spot:
                warnings.append(
                    "\(position.quantity) \(currency.rawValue) of coin has no delta for those who count in coin; it is left out")
            case .option(let contract): options.append(try Self.option(name, contract, position.quantity, market, &warnings))
            }
        }
        if foreign > 0 { warnings.append("\(foreign) positions are not on \(currency.rawValue) and are left out") }
    }

    private static func option(
        _ name: String, _ contract: OptionContract, _ quantity: Double, _ market: FittedMarket, _ warnings: inout [String]
    ) throws(AdviceError) -> Option {
        guard contract.settlement == .inverse else { throw .linearOption(name) }
        guard let (forward, volatility, isInterpolated) = market.pricing(of: contract) else { throw .unpriced(name) }
        if isInterpolated { warnings.append("\(name) is not listed in this market: its volatility is interpolated") }
        let greeks = Black76.greeks(
            contract.kind, forward: forward, strike: contract.strike, volatility: volatility,
            timeToExpiry: market.snapshot.time.years(to: contract.expiry))
        return Option(
            name: name, contract: contract, quantity: quantity, forward: forward, greeks: InverseGreeks(greeks, forward: forward),
            dollarGreeks: greeks)
    }

    private func sum(_ value: (Option) -> Double) -> Double { options.reduce(0) { $0 + $1.quantity * value($1) } }

    var value: Double { sum(\.greeks.value) }
    /// Black deltas of options, and futures.
    var delta: Double { sum(\.dollarGreeks.delta) + futures }
    var optionNetDelta: Double { sum(\.greeks.netDelta) }
    var netDelta: Double { optionNetDelta + futures }
    /// Change of net delta per 1.0 of relative move, the perpetual and futures included: each coin of them loses two.
    var coinGamma: Double { sum { $0.greeks.gamma + $0.greeks.netDelta } - futures - held }

    func exposure(_ finite: (Double, String) throws(AdviceError) -> Double) throws(AdviceError) -> HedgeRecommendation.Exposure {
        HedgeRecommendation.Exposure(
            value: try finite(value, "value of the inventory"), delta: try finite(delta + held, "delta"),
            netDelta: try finite(netDelta + held, "net delta"),
            dollarGamma: try finite(sum { 0.01 * $0.dollarGreeks.gamma * $0.forward * $0.forward }, "gamma"),
            vega: try finite(sum(\.dollarGreeks.vega), "vega"), theta: try finite(sum(\.dollarGreeks.theta), "theta"))
    }
}
