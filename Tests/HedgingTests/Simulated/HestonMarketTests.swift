import Features
import Hedging
import LinearAlgebra
import Market
import Pricing
import Probability
import RealModule
import Stochastics
import Testing

/// "Deep hedging", section 5: α 1, b 0.04, ρ −0.7, vol of variance 2, 30 days, a sold call at 100.
@Suite struct HestonMarketTests {
    func market(instruments: [SimulatedInstrument], claim: SimulatedClaim = .call(strike: 100), substeps: Int = 1) throws -> SimulatedMarket
    {
        try SimulatedMarket(
            simulator: HestonSimulator(substeps: substeps), grid: TimeGrid(), claim: claim, instruments: instruments,
            stream: RandomStream(seed: 4, purpose: .evaluationPaths))
    }

    @Test("the tables' columns agree with the adaptive integral along paths")
    func tables() throws {
        let market = try market(instruments: [.spot, .varianceSwap])
        let model = HestonModel(meanReversion: 1, longRunVariance: 0.04, volatilityOfVariance: 2, correlation: -0.7)
        let names: [FeatureName] = [.bookModelDelta, .bookVarianceVega, .bookValue, .variance, .forward, .impliedVolatility]
        let paths = market.paths(0..<100, features: names)
        for step in [0, 3, 12, 21, 27, 29] {
            let features = paths.decision(step: step, holdings: Matrix(rows: 100, columns: 2)).features
            for i in 0..<100 {
                let exact = model.greeks(
                    .call, forward: features[.forward][i], strike: 100, variance: features[.variance][i],
                    timeToExpiry: market.grid.timeToMaturity(step))
                #expect((features[.bookModelDelta][i] + exact.delta).magnitude < 2e-4)
                #expect((features[.bookVarianceVega][i] + exact.varianceVega).magnitude < 0.03)
                #expect((features[.bookValue][i] + exact.price).magnitude < 1e-4)
            }
        }
    }

    @Test("the model's hedge with spot and variance swap leaves the risk that an independent simulation found")
    func twoInstruments() throws {
        let market = try market(instruments: [.spot, .varianceSwap])
        let losses = Rollout.run(MinimumVarianceHedge(), on: market, paths: 0..<100_000).losses
        // Found there: expected shortfalls 1.931 to 1.947 and 3.34 to 3.41, variance 0.142.
        for (measure, range) in [
            (RiskMeasure.expectedShortfall(level: 0.5), 1.931...1.947), (.expectedShortfall(level: 0.99), 3.34...3.41),
            (.variance, 0.141...0.143),
        ] {
            let value = try measure.value(losses: losses)
            let error = 3 * (try measure.standardError(losses: losses))
            #expect(range.lowerBound - error < value && value < range.upperBound + error, "\(measure)")
        }
        let mean = try RiskMeasure.expectedShortfall(level: 0).value(losses: losses)
        #expect((mean - 1.69183).magnitude < 3 * 0.3764 / 1e5.squareRoot())
    }

    @Test(
        "with the spot alone: minimum variance and no hedge as found independently, the smile's delta in between",
        arguments: [("minimum-variance", 1.13...1.15), ("none", 2.15...2.17), ("smile-delta", 1.14...1.18), ("delta", 1.25...1.33)])
    func spotAlone(name: String, range: ClosedRange<Double>) throws {
        let market = try market(instruments: [.spot])
        let strategy = try #require(StrategyCatalog.strategy(named: name, settings: .init()))
        let losses = Rollout.run(strategy, on: market, paths: 0..<60_000).losses
        let value = try RiskMeasure.standardDeviation.value(losses: losses)
        let error = 3 * (try RiskMeasure.standardDeviation.standardError(losses: losses))
        #expect(range.lowerBound - error < value && value < range.upperBound + error)
    }

    /// Made once: its tables are for three expiries and thirty steps.
    static let options = Result {
        try SimulatedMarket(
            simulator: HestonSimulator(), grid: TimeGrid(steps: 10), claim: .callSpread(strikes: (100, 104), quantity: -2),
            instruments: [.spot, .option(.call, strike: 100, maturityDays: 60), .option(.put, strike: 98, maturityDays: 30)],
            costs: [TradingCost(proportional: 1e-3)], chargesUnwinding: true, stream: RandomStream(seed: 5, purpose: .evaluationPaths))
    }

    @Test(
        "a second option hedges vega and gamma of the first, and every strategy is the same in any block and thread",
        arguments: StrategyCatalog.all.map(\.name))
    func options(name: String) throws {
        let market = try Self.options.get()
        let strategy = try #require(StrategyCatalog.strategy(named: name, settings: .init()))
        guard strategy.inputs.allSatisfy(market.availableFeatures.contains) else { return }
        let outcome = Rollout.run(strategy, on: market, paths: 5..<205, blockSize: 256, workers: Workers(threads: 1))
        #expect(outcome.profit.allSatisfy { $0.isFinite })
        #expect(outcome == Rollout.run(strategy, on: market, paths: 5..<205, blockSize: 33, workers: Workers(threads: 2)))
        guard name == "delta-vega-gamma" else { return }
        _ = Rollout.run(strategy, on: market.paths(0..<50, features: strategy.inputs)) { _, batch, target in
            for i in 0..<50 {
                let vega = (0..<3).reduce(batch.features[.bookVega][i]) { $0 + target[i, $1] * batch.vegas[i, $1] }
                let gamma = (0..<3).reduce(batch.features[.bookGamma][i]) { $0 + target[i, $1] * batch.gammas[i, $1] }
                let delta = (0..<3).reduce(batch.features[.bookDelta][i]) { $0 + target[i, $1] * batch.deltas[i, $1] }
                #expect(vega.magnitude < 1e-6 && gamma.magnitude < 1e-6 && delta.magnitude < 1e-6)
            }
        }
    }

    @Test("a variance swap without variance, and an option that dies before the claim, are refused")
    func refusals() {
        func make(_ instrument: SimulatedInstrument) throws(SimulatedMarketError) -> SimulatedMarket {
            try SimulatedMarket(
                simulator: BlackScholesSimulator(), grid: TimeGrid(), claim: .call(strike: 100), instruments: [.spot, instrument],
                stream: RandomStream(seed: 1, purpose: .data))
        }
        #expect(throws: SimulatedMarketError.varianceSwapNeedsVariance(simulator: "black-scholes")) { try make(.varianceSwap) }
        #expect(throws: SimulatedMarketError.optionExpiresEarly(days: 20, gridDays: 30)) {
            try make(.option(.call, strike: 100, maturityDays: 20))
        }
    }
}
