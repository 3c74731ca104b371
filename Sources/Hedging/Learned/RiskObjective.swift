public import Probability
import RealModule
import VectorKernels

/// Numbers of one epoch's losses, less the premium, by which the next paths' weights are taken without waiting for all losses.
public struct RiskAnchor: Sendable, Equatable {
    /// The measure's value; where the measure is a minimum over a threshold, the threshold; where it looks at the distance to the mean,
    /// the mean.
    public var near: Double
    /// Standard deviation; nil where the measure does not ask for it.
    public var deviation: Double?

    public init(near: Double, deviation: Double? = nil) {
        self.near = near
        self.deviation = deviation
    }
}

/// A risk measure as training descends it: of losses less a premium.
struct RiskObjective {
    let risk: RiskMeasure
    let premium: Double
    /// Nil before the first losses.
    var anchor: RiskAnchor?

    init(_ risk: RiskMeasure, premium: Double, anchor: RiskAnchor? = nil) {
        self.risk = risk
        self.premium = premium
        self.anchor = anchor
    }

    private func net(_ losses: [Double]) -> [Double] { premium == 0 ? losses : losses.map { $0 - premium } }

    func value(_ losses: [Double]) throws(RiskError) -> Double { try risk.value(losses: net(losses)) }

    func standardError(_ losses: [Double]) throws(RiskError) -> Double { try risk.standardError(losses: net(losses)) }

    func valueAndGradient(_ losses: [Double]) throws(RiskError) -> (value: Double, gradient: [Double]) {
        try risk.valueAndGradient(losses: net(losses))
    }

    /// Moves the anchor to where these losses put it.
    mutating func follow(_ losses: [Double], value: Double) throws(RiskError) {
        switch risk {
        case .variance, .standardDeviation, .meanDeviation:
            let (mean, deviation) = SeparableWeights.moments(losses)
            anchor = RiskAnchor(near: mean - premium, deviation: deviation)
        default: anchor = RiskAnchor(near: try risk.threshold(losses: net(losses)) ?? value)
        }
    }

    /// Weights that each loss gives by itself, so that forward and backward pass need no pause between them; nil before the first losses,
    /// except under the mean square, which needs none.
    var separable: SeparableWeights? {
        if case .quadratic = risk { return .linear(premium: premium) }
        guard let anchor else { return nil }
        let near = anchor.near
        switch risk {
        case .quadratic: return .linear(premium: premium)
        case .entropic(let aversion): return .exponential(aversion: aversion, shift: near + premium)
        case .expectedShortfall(let level): return .tail(threshold: near + premium, share: 1 - level)
        case .quadraticCVaR(let weight): return .excess(threshold: near + premium, weight: weight)
        case .isoelastic(let aversion, let endowment):
            guard endowment - near > 0 else { return nil }
            return .power(aversion: aversion, endowment: endowment + premium, sure: endowment - near)
        case .variance: return .squaredDistance(mean: near + premium)
        case .standardDeviation: return .distance(mean: near + premium)
        case .meanDeviation(let weight):
            guard let deviation = anchor.deviation, deviation > 0 else { return nil }
            return .meanDeviation(mean: near + premium, deviation: deviation, weight: weight)
        }
    }
}

