import Evaluation
import Foundation
import Hedging
import LinearAlgebra
import Probability
import Testing

@Suite struct ComparisonTests {
    static let json = """
        {"name": "small", "seed": 7, "market": {"model": "black-scholes"}, "calendar": {"steps": 10}, "claim": {"kind": "call", "strike": 100},
         "costs": {"proportional": 0.001}, "training": {"paths": 256, "epochs": 3},
         "policy": {"kind": "no-transaction-band", "hidden": [4]},
         "evaluation": {"paths": 5000, "against": ["delta", "whalley-wilmott", "none"]}}
        """

    static func experiment() throws -> Experiment { try JSONDecoder().decode(Experiment.self, from: Data(json.utf8)) }

    @Test("strategies side by side have the outcome each has alone, with any number of threads")
    func sideBySide() throws {
        let experiment = try Self.experiment()
        let market = try #require(try experiment.market(.evaluationPaths))
        let strategies: [any HedgingStrategy] = [DeltaHedge(.plain), WhalleyWilmottHedge(riskAversion: 1), NoHedge()]
        var comparison = Comparison(market: market, strategies: strategies)
        comparison.blockSize = 300
        let together = try #require(comparison.outcomes(paths: 100..<1100, workers: Workers(threads: 2)))
        for (strategy, outcome) in zip(strategies, together) {
            #expect(outcome == Rollout.run(strategy, on: market, paths: 100..<1100, workers: Workers(threads: 1)))
        }
    }

    @Test("a run that is told to stop ends without a result")
    func stops() throws {
        let experiment = try Self.experiment()
        let market = try #require(try experiment.market(.evaluationPaths))
        let comparison = Comparison(market: market, strategies: [NoHedge()])
        #expect(comparison.outcomes(paths: 0..<100_000, workers: Workers(threads: 1)) { _ in false } == nil)
    }

    @Test("the whole road: train, compare, exact optimum beside it, same bits again")
    func road() throws {
        let run = SimulatedComparison(try Self.experiment(), workers: Workers(threads: 2))
        let trained = try run.train()
        let report = try #require(try run.report(learned: trained.hedge)).report
        #expect(report.strategies.map(\.name) == ["learned", "delta", "whalley-wilmott", "none"])
        #expect(report.paired.map(\.against) == ["delta", "whalley-wilmott", "none"])
        let exact = try #require(report.exact)
        // Nothing beats the optimum by more than its sampling error.
        for row in report.strategies { #expect(row.price > exact.price - 4 * row.priceStandardError) }
        let single = SimulatedComparison(try Self.experiment(), workers: Workers(threads: 1))
        var again = try #require(try single.report(learned: try single.train().hedge)).report
        again.seconds = report.seconds
        #expect(again == report)
    }

    @Test("a conditioned policy elsewhere is what judging it there alone says, and is judged only where it was trained for")
    func elsewhere() throws {
        var experiment = try Self.experiment()
        experiment.policy.conditioning = [PolicyCondition("costRate", 1e-4...0.01)]
        let hedge = try SimulatedComparison(experiment, workers: Workers(threads: 1)).train().hedge
        experiment.evaluation.elsewhere = [.init(condition: "costRate", values: [0.005])]
        let report = try #require(try SimulatedComparison(experiment, workers: Workers(threads: 2)).report(learned: hedge)).report
        #expect(try JSONDecoder().decode(Experiment.self, from: try JSONEncoder().encode(experiment)) == experiment)
        let summary = try #require(report.elsewhere?.first)
        experiment.evaluation.elsewhere = []
        experiment.costs.proportional = 0.005
        let alone = try #require(try SimulatedComparison(experiment, workers: Workers(threads: 1)).report(learned: hedge)).report
        #expect(summary.price == alone.summary(named: "learned")?.price && summary.exact == alone.exact)
        #expect(summary.best?.name == "whalley-wilmott" && summary.price != report.summary(named: "learned")?.price)
        for outside in [
            EvaluationSettings.Elsewhere(condition: "costRate", values: [0.02]), .init(condition: "volatility", values: [0.2]),
        ] {
            experiment.evaluation.elsewhere = [outside]
            #expect(throws: Experiment.SetupError.self) {
                try SimulatedComparison(experiment, workers: Workers(threads: 1)).report(learned: hedge)
            }
        }
    }

