import Features
import Hedging
import LinearAlgebra
import Pricing
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

    @Test(
        "the variance-optimal hedge leaves the standard deviation found independently",
        arguments: [(30.0, 365.0, 30, 0.35782), (63, 252, 63, 0.43483), (21, 252, 21, 0.42790)])
    func varianceOptimal(days: Double, daysPerYear: Double, steps: Int, expected: Double) throws {
        let market = try SimulatedMarket(
            simulator: BlackScholesSimulator(), grid: TimeGrid(maturityDays: days, daysPerYear: daysPerYear, steps: steps),
            claim: .call(strike: 100), stream: RandomStream(seed: 7, purpose: .evaluationPaths))
        let measure = RiskMeasure.standardDeviation
        let optimal = Rollout.run(VarianceOptimalHedge(timeStep: market.grid.timeStep), on: market, paths: 0..<Self.paths).losses
        let delta = Rollout.run(DeltaHedge(), on: market, paths: 0..<Self.paths).losses
        let (value, error) = (try measure.value(losses: optimal), try measure.standardError(losses: optimal))
        #expect((value - expected).magnitude < 4 * error)
        #expect(value < (try measure.value(losses: delta)))
    }
}

/// Cao, Chen, Hull, Poulos, *Deep hedging of derivatives using reinforcement learning*: drift 5 %, 250 days a year, 1 % cost from
/// opening to unwinding. Mean, standard deviation and mean + 1.5 deviations of the hedging cost, in per cent of the premium.
@Suite struct CostlyHedgingTests {
    @Test(
        "delta costs what an independent simulation found, and a tuned band undercuts it and the published network",
        arguments: [
            (20.0, 4, [69.1, 49.5, 143.4], 141), (20, 10, [88.2, 39.4, 147.4], 132.5), (20, 20, [107.9, 37.7, 164.5], 130),
            (60, 12, [55.0, 31.3, 101.9], 92),
        ] as [(Double, Int, [Double], Double)])
    func table(days: Double, steps: Int, delta: [Double], band: Double) throws {
        let grid = TimeGrid(maturityDays: days, daysPerYear: 250, steps: steps)
        let market = try SimulatedMarket(
            simulator: BlackScholesSimulator(drift: 0.05), grid: grid, claim: .call(strike: 100),
            costs: [TradingCost(proportional: 0.01)], chargesUnwinding: true, stream: RandomStream(seed: 9, purpose: .evaluationPaths))
        let premium = Black76.price(.call, forward: 100, strike: 100, totalVariance: 0.04 * grid.maturity)
        func figures(_ strategy: any HedgingStrategy) throws -> [Double] {
            let losses = Rollout.run(strategy, on: market, paths: 0..<100_000).losses.map { 100 * ($0 / premium - 1) }
            return [
                try RiskMeasure.expectedShortfall(level: 0).value(losses: losses), try RiskMeasure.standardDeviation.value(losses: losses),
                try RiskMeasure.meanDeviation(weight: 1.5).value(losses: losses),
            ]
        }
        for (found, expected) in zip(try figures(DeltaHedge()), delta) { #expect((found - expected).magnitude < 0.6) }
        let training = market.drawing(from: RandomStream(seed: 9, purpose: .trainingPaths))
        let fit = TunedBandHedge.fit(on: training, objective: .meanDeviation(weight: 1.5), paths: 0..<20_000)
        #expect(fit.report.converged)
        #expect(try figures(fit.strategy)[2] < band)
    }
}
