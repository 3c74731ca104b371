import Feeds
import Foundation
import Hedging
import Market
import Pricing
import Testing

@Suite("Simulated chains")
struct SimulatedChainTests {
    static let chain: SimulatedChain = {
        var chain = SimulatedChain()
        chain.days = 8
        chain.seed = 7
        return chain
    }()

    @Test("written to files and read again, snapshots are equal")
    func roundTrip() throws {
        let (snapshots, _) = Self.chain.snapshots()
        let directory = FileManager.default.temporaryDirectory.appendingPathComponent(UUID().uuidString)
        defer { try? FileManager.default.removeItem(at: directory) }
        try FileManager.default.createDirectory(at: directory.appendingPathComponent("chains"), withIntermediateDirectories: true)
        for file in try DeribitChainWriter.files(snapshots) {
            try Data(file.bytes).write(to: directory.appendingPathComponent(file.path))
        }
        let read = try RecordedChains.snapshots(at: directory.path)
        #expect(read.count == snapshots.count)
        for (a, b) in zip(read, snapshots) {
            #expect(a == b)
        }
    }

    /// Written by the product: `SimulatedChain()` as it stands, by `DeribitChainWriter`.
    @Test("the committed dataset is what its settings simulate")
    func committedDataset() throws {
        let directory = RealChains.root.appendingPathComponent("datasets/simulated-chains")
        let (snapshots, _) = SimulatedChain().snapshots()
        if let target = ProcessInfo.processInfo.environment["HEDGE_OUT"] {
            for file in try DeribitChainWriter.files(snapshots) {
                try Data(file.bytes).write(to: URL(fileURLWithPath: target + "/" + file.path))
            }
        }
        let read = try RecordedChains.snapshots(at: directory.path)
        #expect(read.count == 120)
        // Another processor may round a price's last decimal the other way.
        for (a, b) in zip(read, snapshots) {
            #expect(a.time == b.time && a.options.map(\.contract) == b.options.map(\.contract))
            let difference = zip(a.options, b.options).map { (($0.quote.mark ?? 0) - ($1.quote.mark ?? 0)).magnitude }.max() ?? 0
            #expect(difference <= 1.5e-8)
        }
    }

    @Test("marks are Black-76 at the row's own forward and volatility")
    func marks() {
        for snapshot in Self.chain.snapshots().snapshots {
            for option in snapshot.options {
                let years = snapshot.time.years(to: option.contract.expiry)
                let volatility = option.markVolatility ?? 0
                let value = InverseOption.value(
                    option.contract.kind, forward: option.forward, strike: option.contract.strike,
                    totalVariance: volatility * volatility * years)
                #expect((value - (option.quote.mark ?? 0)).magnitude < 1e-8)
            }
        }
    }

    @Test("a new seed gives another market, the same seed the same")
    func seeds() {
        var other = Self.chain
        other.seed += 1
        other.days = 2
        var same = Self.chain
        same.days = 2
        #expect(same.snapshots().snapshots == same.snapshots().snapshots)
        #expect(other.snapshots().snapshots[7].index != same.snapshots().snapshots[7].index)
    }

    @Test("no calendar arbitrage: total variance at the forward grows with expiry")
    func calendar() {
        for snapshot in Self.chain.snapshots().snapshots {
            let groups = Dictionary(grouping: snapshot.options) { $0.contract.expiry }
            let atTheMoney = groups.keys.sorted().compactMap { expiry -> Double? in
                let nearest = groups[expiry]?.min {
                    ($0.contract.strike / $0.forward - 1).magnitude < ($1.contract.strike / $1.forward - 1).magnitude
                }
                guard let volatility = nearest?.markVolatility else { return nil }
                return volatility * volatility * snapshot.time.years(to: expiry)
            }
            #expect(atTheMoney.count >= 6)
            #expect(zip(atTheMoney, atTheMoney.dropFirst()).allSatisfy(<))
        }
    }
}
