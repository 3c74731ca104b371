import ComplexModule
public import Market
import RealModule

/// Heston's stochastic variance, on the forward and without rates.
///
///     dF = F √v dW,   dv = κ(θ − v) dt + ξ √v dZ,   d⟨W, Z⟩ = ρ dt
///
/// Reference: Heston, *A closed-form solution for options with stochastic volatility*, Review of Financial Studies 6 (1993).
public struct HestonModel: Sendable, Hashable, Codable {
    /// κ, per year.
    public var meanReversion: Double
    /// θ, annual variance.
    public var longRunVariance: Double
    /// ξ, per year.
    public var volatilityOfVariance: Double
    /// ρ.
    public var correlation: Double

    public init(meanReversion: Double, longRunVariance: Double, volatilityOfVariance: Double, correlation: Double) {
        precondition(meanReversion >= 0 && longRunVariance >= 0 && volatilityOfVariance >= 0 && correlation.magnitude < 1)
        self.meanReversion = meanReversion
        self.longRunVariance = longRunVariance
        self.volatilityOfVariance = volatilityOfVariance
        self.correlation = correlation
    }

    /// E ∫ v dt over so many years: (v − θ)(1 − e^{−κT})/κ + θT. What a variance swap pays.
    public func expectedTotalVariance(from variance: Double, years: Double) -> Double {
        (variance - longRunVariance) * memory(years) + longRunVariance * years
    }

    /// (1 − e^{−κT})/κ: what a unit of variance now adds to the expected total variance.
    public func memory(_ years: Double) -> Double {
        meanReversion > 0 ? -Double.expMinusOne(-meanReversion * years) / meanReversion : years
    }

    /// A and B of the characteristic function of ln(F_T/F) at u − i/2: E exp((iu + ½) ln(F_T/F)) = exp(A + B v).
    ///
    /// With q = u² + ¼, β = κ − ρξ(½ + iu) and d = √(β² + ξ²q), in the form that stays on one branch of the logarithm and divides by ξ²
    /// only what is of its order:
    ///
    ///     B = −q(1 − e^{−dT}) / ((β + d)(1 − g e^{−dT})),     g = −ξ²q/(β + d)²
    ///     A = −κθ [qT/(β + d) + 2/ξ²·ln(1 + g(1 − e^{−dT})/(1 − g))]
    ///
    /// Reference: Albrecher, Mayer, Schoutens, Tistaert, *The little Heston trap*, Wilmott (2007); Lewis, *Option Valuation under
    /// Stochastic Volatility* (2000) for the line through −i/2.
    func exponent(u: Complex<Double>, years: Double) -> (a: Complex<Double>, b: Complex<Double>) {
        let xi = volatilityOfVariance
        let q = u * u + Complex(0.25)
        let iu = Complex(-u.imaginary, u.real)
        let beta = Complex(meanReversion) - Complex(correlation * xi) * (Complex(0.5) + iu)
        let d = Complex.sqrt(beta * beta + Complex(xi * xi) * q)
        let sum = beta + d
        let decay = Complex.exp(-d * Complex(years))
        let lost = Complex(1) - decay
        let g = Complex(-xi * xi) * q / (sum * sum)
        let b = -q * lost / (sum * (Complex(1) - g * decay))
        let logarithm = Complex.log(onePlus: g * lost / (Complex(1) - g))
        let a = Complex(-meanReversion * longRunVariance) * (Complex(years) * q / sum + Complex(2 / (xi * xi)) * logarithm)
        return (a, b)
    }
}

/// Price and sensitivities of one option under Heston's model, quote currency per unit of underlying.
public struct HestonGreeks: Sendable, Equatable {
    public var price: Double
    /// ∂V/∂F at fixed variance.
    public var delta: Double
    /// ∂²V/∂F².
    public var gamma: Double
    /// ∂V/∂v, per 1.00 of instantaneous variance.
    public var varianceVega: Double
}

extension HestonModel {
    public func price(_ kind: OptionKind, forward: Double, strike: Double, variance: Double, timeToExpiry: Double) -> Double {
        greeks(kind, forward: forward, strike: strike, variance: variance, timeToExpiry: timeToExpiry).price
    }

