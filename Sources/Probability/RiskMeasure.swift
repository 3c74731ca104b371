import RealModule
import VectorKernels

/// A number for how bad a sample of losses is. Losses are the seller's, positive where money is lost; every observation weighs 1/N.
///
/// | measure | of losses L₁ … L_N | unit |
/// |---|---|---|
/// | `entropic` | ln mean(exp(a L)) / a | money |
/// | `expectedShortfall` | mean of the worst (1 − level) share | money |
/// | `quadratic` | mean(L²), about zero and not about the mean | money² |
/// | `variance` | mean((L − mean L)²) | money² |
/// | `standardDeviation` | √variance | money |
/// | `meanDeviation` | mean L + weight √variance | money |
/// | `quadraticCVaR` | min over w of w + weight mean(max(L − w, 0)²) | money |
/// | `isoelastic` | e − u⁻¹(mean u(e − L)), u(x) = x^(1−a)/(1−a), ln x at a = 1 | money |
///
/// `value` is what a price is read from, `valueAndGradient` what training descends, `standardError` how sure the sample makes us.
/// All three refuse an empty sample, a loss that is not finite and a parameter out of its range with a `RiskError`.
///
/// References: Föllmer, Schied, *Stochastic Finance*; Rockafellar, Uryasev, *Optimization of conditional value-at-risk* (2000);
/// Buehler, Gonon, Teichmann, Wood, *Deep hedging* (2019).
public enum RiskMeasure: Sendable, Equatable, Hashable {
    /// The price at which exponential utility of aversion a > 0 (per unit of money) is indifferent.
    case entropic(aversion: Double)
    /// Mean of the worst (1 − level) N losses, 0 ≤ level < 1. Where that is no whole number, the loss on the boundary enters by the fraction.
    case expectedShortfall(level: Double)
    /// Mean square. Subtract a premium from the losses beforehand to centre them on it.
    case quadratic
    /// Variance about the sample's own mean, divided by N.
    case variance
    /// Square root of `variance`.
    case standardDeviation
    /// Mean plus `weight` ≥ 0 standard deviations.
    case meanDeviation(weight: Double)
    /// Expected shortfall's smooth sibling, weight > 0 per unit of money, with pfhedge's meaning: mean + weight variance − 1/(4 weight)
    /// while no loss lies more than 1/(2 weight) below the mean, and the maximum as the weight grows without bound.
    case quadraticCVaR(weight: Double)
    /// The sure loss that isoelastic (power) utility of relative aversion a > 0 finds as bad as the sample, for wealth `endowment` − L > 0.
    case isoelastic(aversion: Double, endowment: Double = 0)

    /// The measure of `losses`.
    public func value(losses: [Double]) throws(RiskError) -> Double {
        try evaluate(losses, .nothing).value
    }

    /// The measure, and its derivative in each loss: gradient[i] = ∂value/∂losses[i], the 1/N included.
    ///
    /// Where the measure has a kink (ties on the boundary of expected shortfall, a sample without spread) the gradient is a
    /// subgradient that treats equal losses equally.
    public func valueAndGradient(losses: [Double]) throws(RiskError) -> (value: Double, gradient: [Double]) {
        let (value, rows) = try evaluate(losses, .gradient)
        return (value, rows)
    }

    /// The measure, and each observation's influence on it: shifting the weight ε from the whole sample to observation i moves the value by
    /// ε influence[i] to first order. Influences have mean zero. Paired differences of measures are judged by differences of influences.
    public func valueAndInfluence(losses: [Double]) throws(RiskError) -> (value: Double, influence: [Double]) {
        let (value, rows) = try evaluate(losses, .influence)
        return (value, rows)
    }

    /// Standard error of `value` as an estimate, from N independent losses: √(mean influence² / N) (the delta method).
    ///
    /// - Parameter run: Losses that may depend on one another, N a whole number of runs at best: the error is that of the runs' mean
    ///   influences. With fewer than eight runs, that of independent losses.
    ///
    /// Reference: Hampel, *The influence curve and its role in robust estimation*, JASA 69 (1974).
    public func standardError(losses: [Double], run: Int = 1) throws(RiskError) -> Double {
        Self.standardError(influences: try influences(losses: losses), run: run)
    }

