import RealModule

/// Options that begin or end where the spot meets a barrier, under Black-Scholes without rates.
///
/// With V a price, (S/H) V(H²/S) solves the same equation and equals V at the barrier. A knock-out is therefore the payoff on its
/// living side less its image,
///
///     out(S) = V(S) − (S/H) V(H²/S),   V the price of the payoff where it is not knocked out,
///
/// and in + out is the option without barrier.
///
/// References: Reiner, Rubinstein, *Breaking down the barriers*, Risk 4 (1991); Buchen, *Image options and the road to barriers*,
/// Risk 14 (2001).
public enum BarrierOption {
    /// Where the barrier lies, seen from the spot.
    public enum Side: String, Sendable, Codable, CaseIterable { case up, down }

    /// The knock-out's figures before it is knocked out; nothing at and beyond the barrier.
    ///
    /// - Parameter deviation: σ√τ.
    public static func knockOut(_ payoff: SteppedPayoff, _ side: Side, barrier: Double, spot: Double, deviation: Double) -> SpotFigures {
        precondition(barrier > 0, "barrier \(barrier)")
        guard side == .up ? spot < barrier : spot > barrier else { return SpotFigures(value: 0) }
        let alive = side == .up ? payoff.below(barrier) : payoff.above(barrier)
        let direct = alive.figures(spot: spot, deviation: deviation)
        let mirrored = alive.figures(spot: barrier * barrier / spot, deviation: deviation)
        let ratio = barrier / spot
        return direct
            - SpotFigures(
                value: mirrored.value / ratio, delta: mirrored.value / barrier - ratio * mirrored.delta,
                gamma: ratio * ratio * ratio * mirrored.gamma)
    }

    /// The knock-in's figures before it is knocked in.
    public static func knockIn(_ payoff: SteppedPayoff, _ side: Side, barrier: Double, spot: Double, deviation: Double) -> SpotFigures {
        payoff.figures(spot: spot, deviation: deviation)
            - knockOut(payoff, side, barrier: barrier, spot: spot, deviation: deviation)
    }
}

/// Extremes that are looked at step by step are less extreme than those of all times: on average as if the level lay
/// β σ √Δt further away.
///
/// References: Broadie, Glasserman, Kou, *A continuity correction for discrete barrier options*, Mathematical Finance 7 (1997);
/// *Connecting discrete and continuous path-dependent options*, Finance and Stochastics 3 (1999).
public enum DiscreteMonitoring {
    /// β = −ζ(1/2)/√(2π).
    public static let beta = 0.582597157939010672

    /// exp(β σ √Δt): what a level above the spot is multiplied by, and one below it divided.
    ///
    /// - Parameter stepDeviation: σ√Δt.
    public static func shift(stepDeviation: Double) -> Double { .exp(beta * stepDeviation) }
}
