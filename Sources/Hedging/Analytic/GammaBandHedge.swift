public import Features
public import LinearAlgebra
public import Optimization
public import Probability

/// The book's gamma kept within a band by trading each day's own option: for markets that strike a new one at every decision and keep
/// the delta neutral.
///
///     n = clamp(x, −width, width) − x,   x the gamma of clients' options and of those held, in options of the day
///
/// At no width it is the delta-gamma hedge.
public struct GammaBandHedge: HedgingStrategy, Equatable, Codable {
    /// Half width, in options of the day.
    public var width: Double

    public init(width: Double = 0) {
        precondition(width >= 0, "width \(width)")
        self.width = width
    }

    public var name: String { width == 0 ? "delta-gamma" : "gamma-band" }
    public var inputs: [FeatureName] { [.todaysOption, .bookGamma] }

    public func targetHoldings(_ batch: DecisionBatch) -> Matrix<Double> {
        let (exposures, today) = (batch.netExposure(.bookGamma, batch.gammas), batch.features[.todaysOption])
        var holdings = batch.holdings
        for (i, x) in exposures.enumerated() { holdings[i, Int(today[i])] += min(max(x, -width), width) - x }
        return holdings
    }

    /// The band with the least risk on the paths of a range; the same paths for every try. Judge it on others.
    public static func fit(
        on market: any HedgingMarket, objective: RiskMeasure, paths: Range<Int>, workers: Workers = Workers()
    ) -> (strategy: GammaBandHedge, report: FitReport) {
        let (width, report) = ScalarMinimum.find(in: 0...3, tolerance: 1e-3, maximumIterations: 25) { width in
            let losses = Rollout.run(GammaBandHedge(width: width), on: market, paths: paths, workers: workers).losses
            return (try? objective.value(losses: losses)) ?? .infinity
        }
        return (GammaBandHedge(width: width), report)
    }
}
