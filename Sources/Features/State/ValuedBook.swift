public import Market
public import Pricing
public import Surface
import RealModule

/// One option position with what it is worth and how it moves.
public struct ValuedOption: Sendable, Equatable {
    public var contract: OptionContract
    public var venue: VenueName
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

/// A dated future position.
public struct ValuedFuture: Sendable, Equatable {
    public var settlement: Settlement
    /// Coin notional of an inverse future, units of a linear one.
    public var quantity: Double
    public var timeToExpiry: Double
    public var forward: Double
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
    /// Coin held, of `linearUnits`.
    public private(set) var coins = 0.0
    /// Futures with an expiry, which the sums above hold too.
    public private(set) var datedFutures: [ValuedFuture] = []
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
                        contract: contract, venue: position.venue, quantity: position.quantity, timeToExpiry: timeToExpiry,
                        forward: forward, volatility: volatility,
                        smileSlope: volatility > 0 ? smile.slope(atLogMoneyness: k) / (2 * volatility * timeToExpiry) : 0, greeks: greeks,
                        coin: InverseGreeks(greeks, forward: forward)))
            case .future(_, let expiry, let settlement):
                if settlement == .inverse { inverseFutures += position.quantity } else { linearUnits += position.quantity }
                let timeToExpiry = surface.time.years(to: expiry)
                datedFutures.append(
                    ValuedFuture(
                        settlement: settlement, quantity: position.quantity, timeToExpiry: timeToExpiry,
                        forward: surface.slice(expiry: expiry)?.forward ?? surface.forward(timeToExpiry: timeToExpiry)))
            case .perpetual(_, .inverse): inverseFutures += position.quantity
            case .perpetual(_, .linear): linearUnits += position.quantity
            case .spot:
                linearUnits += position.quantity
                coins += position.quantity
            }
        }
    }

    /// Σ q x over the options.
    public func sum(_ value: (ValuedOption) -> Double) -> Double { options.reduce(0) { $0 + $1.quantity * value($1) } }
}
