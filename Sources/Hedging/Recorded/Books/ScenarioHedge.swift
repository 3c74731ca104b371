public import Features
public import LinearAlgebra
import RealModule

/// Second moments of a book and H instruments over one interval, as the scenario columns of a batch give them.
struct ScenarioMoments {
    var bookVariance: Double
    /// Book with each instrument.
    var cross: [Double]
    /// Instruments with each other.
    var covariance: Matrix<Double>

    /// nil where there were too few intervals to look back on.
    init?(_ batch: DecisionBatch, row: Int) {
        let width = batch.instruments.count
        var values = BookScenarios.names(instruments: width).map { batch.features[$0][row] }.makeIterator()
        bookVariance = values.next() ?? 0
        guard bookVariance > 0 else { return nil }
        cross = (0..<width).map { _ in values.next() ?? 0 }
        var covariance = Matrix<Double>(rows: width, columns: width)
        for i in 0..<width {
            for j in i..<width {
                covariance[i, j] = values.next() ?? 0
                covariance[j, i] = covariance[i, j]
            }
        }
        self.covariance = covariance
        guard (0..<width).allSatisfy({ covariance[$0, $0] > 0 }) else { return nil }
    }
}

/// Ridge regression of the book's profits on the instruments', over the replayed past.
///
///     h = −(C + λ diag C)⁻¹ c         C instruments with each other, c book with each
///
/// Fresh at each decision from intervals that had ended by then; costs play no part. Net delta in the perpetual where there is no past.
public struct ScenarioRidgeHedge: HedgingStrategy, Equatable {
    /// λ, share of each instrument's variance.
    public var penalty = 0.05
    /// How many instruments, from the first on, are used.
    public var instruments: Int

    public init(penalty: Double = 0.05, instruments: Int = 3) {
        self.penalty = penalty
        self.instruments = instruments
    }

    public var name: String { instruments == 1 ? "minimum-variance" : "ridge" }
    public var inputs: [FeatureName] { [.bookNetDelta] + BookScenarios.names(instruments: 3) }

    public func targetHoldings(_ batch: DecisionBatch) -> Matrix<Double> {
        var holdings = batch.underlyingHoldings(neutralising: batch.features[.bookNetDelta])
        let used = min(instruments, batch.instruments.count)
        for row in 0..<batch.count {
            guard let moments = ScenarioMoments(batch, row: row) else { continue }
            let regular = Matrix<Double>(rows: used, columns: used) { i, j in
                moments.covariance[i, j] * (i == j ? 1 + penalty : 1)
            }
            guard let factor = try? Cholesky(regular) else { continue }
            let solution = factor.solve(Array(moments.cross.prefix(used)))
            for j in 0..<used { holdings[row, j] = -solution[j] }
        }
        return holdings
    }
}

/// The holdings that make cost and risk of the remaining time smallest together:
///
///     min over h:   Σ cost(hᵢ − held) + κ √(n (v + 2 c·h + hᵀCh)),      n the intervals left
///
/// with the moments of the replayed past. Convex; solved by exact steps in one instrument at a time, which converge because the kinks are
/// separate. An instrument whose trade does not pay for itself is not traded.
public struct ScenarioOptimizer: HedgingStrategy, Equatable {
    /// κ: coin of cost that a coin less of standard deviation is worth.
    public var riskAversion = 0.3
    public var sweeps = 50

    public init(riskAversion: Double = 0.3) { self.riskAversion = riskAversion }

    public var name: String { "optimizer" }
    public var inputs: [FeatureName] { [.bookNetDelta, .remainingSteps] + BookScenarios.names(instruments: 3) }

    public func targetHoldings(_ batch: DecisionBatch) -> Matrix<Double> {
        var holdings = batch.underlyingHoldings(neutralising: batch.features[.bookNetDelta])
        let width = batch.instruments.count
        let remaining = batch.features[.remainingSteps]
        for row in 0..<batch.count {
            guard let moments = ScenarioMoments(batch, row: row) else { continue }
            let held = (0..<width).map { batch.holdings[row, $0] }
            let buying = (0..<width).map { unitCost(batch, row, $0).buying }
            let selling = (0..<width).map { unitCost(batch, row, $0).selling }
            var h = held
            for _ in 0..<sweeps {
                var moved = 0.0
                for i in 0..<width {
                    let old = h[i]
                    h[i] = held[i]
                    // n (v + 2c·h + hᵀCh) as A x² + 2B x + D in the trade x of this instrument.
                    var (bend, slope, level) = (moments.covariance[i, i], moments.cross[i], moments.bookVariance)
                    for j in 0..<width {
                        slope += moments.covariance[i, j] * h[j]
                        level += 2 * moments.cross[j] * h[j]
                        for k in 0..<width { level += h[j] * moments.covariance[j, k] * h[k] }
                    }
                    let n = max(remaining[row], 1)
                    (bend, slope, level) = (n * bend, n * slope, max(n * level, 0))
                    h[i] += trade(bend: bend, slope: slope, level: level, buying: buying[i], selling: selling[i])
                    moved = max(moved, (h[i] - old).magnitude)
                }
                if moved < 1e-9 { break }
            }
            for i in 0..<width { holdings[row, i] = h[i] }
        }
        return holdings
    }

    /// The x that minimises κ√(A x² + 2B x + D) + cost(x).
    private func trade(bend: Double, slope: Double, level: Double, buying: Double, selling: Double) -> Double {
        let risk = level.squareRoot()
        guard risk > 0, bend > 0 else { return 0 }
        let marginal = riskAversion * slope / risk
        guard marginal < -buying || marginal > selling else { return 0 }
        let (cost, sign) = marginal < -buying ? (buying, -1.0) : (selling, 1.0)
        // κ√A·y/√(y² + E) = ∓cost with y = x + B/A and E = D/A − (B/A)².
        let rest = max(level / bend - (slope / bend) * (slope / bend), 0)
        let excess = riskAversion * riskAversion * bend - cost * cost
        guard excess > 0 else { return 0 }
        return sign * cost * (rest / excess).squareRoot() - slope / bend
    }

    private func unitCost(_ batch: DecisionBatch, _ row: Int, _ column: Int) -> (buying: Double, selling: Double) {
        if let costs = batch.unitCosts { return (costs.buying[row, column], costs.selling[row, column]) }
        let cost = batch.instruments[column].cost.proportional * batch.prices[row, column].magnitude
        return (cost, cost)
    }
}