/// Weights wᵢ(Lᵢ) such that the risk measure's gradient is factor·Σ wᵢ dLᵢ, with a factor known only at the end.
///
/// Where the measure is a minimum over a threshold the weights are taken at the last paths' one. With weights that sum
/// to 1 that is the exact gradient of the same measure at a neighbouring level, and at the threshold's own it is the
/// measure's: the alternating descent of θ and w. Taking w along as one more parameter of the optimiser ends no lower and
/// asks for a rate of its own. Variance and deviation are minima too, over the mean m and the deviation s,
///
///     Var L = min mean((L − m)²),   √Var L = min (s + mean((L − m)²)/s)/2,
///
/// and are descended the same way; that m comes of other paths than the L it is taken from makes mean(2(L − m) dL) free of the
/// 1/N bias that a sample's own mean has.
///
/// Reference: Rockafellar, Uryasev, *Optimization of conditional value-at-risk* (2000); Ben-Tal, Teboulle, *An old-new concept of
/// convex risk measures: the optimized certainty equivalent* (2007).
enum SeparableWeights: Sendable {
    /// w = exp(a (L − shift)): the entropic measure's, with factor 1/Σw. Exact for every shift; one near the measure's
    /// value keeps the weights near 1.
    case exponential(aversion: Double, shift: Double)
    /// w = 2 (L − premium): the mean square's, with factor 1/N.
    case linear(premium: Double)
    /// w = 1{L > threshold}: expected shortfall's, of the worst `share`, with factor 1/Σw.
    case tail(threshold: Double, share: Double)
    /// w = max(L − threshold, 0): the quadratic CVaR's, with factor 1/Σw.
    case excess(threshold: Double, weight: Double)
    /// w = (W/sure)^−a, W = endowment − L: the isoelastic measure's, exact for every `sure`.
    case power(aversion: Double, endowment: Double, sure: Double)
    /// w = 2 (L − mean): the variance's, with factor 1/N.
    case squaredDistance(mean: Double)
    /// w = L − mean: the standard deviation's, with factor 1/(N √Var L).
    case distance(mean: Double)
    /// w = 1 + weight (L − mean)/deviation, with factor 1/N.
    case meanDeviation(mean: Double, deviation: Double, weight: Double)

    private func weight(_ loss: Double) -> Double {
        switch self {
        case .exponential(let aversion, let shift): Double.exp(aversion * (loss - shift))
        case .linear(let premium): 2 * (loss - premium)
        case .tail(let threshold, _): loss > threshold ? 1 : 0
        case .excess(let threshold, _): max(loss - threshold, 0)
        case .power(let aversion, let endowment, let sure): Double.pow((endowment - loss) / sure, -aversion)
        case .squaredDistance(let mean): 2 * (loss - mean)
        case .distance(let mean): loss - mean
        case .meanDeviation(let mean, let deviation, let weight): 1 + weight * (loss - mean) / deviation
        }
    }

    /// The weights of `count` losses, written to `weights`.
    func weigh(_ losses: UnsafePointer<Double>, count: Int, to weights: UnsafeMutablePointer<Double>) {
        guard case .exponential(let aversion, let shift) = self, VectorUnit.isAvailable else {
            for i in 0..<count { weights[i] = weight(losses[i]) }
            return
        }
        for i in 0..<count { weights[i] = aversion * (losses[i] - shift) }
        VectorFunctions.exp(weights, to: weights, count: count)
    }

    /// Mean and standard deviation, divided by N.
    static func moments(_ losses: [Double]) -> (mean: Double, deviation: Double) {
        let count = Double(losses.count)
        let mean = losses.reduce(0, +) / count
        return (mean, (losses.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / count).squareRoot())
    }

    /// nil where the threshold is too far from these losses', or the weights left the range in which sums of `Float` are safe.
    ///
    /// - Parameters:
    ///   - weights: Of these losses.
    ///   - value: The measure of the losses, less the premium.
    func factor(_ losses: [Double], weights: [Double], value: Double, premium: Double) -> Double? {
        let count = Double(losses.count)
        func total() -> Double { weights.reduce(0, +) }
        switch self {
        case .exponential:
            let total = total()
            return total / count > 1e-6 && total < 1e20 ? 1 / total : nil
        case .linear: return 1 / count
        case .tail(_, let share):
            let total = total()
            return (0.5...2).contains(total / (share * count)) ? 1 / total : nil
        case .excess(_, let weight):
            // At the threshold of these losses 2 weight mean(max(L − w, 0)) is 1.
            let total = total()
            return (0.5...2).contains(2 * weight * total / count) ? 1 / total : nil
        case .power(let aversion, let endowment, let sure):
            let ratio = (endowment - premium - value) / sure
            return (0.5...2).contains(ratio) ? Double.pow(ratio, aversion) / count : nil
        case .squaredDistance(let mean), .distance(let mean), .meanDeviation(let mean, _, _):
            let own = Self.moments(losses)
            guard own.deviation > 0, (own.mean - mean).magnitude <= 0.1 * own.deviation else { return nil }
            if case .distance = self { return 1 / (count * own.deviation) }
            if case .meanDeviation(_, let deviation, _) = self, !(0.8...1.25).contains(own.deviation / deviation) { return nil }
            return 1 / count
        }
    }
}
