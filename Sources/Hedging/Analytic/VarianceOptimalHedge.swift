public import Features
public import LinearAlgebra
import Probability
import RealModule

/// The hedge of one option that leaves the least variance when it can be changed only every so often, without cost or drift.
///
///     h = −q (V(F₁) − V(F)) / (F₁ − F),   F₁ = F e^{σ²Δt}
///
/// That is the regression Cov(V', S')/Var(S') of the next value on the next spot, in closed form: under the measure that has
/// the spot as its unit, the spot's expectation is F₁. It is exact for quadratic risk in the Black-Scholes market.
///
/// Reference: Schweizer, *Variance-optimal hedging in discrete time*, Mathematics of Operations Research 20 (1995).
public struct VarianceOptimalHedge: HedgingStrategy, Equatable {
    /// Years between decisions.
    public var timeStep: Double

    public init(timeStep: Double) {
        precondition(timeStep > 0, "time step \(timeStep)")
        self.timeStep = timeStep
    }

    public var name: String { "variance-optimal" }
    public var inputs: [FeatureName] { [.bookDelta, .bookQuantity, .logMoneyness, .timeToExpiry, .impliedVolatility] }

    public func targetHoldings(_ batch: DecisionBatch) -> Matrix<Double> {
        let (quantities, volatilities) = (batch.features[.bookQuantity], batch.features[.impliedVolatility])
        let (moneyness, expiry) = (batch.features[.logMoneyness], batch.features[.timeToExpiry])
        var exposure = batch.features[.bookDelta]
        for i in 0..<batch.count where volatilities[i] > 0 && expiry[i] > 0 {
            let move = volatilities[i] * volatilities[i] * timeStep
            let deviation = volatilities[i] * expiry[i].squareRoot()
            // Calls and puts differ by a straight line: the change of slope is the call's.
            let (before, delta) = call(-moneyness[i], deviation)
            let (after, _) = call(-moneyness[i] + move, deviation)
            let ratio = (after - before) / (Double.exp(-moneyness[i]) * Double.expMinusOne(move))
            exposure[i] += quantities[i] * (ratio - delta)
        }
        return batch.underlyingHoldings(neutralising: exposure)
    }

    /// Call and delta at ln(F/K) in the unit of the strike.
    private func call(_ x: Double, _ deviation: Double) -> (value: Double, delta: Double) {
        let d1 = x / deviation + deviation / 2
        let delta = NormalDistribution.cdf(d1)
        return (Double.exp(x) * delta - NormalDistribution.cdf(d1 - deviation), delta)
    }
}
