public import Market
import Probability
import RealModule

/// Options on the geometric mean of n equally spaced spots, which is lognormal: Black's formula on it. Rates are zero.
///
/// With k fixings to come, the first one Δt from now, and Σ ln S of those before,
///
///     E ln G = (Σ ln S + k ln S − σ²Δt k(k + 1)/4)/n,   Var ln G = σ²Δt k(k + 1)(2k + 1)/(6n²)
///
/// Reference: Kemna, Vorst, *A pricing method for options based on average asset values*, J. Banking and Finance 14 (1990).
public enum GeometricAverage {
    /// The figures of one option on G.
    ///
    /// - Parameters:
    ///   - logSum: Σ ln S over the fixings so far.
    ///   - left: k, of `fixings`.
    ///   - stepDeviation: σ√Δt.
    public static func option(
        _ kind: OptionKind, strike: Double, spot: Double, logSum: Double, left: Int, of fixings: Int, stepDeviation: Double
    ) -> SpotFigures {
        precondition(fixings > 0 && (0...fixings).contains(left), "\(left) of \(fixings) fixings left")
        let (n, k) = (Double(fixings), Double(left))
        let variance = stepDeviation * stepDeviation
        let total = variance * k * (k + 1) * (2 * k + 1) / (6 * n * n)
        let forward = Double.exp((logSum + k * Double.log(spot) - variance * k * (k + 1) / 4) / n + total / 2)
        let mean = SteppedPayoff.option(kind, strike: strike).figures(spot: forward, deviation: total.squareRoot())
        // G moves with the power k/n of the spot.
        let slope = forward * k / (n * spot)
        return SpotFigures(
            value: mean.value, delta: mean.delta * slope, gamma: mean.gamma * slope * slope + mean.delta * slope * (k / n - 1) / spot)
    }
}