    /// How much each loss moves the value, times N; their mean is zero.
    public func influences(losses: [Double]) throws(RiskError) -> [Double] { try evaluate(losses, .influence).rows }

    /// Standard error of a value from its influences.
    public static func standardError(influences: [Double], run: Int = 1) -> Double {
        let runs = influences.count / run
        guard run > 1, runs >= 8 else {
            let count = Double(influences.count)
            return (summed(influences.count) { influences[$0] * influences[$0] } / count / count).squareRoot()
        }
        let means = (0..<runs).map { index in summed(run) { influences[index * run + $0] } / Double(run) }
        let mean = summed(runs) { means[$0] } / Double(runs)
        return (summed(runs) { (means[$0] - mean) * (means[$0] - mean) } / Double(runs - 1) / Double(runs)).squareRoot()
    }

    /// The w at which the measure's formula as a minimum over w has it: the boundary of expected shortfall's tail, the point from which
    /// quadratic CVaR measures. Nil for the measures that have no such formula.
    public func threshold(losses: [Double]) throws(RiskError) -> Double? {
        switch self {
        case .expectedShortfall(let level):
            try check(losses)
            return Self.tailBoundary(losses, level)
        case .quadraticCVaR(let weight):
            try check(losses)
            let (top, w) = Self.quadraticThreshold(losses, weight)
            return top + w
        case .entropic, .quadratic, .variance, .standardDeviation, .meanDeviation, .isoelastic: return nil
        }
    }

    /// True where adding c to every loss adds c to the value, so that the value is a price.
    public var isCashInvariant: Bool {
        switch self {
        case .entropic, .expectedShortfall, .meanDeviation, .quadraticCVaR: true
        case .quadratic, .variance, .standardDeviation, .isoelastic: false
        }
    }

    /// Refuses a parameter out of its range.
    public func validate() throws(RiskError) {
        func require(_ holds: Bool, _ parameter: String, _ found: Double, _ expected: String) throws(RiskError) {
            guard holds && found.isFinite else {
                throw .parameterOutOfRange(measure: name, parameter: parameter, found: found, expected: expected)
            }
        }
        switch self {
        case .entropic(let aversion): try require(aversion > 0, "aversion", aversion, "a positive number")
        case .expectedShortfall(let level): try require(level >= 0 && level < 1, "level", level, "0 <= level < 1")
        case .quadratic, .variance, .standardDeviation: break
        case .meanDeviation(let weight): try require(weight >= 0, "weight", weight, "a number of at least 0")
        case .quadraticCVaR(let weight): try require(weight > 0, "weight", weight, "a positive number")
        case .isoelastic(let aversion, let endowment):
            try require(aversion > 0, "aversion", aversion, "a positive number")
            try require(true, "endowment", endowment, "a finite number")
        }
    }

    // MARK: One evaluation

    /// What an evaluation writes for each observation besides the value.
    enum Rows { case nothing, gradient, influence }

    private func evaluate(_ losses: [Double], _ rows: Rows) throws(RiskError) -> (value: Double, rows: [Double]) {
        try check(losses)
        return switch self {
        case .entropic(let aversion): Self.entropic(losses, aversion, rows)
        case .expectedShortfall(let level): Self.expectedShortfall(losses, level, rows)
        case .quadratic: Self.quadratic(losses, rows)
        case .variance: Self.moments(losses, rows, mean: 0, variance: 1, deviation: 0)
        case .standardDeviation: Self.moments(losses, rows, mean: 0, variance: 0, deviation: 1)
        case .meanDeviation(let weight): Self.moments(losses, rows, mean: 1, variance: 0, deviation: weight)
        case .quadraticCVaR(let weight): Self.quadraticCVaR(losses, weight, rows)
        case .isoelastic(let aversion, let endowment): try Self.isoelastic(losses, aversion, endowment, rows)
        }
    }

