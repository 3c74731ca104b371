import Probability
import RealModule

/// A whole surface of total implied variance from four numbers, without arbitrage: SSVI with a power-law curvature and constant volatility
/// at the money.
///
///     w(k, t) = θ/2 (1 + ρφk + √((φk + ρ)² + 1 − ρ²)),   θ = σ²t,   φ = η θ^{−γ} (1 + θ)^{γ−1}
///
/// Reference: Gatheral, Jacquier, *Arbitrage-free SVI volatility surfaces*, Quantitative Finance 14 (2014), section 4 and remark 4.4.
public struct SSVISmile: Sendable, Equatable {
    /// σ at the money, annual decimal.
    public var volatility: Double
    /// ρ: the sign and strength of the skew.
    public var correlation: Double
    /// η: how strongly the smile is curved.
    public var curvature: Double
    /// γ: how fast skew and curvature fade with time, from 0 to ½.
    public var power: Double

    /// The surface has no arbitrage where η(1 + |ρ|) ≤ 2.
    public init(volatility: Double = 0.2, correlation: Double = -0.4, curvature: Double = 1, power: Double = 0.4) {
        precondition(volatility > 0 && correlation.magnitude < 1 && (0...0.5).contains(power))
        precondition(
            curvature >= 0 && curvature * (1 + correlation.magnitude) <= 2,
            "η(1 + |ρ|) is \(curvature * (1 + correlation.magnitude)), must be at most 2")
        self.volatility = volatility
        self.correlation = correlation
        self.curvature = curvature
        self.power = power
    }

    /// φ = η θ^{−γ} (1 + θ)^{γ−1}.
    public static func powerLaw(theta: Double, curvature: Double, power: Double) -> Double {
        curvature * Double.exp(-power * Double.log(theta) + (power - 1) * Double.log(onePlus: theta))
    }

    private func phi(_ theta: Double) -> Double { Self.powerLaw(theta: theta, curvature: curvature, power: power) }

    /// w at k = ln(K/F).
    public func totalVariance(logMoneyness k: Double, years: Double) -> Double {
        let theta = volatility * volatility * years
        guard theta > 0 else { return 0 }
        return theta * Hyperbola(phi: phi(theta), rho: correlation, k).height
    }

    /// E ∫₀ᵀ v dt of any diffusion with these options, −2 E ln(S_T/F):
    ///
    ///     ∫ w φ(z) dz,   z(k) = −k/√w − √w/2
    ///
    /// Reference: Gatheral, *The Volatility Surface* (2006), equation 11.5.
    public func varianceSwap(years: Double) -> Double {
        let step = volatility * years.squareRoot() / 50
        // From the money outwards on either side, until what is left beyond has no weight.
        return [-1.0, 1].reduce(0) { sum, side in
            var sum = sum
            var k = 0.0
            var tail = cumulative(0, years: years)
            while tail > 1e-14, tail < 1 - 1e-14, k < 1000 * step {
                let next = cumulative(side * (k + step), years: years)
                sum += totalVariance(logMoneyness: side * (k + step / 2), years: years) * (tail - next).magnitude
                (k, tail) = (k + step, next)
            }
            return sum
        }
    }

    /// N(z(k)).
    private func cumulative(_ k: Double, years: Double) -> Double {
        let deviation = totalVariance(logMoneyness: k, years: years).squareRoot()
        return NormalDistribution.cdf(-k / deviation - deviation / 2)
    }

    /// w/θ = (1 + ρφk + r)/2 at one k, with r = √((φk + ρ)² + 1 − ρ²), and its derivatives in φk.
    private struct Hyperbola {
        let height: Double
        let slope: Double
        let curvature: Double

        @inline(__always)
        init(phi: Double, rho: Double, _ k: Double) {
            let s = phi * k + rho
            let root = (s * s + 1 - rho * rho).squareRoot()
            height = (1 + rho * phi * k + root) / 2
            slope = (rho + s / root) / 2
            curvature = (1 - rho * rho) / (root * root * root) / 2
        }
    }

    /// Dupire's local variance where the spot is at k = ln(S/F): ∂w/∂t over ``ButterflyDensity``.
    public func localVariance(logMoneyness k: Double, years: Double) -> Double {
        let level = LocalLevel(self, years: years)
        return level.variance(k)
    }

    /// The local variance at one time: what does not depend on k is worked out once.
    struct LocalLevel {
        let theta: Double
        let phi: Double
        let rho: Double
        /// θ ∂φ/∂θ.
        let bend: Double
        /// σ².
        let rate: Double

        init(_ smile: SSVISmile, years: Double) {
            precondition(years > 0, "local variance at time \(years)")
            rate = smile.volatility * smile.volatility
            theta = rate * years
            phi = smile.phi(theta)
            rho = smile.correlation
            bend = -phi * (smile.power + (1 - smile.power) * theta / (1 + theta))
        }

        @inline(__always)
        func variance(_ k: Double) -> Double {
            let shape = Hyperbola(phi: phi, rho: rho, k)
            // ∂w/∂θ.
            let term = shape.height + bend * k * shape.slope
            return rate * term
                / ButterflyDensity.value(
                    atLogMoneyness: k, variance: theta * shape.height, slope: theta * phi * shape.slope,
                    curvature: theta * phi * phi * shape.curvature)
        }
    }
}
