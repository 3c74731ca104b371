public import LinearAlgebra

/// Least squares one observation at a time, older ones fading.
///
///     K = P x / (f + xᵀP x),   w ← w + K (y − xᵀw),   P ← (P − K xᵀP)/f
///
/// After n observations w minimises Σ fⁿ⁻ⁱ (yᵢ − xᵢᵀw)² + fⁿ (w − w₀)ᵀP₀⁻¹(w − w₀): the same numbers as a weighted
/// batch solution. The guards below change that only where they act.
///
/// Reference: Ljung, Söderström, *Theory and Practice of Recursive Identification* (1983).
public struct RecursiveLeastSquares: Sendable, Equatable {
    /// f in (0, 1]; 1 forgets nothing.
    public let forgetting: Double
    /// Below this xᵀP x the observation says so little that forgetting would only inflate P: it is then taken with
    /// f = 1. Zero turns the guard off.
    public var leastExcitation = 0.0
    /// P is shrunk to this trace where it grows past it; infinity turns the guard off.
    public var largestTrace = Double.infinity
    /// The largest |Δw| of one update, per coefficient; infinity turns the guard off.
    public var largestStep = Double.infinity

    /// w, F coefficients.
    public private(set) var weights: [Double]
    /// P [F, F]: covariance of w in units of the residual variance. Kept symmetric.
    public private(set) var covariance: Matrix<Double>
    public private(set) var observations = 0

    public init(forgetting: Double, weights: [Double], covariance: Matrix<Double>) {
        precondition(forgetting > 0 && forgetting <= 1, "forgetting \(forgetting) is outside (0, 1]")
        precondition(
            covariance.rows == weights.count && covariance.columns == weights.count,
            "covariance is \(covariance.rows) x \(covariance.columns), expected \(weights.count) x \(weights.count)")
        self.forgetting = forgetting
        self.weights = weights
        self.covariance = covariance
    }

    /// Starts at zero weights with covariance `variance` · 1.
    public init(forgetting: Double, count: Int, variance: Double = 1e6) {
        self.init(
            forgetting: forgetting, weights: Array(repeating: 0, count: count),
            covariance: Matrix(rows: count, columns: count) { $0 == $1 ? variance : 0 })
    }

    /// What an update did.
    public struct Update: Sendable, Equatable {
        /// y − xᵀw before the update: an honest out-of-sample error.
        public var predictionError: Double
        /// Whether a guard held the step or the covariance back.
        public var isGuarded: Bool
    }

    /// xᵀw.
    public func prediction(_ x: [Double]) -> Double { zip(x, weights).reduce(0) { $0 + $1.0 * $1.1 } }

    /// Takes in one observation; an x or y that is not finite leaves the state as it was.
    public mutating func update(_ x: [Double], target y: Double) throws(RecursiveLeastSquaresError) -> Update {
        let count = weights.count
        precondition(x.count == count, "expected \(count) inputs, found \(x.count)")
        if let index = x.firstIndex(where: { !$0.isFinite }) { throw .nonFiniteInput(index: index, value: x[index]) }
        guard y.isFinite else { throw .nonFiniteTarget(y) }

        var projected = [Double](repeating: 0, count: count)  // P x
        for i in 0..<count { for j in 0..<count { projected[i] += covariance[i, j] * x[j] } }
        let excitation = zip(x, projected).reduce(0) { $0 + $1.0 * $1.1 }
        let isQuiet = excitation < leastExcitation
        let f = isQuiet ? 1 : forgetting
        let error = y - prediction(x)
        let scale = 1 / (f + excitation)

        var steps = projected.map { $0 * scale * error }
        let longest = steps.lazy.map(\.magnitude).max() ?? 0
        let isLong = longest > largestStep
        if isLong { steps = steps.map { $0 * largestStep / longest } }
        var next = covariance
        for i in 0..<count {
            for j in 0...i {
                // One formula for both triangles keeps P symmetric to the last bit.
                next[i, j] = (covariance[i, j] - projected[i] * projected[j] * scale) / f
                next[j, i] = next[i, j]
            }
        }
        let trace = (0..<count).reduce(0) { $0 + next[$1, $1] }
        let isWide = trace > largestTrace
        if isWide { for k in next.storage.indices { next.storage[k] *= largestTrace / trace } }
        let moved = zip(weights, steps).map(+)
        guard moved.allSatisfy(\.isFinite), next.storage.allSatisfy(\.isFinite) else { throw .overflow(observation: observations + 1) }
        weights = moved
        covariance = next
        observations += 1
        return Update(predictionError: error, isGuarded: isQuiet || isLong || isWide)
    }
}

/// Why an observation was refused.
public enum RecursiveLeastSquaresError: Error, Equatable, CustomStringConvertible {
    case nonFiniteInput(index: Int, value: Double)
    case nonFiniteTarget(Double)
    case overflow(observation: Int)

    public var description: String {
        switch self {
        case .nonFiniteInput(let index, let value): "input \(index) is \(value); every input must be finite"
        case .nonFiniteTarget(let value): "the target is \(value); it must be finite"
        case .overflow(let observation): "observation \(observation) would take the weights out of range; the state before it is kept"
        }
    }
}