    private func check(_ losses: [Double]) throws(RiskError) {
        try validate()
        guard !losses.isEmpty else { throw .tooFewObservations(found: 0, needed: 1) }
        if let index = losses.firstIndex(where: { !$0.isFinite }) { throw .nonFinite(index: index, value: losses[index]) }
    }

    private static func entropic(_ losses: [Double], _ aversion: Double, _ rows: Rows) -> (Double, [Double]) {
        let (logMean, shares) = logMeanExponential(losses, slope: aversion)
        let count = Double(losses.count)
        switch rows {
        case .nothing: return (logMean / aversion, [])
        case .gradient: return (logMean / aversion, shares.map { $0 / count })
        case .influence: return (logMean / aversion, shares.map { ($0 - 1) / aversion })
        }
    }

    private static func expectedShortfall(_ losses: [Double], _ level: Double, _ rows: Rows) -> (Double, [Double]) {
        let tail = (1 - level) * Double(losses.count)
        let boundary = tailBoundary(losses, level)
        var above = 0
        var ties = 0
        for loss in losses {
            if loss > boundary { above += 1 } else if loss == boundary { ties += 1 }
        }
        let value = boundary + summed(losses.count) { max(losses[$0] - boundary, 0) } / tail
        switch rows {
        case .nothing: return (value, [])
        case .gradient:
            let atBoundary = (tail - Double(above)) / (tail * Double(ties))
            return (value, losses.map { $0 > boundary ? 1 / tail : $0 == boundary ? atBoundary : 0 })
        case .influence:
            return (value, losses.map { boundary + max($0 - boundary, 0) / (1 - level) - value })
        }
    }

    private static func tailBoundary(_ losses: [Double], _ level: Double) -> Double {
        descendingOrderStatistic(of: losses, rank: min(Int((1 - level) * Double(losses.count)), losses.count - 1))
    }

    private static func quadratic(_ losses: [Double], _ rows: Rows) -> (Double, [Double]) {
        let count = Double(losses.count)
        let value = summed(losses.count) { losses[$0] * losses[$0] } / count
        switch rows {
        case .nothing: return (value, [])
        case .gradient: return (value, losses.map { 2 * $0 / count })
        case .influence: return (value, losses.map { $0 * $0 - value })
        }
    }

    /// The combination `mean`·E L + `variance`·Var L + `deviation`·√Var L.
    private static func moments(
        _ losses: [Double], _ rows: Rows, mean meanWeight: Double, variance varianceWeight: Double, deviation deviationWeight: Double
    ) -> (Double, [Double]) {
        let count = Double(losses.count)
        let mean = summed(losses.count) { losses[$0] } / count
        let variance = summed(losses.count) { (losses[$0] - mean) * (losses[$0] - mean) } / count
        let deviation = variance.squareRoot()
        let value = meanWeight * mean + varianceWeight * variance + deviationWeight * deviation
        let slope = varianceWeight + (deviation > 0 ? deviationWeight / (2 * deviation) : 0)  // d value / d variance
        switch rows {
        case .nothing: return (value, [])
        case .gradient: return (value, losses.map { (meanWeight + 2 * slope * ($0 - mean)) / count })
        case .influence:
            return (value, losses.map { meanWeight * ($0 - mean) + slope * (($0 - mean) * ($0 - mean) - variance) })
        }
    }

    /// The minimum has 2 weight mean(max(L − w, 0)) = 1. For a known set {L > w} that is linear in w; starting from all losses, the set
    /// only shrinks and w only rises, so that it settles after a few rounds (the simplex projection of Michelot, 1986). Losses are
    /// measured from the largest, whose distance to w then keeps its digits under any weight.
    private static func quadraticThreshold(_ losses: [Double], _ weight: Double) -> (top: Double, w: Double) {
        let count = Double(losses.count)
        let top = losses.max()!
        var w = -Double.infinity
        var size = losses.count + 1
        while true {
            let boundary = w
            var above = 0
            for loss in losses where loss - top > boundary { above += 1 }
            guard above < size else { break }
            size = above
            w = (summed(losses.count) { losses[$0] - top > boundary ? losses[$0] - top : 0 } - 0.5 * count / weight) / Double(size)
        }
        return (top, w)
    }

