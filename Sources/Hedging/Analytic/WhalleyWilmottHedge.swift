public import Features
public import LinearAlgebra
import RealModule

/// Delta within a band: nothing is traded while the holding lies inside, and it is brought to the nearest edge when outside.
///
///     half width = (3/2 · λ P G² / a)^{1/3}
///
/// λ the cost rate, P the price of one unit of the underlying, a the risk aversion, G how fast the exposure moves with
/// the underlying: Γ in a dollar book, Γ F in a coin book. Rates are zero.
///
/// Reference: Whalley, Wilmott, *An asymptotic analysis of an optimal hedging model for option pricing with
/// transaction costs*, Mathematical Finance 7 (1997).
public struct WhalleyWilmottHedge: HedgingStrategy, Equatable {
    /// a, per unit of book currency.
    public var riskAversion: Double
    public var delta: DeltaHedge.Kind

    public init(riskAversion: Double, delta: DeltaHedge.Kind = .plain) {
        precondition(riskAversion > 0, "risk aversion \(riskAversion)")
        self.riskAversion = riskAversion
        self.delta = delta
    }

    public var name: String { "whalley-wilmott" }
    public var inputs: [FeatureName] { [delta.feature, .bookGamma, .forward] }

    /// The half width for one state.
    public static func halfWidth(costRate: Double, price: Double, gamma: Double, riskAversion: Double) -> Double {
        .root(1.5 * costRate * price * gamma * gamma / riskAversion, 3)
    }

    public func targetHoldings(_ batch: DecisionBatch) -> Matrix<Double> {
        batch.bandHoldings(delta: delta) { gamma, price, costRate in
            (0, Self.halfWidth(costRate: costRate, price: price, gamma: gamma, riskAversion: riskAversion))
        }
    }
}

extension DecisionBatch {
    /// The holding of the first underlying brought to the nearest edge of a band about the neutral one; nothing in the others.
    ///
    /// - Parameter band: Shift of the centre and half width, from how fast the exposure moves, the price of a unit and the cost rate.
    func bandHoldings(
        delta: DeltaHedge.Kind, _ band: (_ gamma: Double, _ price: Double, _ costRate: Double) -> (shift: Double, halfWidth: Double)
    ) -> Matrix<Double> {
        var holdings = underlyingHoldings(neutralising: features[delta.feature])
        guard let underlying = underlyingIndex else { return holdings }
        let costRate = instruments[underlying].cost.proportional
        let (gammas, forwards) = (features[.bookGamma], features[.forward])
        for i in 0..<count {
            let speed = delta == .plain ? gammas[i] : gammas[i] * forwards[i]
            let (shift, halfWidth) = band(speed, prices[i, underlying], costRate)
            let centre = holdings[i, underlying] + shift
            holdings[i, underlying] = min(max(self.holdings[i, underlying], centre - halfWidth), centre + halfWidth)
        }
        return holdings
    }
}
