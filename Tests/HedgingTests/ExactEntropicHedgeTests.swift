import Hedging
import LinearAlgebra
import Pricing
import Probability
import RealModule
import Stochastics
import Testing

/// S₀ = K = 100, σ 0.2, 30 days, 30 steps, aversion 1, one sold call.
@Suite struct ExactEntropicHedgeTests {
    func problem(cost: Double, unwinding: Bool = false) -> ExactEntropicHedge {
        ExactEntropicHedge(
            market: BlackScholesSimulator(), grid: TimeGrid(), claim: .call(strike: 100), riskAversion: 1, costRate: cost,
            chargesUnwinding: unwinding)
    }

    @Test(
        "prices agree with an independent recursion to 1e-4, with and without unwinding",
        arguments: [
            (0, 2.35333, 2.35333), (0x1p-10, 2.52156, 2.57090), (1e-3, 2.52499, 2.57551), (0x1p-9, 2.65458, 2.75307),
            (0x1p-8, 2.88618, 3.08473), (0x1p-6, 3.99783, 4.86275),
        ])
    func prices(cost: Double, kept: Double, unwound: Double) {
        // The table's holdings lie on a grid, which lifts its prices by some 1e-4 where cost is high; see `grid`.
        let tolerance = cost > 0.01 ? 1.5e-4 : 1e-4
        #expect((problem(cost: cost).solve().price - kept).magnitude < tolerance)
        #expect((problem(cost: cost, unwinding: true).solve().price - unwound).magnitude < tolerance)
    }

    @Test(
        "the band at the money in mid-life agrees with an independent recursion",
        arguments: [(0x1p-10, 0.475, 0.565), (0x1p-9, 0.460, 0.595), (0x1p-8, 0.450, 0.630), (0x1p-6, 0.465, 0.715)])
    func bands(cost: Double, low: Double, high: Double) {
        let band = problem(cost: cost, unwinding: true).solve().band(step: 15, logSpot: .log(100))
        #expect((band.lowerBound - low).magnitude < 6e-3 && (band.upperBound - high).magnitude < 6e-3)
    }
    @Test(
        "refined, prices at a cost of 2^-6 stay where an independent recursion falls to",
        arguments: [(4, 101), (8, 201), (16, 401)])
    func grid(nodes: Int, holdings: Int) {
        // python3 Tests/References/entropic_recursion.py --refine: 3.997988, 3.997787, 3.997736, 3.997724 at 101, 201, 401, 801 holdings,
        // and 4.862879, 4.862687, 4.862641, 4.862626 with unwinding. Its error is that of the holdings' grid, a quarter at each halving;
        // the limits are these.
        var refined = problem(cost: 0x1p-6)
        refined.nodesPerDeviation = nodes
        refined.holdingNodes = holdings
        let kept = refined.solve().price
        refined.chargesUnwinding = true
        let unwound = refined.solve().price
        print("\(nodes) nodes to a deviation, \(holdings) holdings: \(kept), unwound \(unwound)")
        #expect((kept - 3.997720).magnitude < 1e-5 && (unwound - 4.862621).magnitude < 1e-5)
    }

    @Test("halving both grids moves a price by less than 1e-5", arguments: [0, 0x1p-9, 0x1p-6])
    func refinement(cost: Double) {
        var coarse = problem(cost: cost, unwinding: true)
        coarse.nodesPerDeviation = 4
        coarse.holdingNodes = 101
        #expect((coarse.solve().price - problem(cost: cost, unwinding: true).solve().price).magnitude < 1e-5)
    }

    @Test("Monte Carlo of the exact bands confirms the value", arguments: [(0x1p-8, false), (0x1p-8, true), (0x1p-6, true)])
    func monteCarlo(cost: Double, unwinding: Bool) throws {
        let market = try blackScholesMarket(cost: cost, unwinding: unwinding)
        let solution = try #require(ExactEntropicHedge(market, riskAversion: 1)).solve()
        let strategy = ExactBandHedge(solution, maturity: market.grid.maturity)
        let losses = Rollout.run(strategy, on: market, paths: 0..<100_000).losses
        let measure = RiskMeasure.entropic(aversion: 1)
        let (value, error) = (try measure.value(losses: losses), try measure.standardError(losses: losses))
        #expect((value - solution.price).magnitude < 4 * error)
    }

    @Test("the price does not depend on the threads, and scales with the currency")
    func invariances() {
        let one = problem(cost: 1e-3).solve(workers: Workers(threads: 1))
        #expect(one == problem(cost: 1e-3).solve(workers: Workers(threads: 2)))
        // Ten times the money at a tenth of the aversion is the same problem.
        let large = ExactEntropicHedge(
            market: BlackScholesSimulator(spot: 1000), grid: TimeGrid(), claim: .call(strike: 1000), riskAversion: 0.1, costRate: 1e-3)
        #expect((large.solve().price / 10 - one.price).magnitude < 1e-10)
    }

    @Test("a put costs what the call costs without cost and drift, and a spread less than its long leg")
    func claims() {
        func price(_ claim: SimulatedClaim, cost: Double = 0) -> Double {
            ExactEntropicHedge(market: BlackScholesSimulator(), grid: TimeGrid(), claim: claim, riskAversion: 1, costRate: cost).solve()
                .price
        }
        // S − 100 is replicated exactly.
        #expect((price(.call(strike: 100)) - price(.put(strike: 100))).magnitude < 1e-5)
        #expect((price(.call(strike: 103)) - price(.put(strike: 103)) + 3).magnitude < 1e-5)
        let spread = price(.callSpread(strikes: (100, 101)), cost: 1e-3)
        let variance = 0.04 * TimeGrid().maturity
        let black =
            Black76.price(.call, forward: 100, strike: 100, totalVariance: variance)
            - Black76.price(.call, forward: 100, strike: 101, totalVariance: variance)
        #expect(spread > black && spread < black + 0.1)
        // A bought call is worth less than the model's price to one who cannot hedge it freely.
        #expect(-price(.call(strike: 100, quantity: 1), cost: 1e-3) < 2.28715)
    }

    @Test("spot and strike 1, cost 1e-3: the value of 30 steps, and the published one of 28")
    func smallSpot() {
        func price(steps: Int) -> Double {
            ExactEntropicHedge(
                market: BlackScholesSimulator(spot: 1), grid: TimeGrid(maturityDays: Double(steps), steps: steps), claim: .call(strike: 1),
                riskAversion: 1, costRate: 1e-3
            ).solve().price
        }
        #expect((price(steps: 30) - 0.023369).magnitude < 2e-6)
        #expect((price(steps: 28) - 0.0225).magnitude < 1e-4)
    }

    @Test("the model's price is the limit of small aversion and many steps")
    func smallAversion() {
        let price = ExactEntropicHedge(
            market: BlackScholesSimulator(), grid: TimeGrid(steps: 60), claim: .call(strike: 100), riskAversion: 0.01
        ).solve().price
        #expect((price - 2.28715).magnitude < 2e-3)
    }
}
