import Feeds
import Foundation
import LinearAlgebra
import Market
import Testing

@Suite("Recorded Deribit chains", .enabled(if: RealChains.present, "the recorded chains are not beside this checkout"))
struct RecordedChainsTests {
    @Test("six months of BTC: 603,184 rows in 698 snapshots in time order")
    func wholeRecording() throws {
        let snapshots = try RecordedChains.snapshots(at: RealChains.chains, selecting: .init(currency: "BTC"))
        #expect(snapshots.count == 698)
        #expect(snapshots.reduce(0) { $0 + $1.options.count } == 603_184)
        #expect(snapshots.allSatisfy { $0.currency == "BTC" })
        let first = try #require(snapshots.first)
        #expect(first.time.compact == "20251230T173115Z")
        #expect(first.perpetual == Quote(mark: 88539))
    }

    @Test(
        "the collector's raw file and the compact rows made from it are one snapshot", arguments: ["20260115T212156Z", "20260206T043012Z"])
    func twoFormats(id: String) throws {
        let raw = try RecordedChains.snapshots(at: RealChains.chains + "/raw/deribit_options_snapshot_\(id).csv")
        #expect(raw.map(\.currency) == ["BTC", "ETH"])
        for snapshot in raw {
            let time = snapshot.time
            let month = "2026-0\(time.date.month)"
            let compact = try RecordedChains.snapshots(
                at: RealChains.chains + "/chains/\(snapshot.currency.rawValue.lowercased())-\(month).csv.gz",
                selecting: .init(from: Timestamp(time.date), to: Timestamp(time.date).adding(days: 1)))
            let same = try #require(compact.first { $0.time.compact == id })
            #expect(same.index == snapshot.index)
            #expect(same.perpetual == snapshot.perpetual && snapshot.perpetual != nil)
            let byContract = Dictionary(uniqueKeysWithValues: same.options.map { ($0.contract, $0) })
            #expect(byContract.count == snapshot.options.count)
            for option in snapshot.options {
                let other = try #require(byContract[option.contract])
                #expect(option.quote == other.quote && option.openInterest == other.openInterest && option.forwardName == other.forwardName)
                // The compact rows round volatility and forward to fewer digits.
                #expect(((option.markVolatility ?? 0) - (other.markVolatility ?? 0)).magnitude < 1e-9)
                #expect((option.forward - other.forward).magnitude < 1e-5)
            }
        }
    }

    @Test("the sample week, not compressed, is part of the months")
    func sampleWeek() throws {
        let week = try RecordedChains.snapshots(at: RealChains.chains + "/sample-week/btc-2026-02-03_07.csv")
        #expect(week.reduce(0) { $0 + $1.options.count } == 16_440)
        let february = try RecordedChains.snapshots(at: RealChains.chains + "/chains/btc-2026-02.csv.gz")
        let times = Set(week.map(\.time))
        #expect(february.filter { times.contains($0.time) } == week)
    }

    @Test("one thread and two give the same snapshots")
    func threads() throws {
        let files = ["btc-2026-01", "eth-2026-01"].map { RealChains.chains + "/chains/\($0).csv.gz" }
        let one = try RecordedChains.snapshots(in: files, workers: Workers(threads: 1))
        #expect(try RecordedChains.snapshots(in: files.reversed(), workers: Workers(threads: 2)) == one)
    }
}
