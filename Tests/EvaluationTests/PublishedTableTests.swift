import Evaluation
import Foundation
import LinearAlgebra
import Testing

/// Cao, Chen, Hull, Poulos, *Deep hedging of derivatives using reinforcement learning*: a sold call at the money, drift 5 %, volatility
/// 20 %, 250 days a year, a month of 20 days, 1 % cost with the first trade and the last unwinding charged; figures in % of the premium.
@Suite struct CaoTableTests {
    static func experiment(days: Int, steps: Int, against: String, paths: Int) throws -> Experiment {
        try ExperimentTests.read(
            """
            {"name": "cao", "market": {"model": "black-scholes", "drift": 0.05},
             "calendar": {"maturityDays": \(days), "daysPerYear": 250, "steps": \(steps)},
             "claim": {"kind": "call", "strike": 100}, "costs": {"proportional": 0.01, "terminal": true},
             "objective": {"risk": "mean-deviation", "weight": 1.5},
             "evaluation": {"paths": \(paths), "unit": "premium", "against": ["\(against)"]}}
            """)
    }

    @Test(
        "the delta columns: mean, standard deviation and mean + 1.5 standard deviations",
        arguments: [
            (20, 4, 69.1, 49.5, 143.4), (20, 10, 88.2, 39.4, 147.4), (20, 20, 107.9, 37.7, 164.5), (60, 12, 55.0, 31.3, 101.9),
        ])
    func delta(days: Int, steps: Int, mean: Double, deviation: Double, objective: Double) throws {
        let run = SimulatedComparison(
            try Self.experiment(days: days, steps: steps, against: "delta", paths: 200_000), workers: Workers())
        let report = try #require(try run.report(learned: nil)).report
        let row = report.strategies[0]
        #expect((-row.mean - mean).magnitude < 0.5)
        #expect((row.standardDeviation - deviation).magnitude < 0.3)
        #expect((row.price - objective).magnitude < 0.7)
        #expect(row.price > (try #require(report.exact)).price)
    }

    @Test(
        "the band of two parameters, fitted on paths of its own, is as good as an independent search found, or a little better",
        arguments: [(20, 4, 141.3), (20, 10, 132.7), (20, 20, 130.4), (60, 12, 92.3)])
    func tunedBand(days: Int, steps: Int, objective: Double) throws {
        let run = SimulatedComparison(
            try Self.experiment(days: days, steps: steps, against: "tuned-band", paths: 200_000), workers: Workers())
        let report = try #require(try run.report(learned: nil)).report
        let price = report.strategies[0].price
        #expect(price < objective + 0.3 && price > objective - 1.2)
        #expect(price > (try #require(report.exact)).price)
    }

    @Test("amounts in % of the premium are those in currency, less the premium and over it")
    func unit() throws {
        var experiment = try Self.experiment(days: 20, steps: 4, against: "delta", paths: 2000)
        let share = try #require(try SimulatedComparison(experiment, workers: Workers()).report(learned: nil)).report
        experiment.evaluation.unit = .currency
        let money = try #require(try SimulatedComparison(experiment, workers: Workers()).report(learned: nil)).report
        let (a, b) = (share.strategies[0], money.strategies[0])
        #expect(((b.price / share.premium - 1) * 100 - a.price).magnitude < 1e-9)
        #expect((b.standardDeviation / share.premium * 100 - a.standardDeviation).magnitude < 1e-9)
        #expect((b.tradingCost / share.premium * 100 - a.tradingCost).magnitude < 1e-9)
        #expect(((b.mean / share.premium + 1) * 100 - a.mean).magnitude < 1e-9)
    }

    @Test("an objective whose optimum depends on the unit is refused in another")
    func refused() {
        #expect {
            _ = try ExperimentTests.read("evaluation", #"{"unit": "premium"}"#)
        } throws: { "\($0)".contains("evaluation.unit") && "\($0)".contains("entropic") }
    }
}