    private static func quadraticCVaR(_ losses: [Double], _ weight: Double, _ rows: Rows) -> (Double, [Double]) {
        let count = Double(losses.count)
        let (top, w) = quadraticThreshold(losses, weight)
        func excess(_ loss: Double) -> Double { max(loss - top - w, 0) }
        let meanSquare = summed(losses.count) { excess(losses[$0]) * excess(losses[$0]) } / count
        let value = top + (w + weight * meanSquare)
        switch rows {
        case .nothing: return (value, [])
        case .gradient: return (value, losses.map { 2 * weight * excess($0) / count })
        case .influence: return (value, losses.map { weight * (excess($0) * excess($0) - meanSquare) })
        }
    }

    private static func isoelastic(
        _ losses: [Double], _ aversion: Double, _ endowment: Double, _ rows: Rows
    ) throws(RiskError) -> (Double, [Double]) {
        var logWealth: [Double] = []
        logWealth.reserveCapacity(losses.count)
        for (index, loss) in losses.enumerated() {
            guard endowment - loss > 0 else { throw .nonPositiveWealth(index: index, wealth: endowment - loss) }
            logWealth.append(Double.log(endowment - loss))
        }
        // The sure wealth is a power mean: its logarithm is ln mean(exp(p ln W)) / p, p = 1 − a, and mean ln W at p = 0.
        let count = Double(losses.count)
        let power = 1 - aversion
        let (logMean, shares) = power == 0 ? (0, [Double](repeating: 1, count: losses.count)) : logMeanExponential(logWealth, slope: power)
        let meanLog = summed(losses.count) { logWealth[$0] } / count
        let sure = Double.exp(power == 0 ? meanLog : logMean / power)
        let value = endowment - sure
        switch rows {
        case .nothing: return (value, [])
        case .gradient: return (value, losses.indices.map { sure * shares[$0] / ((endowment - losses[$0]) * count) })
        case .influence:
            return (value, losses.indices.map { -sure * (power == 0 ? logWealth[$0] - meanLog : (shares[$0] - 1) / power) })
        }
    }

    /// ln mean(exp(slope x)) without overflow, and shares[i] = exp(slope xᵢ) / mean exp(slope x), which sum to N.
    private static func logMeanExponential(_ x: [Double], slope: Double) -> (value: Double, shares: [Double]) {
        let top = slope > 0 ? x.max()! : x.min()!
        let bottom = slope > 0 ? x.min()! : x.max()!
        let count = Double(x.count)
        // Below this range exp loses digits against 1 that expMinusOne keeps; the entropic measure tends to the mean there.
        if slope * (top - bottom) < 0.1 {
            var shares = x.map { Double.expMinusOne(slope * ($0 - top)) }
            let mean = summed(x.count) { shares[$0] } / count
            for index in shares.indices { shares[index] = (1 + shares[index]) / (1 + mean) }
            return (slope * top + Double.log(onePlus: mean), shares)
        }
        var shares = x.map { slope * ($0 - top) }
        exponentiate(&shares)
        let mean = summed(x.count) { shares[$0] } / count
        for index in shares.indices { shares[index] /= mean }
        return (slope * top + Double.log(mean), shares)
    }

    private static func exponentiate(_ x: inout [Double]) {
        guard VectorUnit.isAvailable else { return x = x.map { Double.exp($0) } }
        x.withUnsafeMutableBufferPointer {
            guard let base = $0.baseAddress else { return }
            VectorFunctions.exp(base, to: base, count: $0.count)
        }
    }
}
