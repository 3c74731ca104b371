import Features
import Hedging
import LinearAlgebra
import Probability
import Stochastics
import Testing

/// Prices of simple hedges of a sold at-the-money call, 30 days, 30 steps, σ 0.2, aversion 1, no cost at the end:
/// an independent Monte Carlo's.
@Suite struct AnalyticReferenceTests {
    static let paths = 200_000

    @Test(
        "delta, Leland and Whalley-Wilmott cost what an independent Monte Carlo found",
        arguments: [
            (0x1p-10, "delta", 2.5796), (0x1p-10, "leland", 2.5694), (0x1p-10, "whalley-wilmott", 2.5531),
            (1e-3, "delta", 2.5851), (1e-3, "leland", 2.5744), (1e-3, "whalley-wilmott", 2.5567),
            (0x1p-8, "delta", 3.2801), (0x1p-8, "leland", 3.1645), (0x1p-8, "whalley-wilmott", 2.9479),
            (0x1p-6, "delta", 6.4493), (0x1p-6, "leland", 5.1628), (0x1p-6, "whalley-wilmott", 4.3564),
        ])
    func prices(cost: Double, name: String, expected: Double) throws {
        let market = try blackScholesMarket(cost: cost)
        let strategy = try #require(StrategyCatalog.strategy(named: name, settings: .init(timeStep: market.grid.timeStep)))
        let losses = Rollout.run(strategy, on: market, paths: 0..<Self.paths).losses
        let measure = RiskMeasure.entropic(aversion: 1)
        let price = try measure.value(losses: losses)
        let error = try measure.standardError(losses: losses)
        #expect((price - expected).magnitude < 5 * error + 1e-4)
    }

    @Test("daily Black-Scholes delta without cost: expected shortfalls and standard deviation")
    func dailyDelta() throws {
        let market = try blackScholesMarket()
        let losses = Rollout.run(DeltaHedge(), on: market, paths: 0..<Self.paths).losses
        for (measure, expected) in [
            (RiskMeasure.expectedShortfall(level: 0.5), 2.556), (.expectedShortfall(level: 0.95), 3.121),
            (.expectedShortfall(level: 0.99), 3.517), (.standardDeviation, 0.357), (.entropic(aversion: 1), 2.35333),
        ] {
            let value = try measure.value(losses: losses)
            #expect((value - expected).magnitude < 4 * (try measure.standardError(losses: losses)) + 1e-3)
        }
    }
}
