public import Market
import RealModule

/// Value and sensitivities of one inverse option, in coin per coin of underlying.
///
/// Moves of the forward are relative: a delta of 0.4 gains 0.4 % of a coin when the forward rises by 1 %.
public struct InverseGreeks: Sendable, Equatable {
    /// v = V/F.
    public var value: Double
    /// F·∂v/∂F = Δ − v: the premium-adjusted delta, and the coin notional of inverse future that hedges one unit sold.
    public var netDelta: Double
    /// F²·∂²v/∂F² = FΓ − 2(Δ − v).
    public var gamma: Double
    /// ∂v/∂σ, per 1.00.
    public var vega: Double
    /// ∂v/∂t, per year.
    public var theta: Double
    /// F·∂²v/∂F∂σ, net delta per 1.00 of volatility.
    public var vanna: Double
    /// ∂²v/∂σ².
    public var volga: Double
    /// ∂(net delta)/∂t, per year.
    public var charm: Double
}

/// An option whose premium and payoff are in the coin it is written on, as Deribit's BTC and ETH options are.
public enum InverseOption {
    /// Coin value v = V/F of Black's price V.
    ///
    ///     call  N(d₁) − (K/F)N(d₂)        put  (K/F)N(−d₂) − N(−d₁)        v_call − v_put = 1 − K/F
    public static func value(_ kind: OptionKind, forward: Double, strike: Double, totalVariance: Double) -> Double {
        Black76.price(kind, forward: forward, strike: strike, totalVariance: totalVariance) / forward
    }

    /// Net delta Δ − v = F ∂v/∂F: (K/F)N(d₂) for a call, −(K/F)N(−d₂) for a put.
    public static func netDelta(_ kind: OptionKind, forward: Double, strike: Double, totalVariance: Double) -> Double {
        Black76.delta(kind, forward: forward, strike: strike, totalVariance: totalVariance)
            - value(kind, forward: forward, strike: strike, totalVariance: totalVariance)
    }

    /// σ of a premium in coin, annual decimal; the errors speak of F·v, its price in quote currency.
    ///
    /// - Parameters:
    ///   - price: Coin per coin of underlying.
    ///   - timeToExpiry: Years. Positive.
    public static func impliedVolatility(
        _ kind: OptionKind, price: Double, forward: Double, strike: Double, timeToExpiry: Double
    ) throws(ImpliedVolatilityError) -> Double {
        try ImpliedVolatility.volatility(
            kind, price: price * forward, forward: forward, strike: strike, timeToExpiry: timeToExpiry)
    }

    /// Coin value and coin Greeks at once.
    public static func greeks(
        _ kind: OptionKind, forward: Double, strike: Double, volatility: Double, timeToExpiry: Double
    ) -> InverseGreeks {
        InverseGreeks(
            Black76.greeks(kind, forward: forward, strike: strike, volatility: volatility, timeToExpiry: timeToExpiry), forward: forward)
    }
}

extension InverseGreeks {
    /// The coin Greeks that belong to dollar ones at that forward.
    ///
    /// Since v = V/F: F∂v/∂F = Δ − v, F²∂²v/∂F² = FΓ − 2(Δ − v), and what does not differentiate by F is divided by it.
    public init(_ greeks: BlackGreeks, forward: Double) {
        value = greeks.price / forward
        netDelta = greeks.delta - value
        gamma = forward * greeks.gamma - 2 * netDelta
        vega = greeks.vega / forward
        theta = greeks.theta / forward
        vanna = greeks.vanna - vega
        volga = greeks.volga / forward
        charm = greeks.charm - theta
    }
}
