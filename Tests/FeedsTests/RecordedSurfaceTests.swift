import Features
import Feeds
import LinearAlgebra
import Market
import Surface
import Testing

/// Surfaces and features of real snapshots.
@Suite(
    "Surfaces of recorded chains", .enabled(if: RealChains.present, "the recorded chains are not beside this checkout"), .serialized)
struct RecordedSurfaceTests {
    @Test(
        "ten snapshots over six months: the fit lies inside bid and ask for 98 % (BTC) and 99.5 % (ETH) of liquid quotes, without arbitrage",
        arguments: [("BTC", 0.98, 0.97), ("ETH", 0.995, 0.985)] as [(Currency, Double, Double)])
    func tenSnapshots(currency: Currency, inside: Double, heldBack: Double) throws {
        let all = try RecordedChains.snapshots(at: RealChains.chains, selecting: .init(currency: currency))
        let chosen = (0..<10).map { all[(2 * $0 + 1) * all.count / 20] }
        let clock = ContinuousClock()
        let start = clock.now
        let (study, fits) = SurfaceStudy.run(snapshots: chosen) { start.duration(to: clock.now) / .seconds(1) }
        let quotes = fits.flatMap(\.report.expiries).filter { $0.outcome == .fitted }.reduce(into: (inside: 0, all: 0)) {
            $0.inside += $1.inside
            $0.all += $1.quotes
        }
        #expect(study.snapshots == 10 && study.slices > 80)
        #expect(study.insideBidAsk >= inside && Double(quotes.inside) / Double(quotes.all) >= inside)
        #expect(study.insideBidAskHeldBack >= heldBack)
        #expect(study.butterflyViolations == 0 && study.calendarViolations == 0 && study.lost == 0)
    }

    @Test(
        "8.9285 asked for an option marked 0.372 leaves the surface where it is without that row, screened or not; so do both sides wrong")
    func fatFinger() throws {
        let stamp = try Timestamp(iso8601: "2026-02-24T09:43:23.707Z")
        let day = SnapshotSelection(currency: "ETH", from: stamp, to: Timestamp(milliseconds: stamp.nanoseconds / 1_000_000 + 1))
        let recorded = try #require(try RecordedChains.snapshots(at: RealChains.chains, selecting: day).first)
        func isIt(_ option: OptionQuote) -> Bool {
            option.contract.strike == 2500 && option.contract.kind == .put && option.contract.expiry.date.description == "2026-02-27"
        }
        let wrong = try #require(recorded.options.firstIndex(where: isIt))
        #expect(recorded.options[wrong].quote.ask == 8.9285)
        var without = recorded
        without.options.remove(at: wrong)
        let expected = try #require(SurfaceCalibration().fit(without).surface)
        #expect(SurfaceCalibration().fit(recorded).surface == expected)
        #expect(SurfaceCalibration().fit(QuoteFilter().screen(recorded).snapshot).surface == expected)
        // The same hand on a liquid strike near the money, both sides five times too high.
        var typed = recorded
        let liquid = try #require(
            typed.options.firstIndex {
                LiquidityFilter.quotesAlone.accepts($0, at: stamp) && $0.contract.expiry.date.description == "2026-02-27"
                    && ($0.contract.strike / $0.forward - 1).magnitude < 0.03
            })
        typed.options[liquid].quote.bid! *= 5
        typed.options[liquid].quote.ask! *= 5
        let moved = try #require(SurfaceCalibration().fit(typed).surface)
        let years = stamp.years(to: typed.options[liquid].contract.expiry)
        for k in [-0.1, -0.03, 0, 0.03, 0.1] {
            let change = moved.volatility(logMoneyness: k, timeToExpiry: years) - expected.volatility(logMoneyness: k, timeToExpiry: years)
            #expect(change.magnitude < 0.005, "ln(K/F) \(k): \(change)")
        }
    }

    @Test("every feature is finite in real states, and all but those of an empty book are measured")
    func features() throws {
        for currency in ["BTC", "ETH"] as [Currency] {
            // The last ten days of January: the perpetual is recorded.
            let selection = SnapshotSelection(
                currency: currency, from: Timestamp(milliseconds: 1_768_953_600_000), to: Timestamp(milliseconds: 1_769_817_600_000))
            let snapshots = try RecordedChains.snapshots(at: RealChains.chains, selecting: selection)
            let last = try #require(snapshots.last)
            let book = Book(
                last.options.filter { LiquidityFilter().accepts($0, at: last.time) }.prefix(20).map {
                    Position(.option($0.contract), quantity: -1)
                })
            let state = try #require(SnapshotPipeline().states(of: snapshots, book: { _ in book }).last)
            let pipeline = FeaturePipeline()
            let row = pipeline.matrix([state])
            for name in pipeline.names { #expect(row[name][0].isFinite, "\(name)") }
            // Ten days of chains and perpetuals measure all of these.
            let titles: Set = ["inventory", "inventory by expiry", "scenarios", "surface", "surface over time", "carry", "clock"]
            let seen = FeatureCatalog.sections.filter { titles.contains($0.title) }.flatMap(\.features)
            #expect(seen.count > 200)
            #expect(Set(pipeline.absent(in: [state]).keys).isDisjoint(with: seen.map(\.name)))
            #expect((0.2...1.5).contains(row["atm-volatility-30d"][0]) && (0.2...1.5).contains(row["variance-swap-volatility-30d"][0]))
            #expect(row["inside-bid-ask"][0] > 0.9 && row["butterfly-health"][0] > 0 && row["calendar-health"][0] > 0)
        }
    }
}
