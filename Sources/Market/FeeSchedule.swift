/// Whether an order waits in the book or takes what is there.
public enum Liquidity: String, Sendable, Hashable, Codable, CaseIterable {
    case maker, taker
}

/// What a venue charges for one kind of instrument.
public struct FeeSchedule: Sendable, Hashable, Codable {
    /// What the rates multiply.
    public enum Basis: String, Sendable, Hashable, Codable {
        /// The quantity: coin per coin of underlying (inverse options and futures).
        case quantity
        /// Quantity times index: quote currency (linear instruments).
        case value
    }

    public var basis: Basis
    /// A negative one is paid to the trader.
    public var maker: Double
    public var taker: Double
    /// Charged when the contract is settled at its end.
    public var delivery: Double
    /// The fee never exceeds this share of the premium; nil where there is no cap.
    public var premiumCap: Double?

    public init(basis: Basis, maker: Double, taker: Double, delivery: Double = 0, premiumCap: Double? = nil) {
        self.basis = basis
        self.maker = maker
        self.taker = taker
        self.delivery = delivery
        self.premiumCap = premiumCap
    }

    public static let free = FeeSchedule(basis: .quantity, maker: 0, taker: 0)

    /// min(rate · |quantity| [· index], cap · price · |quantity|), in settlement currency.
    ///
    /// - Parameters:
    ///   - quantity: In `Position` units; the sign does not matter.
    ///   - price: Premium of an option in settlement currency; any price for an uncapped instrument.
    ///   - index: Quote currency per coin; read by the `value` basis only.
    public func trade(_ liquidity: Liquidity, quantity: Double, price: Double, index: Double) -> Double {
        capped(liquidity == .maker ? maker : taker, quantity: quantity, price: price, index: index)
    }

    /// What settlement charges for a contract that pays `payoff` per unit.
    public func delivery(quantity: Double, payoff: Double, index: Double) -> Double {
        capped(delivery, quantity: quantity, price: payoff, index: index)
    }

    private func capped(_ rate: Double, quantity: Double, price: Double, index: Double) -> Double {
        let fee = rate * quantity.magnitude * (basis == .value ? index : 1)
        guard let premiumCap else { return fee }
        return min(fee, premiumCap * price * quantity.magnitude)
    }
}
