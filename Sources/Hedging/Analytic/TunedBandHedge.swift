public import Features
public import LinearAlgebra
public import Optimization
public import Probability
import RealModule

/// Whalley and Wilmott's band with its width and its centre fitted to an objective: two parameters that hold their own against
/// networks wherever cost is large.
///
///     |h − (−Σ q Δ + shift)| ≤ width · (3/2 · λ P G²)^{1/3}
///
/// At width a^{−1/3} and no shift it is `WhalleyWilmottHedge`.
public struct TunedBandHedge: HedgingStrategy, Equatable, Codable {
    /// Factor of the band's half width.
    public var width: Double
    /// Units of the underlying that the centre lies above the neutral holding.
    public var shift: Double
    public var delta: DeltaHedge.Kind

    public init(width: Double = 1, shift: Double = 0, delta: DeltaHedge.Kind = .plain) {
        precondition(width >= 0, "width \(width)")
        self.width = width
        self.shift = shift
        self.delta = delta
    }

    public var name: String { "tuned-band" }
    public var inputs: [FeatureName] { [delta.feature, .bookGamma, .forward] }

    public func targetHoldings(_ batch: DecisionBatch) -> Matrix<Double> {
        batch.bandHoldings(delta: delta) { gamma, price, costRate in
            (shift, width * WhalleyWilmottHedge.halfWidth(costRate: costRate, price: price, gamma: gamma, riskAversion: 1))
        }
    }

    /// The band with the least risk on the paths of a range; the same paths for every try. Judge it on others.
    ///
    /// The risk has more than one minimum in the width, so that a coarse scan finds the valley and a simplex its floor.
    public static func fit(
        on market: any HedgingMarket, objective: RiskMeasure, paths: Range<Int>, delta: DeltaHedge.Kind = .plain,
        workers: Workers = Workers()
    ) -> (strategy: TunedBandHedge, report: FitReport) {
        func risk(_ width: Double, _ shift: Double) -> Double {
            let strategy = TunedBandHedge(width: width, shift: shift, delta: delta)
            let losses = Rollout.run(strategy, on: market, paths: paths, workers: workers).losses
            return (try? objective.value(losses: losses)) ?? .infinity
        }
        var point = [1.0, 0.0]
        var least = Double.infinity
        for width in [0, 0.25, 0.5, 1, 2] {
            for shift in [-0.05, 0, 0.05] {
                let value = risk(width, shift)
                if value < least { (point, least) = ([width, shift], value) }
            }
        }
        var search = NelderMead()
        search.maximumEvaluations = 120
        search.stepTolerance = 1e-3
        search.valueTolerance = 1e-6
        let report = search.minimise(&point, steps: [0.1, 0.03], lower: [0, -.infinity]) { risk($0[0], $0[1]) }
        return (TunedBandHedge(width: point[0], shift: point[1], delta: delta), report)
    }
}
