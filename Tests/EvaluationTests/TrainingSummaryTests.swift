import Evaluation
import Hedging
import Probability
import Testing

@Suite struct TrainingSummaryTests {
    /// A training validated every ten epochs.
    static func report(_ validations: [Double], end: TrainingReport.End = .epochs) throws -> TrainingReport {
        let history = validations.enumerated().map {
            TrainingReport.Point(epoch: 10 * ($0.offset + 1), loss: $0.element, validation: $0.element)
        }
        let best = try #require(history.min { $0.validation < $1.validation })
        return TrainingReport(
            epochs: 10 * validations.count, end: end, bestEpoch: best.epoch, bestValidation: best.validation, standardError: 0.01,
            history: history, parameterCount: 1, seconds: 1, pathStepsPerSecond: 1)
    }

    static func learned(price: Double) throws -> StrategySummary {
        var outcome = HedgingOutcome()
        for i in 0..<10_000 {
            outcome.profit.append(-price + (i % 2 == 0 ? 1 : -1))
            outcome.tradingCost.append(0)
            outcome.turnover.append(0)
        }
        return try StrategySummary(name: "learned", outcome: outcome, objective: .expectedShortfall(level: 0))
    }

    private func warnings(_ training: TrainingReport, isRecorded: Bool = false, price: Double? = nil, exact: Double? = nil) throws
        -> [String]
    {
        TrainingSummary(training, isRecorded: isRecorded, learned: try price.map(Self.learned), exact: exact).warnings
    }

    @Test("a training that settled or gains less than its error is told nothing")
    func fine() throws {
        #expect(try warnings(Self.report([4, 3.2, 3.02, 3.005, 3.004, 3.003, 3.002, 3.001])).isEmpty)
        #expect(try warnings(Self.report([4, 3.8, 3.6, 3.4, 3.2, 3, 2.8, 2.6], end: .settled)).isEmpty)
        #expect(try warnings(Self.report([3])).isEmpty)
    }

    @Test("one that still falls in its last quarter by more than its error has not converged; the remedy fits how it ended")
    func stillFalling() throws {
        let falling = [4, 3.8, 3.6, 3.4, 3.2, 3, 2.8, 2.6]
        let found = try warnings(Self.report(falling))
        #expect(found.count == 1 && found[0].hasPrefix("Not converged: from epoch 60 to 80 the validation still fell by 0.4"))
        #expect(found[0].contains("training.epochs"))
        #expect(try warnings(Self.report(falling, end: .budget))[0].contains("training.budgetSeconds"))
        #expect(try warnings(Self.report(falling, end: .cancelled))[0].contains("let it go on"))
    }

    @Test("one that ends above its best by more than three errors is unstable, on a recording learned by heart")
    func roseAgain() throws {
        let rising = [4, 3, 3.01, 3.02, 3.035]
        #expect(
            try warnings(Self.report(rising))[0].hasPrefix(
                "Unstable: after epoch 20 the validation rose again by 0.035; the steps are too large"))
        #expect(try warnings(Self.report(rising), isRecorded: true)[0].contains("by heart"))
        #expect(try warnings(Self.report([4, 3, 3.01, 3.02, 3.025])).isEmpty)
    }

    @Test("a price more than three standard errors below the optimum is no gain but a look ahead")
    func lookAhead() throws {
        // A standard deviation of 1 over 10 000 paths: an error of 0.01.
        let training = try Self.report([3])
        #expect(
            try warnings(training, price: 2.96, exact: 3)[0].hasPrefix(
                "Look-ahead suspected: the learned price 2.96 lies 4 standard errors"))
        #expect(try warnings(training, price: 2.975, exact: 3).isEmpty)
        #expect(try warnings(training, price: 2.9, exact: nil).isEmpty)
    }
}
