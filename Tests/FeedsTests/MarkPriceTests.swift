import Feeds
import Foundation
import Market
import Pricing
import Testing

/// Mean |Black-76 coin value − the venue's mark| over the rows that name a forward of their own and a volatility.
private func meanMarkError(_ snapshots: [MarketSnapshot]) -> (error: Double, rows: Int) {
    var sum = 0.0
    var rows = 0
    for snapshot in snapshots {
        for option in snapshot.options {
            guard let mark = option.quote.mark, let volatility = option.markVolatility, volatility > 0 else { continue }
            let years = snapshot.time.years(to: option.contract.expiry)
            guard years > 0 else { continue }
            let value = InverseOption.value(
                option.contract.kind, forward: option.forward, strike: option.contract.strike,
                totalVariance: volatility * volatility * years)
            sum += (value - mark).magnitude
            rows += 1
        }
    }
    return (sum / Double(max(rows, 1)), rows)
}

@Suite("Black-76 against the venue's marks")
struct MarkPriceTests {
    @Test(
        "one whole real snapshot: mean absolute difference below 4e-5 coin; in a stressed one below 6e-5, as rows are read minutes apart",
        .enabled(if: RealChains.present, "the recorded chains are not beside this checkout"))
    func realSnapshots() throws {
        let folder = RealChains.chains + "/raw"
        for name in try FileManager.default.contentsOfDirectory(atPath: folder).sorted() where name.hasSuffix(".csv") {
            let snapshots = try DeribitCollectorFeed().snapshots(
                in: DataFile(reading: folder + "/" + name), selecting: .init(), prices: .init())
            let (error, rows) = meanMarkError(snapshots)
            print("\(name): \(rows) marks, mean absolute difference \(error) coin")
            #expect(rows > 1000)
            #expect(error < (name.contains("20260206T") ? 6e-5 : 4e-5))
        }
    }

    @Test("the committed simulated chains")
    func simulated() throws {
        let folder = RealChains.root.appendingPathComponent("datasets/simulated-chains").path
        let (error, rows) = meanMarkError(try RecordedChains.snapshots(at: folder))
        #expect(rows > 1000)
        // Marks are written to eight decimals, volatilities to fewer.
        #expect(error < 4e-5, "\(error) over \(rows) marks")
    }
}
