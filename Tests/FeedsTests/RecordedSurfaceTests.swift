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
        let (study, reports) = SurfaceStudy.run(snapshots: chosen) { start.duration(to: clock.now) / .seconds(1) }
        let quotes = reports.flatMap(\.expiries).filter { $0.outcome == .fitted }.reduce(into: (inside: 0, all: 0)) {
            $0.inside += $1.inside
            $0.all += $1.quotes
        }
        #expect(study.snapshots == 10 && study.slices > 80)
        #expect(study.insideBidAsk >= inside && Double(quotes.inside) / Double(quotes.all) >= inside)
        #expect(study.insideBidAskHeldBack >= heldBack)
        #expect(study.butterflyViolations == 0 && study.calendarViolations == 0 && study.lost == 0)
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
