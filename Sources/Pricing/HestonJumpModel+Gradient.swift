import ComplexModule
import RealModule

extension HestonJumpModel {
    /// What a calibration moves: Heston's first five, Bates' first eight, all ten with jumps of variance. The variance now is a state, no
    /// field of the model, but is fitted with the rest.
    public enum Parameter: Int, Sendable, Codable, CaseIterable {
        case initialVariance, meanReversion, longRunVariance, volatilityOfVariance, correlation
        case jumpIntensity, jumpMean, jumpVolatility
        case varianceJumpMean, jumpCorrelation
    }

    /// The model and the variance now of parameters in order of ``Parameter``; those that are missing mean no jumps.
    public static func model(of x: [Double]) -> (model: HestonJumpModel, variance: Double) {
        precondition([5, 8, 10].contains(x.count), "\(x.count) parameters, expected 5, 8 or 10")
        let heston = HestonModel(meanReversion: x[1], longRunVariance: x[2], volatilityOfVariance: x[3], correlation: x[4])
        return (
            HestonJumpModel(
                heston: heston, jumpIntensity: x.count > 5 ? x[5] : 0, jumpMean: x.count > 5 ? x[6] : 0,
                jumpVolatility: x.count > 5 ? x[7] : 0, varianceJumpMean: x.count > 8 ? x[8] : 0, jumpCorrelation: x.count > 8 ? x[9] : 0),
            x[0]
        )
    }

