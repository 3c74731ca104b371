import ComplexModule
public import Market
import RealModule

/// Constant volatility and jumps, on the forward and without rates: Merton's model and Kou's.
///
///     dF/F = σ dW + (e^J − 1) dN − λ E(e^J − 1) dt
public struct JumpDiffusionModel: Sendable, Hashable, Codable {
    /// σ between jumps, annual decimal.
    public var volatility: Double
    /// λ, jumps a year.
    public var jumpIntensity: Double
    public var jumps: JumpLaw

    public init(volatility: Double, jumpIntensity: Double, jumps: JumpLaw) {
        precondition(volatility > 0 && jumpIntensity >= 0, "volatility \(volatility), jump intensity \(jumpIntensity)")
        self.volatility = volatility
        self.jumpIntensity = jumpIntensity
        self.jumps = jumps
    }

    /// The expected quadratic variation of ln F over so many years: (σ² + λ E J²) T.
    public func expectedTotalVariance(years: Double) -> Double {
        (volatility * volatility + jumpIntensity * jumps.secondMoment) * years
    }

    public func price(_ kind: OptionKind, forward: Double, strike: Double, timeToExpiry: Double) -> Double {
        greeks(kind, forward: forward, strike: strike, timeToExpiry: timeToExpiry).price
    }

    /// Price and sensitivities by `FourierIntegral`; the variance is σ².
    public func greeks(_ kind: OptionKind, forward: Double, strike: Double, timeToExpiry: Double) -> FourierGreeks {
        precondition(forward > 0 && strike > 0 && timeToExpiry >= 0)
        guard timeToExpiry > 0 else { return FourierGreeks(expired: kind, forward: forward, strike: strike) }
        let years = Complex(timeToExpiry)
        let compensator = Complex(jumps.meanGrowth)
        return FourierIntegral.greeks(
            kind, forward: forward, strike: strike, variance: volatility * volatility, turn: jumpIntensity > 0 ? jumps.turn : .pi / 12
        ) { u in
            let s = Complex(0.5 - u.imaginary, u.real)
            let jump = jumps.moment(s) - Complex(1) - s * compensator
            return (Complex(jumpIntensity) * years * jump, (u * u + Complex(0.25)) * years * Complex(-0.5))
        }
    }
}

extension FourierGreeks {
    /// Of an option at its expiry.
    init(expired kind: OptionKind, forward: Double, strike: Double) {
        let black = Black76.greeks(kind, forward: forward, strike: strike, volatility: 0, timeToExpiry: 0)
        self.init(price: black.price, delta: black.delta, gamma: black.gamma, varianceVega: 0)
    }
}
