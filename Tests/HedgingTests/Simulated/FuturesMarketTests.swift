import Features
import Hedging
import LinearAlgebra
import Market
import Probability
import RealModule
import Stochastics
import Testing

/// Hedging with perpetuals and dated futures, in dollars and in coin.
@Suite struct FuturesMarketTests {
    static func market(
        _ instruments: [SimulatedInstrument], claim: SimulatedClaim = .call(strike: 100), settlement: Settlement = .linear,
        cost: TradingCost = .init(), volatility: Double = 0.6, steps: Int = 20
    ) throws -> SimulatedMarket {
        try SimulatedMarket(
            simulator: BlackScholesSimulator(volatility: volatility), grid: TimeGrid(steps: steps), claim: claim, instruments: instruments,
            costs: [cost], chargesUnwinding: true, settlement: settlement, stream: RandomStream(seed: 2, purpose: .evaluationPaths))
    }

    private func outcome(_ strategy: any HedgingStrategy, _ market: SimulatedMarket, _ count: Int = 400) -> HedgingOutcome {
        Rollout.run(strategy, on: market, paths: 0..<count)
    }

    @Test("a perpetual without funding, and a future without basis, are the spot")
    func spot() throws {
        let cost = TradingCost(proportional: 1e-3)
        let spot = outcome(DeltaHedge(), try Self.market([.spot], cost: cost))
        #expect(outcome(DeltaHedge(), try Self.market([.perpetual(FundingProcess())], cost: cost)) == spot)
        #expect(outcome(DeltaHedge(), try Self.market([.future(basis: 0, maturityDays: 45)], cost: cost)) == spot)
    }

