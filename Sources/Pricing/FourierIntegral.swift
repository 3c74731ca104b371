import ComplexModule
import Market
import RealModule

/// Price and sensitivities of one option under a law with a known characteristic function, quote currency per unit of underlying.
public struct FourierGreeks: Sendable, Equatable {
    public var price: Double
    /// ∂V/∂F at fixed variance.
    public var delta: Double
    /// ∂²V/∂F².
    public var gamma: Double
    /// ∂V/∂v, per 1.00 of instantaneous variance.
    public var varianceVega: Double
}

/// Options from the characteristic function of ln(F_T/F) on the line through −i/2, E exp((iu + ½) ln(F_T/F)) = exp(A(u) + B(u) v).
///
///     call = F − √(FK)/π ∫₀^∞ Re[G] / (u² + ¼) du,   G = e^{iux + A + Bv},   x = ln(F/K)
///
/// and its derivatives under the integral.
///
/// Reference: Lewis, *Option Valuation under Stochastic Volatility* (2000).
enum FourierIntegral {
    /// Absolute error near 1e-12 of the forward: adaptive Gauss-Kronrod on panels that double in width until the integrand has died.
    ///
    /// - Parameters:
    ///   - variance: v, annual.
    ///   - turn: The integrand is analytic beside the axis. On a ray turned by this angle towards the sign of x, e^{iux} falls instead of
    ///     oscillating; 0 where the characteristic function could grow there.
    ///   - exponent: A and B at u.
    static func greeks(
        _ kind: OptionKind, forward: Double, strike: Double, variance: Double, turn: Double,
        exponent: (Complex<Double>) -> (a: Complex<Double>, b: Complex<Double>)
    ) -> FourierGreeks {
        let x = Black76.logRatio(forward, strike)
        let direction = Complex(length: 1, phase: x == 0 ? 0 : x > 0 ? turn : -turn)
        // Real parts of G/(u² + ¼), iuG/(u² + ¼), BG/(u² + ¼), G along the ray, and |G|.
        func integrand(_ r: Double) -> (SIMD4<Double>, Double) {
            let u = Complex(r) * direction
            let iu = Complex(-u.imaginary, u.real)
            let (a, b) = exponent(u)
            let g = Complex.exp(a + b * Complex(variance) + iu * Complex(x)) * direction
            let weighted = g / (u * u + Complex(0.25))
            return (SIMD4(weighted.real, (iu * weighted).real, (b * weighted).real, g.real), g.length)
        }
        var sums = SIMD4<Double>()
        var start = 0.0
        var width = 1.0
        while start < 1e12 {
            sums += GaussKronrod.integral(from: start, to: start + width, tolerance: 1e-14) { integrand($0).0 }
            start += width
            width *= 2
            if integrand(start).1 < 1e-16 { break }
        }
        let scale = (forward * strike).squareRoot() / .pi
        let call = forward - scale * sums[0]
        let callDelta = 1 - scale / forward * (0.5 * sums[0] + sums[1])
        return FourierGreeks(
            price: max(kind == .call ? call : call - forward + strike, 0), delta: kind == .call ? callDelta : callDelta - 1,
            gamma: scale * sums[3] / (forward * forward), varianceVega: -scale * sums[2])
    }
}