    /// A + Bv at real u, and its derivatives by the first `count` parameters.
    ///
    /// With q, β, d of `HestonModel.exponent`, ζ = ξ² and I = A/(κθ), only β = κ − ρξs and ζ carry κ, ξ and ρ into B and I, so that two
    /// partial derivatives and the chain rule give all three. The jumps' factor W = ∫₀ᵀ dτ/(1 − cs − μB), c = ρ_J μ, is differentiated
    /// likewise by β, ζ, c and μ.
    ///
    /// Reference: Cui, del Baño Rollin, Germano, *Full and fast calibration of the Heston stochastic volatility model*, European Journal
    /// of Operational Research 263 (2017), for the analytic gradient; the form here is on the line through −i/2.
    func exponentGradient(
        u: Double, years: Double, variance: Double, count: Int, gradient: UnsafeMutablePointer<Complex<Double>>
    ) -> Complex<Double> {
        let one = Complex<Double>.one
        let time = Complex(years)
        let (kappa, theta) = (heston.meanReversion, heston.longRunVariance)
        let (xi, rho) = (heston.volatilityOfVariance, heston.correlation)
        let zeta = xi * xi
        let q = Complex(u * u + 0.25)
        let s = Complex(0.5, u)
        let beta = Complex(kappa) - s * rho * xi
        let d = Complex.sqrt(beta * beta + q * zeta)
        let p = beta + d
        let decay = Complex.exp(-d * time)
        let byD = one / d
        let byP = one / p
        let root = -q * zeta * byP
        let g = root * byP
        let rest = one - g * decay
        let below = one / (p * rest)
        let lost = one - decay
        let b = -q * lost * below
        let logarithm = Complex.log(onePlus: g * lost / (one - g))
        let integral = -(q * time * byP + logarithm * (2 / zeta))

        // By β and by ζ.
        let dBy = (beta: beta * byD, zeta: q * byD * 0.5)
        let pBy = (beta: p * byD, zeta: dBy.zeta)
        let gBy = (beta: -g * byD * 2, zeta: -(q * byP * byP) - g * pBy.zeta * byP * 2)
        let decayBy = (beta: -time * decay * dBy.beta, zeta: -time * decay * dBy.zeta)
        func bBy(_ p1: Complex<Double>, _ g1: Complex<Double>, _ e1: Complex<Double>) -> Complex<Double> {
            (q * e1 - b * (p1 * rest - p * (g1 * decay + g * e1))) * below
        }
        func logBy(_ g1: Complex<Double>, _ e1: Complex<Double>) -> Complex<Double> {
            g1 / (one - g) - (g1 * decay + g * e1) / rest
        }
        let bByBeta = bBy(pBy.beta, gBy.beta, decayBy.beta)
        let bByZeta = bBy(pBy.zeta, gBy.zeta, decayBy.zeta)
        let scaled = q * time * byP * byP
        let integralByBeta = scaled * pBy.beta - logBy(gBy.beta, decayBy.beta) * (2 / zeta)
        let integralByZeta = scaled * pBy.zeta + (logarithm * (1 / zeta) - logBy(gBy.zeta, decayBy.zeta)) * (2 / zeta)

        var value = integral * (kappa * theta) + b * variance
        var byBeta = integralByBeta * (kappa * theta) + bByBeta * variance
        var byZeta = integralByZeta * (kappa * theta) + bByZeta * variance
        gradient[0] = b
        gradient[2] = integral * kappa
        if count > 5 {
            let c = jumpCorrelation * varianceJumpMean
            let growth = meanGrowth + 1
            let size = Complex.exp(s * jumpMean + s * s * (jumpVolatility * jumpVolatility / 2))
            var factor = (value: time, beta: Complex<Double>.zero, zeta: Complex<Double>.zero, c: time, mu: time)
            // ∂W/∂c and ∂W/∂μ at c = μ = 0 are sT and ∫B.
            factor.c = s * time
            factor.mu = integral
            if varianceJumpMean > 0 {
                let h = one - s * c
                let upper = p * h + q * varianceJumpMean
                let lower = root * h + q * varianceJumpMean
                let (byUpper, byLower) = (one / upper, one / lower)
                let end = upper - lower * decay
                let gap = upper - lower
                let logarithm = Complex.log(onePlus: lower * lost / gap)
                let (first, second) = (p * byUpper, root * byLower)
                let difference = (first - second) * byD
                factor.value = first * time + difference * logarithm
                func by(
                    p p1: Complex<Double>, root r1: Complex<Double>, upper q1: Complex<Double>, lower l1: Complex<Double>,
                    d d1: Complex<Double>, decay e1: Complex<Double>
                ) -> Complex<Double> {
                    let first1 = (p1 - first * q1) * byUpper
                    let second1 = (r1 - second * l1) * byLower
                    let logarithm1 = (q1 - l1 * decay - lower * e1) / end - (q1 - l1) / gap
                    return first1 * time + ((first1 - second1) * byD - difference * d1 * byD) * logarithm + difference * logarithm1
                }
                let rootBy = (beta: -root * byD, zeta: -q * byP - root * pBy.zeta * byP)
                let zero = Complex<Double>.zero
                factor.beta = by(
                    p: pBy.beta, root: rootBy.beta, upper: pBy.beta * h, lower: rootBy.beta * h, d: dBy.beta, decay: decayBy.beta)
                factor.zeta = by(
                    p: pBy.zeta, root: rootBy.zeta, upper: pBy.zeta * h, lower: rootBy.zeta * h, d: dBy.zeta, decay: decayBy.zeta)
                factor.c = by(p: zero, root: zero, upper: -s * p, lower: -s * root, d: zero, decay: zero)
                factor.mu = by(p: zero, root: zero, upper: q, lower: q, d: zero, decay: zero)
            }
            let lambda = jumpIntensity
            let moved = size * factor.value
            let each = moved - time - s * time * (growth - 1)
            value += each * lambda
            byBeta += size * factor.beta * lambda
            byZeta += size * factor.zeta * lambda
            gradient[5] = each
            gradient[6] = s * (moved - time * growth) * lambda
            gradient[7] = s * (s * moved - time * growth) * (lambda * jumpVolatility)
            if count > 8 {
                let byC = (size * factor.c - s * time * (growth / (1 - c))) * lambda
                gradient[8] = size * factor.mu * lambda + byC * jumpCorrelation
                gradient[9] = byC * varianceJumpMean
            }
        }
        gradient[1] = integral * theta + byBeta
        gradient[3] = byZeta * (2 * xi) - s * byBeta * rho
        gradient[4] = -s * byBeta * xi
        return value
    }
}

extension Complex<Double> {
    fileprivate static func * (z: Complex, factor: Double) -> Complex { Complex(z.real * factor, z.imaginary * factor) }
}
