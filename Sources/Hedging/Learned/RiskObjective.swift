import Probability
import RealModule

/// A risk measure as training descends it: of losses less a premium.
struct RiskObjective {
    let risk: RiskMeasure
    let premium: Double
    /// The last value, near which the entropic weights of the next epoch are kept.
    var lastValue: Double?

    init(_ risk: RiskMeasure, premium: Double) {
        self.risk = risk
        self.premium = premium
    }

    private func net(_ losses: [Double]) -> [Double] { premium == 0 ? losses : losses.map { $0 - premium } }

    func value(_ losses: [Double]) throws(RiskError) -> Double { try risk.value(losses: net(losses)) }

    func standardError(_ losses: [Double]) throws(RiskError) -> Double { try risk.standardError(losses: net(losses)) }

    func valueAndGradient(_ losses: [Double]) throws(RiskError) -> (value: Double, gradient: [Double]) {
        try risk.valueAndGradient(losses: net(losses))
    }

    /// Weights that each loss gives by itself, so that forward and backward pass need no pause between them; nil where
    /// a loss's weight depends on the others.
    var separable: SeparableWeights? {
        switch risk {
        case .entropic(let aversion): lastValue.map { .exponential(aversion: aversion, shift: $0 + premium) }
        case .quadratic: .linear(premium: premium)
        default: nil
        }
    }
}

/// Weights wᵢ(Lᵢ) such that the risk measure's gradient is factor·Σ wᵢ dLᵢ, with a factor known only at the end.
enum SeparableWeights: Sendable {
    /// w = exp(a (L − shift)): the entropic measure's, with factor 1/Σw. Exact for every shift; one near the measure's
    /// value keeps the weights near 1.
    case exponential(aversion: Double, shift: Double)
    /// w = 2 (L − premium): the mean square's, with factor 1/N.
    case linear(premium: Double)

    func weight(_ loss: Double) -> Double {
        switch self {
        case .exponential(let aversion, let shift): Double.exp(aversion * (loss - shift))
        case .linear(let premium): 2 * (loss - premium)
        }
    }

    /// nil where the weights left the range in which sums of `Float` are safe: the shift was far off.
    func factor(_ losses: [Double]) -> Double? {
        switch self {
        case .exponential:
            let total = losses.reduce(0) { $0 + weight($1) }
            let mean = total / Double(losses.count)
            return mean > 1e-6 && total < 1e20 ? 1 / total : nil
        case .linear: return 1 / Double(losses.count)
        }
    }
}
