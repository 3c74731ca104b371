import Features
import Hedging
import LinearAlgebra
import RealModule
import Testing

@Suite struct ScenarioHedgeTests {
    /// One decision with given moments: book variance 4, and three instruments.
    static let cross = [0.6, -0.5, 0.3]
    static let covariance = Matrix(rows: 3, columns: 3, storage: [1, 0.2, -0.1, 0.2, 0.8, 0.3, -0.1, 0.3, 0.9])

    func batch(cost: Double, held: [Double] = [0, 0, 0], moments: Bool = true, remaining: Double = 9) -> DecisionBatch {
        var values = [4.0] + Self.cross
        for i in 0..<3 { for j in i..<3 { values.append(Self.covariance[i, j]) } }
        if !moments { values = values.map { _ in 0 } }
        let names = BookScenarios.names(instruments: 3)
        #expect(names.count == values.count)
        let row = { Matrix<Double>(rows: 1, columns: 3, storage: $0) }
        return DecisionBatch(
            features: FeatureMatrix(
                names: [.bookNetDelta, .remainingSteps, .bookGamma, .bookVega, .forward] + names,
                columns: [[0.7], [remaining], [2e-6], [500], [2000]] + values.map { [$0] }),
            instruments: [
                HedgeInstrument(name: "perpetual", kind: .underlying), HedgeInstrument(name: "near-option", kind: .option),
                HedgeInstrument(name: "far-option", kind: .option),
            ],
            prices: row([1, 0.05, 0.1]), deltas: row([1, 0.45, 0.4]), gammas: row([0, 3, 1.5]), vegas: row([0, 0.1, 0.3]),
            holdings: row(held), unitCosts: UnitCosts(buying: row([cost, cost, cost]), selling: row([cost, cost, cost])))
    }

    func variance(_ h: [Double]) -> Double {
        var total = 4.0
        for i in 0..<3 {
            total += 2 * Self.cross[i] * h[i]
            for j in 0..<3 { total += h[i] * Self.covariance[i, j] * h[j] }
        }
        return total
    }

    @Test("Without penalty the ridge is the minimum of the variance; without cost the optimiser is too")
    func minimum() throws {
        let best = try Cholesky(Self.covariance).solve(Self.cross).map { -$0 }
        let ridge = ScenarioRidgeHedge(penalty: 0).targetHoldings(batch(cost: 0)).storage
        let free = ScenarioOptimizer(riskAversion: 0.3).targetHoldings(batch(cost: 0)).storage
        for i in 0..<3 {
            #expect((ridge[i] - best[i]).magnitude < 1e-12)
            #expect((free[i] - best[i]).magnitude < 1e-6)
        }
        let one = ScenarioRidgeHedge(penalty: 0, instruments: 1)
        #expect((one.targetHoldings(batch(cost: 0)).storage[0] + 0.6).magnitude < 1e-12)
    }

    @Test(
        "With costs no small change of the optimiser's holdings does better", arguments: [0.01, 0.05, 0.1, 0.3],
        [[0.0, 0, 0], [-1, 0.5, 0.2]])
    func optimality(cost: Double, held: [Double]) {
        let kappa = 0.3
        let chosen = ScenarioOptimizer(riskAversion: kappa).targetHoldings(batch(cost: cost, held: held)).storage
        let objective = { (h: [Double]) in
            kappa * (9 * variance(h)).squareRoot() + cost * zip(h, held).reduce(0) { $0 + ($1.0 - $1.1).magnitude }
        }
        let best = objective(chosen)
        for i in 0..<3 {
            for j in 0..<3 {
                for (a, b) in [(1e-3, 1e-3), (1e-3, -1e-3), (-1e-3, 1e-3), (-1e-3, -1e-3), (1e-3, 0), (-1e-3, 0)] {
                    var h = chosen
                    h[i] += a
                    h[j] += b
                    #expect(objective(h) >= best - 1e-10)
                }
            }
        }
    }

    @Test("A cost above any gain leaves holdings as they are")
    func noTrade() {
        let held = [-0.2, 0.1, 0]
        #expect(ScenarioOptimizer(riskAversion: 0.3).targetHoldings(batch(cost: 10, held: held)).storage == held)
    }

    @Test("Without a past both hold the net delta in the perpetual")
    func fallback() {
        #expect(ScenarioRidgeHedge().targetHoldings(batch(cost: 0, moments: false)).storage == [-0.7, 0, 0])
        #expect(ScenarioOptimizer().targetHoldings(batch(cost: 0, moments: false)).storage == [-0.7, 0, 0])
    }

    @Test("Least squares without penalty leaves no gamma, vega or delta, with it less than before")
    func sensitivities() {
        var rule = SensitivityLeastSquares([.delta, .vega, .gamma])
        #expect(rule.name == "delta-vega-gamma")
        rule.penalty = 0
        let batch = batch(cost: 0)
        // Book: gamma 2e-6 · 2000, vega 500/2000, net delta 0.7.
        let left = { (h: [Double]) in
            (
                2e-6 * 2000 + (0..<3).reduce(0) { $0 + h[$1] * batch.gammas[0, $1] },
                0.25 + (0..<3).reduce(0) { $0 + h[$1] * batch.vegas[0, $1] },
                0.7 + (0..<3).reduce(0) { $0 + h[$1] * batch.deltas[0, $1] }
            )
        }
        let exact = left(rule.targetHoldings(batch).storage)
        #expect(exact.0.magnitude < 1e-12 && exact.1.magnitude < 1e-12 && exact.2.magnitude < 1e-12)
        rule.penalty = 0.1
        let soft = left(rule.targetHoldings(batch).storage)
        #expect(soft.1.magnitude < 0.25 && soft.2.magnitude < 1e-12)
        let vegaOnly = left(SensitivityLeastSquares([.delta, .vega]).targetHoldings(batch).storage)
        #expect(vegaOnly.1.magnitude < 0.02)
    }
}
