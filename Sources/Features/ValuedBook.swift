public import Market
public import Pricing
public import Surface
import RealModule

/// One option position with what it is worth and how it moves.
public struct ValuedOption: Sendable, Equatable {
    public var contract: OptionContract
    /// Signed; sold is negative.
    public var quantity: Double
    public var timeToExpiry: Double
    public var forward: Double
    public var volatility: Double
    /// ∂σ/∂k of the smile at its strike.
    public var smileSlope: Double
    /// In dollars, of one unit.
    public var greeks: BlackGreeks
    /// In coin, of one unit.
    public var coin: InverseGreeks

    /// ln(K/F).
    public var logMoneyness: Double { Double.log(contract.strike / forward) }
}

/// A book at one time: its options valued on a surface, and the futures and spot beside them.
///
/// Positions in other currencies and expired ones are counted and left out.
public struct ValuedBook: Sendable, Equatable {
    /// In the order of the book.
    public private(set) var options: [ValuedOption] = []
    /// Coin notional of inverse futures and perpetuals.
    public private(set) var inverseFutures = 0.0
    /// Coin held, and units of linear futures.
    public private(set) var linearUnits = 0.0
    /// Positions left out because they have expired, and because they are in another currency.
    public private(set) var expired = 0
    public private(set) var foreign = 0

    public init(_ book: Book, on surface: VolatilitySurface) {
        for position in book.positions {
            guard position.instrument.underlying == surface.currency else {
                foreign += 1
                continue
            }
            if let expiry = position.instrument.expiry, expiry <= surface.time {
                expired += 1
                continue
            }
            switch position.instrument {
            case .option(let contract):
                let timeToExpiry = surface.time.years(to: contract.expiry)
                let forward = surface.slice(expiry: contract.expiry)?.forward ?? surface.forward(timeToExpiry: timeToExpiry)
                let smile = surface.smile(timeToExpiry: timeToExpiry)
                let k = Double.log(contract.strike / forward)
                let volatility = (smile.totalVariance(atLogMoneyness: k) / timeToExpiry).squareRoot()
                let greeks = Black76.greeks(
                    contract.kind, forward: forward, strike: contract.strike, volatility: volatility, timeToExpiry: timeToExpiry)
                options.append(
                    ValuedOption(
                        contract: contract, quantity: position.quantity, timeToExpiry: timeToExpiry, forward: forward,
                        volatility: volatility,
                        smileSlope: volatility > 0 ? smile.slope(atLogMoneyness: k) / (2 * volatility * timeToExpiry) : 0, greeks: greeks,
                        coin: InverseGreeks(greeks, forward: forward)))
            case .future(_, _, .inverse), .perpetual(_, .inverse): inverseFutures += position.quantity
            case .future(_, _, .linear), .perpetual(_, .linear), .spot: linearUnits += position.quantity
            }
        }
    }

    /// Σ q x over the options.
    public func sum(_ value: (ValuedOption) -> Double) -> Double { options.reduce(0) { $0 + $1.quantity * value($1) } }
}
