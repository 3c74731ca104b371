import ComplexModule
import RealModule

/// The law of one jump J of the log price.
public enum JumpLaw: Sendable, Hashable, Codable {
    /// J ~ N(mean, deviation²).
    ///
    /// Reference: Merton, *Option pricing when underlying stock returns are discontinuous*, J. Financial Economics 3 (1976).
    case normal(mean: Double, deviation: Double)
    /// Upwards with probability p and the exponential law of rate η₁ > 1, else downwards with rate η₂.
    ///
    /// Reference: Kou, *A jump-diffusion model for option pricing*, Management Science 48 (2002).
    case doubleExponential(upwardProbability: Double, upwardRate: Double, downwardRate: Double)

    /// E e^{sJ}.
    func moment(_ s: Complex<Double>) -> Complex<Double> {
        switch self {
        case .normal(let mean, let deviation):
            return Complex.exp(s * Complex(mean) + s * s * Complex(deviation * deviation / 2))
        case .doubleExponential(let p, let up, let down):
            return Complex(p * up) / (Complex(up) - s) + Complex((1 - p) * down) / (Complex(down) + s)
        }
    }

    /// E e^J − 1: what a jump adds to the price on average, as a fraction of it.
    public var meanGrowth: Double { moment(1).real - 1 }

    /// E J².
    public var secondMoment: Double {
        switch self {
        case .normal(let mean, let deviation): mean * mean + deviation * deviation
        case .doubleExponential(let p, let up, let down): 2 * p / (up * up) + 2 * (1 - p) / (down * down)
        }
    }

    /// Exponential jumps leave the characteristic function bounded beside the line of integration; normal ones need not.
    var turn: Double {
        if case .doubleExponential = self { .pi / 12 } else { 0 }
    }
}
