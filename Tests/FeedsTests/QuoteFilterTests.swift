import Feeds
import Foundation
import Hedging
import Market
import Testing

@Suite("Quote filter")
struct QuoteFilterTests {
    @Test("every planted fat finger of a simulated chain is found, and nothing else is far from its mark")
    func findsPlanted() {
        let (snapshots, planted) = SimulatedChainTests.chain.snapshots()
        #expect(planted.count >= 6)
        let (screened, report) = QuoteFilter().screen(snapshots)
        #expect(report[.farFromMark] == planted.count)
        #expect(report.total == planted.count)
        #expect(report.quotes == snapshots.reduce(0) { $0 + $1.options.count })
        for entry in planted {
            let snapshot = screened.first { $0.time == entry.time }
            let option = snapshot?.options.first { $0.contract == entry.contract }
            #expect(option != nil && option?.quote.ask == nil)
        }
    }

    @Test(
        "the fat finger named in the recording is caught: 8.9285 asked where the mark is 0.372",
        .enabled(if: RealChains.present, "the recorded chains are not beside this checkout"))
    func namedFatFinger() throws {
        let day = Timestamp(try #require(CivilDate(year: 2026, month: 2, day: 24)))
        let snapshots = try RecordedChains.snapshots(
            at: RealChains.chains + "/chains/eth-2026-02.csv.gz", selecting: .init(currency: "ETH", from: day, to: day.adding(days: 1)))
        let (screened, report) = QuoteFilter().screen(snapshots)
        let snapshot = try #require(screened.first { $0.time.compact == "20260224T094323Z" })
        let contract = try DeribitName.parse("ETH-27FEB26-2500-P")
        let option = try #require(snapshot.options.first { .option($0.contract) == contract })
        #expect(option.quote.ask == nil && option.quote.bid == nil)
        #expect(report[.farFromMark] >= 2)
    }

    @Test(
        "six months of both currencies: what is taken out, and the four quotes off their tick",
        .enabled(if: RealChains.present, "the recorded chains are not beside this checkout"))
    func wholeRecording() throws {
        let (_, report) = QuoteFilter().screen(try RecordedChains.snapshots(at: RealChains.chains))
        #expect(report.quotes == 1_134_098)
        #expect(report[.offTick] == 4)
        #expect(report[.crossed] == 0 && report[.duplicate] == 0 && report[.expired] == 0 && report[.notANumber] == 0)
        #expect(report[.forwardAway] == 0 && report[.implausibleVolatility] == 0)
        #expect((5000...10_000).contains(report[.farFromMark]))
    }

    static let time = Timestamp(milliseconds: 1_767_000_000_000)

    static func option(
        bid: Double? = 0.05, ask: Double? = 0.052, mark: Double? = 0.051, strike: Double = 3000, volatility: Double? = 0.6,
        days: Double = 30,
        forward: Double = 3010
    ) -> OptionQuote {
        OptionQuote(
            contract: .init(underlying: "ETH", kind: .call, strike: strike, expiry: time.adding(days: days), settlement: .inverse),
            quote: .init(bid: bid, ask: ask, mark: mark), markVolatility: volatility, delta: 0.5, vega: 300, openInterest: 5, volume: 1,
            forward: forward, forwardName: "SYN.X", index: 3000)
    }

    static func snapshot(_ options: [OptionQuote]) -> MarketSnapshot {
        MarketSnapshot(time: time, currency: "ETH", index: 3000, options: options)
    }

    @Test(
        "each defect is named",
        arguments: [
            (option(bid: 0.053), FilterReason.crossed),
            (option(ask: 0.0521), .offTick),
            (option(bid: 0.00455, ask: 0.005, mark: 0.0046), .offTick),
            (option(ask: 0.9), .farFromMark),
            (option(bid: 0.001), .farFromMark),
            (option(ask: .nan), .notANumber),
            (option(ask: 1e308), .farFromMark),
            (option(ask: 1e-320), .farFromMark),
            (option(bid: -0.01), .notANumber),
            (option(mark: .infinity), .notANumber),
            (option(volatility: 55), .implausibleVolatility),
            (option(volatility: 0), .implausibleVolatility),
            (option(days: -1), .expired),
            (option(days: 0), .expired),
            (option(forward: 0), .notANumber),
            (option(forward: 4000), .forwardAway),
            (option(strike: -1), .notANumber),
        ])
    func names(option: OptionQuote, reason: FilterReason) {
        let others = [2900.0, 3100, 3200].map { Self.option(strike: $0) }
        let (screened, report) = QuoteFilter().screen(Self.snapshot(others + [option]))
        #expect(report[reason] >= 1, "\(report)")
        #expect(report.counts.keys.allSatisfy { $0 == reason })
        #expect(screened.options.count >= 3)
        for quote in screened.options.map(\.quote) {
            #expect((quote.bid ?? 0) <= (quote.ask ?? 1))
        }
    }

    @Test("rows in any order: expiries that alternate are screened like expiries one after the other")
    func anyOrder() {
        let (snapshots, _) = SimulatedChainTests.chain.snapshots()
        func alternating(_ snapshot: MarketSnapshot) -> MarketSnapshot {
            var dealt = snapshot
            dealt.options = (0..<7).flatMap { first in stride(from: first, to: snapshot.options.count, by: 7).map { snapshot.options[$0] } }
            return dealt
        }
        let (plain, report) = QuoteFilter().screen(snapshots)
        let (dealt, dealtReport) = QuoteFilter().screen(snapshots.map(alternating))
        #expect(dealtReport.counts == report.counts && report.total > 0)
        for (a, b) in zip(plain, dealt) { #expect(Set(a.options) == Set(b.options) && a.options.count == b.options.count) }
    }

    @Test("a second row of one contract is a duplicate")
    func duplicate() {
        let (screened, report) = QuoteFilter().screen(Self.snapshot([Self.option(), Self.option()]))
        #expect(screened.options.count == 1 && report[.duplicate] == 1)
    }

    @Test("a mark that stands still while the forward moves is stale")
    func stale() {
        let before = Self.snapshot([Self.option(forward: 2970)])
        let (screened, report) = QuoteFilter().screen(Self.snapshot([Self.option()]), previous: before)
        #expect(screened.options.isEmpty && report[.stale] == 1)
    }

    @Test("reports merge: counts add up, examples stay few")
    func merging() {
        var report = FilterReport()
        for _ in 0..<9 { report.merge(QuoteFilter().screen(Self.snapshot([Self.option(ask: 0.9)])).report) }
        #expect(report[.farFromMark] == 9 && report.examples.count == FilterReport.examplesPerReason)
        #expect(report.summary == "9 far-from-mark")
    }
}
