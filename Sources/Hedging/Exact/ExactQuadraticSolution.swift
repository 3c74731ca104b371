import Optimization
import RealModule

/// The least mean squares about every target, and the optima of other measures that follow from them.
public struct ExactQuadraticSolution: Sendable, Equatable {
    /// c₀: the seller's loss at the model's price, before any hedge.
    public let modelValue: Double
    /// V at the shortfalls (i − (n − 1)/2)·width.
    let meanSquares: [Double]
    /// Width of the grid of shortfalls.
    let width: Double

    /// V(q) = min E (L − q)² over all hedges.
    public func meanSquare(about target: Double) -> Double {
        let place = (modelValue - target) / width + Double(meanSquares.count - 1) / 2
        return FourPoint.value(meanSquares, at: place)
    }

    /// min Var L: about its own mean a sample has its least mean square.
    public var variance: Double { least { meanSquare(about: $0) }.value }

    /// min over hedges of E L + weight · √Var L.
    ///
    /// That measure is not time-consistent, but it is a minimum of mean squares: with c the weight,
    ///
    ///     E L + c √Var L = min over q of  q + √((1 + c²) E (L − q)²),   attained at q = E L − √Var L / c,
    ///
    /// so that the two minima, over hedges and over q, change places. The hedge is the one that is best at the start and kept.
    ///
    /// - Parameter weight: c > 0: without risk the recursion has no minimum.
    public func meanDeviation(weight: Double) -> Double {
        precondition(weight > 0, "weight \(weight)")
        let factor = 1 + weight * weight
        return least { $0 + (factor * meanSquare(about: $0)).squareRoot() }.value
    }

    /// The lowest value of a function of the target: a scan over the grid, then a line search.
    private func least(_ f: (Double) -> Double) -> (target: Double, value: Double) {
        let half = Double(meanSquares.count - 1) / 2
        let targets = meanSquares.indices.map { modelValue - (Double($0) - half) * width }
        let values = targets.map(f)
        let best = values.indices.min { values[$0] < values[$1] } ?? 0
        let (target, report) = ScalarMinimum.find(in: targets[best] - width...targets[best] + width, tolerance: 1e-9, f)
        return (target, min(report.residual, values[best]))
    }
}

/// Lagrange's interpolation through four neighbours on the grid 0, 1, 2, ...; beyond it the parabola of the last three points.
enum FourPoint {
    /// Weights of the points −1, 0, 1, 2 for a place at `share` between 0 and 1.
    @inline(__always)
    static func weights(_ share: Double) -> (Double, Double, Double, Double) {
        let (below, above, far) = (share + 1, share - 1, share - 2)
        return (-share * above * far / 6, below * above * far / 2, -below * share * far / 2, below * share * above / 6)
    }

    static func value(_ values: [Double], at place: Double) -> Double {
        let last = values.count - 1
        if place < 1 || place > Double(last - 1) { return parabola(values, from: place < 1 ? 0 : last - 2, at: place) }
        let index = min(Int(place), last - 2)
        let w = weights(place - Double(index))
        return w.0 * values[index - 1] + w.1 * values[index] + w.2 * values[index + 1] + w.3 * values[index + 2]
    }

    private static func parabola(_ values: [Double], from first: Int, at place: Double) -> Double {
        let t = place - Double(first + 1)
        let (a, b, c) = (values[first], values[first + 1], values[first + 2])
        return b + t * (c - a) / 2 + t * t * (a - 2 * b + c) / 2
    }
}