    @Test("funding is paid on what is held, at the rate that was known")
    func funding() throws {
        let funding = FundingProcess(mean: 0.2, meanReversion: 40, volatility: 3)
        let market = try Self.market([.perpetual(funding)])
        let block = market.simulator.paths(0..<60, on: market.grid, stream: market.stream)
        let rates = funding.rates(0..<60, on: market.grid, stream: market.stream)
        let paths = market.paths(0..<60, features: [.fundingRate, .bookDelta])
        var paid = [Double](repeating: 0, count: 60)
        let profit = Rollout.run(DeltaHedge(), on: paths) { step, batch, target in
            #expect(batch.features[.fundingRate] == rates[step])
            for i in 0..<60 { paid[i] += target[i, 0] * rates[step][i] * block.spot[step][i] * market.grid.timeStep }
        }.profit
        let free = outcome(DeltaHedge(), try Self.market([.spot]), 60).profit
        for i in 0..<60 { #expect((profit[i] - free[i] + paid[i]).magnitude < 1e-10) }
    }

    @Test("a future with basis carries it: dearer by e^{bτ}, and held the less")
    func basis() throws {
        let market = try Self.market([.future(basis: 0.3, maturityDays: 30)])
        let paths = market.paths(0..<40, features: [.bookDelta, .forward])
        for step in [0, 7, 19] {
            let batch = paths.decision(step: step, holdings: Matrix(rows: 40, columns: 1))
            let growth = Double.exp(0.3 * market.grid.timeToMaturity(step))
            let target = DeltaHedge().targetHoldings(batch)
            for i in 0..<40 {
                #expect((batch.prices[i, 0] / batch.features[.forward][i] - growth).magnitude < 1e-12)
                #expect((target[i, 0] * growth + batch.features[.bookDelta][i]).magnitude < 1e-12)
            }
        }
        // At its own expiry it is the spot.
        let block = market.simulator.paths(0..<40, on: market.grid, stream: market.stream)
        for i in 0..<40 { #expect((paths.finalPrices[i, 0] - block.spot[20][i]).magnitude < 1e-9) }
    }

    /// call − put pays 1 − K/S coin; the inverse future held at K dollars all the time earns K/S₀ − K/S.
    @Test("put-call parity in coin: the net delta replicates it to the last digits, the plain delta does not")
    func parity() throws {
        let claim = SimulatedClaim(legs: [.init(.call, strike: 90, quantity: -1), .init(.put, strike: 90, quantity: 1)])
        for instrument in [SimulatedInstrument.perpetual(FundingProcess()), .future(basis: 0, maturityDays: 30)] {
            let market = try Self.market([instrument], claim: claim, settlement: .inverse)
            for profit in outcome(DeltaHedge(.net), market).profit { #expect((profit - (90.0 / 100 - 1)).magnitude < 1e-12) }
            #expect(outcome(DeltaHedge(.plain), market).profit.contains { ($0 - (90.0 / 100 - 1)).magnitude > 1e-3 })
        }
    }

    @Test("a sold call in coin: paid (S − K)⁺/S, valued in coin, and net delta leaves less than delta")
    func coin() throws {
        let market = try Self.market([.perpetual(FundingProcess(mean: 0.1))], settlement: .inverse)
        let dollars = try Self.market([.spot])
        let names: [FeatureName] = [.bookValue, .bookDelta, .bookNetDelta, .forward]
        let (coin, plain) = (market.paths(0..<50, features: names), dollars.paths(0..<50, features: names))
        let block = market.simulator.paths(0..<50, on: market.grid, stream: market.stream)
        let (a, b) = (
            coin.decision(step: 4, holdings: Matrix(rows: 50, columns: 1)), plain.decision(step: 4, holdings: Matrix(rows: 50, columns: 1))
        )
        for i in 0..<50 {
            let last = block.spot[20][i]
            #expect((coin.liabilityGains[i] + max(last - 100, 0) / last).magnitude < 1e-12)
            #expect((a.features[.bookValue][i] * block.spot[4][i] - b.features[.bookValue][i]).magnitude < 1e-9)
            #expect((a.features[.bookNetDelta][i] - a.features[.bookDelta][i] + a.features[.bookValue][i]).magnitude < 1e-12)
            let move = block.spot[4][i] / block.spot[5][i]
            let carry = 0.1 * market.grid.timeStep * move
            #expect((coin.gains(step: 4)[i, 0] - (1 - move - carry)).magnitude < 1e-12)
        }
        func deviation(_ strategy: any HedgingStrategy) throws -> Double {
            try RiskMeasure.standardDeviation.value(losses: outcome(strategy, market, 4000).losses)
        }
        let (net, delta, open) = try (deviation(DeltaHedge(.net)), deviation(DeltaHedge(.plain)), deviation(NoHedge()))
        #expect(net < 0.75 * delta && net < 0.35 * open)
    }

    @Test("in coin an option hedges vega and net delta of the other")
    func sensitivities() throws {
        let market = try Self.market(
            [.perpetual(FundingProcess()), .option(.put, strike: 95, maturityDays: 60)], settlement: .inverse)
        let strategy = SensitivityHedge([.delta, .vega], delta: .net)
        let inputs = strategy.inputs
        _ = Rollout.run(strategy, on: market.paths(0..<30, features: inputs)) { _, batch, target in
            for i in 0..<30 {
                let forward = batch.features[.forward][i]
                let vega = batch.features[.bookVega][i] / forward + target[i, 1] * batch.vegas[i, 1]
                let delta = batch.features[.bookNetDelta][i] + target[i, 0] + target[i, 1] * batch.deltas[i, 1]
                #expect(vega.magnitude < 1e-9 && delta.magnitude < 1e-9)
            }
        }
        let vegaHedged = try RiskMeasure.standardDeviation.value(losses: outcome(strategy, market, 2000).losses)
        let deltaHedged = try RiskMeasure.standardDeviation.value(losses: outcome(DeltaHedge(.net), market, 2000).losses)
        #expect(vegaHedged < 0.8 * deltaHedged)
    }

    @Test("quadratic cost: each trade's square at its price, the unwinding's among them")
    func quadratic() throws {
        struct Ramp: HedgingStrategy {
            let name = "ramp"
            let inputs: [FeatureName] = []
            func targetHoldings(_ batch: DecisionBatch) -> Matrix<Double> {
                Matrix(rows: batch.count, columns: 1) { i, _ in batch.holdings[i, 0] + 0.1 }
            }
        }
        let market = try Self.market([.spot], cost: TradingCost(proportional: 1e-3, fixed: 0.01, quadratic: 0.02), steps: 5)
        let block = market.simulator.paths(0..<30, on: market.grid, stream: market.stream)
        let found = outcome(Ramp(), market, 30).tradingCost
        for i in 0..<30 {
            let trades = (0..<5).reduce(0) { $0 + (1e-3 * 0.1 + 0.02 * 0.01) * block.spot[$1][i] }
            let unwinding = (1e-3 * 0.5 + 0.02 * 0.25) * block.spot[5][i]
            #expect((found[i] - (trades + unwinding + 0.06)).magnitude < 1e-10)
        }
    }

    @Test("what pays no coin is refused in a book of coin, a future that expires early anywhere")
    func refusals() {
        #expect(throws: SimulatedMarketError.paysNoCoin(instrument: "spot")) { try Self.market([.spot], settlement: .inverse) }
        #expect(throws: SimulatedMarketError.optionExpiresEarly(days: 20, gridDays: 30)) {
            try Self.market([.future(basis: 0, maturityDays: 20)])
        }
    }
}
