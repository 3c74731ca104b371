import Probability
import RealModule

/// A risk measure as training descends it: of losses less a premium.
struct RiskObjective {
    let risk: RiskMeasure
    let premium: Double
    /// A number near which the next paths' weights are taken without waiting for all losses: the last value, or where the
    /// measure is a minimum over a threshold, the last threshold. Of losses less the premium.
    var near: Double?

    init(_ risk: RiskMeasure, premium: Double, near: Double? = nil) {
        self.risk = risk
        self.premium = premium
        self.near = near
    }

    private func net(_ losses: [Double]) -> [Double] { premium == 0 ? losses : losses.map { $0 - premium } }

    func value(_ losses: [Double]) throws(RiskError) -> Double { try risk.value(losses: net(losses)) }

    func standardError(_ losses: [Double]) throws(RiskError) -> Double { try risk.standardError(losses: net(losses)) }

    func valueAndGradient(_ losses: [Double]) throws(RiskError) -> (value: Double, gradient: [Double]) {
        try risk.valueAndGradient(losses: net(losses))
    }

    /// Moves `near` to where these losses put it.
    mutating func follow(_ losses: [Double], value: Double) throws(RiskError) {
        near = try risk.threshold(losses: net(losses)) ?? value
    }

    /// Weights that each loss gives by itself, so that forward and backward pass need no pause between them; nil where
    /// a loss's weight depends on the others.
    var separable: SeparableWeights? {
        switch risk {
        case .quadratic: return .linear(premium: premium)
        case .entropic(let aversion): return near.map { .exponential(aversion: aversion, shift: $0 + premium) }
        case .expectedShortfall(let level): return near.map { .tail(threshold: $0 + premium, share: 1 - level) }
        case .quadraticCVaR(let weight): return near.map { .excess(threshold: $0 + premium, weight: weight) }
        case .isoelastic(let aversion, let endowment):
            guard let near, endowment - near > 0 else { return nil }
            return .power(aversion: aversion, endowment: endowment + premium, sure: endowment - near)
        case .variance, .standardDeviation, .meanDeviation: return nil
        }
    }
}

/// Weights wᵢ(Lᵢ) such that the risk measure's gradient is factor·Σ wᵢ dLᵢ, with a factor known only at the end.
///
/// Where the measure is a minimum over a threshold the weights are taken at the last paths' one. With weights that sum
/// to 1 that is the exact gradient of the same measure at a neighbouring level, and at the threshold's own it is the
/// measure's: the alternating descent of θ and w.
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

    func weight(_ loss: Double) -> Double {
        switch self {
        case .exponential(let aversion, let shift): Double.exp(aversion * (loss - shift))
        case .linear(let premium): 2 * (loss - premium)
        case .tail(let threshold, _): loss > threshold ? 1 : 0
        case .excess(let threshold, _): max(loss - threshold, 0)
        case .power(let aversion, let endowment, let sure): Double.pow((endowment - loss) / sure, -aversion)
        }
    }

    /// nil where the threshold is too far from these losses', or the weights left the range in which sums of `Float` are safe.
    ///
    /// - Parameter value: The measure of the losses, less the premium.
    func factor(_ losses: [Double], value: Double, premium: Double) -> Double? {
        let count = Double(losses.count)
        func total() -> Double { losses.reduce(0) { $0 + weight($1) } }
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
        }
    }
}
