import Hedging
import LinearAlgebra
import Pricing
import Probability
import RealModule
import Stochastics
import Testing

@Suite struct ExactQuadraticHedgeTests {
    func problem(days: Double, daysPerYear: Double, steps: Int, cost: Double = 0, drift: Double = 0) -> ExactQuadraticHedge {
        ExactQuadraticHedge(
            market: BlackScholesSimulator(drift: drift), grid: TimeGrid(maturityDays: days, daysPerYear: daysPerYear, steps: steps),
            claim: .call(strike: 100), costRate: cost, chargesUnwinding: cost > 0)
    }

    @Test(
        "without cost it leaves the standard deviation found independently",
        arguments: [(30.0, 365.0, 30, 0.35782), (63, 252, 63, 0.43483), (21, 252, 21, 0.42790)])
    func withoutCost(days: Double, daysPerYear: Double, steps: Int, expected: Double) {
        let solution = problem(days: days, daysPerYear: daysPerYear, steps: steps).solve()
        #expect((solution.variance.squareRoot() - expected).magnitude < 3e-5)
        // Without drift the mean of the loss is the model's price whatever the hedge, and a target elsewhere costs its distance squared.
        let value = solution.modelValue
        #expect((solution.meanSquare(about: value) - solution.variance).magnitude < 1e-6)
        #expect((solution.meanSquare(about: value + 0.7) - solution.variance - 0.49).magnitude < 3e-6)
        #expect((solution.meanDeviation(weight: 1.5) - value - 1.5 * solution.variance.squareRoot()).magnitude < 1e-5)
    }

    @Test("one step: the regression of the loss on the spot's move, in closed form")
    func oneStep() {
        let exact = problem(days: 30, daysPerYear: 365, steps: 1).solve()
        let w = 0.04 * 30 / 365
        // Moments of S' and of the payoff under the lognormal law, K = S = 100.
        let (root, spot) = (w.squareRoot(), 100.0)
        let cdf = NormalDistribution.cdf
        let price = spot * (cdf(root / 2) - cdf(-root / 2))
        let spotVariance = spot * spot * Double.expMinusOne(w)
        let crossed = spot * spot * Double.exp(w) * cdf(root * 1.5) - spot * spot * cdf(root / 2)
        let square = spot * spot * (Double.exp(w) * cdf(root * 1.5) - 2 * cdf(root / 2) + cdf(-root / 2))
        let covariance = crossed - spot * price
        let expected = square - price * price - covariance * covariance / spotVariance
        #expect((exact.variance / expected - 1).magnitude < 1e-4)
    }

    /// python3 Tests/References/quadratic_recursion.py
    @Test(
        "mean deviations with drift and cost agree with an independent recursion, in % of the premium",
        arguments: [(20.0, 4, 130.50), (20.0, 10, 117.06)])
    func withCost(days: Double, steps: Int, expected: Double) {
        let solution = problem(days: days, daysPerYear: 250, steps: steps, cost: 0.01, drift: 0.05).solve()
        #expect(((solution.meanDeviation(weight: 1.5) / solution.modelValue - 1) * 100 - expected).magnitude < 0.1)
    }

    @Test("halving the grids moves a mean deviation by less than 0.05 % of the premium")
    func refinement() {
        let coarse = problem(days: 20, daysPerYear: 250, steps: 4, cost: 0.01, drift: 0.05)
        var fine = coarse
        fine.nodesPerDeviation = 6
        fine.holdingNodes = 81
        fine.shortfallNodes = 193
        let (one, other) = (coarse.solve(), fine.solve())
        #expect((one.meanDeviation(weight: 1.5) - other.meanDeviation(weight: 1.5)).magnitude < 5e-4 * one.modelValue)
    }

    @Test("the optimum lies below every rule on the same market, and the threads change nothing")
    func bound() throws {
        let problem = problem(days: 20, daysPerYear: 250, steps: 4, cost: 0.01, drift: 0.05)
        let solution = problem.solve(workers: Workers(threads: 1))
        #expect(solution == problem.solve(workers: Workers(threads: 2)))
        let market = try SimulatedMarket(
            simulator: problem.market, grid: problem.grid, claim: problem.claim, costs: [TradingCost(proportional: 0.01)],
            chargesUnwinding: true, stream: RandomStream(seed: 3, purpose: .evaluationPaths))
        let measure = RiskMeasure.meanDeviation(weight: 1.5)
        for strategy in [DeltaHedge(), TunedBandHedge(width: 1.4, shift: -0.02), NoHedge()] as [any HedgingStrategy] {
            let losses = Rollout.run(strategy, on: market, paths: 0..<100_000).losses
            #expect(try measure.value(losses: losses) > solution.meanDeviation(weight: 1.5))
        }
    }
}
