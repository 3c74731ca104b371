public import Probability
import RealModule

/// The law of v after some time under dv = κ(θ − v) dt + ξ √v dZ.
///
///     v' = c X,   X noncentral chi-square with d = 4κθ/ξ² degrees and noncentrality n = v e^{−κΔ}/c,   c = ξ²(1 − e^{−κΔ})/(4κ)
///
/// Reference: Cox, Ingersoll, Ross, *A theory of the term structure of interest rates* (1985).
public struct SquareRootLaw: Sendable, Equatable {
    public let meanReversion: Double
    public let longRunVariance: Double
    public let volatilityOfVariance: Double
    public let years: Double
    /// c.
    let scale: Double
    /// d.
    let degrees: Double
    /// e^{−κΔ}.
    let decay: Double

    public init(meanReversion: Double, longRunVariance: Double, volatilityOfVariance: Double, years: Double) {
        self.meanReversion = meanReversion
        self.longRunVariance = longRunVariance
        self.volatilityOfVariance = volatilityOfVariance
        self.years = years
        decay = Double.exp(-meanReversion * years)
        let memory = meanReversion > 0 ? -Double.expMinusOne(-meanReversion * years) / meanReversion : years
        scale = volatilityOfVariance * volatilityOfVariance * memory / 4
        degrees = 4 * meanReversion * longRunVariance / (volatilityOfVariance * volatilityOfVariance)
    }

    /// E v'.
    public func mean(from variance: Double) -> Double { scale * degrees + variance * decay }

    /// E of v's average over the time: (v − θ)(1 − e^{−κΔ})/(κΔ) + θ.
    public func expectedAverage(from variance: Double) -> Double {
        let memory = meanReversion > 0 ? -Double.expMinusOne(-meanReversion * years) / (meanReversion * years) : 1
        return (variance - longRunVariance) * memory + longRunVariance
    }

    /// Var v'.
    public func variance(from variance: Double) -> Double { scale * scale * 2 * (degrees + 2 * variance * decay / scale) }

    /// ln E exp(a v'); infinite where the moment is.
    public func logExponentialMoment(_ a: Double, from variance: Double) -> Double {
        let shrink = 1 - 2 * a * scale
        guard shrink > 0 else { return .infinity }
        return a * variance * decay / shrink - degrees / 2 * Double.log(shrink)
    }

    /// A draw of v'. Above one degree of freedom (z + √n)² + χ²(d − 1), else a Poisson mixture of gamma laws.
    ///
    /// - Parameter uniform: The first random number; what rejection needs beyond it comes from groups 1, 2, ... of the address.
    public func draw(from variance: Double, uniform: Double, path: Int, address: Int, stream: RandomStream) -> Double {
        let noncentrality = max(variance, 0) * decay / scale
        if degrees > 1 {
            let shifted = NormalDistribution.quantile(uniform) + noncentrality.squareRoot()
            let rest = RandomVariates.gamma(shape: (degrees - 1) / 2, path: path, address: address, stream: stream)
            return scale * (shifted * shifted + 2 * rest)
        }
        let jumps = RandomVariates.poisson(mean: noncentrality / 2, uniform: uniform)
        let shape = degrees / 2 + Double(jumps)
        return shape > 0 ? scale * 2 * RandomVariates.gamma(shape: shape, path: path, address: address, stream: stream) : 0
    }

    /// Andersen's draw: a squared normal or an exponential with an atom at zero, with the law's first two moments.
    func quadraticExponential(from variance: Double, uniform: Double) -> Double {
        let fit = QuadraticExponential(law: self, variance: variance)
        if fit.quadratic {
            let z = fit.b + NormalDistribution.quantile(uniform)
            return fit.a * z * z
        }
        return uniform <= fit.b ? 0 : Double.log((1 - fit.b) / (1 - uniform)) / fit.a
    }

    /// ln E exp(a v') under that fit.
    func quadraticExponentialMoment(_ a: Double, from variance: Double) -> Double {
        let fit = QuadraticExponential(law: self, variance: variance)
        if fit.quadratic {
            let shrink = 1 - 2 * a * fit.a
            guard shrink > 0 else { return .infinity }
            return a * fit.b * fit.b * fit.a / shrink - 0.5 * Double.log(shrink)
        }
        guard a < fit.a else { return .infinity }
        return Double.log(fit.b + fit.a * (1 - fit.b) / (fit.a - a))
    }

    private struct QuadraticExponential {
        let quadratic: Bool
        /// a (b + z)², or an atom of b at zero and an exponential of rate a.
        let a: Double
        let b: Double

        init(law: SquareRootLaw, variance: Double) {
            let mean = law.mean(from: variance)
            // Without reversion and at zero the variance stays there.
            guard mean > 0 else {
                self.init(quadratic: true, a: 0, b: 0)
                return
            }
            let ratio = law.variance(from: variance) / (mean * mean)
            // Both fits exist between 1 and 2; Andersen changes over at 1.5.
            if ratio <= 1.5 {
                let inverse = 2 / ratio
                let square = inverse - 1 + (inverse * (inverse - 1)).squareRoot()
                self.init(quadratic: true, a: mean / (1 + square), b: square.squareRoot())
            } else {
                let atom = (ratio - 1) / (ratio + 1)
                self.init(quadratic: false, a: (1 - atom) / mean, b: atom)
            }
        }

        private init(quadratic: Bool, a: Double, b: Double) {
            self.quadratic = quadratic
            self.a = a
            self.b = b
        }
    }
}

/// Draws from other laws than the uniform and the normal.
public enum RandomVariates {
    /// A Poisson number by inversion, its values taken from the mode outwards so that large means cost √mean terms.
    public static func poisson(mean: Double, uniform: Double) -> Int {
        guard mean > 0 else { return 0 }
        let mode = mean < 8 ? 0 : Int(mean)
        var left = uniform
        var above = mode == 0 ? Double.exp(-mean) : Double.exp(-mean + Double(mode) * Double.log(mean) - Double.logGamma(Double(mode) + 1))
        var below = above
        left -= above
        if left <= 0 { return mode }
        var distance = 1
        while true {
            above *= mean / Double(mode + distance)
            left -= above
            if left <= 0 { return mode + distance }
            if distance <= mode {
                below *= Double(mode - distance + 1) / mean
                left -= below
                if left <= 0 { return mode - distance }
            } else if above < 1e-18 {
                return mode + distance  // What rounding left of the uniform number.
            }
            distance += 1
        }
    }

    /// A gamma number of scale 1 by squeeze-free rejection, from groups `first`, `first` + 1, ... of an address.
    ///
    /// Reference: Marsaglia, Tsang, *A simple method for generating gamma variables*, ACM TOMS 26 (2000).
    public static func gamma(shape: Double, path: Int, address: Int, stream: RandomStream, fromGroup first: Int = 1) -> Double {
        let raised = shape < 1 ? shape + 1 : shape
        let d = raised - 1.0 / 3
        let c = 1 / (9 * d).squareRoot()
        var group = first
        var value: Double
        while true {
            let (z, u) = stream.normalAndUniform(path: path, step: address, group: group)
            group += 1
            let cube = 1 + c * z
            guard cube > 0 else { continue }
            let v = cube * cube * cube
            value = d * v
            if Double.log(u) < 0.5 * z * z + d - value + d * Double.log(v) { break }
        }
        guard shape < 1 else { return value }
        let (u, _) = stream.uniformPair(path: path, step: address, group: group)
        return value * Double.exp(Double.log(u) / shape)
    }
}
