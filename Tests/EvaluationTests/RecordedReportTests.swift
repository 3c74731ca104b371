import Evaluation
import Market
import Testing

@Suite("Reports of recorded intervals")
struct RecordedReportTests {
    /// 40 intervals of two options, six hours apart; the baseline's squared error per interval is 2, but 200 in six of them.
    static let starts: [Timestamp] = (0..<80).map { Timestamp(milliseconds: 1_767_600_000_000 + Int64($0 / 2) * 21_600_000) }
    static let intervals = (0..<80).map { $0 / 2 }
    static let base: [Double] = (0..<80).map { row in (row / 2) % 7 == 3 ? 10 : row % 2 == 0 ? 1 : -1 }

    static func report(_ profits: [Double]) -> RecordedReport {
        RecordedReport(name: "rule", baseline: "base", profits: profits, baselineProfits: base, intervals: intervals, starts: starts)
    }

    @Test("a rule equal to the baseline changes nothing and improves nothing")
    func equal() {
        let report = Self.report(Self.base)
        #expect(report.change == 0 && report.withoutLargestFive == 0 && report.capped == 0 && report.low == 0 && report.high == 0)
        #expect(report.shareImproved == 0 && report.options == 80 && report.intervals == 40)
    }

    @Test("half the profit is a quarter of the squared error, everywhere")
    func half() {
        let report = Self.report(Self.base.map { $0 / 2 })
        #expect(report.change == -0.75 && report.withoutLargestFive == -0.75 && report.shareImproved == 1)
        #expect(report.low == -0.75 && report.high == -0.75 && report.worstMonth == -0.75)
    }

    @Test("a rule that wins only in the largest intervals is found out")
    func flattered() {
        // 6 of 40 intervals carry 200 each, 34 carry 2: total 1268. The rule halves the six and makes the rest half again as large.
        let report = Self.report(Self.base.map { $0 == 10 ? 10 * 0.5.squareRoot() : $0 * 1.5.squareRoot() })
        #expect((report.change - ((600 + 34 * 3.0) / 1268 - 1)).magnitude < 1e-12)
        #expect((report.shareOfLargestFive - 1000.0 / 1268).magnitude < 1e-12)
        #expect((report.withoutLargestFive - ((100 + 34 * 3.0) / 268 - 1)).magnitude < 1e-12)
        #expect((report.shareImproved - 6.0 / 40).magnitude < 1e-12)
        #expect(report.change < 0 && report.withoutLargestFive < report.change + 0.25)
    }

    @Test("capping cuts each interval at the baseline's 95 % quantile, for both rules")
    func capped() {
        var profits = Self.base
        profits[6] = 1000
        // Row 6 lies in a large interval: its error is cut to 200, as it was before.
        let report = Self.report(profits)
        #expect(report.change > 700 && report.capped.magnitude < 1e-12)
    }

    @Test("months are those the intervals begin in")
    func months() {
        #expect(Self.report(Self.base).months.map(\.month) == ["2026-01"])
    }
}
