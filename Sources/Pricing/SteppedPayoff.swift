public import Market
import Probability
import RealModule

/// A payoff of straight pieces, which may jump: Σ (a S + b)·1{S > k}.
///
/// Under Black-Scholes without rates each piece is priced by two normal probabilities,
///
///     a S N(d₁) + b N(d₂),   d₁,₂ = ln(S/k)/s ± s/2,   s = σ√τ
///
/// which makes calls, puts, digitals, and all of them cut at a barrier.
public struct SteppedPayoff: Sendable, Equatable {
    public struct Step: Sendable, Equatable {
        /// a.
        public var slope: Double
        /// b.
        public var constant: Double
        /// k; zero where the piece is paid whatever the spot.
        public var from: Double

        public init(slope: Double, constant: Double, from: Double) {
            precondition(from >= 0, "a piece from \(from) on")
            self.slope = slope
            self.constant = constant
            self.from = from
        }
    }

    public var steps: [Step]

    public init(_ steps: [Step]) { self.steps = steps }

    /// (ω(S − K))⁺.
    public static func option(_ kind: OptionKind, strike: Double) -> Self {
        let call = Step(slope: 1, constant: -strike, from: strike)
        return Self(kind == .call ? [call] : [Step(slope: -1, constant: strike, from: 0), call])
    }

    /// One unit of cash where ω(S − K) > 0.
    public static func digital(_ kind: OptionKind, strike: Double) -> Self {
        let above = Step(slope: 0, constant: 1, from: strike)
        return Self(kind == .call ? [above] : [Step(slope: 0, constant: 1, from: 0), Step(slope: 0, constant: -1, from: strike)])
    }

    /// The same paid only where S > level.
    public func above(_ level: Double) -> Self {
        Self(steps.map { Step(slope: $0.slope, constant: $0.constant, from: max($0.from, level)) })
    }

    /// The same paid only where S <= level.
    public func below(_ level: Double) -> Self {
        Self(steps + above(level).steps.map { Step(slope: -$0.slope, constant: -$0.constant, from: $0.from) })
    }

    public func callAsFunction(_ spot: Double) -> Double {
        steps.reduce(0) { $0 + (spot > $1.from ? $1.slope * spot + $1.constant : 0) }
    }

    /// - Parameters:
    ///   - spot: Positive.
    ///   - deviation: s. Zero gives what the payoff is at the spot, without gamma.
    public func figures(spot: Double, deviation s: Double) -> SpotFigures {
        precondition(spot > 0 && s >= 0, "spot \(spot), deviation \(s)")
        var sum = SpotFigures(value: 0)
        for step in steps {
            guard s > 0, step.from > 0 else {
                if spot > step.from {
                    sum.value += step.slope * spot + step.constant
                    sum.delta += step.slope
                }
                continue
            }
            let d1 = Double.log(spot / step.from) / s + s / 2
            let d2 = d1 - s
            let (first, second) = (NormalDistribution.density(d1), NormalDistribution.density(d2))
            let (asset, cash) = (NormalDistribution.cdf(d1), NormalDistribution.cdf(d2))
            sum.value += step.slope * spot * asset + step.constant * cash
            sum.delta += step.slope * (asset + first / s) + step.constant * second / (spot * s)
            sum.gamma -= (step.slope * first * d2 + step.constant * second * d1 / spot) / (spot * s * s)
        }
        return sum
    }
}