    @Test("a report is one JSON object with the contract's keys, null where no reference exists")
    func contract() throws {
        var experiment = try Self.experiment()
        experiment.objective = .expectedShortfall(level: 0.5)
        let report = try #require(try SimulatedComparison(experiment, workers: Workers(threads: 1)).report(learned: nil)).report
        let data = try JSONEncoder().encode(report)
        let object = try #require(try JSONSerialization.jsonObject(with: data) as? [String: Any])
        #expect(object["exact"] is NSNull)
        for key in ["experiment", "seed", "paths", "strategies", "paired", "seconds"] { #expect(object[key] != nil, "\(key)") }
        let row = try #require((object["strategies"] as? [[String: Any]])?.first)
        for key in [
            "name", "price", "priceStandardError", "mean", "standardDeviation", "expectedShortfall", "tradingCost", "turnover",
        ] { #expect(row[key] != nil, "\(key)") }
        #expect((row["expectedShortfall"] as? [String: Double])?.keys.sorted() == ["0.5", "0.95", "0.99"])
        #expect(try JSONDecoder().decode(ComparisonReport.self, from: data) == report)
    }

    @Test("the bootstrap interval of a mean difference is that of the normal law on independent paths")
    func bootstrap() throws {
        let stream = RandomStream(seed: 3, purpose: .data)
        let first = (0..<20_000).map { stream.normal(path: $0, step: 0) }
        let second = (0..<20_000).map { first[$0] + 0.1 * stream.normal(path: $0, step: 1) }
        let difference = try PairedDifference.price(
            .expectedShortfall(level: 0), of: first, less: second, against: "other", bootstrap: Bootstrap(seed: 1))
        let error = 0.1 / 20_000.0.squareRoot()
        #expect((difference.high - difference.low - 2 * 1.96 * error).magnitude < 0.1 * error * 4)
        #expect(difference.low < difference.difference && difference.difference < difference.high)
    }

    @Test("a difference of reductions is that of the two, and its interval that of whole recorded intervals")
    func rmseReductionDifference() {
        let stream = RandomStream(seed: 5, purpose: .data)
        let groups = (0..<4000).map { $0 / 40 }
        let unhedged = groups.map { stream.normal(path: $0, step: 0) }
        let (half, quarter) = (unhedged.map { $0 / 2 }, unhedged.map { $0 / 4 })
        let difference = PairedDifference.rmseReduction(
            of: quarter, less: half, unhedged: unhedged, against: "half", groups: groups, bootstrap: Bootstrap(seed: 1))
        // Each is the same share of every interval's profit, so nothing that is drawn can change it.
        #expect([difference.difference, difference.low, difference.high].allSatisfy { ($0 - 0.25).magnitude < 1e-12 })
        #expect(difference.isBetter && !difference.isWorse)
    }

    @Test("reductions: a hedge that halves every profit reduces all three by a half, or by three quarters of the variance")
    func reductions() {
        let unhedged = [1.0, -2, 3, -4]
        let figures = RecordedFigures(
            hedged: unhedged.map { $0 / 2 }, unhedged: unhedged, tradingCosts: [0.1, 0.1, 0.1, 0.1], months: ["a", "a", "b", "b"])
        #expect(figures.rmseReduction == 0.5 && figures.maeReduction == 0.5 && figures.varianceReduction == 0.75)
        #expect(figures.hitRate == 1 && figures.costs == 0.1)
        #expect(figures.months?.map(\.intervals) == [2, 2])
    }
}
