extension OptionContract {
    /// What one unit pays at the end, in quote currency: max(ω(S − K), 0).
    public func dollarPayoff(at price: Double) -> Double { max(kind.sign * (price - strike), 0) }

    /// What one unit pays at the end, in settlement currency: the dollar payoff, for an inverse contract over S.
    ///
    /// In coin a call pays less than 1, a put without bound as S falls.
    public func payoff(at price: Double) -> Double {
        settlement == .inverse ? dollarPayoff(at: price) / price : dollarPayoff(at: price)
    }

    /// Whether the contract has ended at that moment.
    public func hasExpired(at time: Timestamp) -> Bool { time >= expiry }
}

/// An inverse future or perpetual: quoted in dollars, sized in dollars, paid in coin.
public enum InverseFuture {
    /// Profit in coin of a coin notional h entered at F₀: h·F₀·(1/F₀ − 1/F₁) = h(F₁ − F₀)/F₁.
    public static func profit(coinNotional: Double, from entry: Double, to exit: Double) -> Double {
        coinNotional * (exit - entry) / exit
    }

    /// Coin notional of a dollar notional at that price, N/F.
    public static func coinNotional(quoteNotional: Double, price: Double) -> Double { quoteNotional / price }

    /// Dollar notional of a coin notional at that price, h·F.
    public static func quoteNotional(coinNotional: Double, price: Double) -> Double { coinNotional * price }
}

extension Instrument {
    /// What a position of that quantity earns, in settlement currency, when its price moves.
    ///
    /// Options: quantity · (new premium − old premium), whatever they settle in. Inverse futures and perpetuals: `InverseFuture.profit`.
    /// Linear ones and spot: quantity · (F₁ − F₀).
    public func profit(quantity: Double, from entry: Double, to exit: Double) -> Double {
        switch self {
        case .future(_, _, .inverse), .perpetual(_, .inverse):
            InverseFuture.profit(coinNotional: quantity, from: entry, to: exit)
        case .option, .future, .perpetual, .spot: quantity * (exit - entry)
        }
    }

    public var settlement: Settlement {
        switch self {
        case .option(let contract): contract.settlement
        case .future(_, _, let settlement), .perpetual(_, let settlement): settlement
        case .spot: .linear
        }
    }
}