    /// Price, delta, gamma and ∂V/∂v by one Fourier integral, absolute error near 1e-12 of the forward.
    ///
    ///     call = F − √(FK)/π ∫₀^∞ Re[G] / (u² + ¼) du,   G = e^{iux + A + Bv},   x = ln(F/K)
    ///
    /// and its derivatives under the integral. Adaptive Gauss-Kronrod along a slightly turned ray, on panels that double in
    /// width until the integrand has died. With ξ = 0 or no time left the formula is Black's.
    ///
    /// - Parameters:
    ///   - variance: Instantaneous variance v now, annual.
    ///   - timeToExpiry: Years.
    public func greeks(
        _ kind: OptionKind, forward: Double, strike: Double, variance: Double, timeToExpiry: Double
    ) -> HestonGreeks {
        precondition(forward > 0 && strike > 0 && variance >= 0 && timeToExpiry >= 0)
        let total = expectedTotalVariance(from: variance, years: timeToExpiry)
        guard volatilityOfVariance > 0, total > 1e-14 else {
            let sigma = timeToExpiry > 0 ? (total / timeToExpiry).squareRoot() : 0
            let black = Black76.greeks(kind, forward: forward, strike: strike, volatility: sigma, timeToExpiry: timeToExpiry)
            // ∂V/∂v = ∂V/∂w · ∂w/∂v, ∂V/∂w = F²Γ/2.
            return HestonGreeks(
                price: black.price, delta: black.delta, gamma: black.gamma,
                varianceVega: 0.5 * forward * forward * black.gamma * memory(timeToExpiry))
        }
        let x = Black76.logRatio(forward, strike)
        // The integrand is analytic beside the axis: on a ray turned towards the sign of x, e^{iux} falls instead of oscillating. The turn
        // stays well inside the angle arccos|ρ| within which the characteristic function falls too.
        let turn = x == 0 ? 0 : min(.pi / 12, Double.acos(correlation.magnitude) / 4) * (x > 0 ? 1 : -1)
        let direction = Complex(length: 1, phase: turn)
        // Real parts of G/(u² + ¼), iuG/(u² + ¼), BG/(u² + ¼), G along the ray, and |G|.
        let integrand = { (r: Double) -> (SIMD4<Double>, Double) in
            let u = Complex(r) * direction
            let iu = Complex(-u.imaginary, u.real)
            let (a, b) = exponent(u: u, years: timeToExpiry)
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
        return HestonGreeks(
            price: max(kind == .call ? call : call - forward + strike, 0), delta: kind == .call ? callDelta : callDelta - 1,
            gamma: scale * sums[3] / (forward * forward), varianceVega: -scale * sums[2])
    }

    /// The delta that minimises the variance of a hedge with the underlying alone: Δ + ρξ/F · ∂V/∂v.
    public func minimumVarianceDelta(_ greeks: HestonGreeks, forward: Double) -> Double {
        greeks.delta + correlation * volatilityOfVariance * greeks.varianceVega / forward
    }
}

/// Adaptive integration of four functions at once by the 7 and 15 point Gauss-Kronrod pair.
enum GaussKronrod {
    /// Halves the interval until the two rules agree to `tolerance`, in each component, or 40 times.
    static func integral(
        from low: Double, to high: Double, tolerance: Double, depth: Int = 40, _ f: (Double) -> SIMD4<Double>
    ) -> SIMD4<Double> {
        let centre = 0.5 * (low + high)
        let half = 0.5 * (high - low)
        let middle = f(centre)
        var kronrod = middle * weights[7]
        var gauss = middle * gaussWeights[3]
        for i in 0..<7 {
            let pair = f(centre - half * nodes[i]) + f(centre + half * nodes[i])
            kronrod += pair * weights[i]
            if i % 2 == 1 { gauss += pair * gaussWeights[i / 2] }
        }
        kronrod *= half
        gauss *= half
        let gap = kronrod - gauss
        let error = max(gap[0].magnitude, gap[1].magnitude, gap[2].magnitude, gap[3].magnitude)
        let size = max(kronrod[0].magnitude, kronrod[1].magnitude, kronrod[2].magnitude, kronrod[3].magnitude)
        // The pair's difference overstates the error of the 15 points by far: (200 e)^1.5 is QUADPACK's estimate.
        let scaled = 200 * error / max(size, 1e-300)
        if depth == 0 || error <= tolerance || size * min(1, scaled * scaled.squareRoot()) <= max(tolerance, 1e-15 * size) {
            return kronrod
        }
        return integral(from: low, to: centre, tolerance: tolerance / 2, depth: depth - 1, f)
            + integral(from: centre, to: high, tolerance: tolerance / 2, depth: depth - 1, f)
    }

    /// Positive nodes of the 15-point rule, falling, and 0; odd ones are the 7-point rule's.
    private static let nodes: [Double] = [
        0.991455371120812639206854697526329, 0.949107912342758524526189684047851, 0.864864423359769072789712788640926,
        0.741531185599394439863864773280788, 0.586087235467691130294144691693013, 0.405845151377397166906606412076961,
        0.207784955007898467600689403773245,
    ]
    private static let weights: [Double] = [
        0.022935322010529224963732008058970, 0.063092092629978553290700663189204, 0.104790010322250183839876322541518,
        0.140653259715525918745189590510238, 0.169004726639267902826583426598550, 0.190350578064785409913256402421014,
        0.204432940075298892414161999234649, 0.209482141084727828012999174891714,
    ]
    private static let gaussWeights: [Double] = [
        0.129484966168869693270611432679082, 0.279705391489276667901467771423780, 0.381830050505118944950369775488975,
        0.417959183673469387755102040816327,
    ]
}
