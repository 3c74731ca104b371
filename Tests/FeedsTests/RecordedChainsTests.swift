import Feeds
import Foundation
import LinearAlgebra
import Market
import Testing

@Suite("Recorded Deribit chains", .enabled(if: RealChains.present, "the recorded chains are not beside this checkout"))
struct RecordedChainsTests {
    @Test("six months of BTC: 603,184 rows in 698 snapshots in time order")
    func wholeRecording() throws {
        let clock = ContinuousClock()
        var snapshots: [MarketSnapshot] = []
        let seconds = try clock.measure {
            snapshots = try RecordedChains.snapshots(at: RealChains.chains, selecting: .init(currency: "BTC"))
        }
        print("read \(snapshots.reduce(0) { $0 + $1.options.count }) rows in \(seconds)")
        #expect(snapshots.count == 698)
        #expect(snapshots.reduce(0) { $0 + $1.options.count } == 603_184)
        #expect(snapshots.allSatisfy { $0.currency == "BTC" })
        let march = try #require(snapshots.first)
        #expect(march.time.compact == "20251230T173115Z")
        #expect(march.perpetual == Quote(mark: 88539))
    }
}
