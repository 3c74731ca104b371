import Features
import Hedging
import LinearAlgebra
import Probability
import RealModule
import Stochastics
import Testing

func blackScholesMarket(
    cost: Double = 0, unwinding: Bool = false, steps: Int = 30, drift: Double = 0, seed: UInt64 = 1
) throws -> SimulatedMarket {
    try SimulatedMarket(
        simulator: BlackScholesSimulator(drift: drift), grid: TimeGrid(steps: steps), claim: .call(strike: 100),
        costs: [TradingCost(proportional: cost)], chargesUnwinding: unwinding,
        stream: RandomStream(seed: seed, purpose: .evaluationPaths))
}

@Suite struct RolloutTests {
    @Test("neither threads nor block size change a bit", arguments: ["delta", "leland", "whalley-wilmott"])
    func bits(name: String) throws {
        let market = try blackScholesMarket(cost: 1e-3, unwinding: true)
        let strategy = try #require(StrategyCatalog.strategy(named: name, settings: .init()))
        let one = Rollout.run(strategy, on: market, paths: 10..<1500, blockSize: 2000, workers: Workers(threads: 1))
        let many = Rollout.run(strategy, on: market, paths: 10..<1500, blockSize: 64, workers: Workers(threads: 2))
        #expect(one == many)
        #expect(one.count == 1490)
    }

    @Test("a constant holding earns what it should, and pays opening and unwinding")
    func accounting() throws {
        struct Constant: HedgingStrategy {
            let name = "constant"
            let inputs: [FeatureName] = []
            func targetHoldings(_ batch: DecisionBatch) -> Matrix<Double> { Matrix(rows: batch.count, columns: 1, repeating: 0.5) }
        }
        var market = try blackScholesMarket(cost: 1e-3, unwinding: true)
        market = try SimulatedMarket(
            simulator: market.simulator, grid: market.grid, claim: market.claim,
            costs: [TradingCost(proportional: 1e-3, fixed: 0.01)], chargesUnwinding: true, stream: market.stream)
        let outcome = Rollout.run(Constant(), on: market, paths: 0..<50)
        let block = market.simulator.paths(0..<50, on: market.grid, stream: market.stream)
        for i in 0..<50 {
            let final = block.spot[30][i]
            let cost = 1e-3 * 0.5 * (100 + final) + 0.02
            #expect((outcome.tradingCost[i] - cost).magnitude < 1e-12)
            #expect(outcome.turnover[i] == 1)
            #expect((outcome.profit[i] - (-max(final - 100, 0) + 0.5 * (final - 100) - cost)).magnitude < 1e-12)
        }
    }

    /// Made once for its tables.
    static let heston = Result {
        try SimulatedMarket(
            simulator: HestonSimulator(), grid: TimeGrid(steps: 15), claim: .call(strike: 100),
            instruments: [.spot, .varianceSwap, .option(.call, strike: 100, maturityDays: 60)], costs: [TradingCost(proportional: 1e-3)],
            stream: RandomStream(seed: 1, purpose: .evaluationPaths))
    }

    @Test(
        "no strategy of the catalogue looks ahead: poisoned futures leave decisions unchanged", arguments: StrategyCatalog.all.map(\.name))
    func lookAhead(name: String) throws {
        let market = try Self.heston.get()
        let strategy = try #require(StrategyCatalog.strategy(named: name, settings: .init()))
        guard strategy.inputs.allSatisfy(market.availableFeatures.contains) else { return }
        var block = market.simulator.paths(0..<40, on: market.grid, stream: market.stream)
        let clean = SimulatedPaths(market: market, block: block, features: strategy.inputs)
        var targets: [Matrix<Double>] = []
        _ = Rollout.run(strategy, on: clean) { _, _, target in targets.append(target) }
        let cut = 11
        for t in cut + 1...15 {
            block.spot[t] = block.spot[t].map { _ in .nan }
            block.logSpot[t] = block.logSpot[t].map { _ in .nan }
            block.variance[t] = block.variance[t].map { _ in .nan }
            block.integratedVariance[t] = block.integratedVariance[t].map { _ in .nan }
        }
        let poisoned = SimulatedPaths(market: market, block: block, features: strategy.inputs)
        var again: [Matrix<Double>] = []
        _ = Rollout.run(strategy, on: poisoned) { _, _, target in again.append(target) }
        for t in 0...cut { #expect(again[t] == targets[t]) }
    }
}
