public import Features
public import LinearAlgebra

/// Delta with the move of each option's implied volatility that comes with the spot.
///
///     ∂σ(K)/∂ln F = (R − 1) ∂σ/∂k,   exposure = Σ q (Δ + (R − 1) vega ∂σ/∂k / F)
///
/// R is the skew stickiness ratio: 0 the smile moves with the forward, 1 it stays at its strikes (plain delta),
/// 2 a short-dated local volatility, which is also where minimum-variance hedges of stochastic volatility lie.
///
/// Reference: Bergomi, *Smile dynamics IV*, Risk (December 2009).
public struct SmileDeltaHedge: HedgingStrategy, Equatable {
    public var delta: DeltaHedge.Kind
    public var stickiness: Double

    public init(delta: DeltaHedge.Kind = .plain, stickiness: Double = 2) {
        self.delta = delta
        self.stickiness = stickiness
    }

    public var name: String { "smile-delta" }
    public var inputs: [FeatureName] { [delta.feature, .bookSmileVega, .forward] }

    public func targetHoldings(_ batch: DecisionBatch) -> Matrix<Double> {
        var exposure = batch.features[delta.feature]
        let (vegas, forwards) = (batch.features[.bookSmileVega], batch.features[.forward])
        for i in 0..<batch.count { exposure[i] += (stickiness - 1) * vegas[i] / forwards[i] }
        return batch.underlyingHoldings(neutralising: exposure)
    }
}
