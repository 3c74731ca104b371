import Features
import Feeds
import Foundation
import Hedging
import Market
import RealModule
import Testing

/// Funding rates from a venue's file to the features of an imported dataset.
@Suite("Recorded funding")
struct RecordedFundingTests {
    static let base: [MarketSnapshot] = {
        var chain = SimulatedChain()
        chain.days = 4
        return chain.snapshots().snapshots
    }()

    /// Of each snapshot; none of the third.
    static func rate(_ index: Int) -> Double? { index == 2 ? nil : (1e-4 * Double.sin(Double(index)) * 1e8).rounded() / 1e8 }

    static func microseconds(_ time: Timestamp) -> Int64 { time.nanoseconds / 1000 }

    /// The snapshots as Tardis would have recorded them: a row for every option, and a ticker of the perpetual half a minute before.
    static func tardis(_ snapshots: [MarketSnapshot], in folder: Folder) throws -> [String] {
        var (chain, ticker) = (TardisFeedTests.header, TardisFeedTests.tickers)
        for (index, snapshot) in snapshots.enumerated() {
            let time = microseconds(snapshot.time)
            ticker +=
                "deribit,ETH-PERPETUAL,\(time - 30_001_000),\(time - 30_000_000),,\(rate(index).map { "\($0)" } ?? ""),,1000,,"
                + "\(snapshot.index),\(snapshot.index + 1)\n"
            for option in snapshot.options {
                let contract = option.contract
                func cell(_ value: Double?) -> String { value.map { "\($0)" } ?? "" }
                let cells = [
                    "deribit", try DeribitName.format(.option(contract)), "\(time)", "\(time)", contract.kind.rawValue,
                    "\(contract.strike)",
                    "\(microseconds(contract.expiry))", cell(option.openInterest), "", cell(option.quote.bid), "5", "",
                    cell(option.quote.ask),
                    "5", "", cell(option.quote.mark), cell(option.markVolatility.map { $0 * 100 }), option.forwardName,
                    "\(option.forward)", cell(option.delta), "", "", "", "",
                ]
                chain += cells.joined(separator: ",") + "\n"
            }
        }
        return [
            try folder.write("deribit_options_chain_2026-01-01_OPTIONS.csv", chain),
            try folder.write("deribit_derivative_ticker_2026-01-01_ETH-PERPETUAL.csv", ticker),
        ]
    }

    @Test("the tickers' funding beside a Tardis chain is in the imported dataset, and its features are the file's numbers")
    func importedFunding() throws {
        let (raw, out) = (try Folder(), try Folder())
        let chain = try Self.tardis(Self.base, in: raw)[0]
        var work = try ChainImport([chain], format: TardisOptionsChainFeed(), selecting: .init(), filter: QuoteFilter())
        func append(_ bytes: [UInt8], _ path: String) throws(FeedError) {
            do { try out.append(bytes, path) } catch { throw .stopped }
        }
        while try work.readNext(append: append) {}
        _ = try work.finish(append: append)
        let stored = try RecordedChains.snapshots(at: out.path)
        let rates = Self.base.indices.map(Self.rate)
        #expect(stored.map(\.fundingRate) == rates && stored.map { $0.perpetual?.mark } == Self.base.map { $0.index + 1 })

        let states = SnapshotPipeline().states(of: stored)
        #expect(states.count == Self.base.count)
        let now = try #require(states.last)
        func value(_ name: FeatureName) throws -> Double? { try #require(FeatureCatalog.feature(named: name)).measure(now) }
        #expect(try value("funding-8h") == rates.last)
        // By hand: a rate holds since the one before, eight hours at most.
        var (paid, weighted, weights) = (0.0, 0.0, 0.0)
        var before = now.time.adding(days: -3)
        for (snapshot, rate) in zip(Self.base, rates) {
            guard let rate else { continue }
            let weight = Double.exp2(-Double(now.time.nanoseconds - snapshot.time.nanoseconds) / Double(Timestamp.nanosecondsPerDay))
            weighted += weight * rate
            weights += weight
            guard snapshot.time > now.time.adding(days: -3) else { continue }
            paid += rate * min(Double(snapshot.time.nanoseconds - before.nanoseconds) / 3.6e12, 8) / 8
            before = snapshot.time
        }
        let (threeDays, mean) = (try #require(try value("funding-3d")), try #require(try value("funding-ewma-1d")))
        #expect((threeDays - paid).magnitude < 1e-12 && paid.magnitude > 1e-6)
        #expect((mean - weighted / weights).magnitude < 1e-12)
    }

    @Test("a stored snapshot without a rate is what it was before there were rates; one with a rate is the same and eight bytes more")
    func storedForm() throws {
        var snapshot = Self.base[0]
        let plain = SnapshotBlock.bytes(snapshot)
        snapshot.fundingRate = -1.25e-5
        let bytes = SnapshotBlock.bytes(snapshot)
        #expect(Array(bytes.dropLast(8)) == plain && bytes.count == plain.count + 8)
        let folder = try Folder()
        let path = try ChainFileTests.write([Self.base[1], snapshot], into: folder)
        #expect(try RecordedChains.snapshots(at: path) == [snapshot, Self.base[1]])
        // Cut inside the rate, the block is damaged.
        #expect(throws: FeedError.self) {
            try Array(bytes.dropLast(3)).withUnsafeBytes { cut in
                try SnapshotBlock.snapshot(cut, time: snapshot.time, currency: snapshot.currency, path: "x")
            }
        }
    }

    @Test("a rate that can be none for eight hours is a bad row", arguments: ["0.05", "-1", "NaN"])
    func refusal(rate: String) throws {
        let folder = try Folder()
        let row = TardisFeedTests.ticker(1, "BTC-PERPETUAL", mark: "9751.5", index: "9750.25").replacingOccurrences(
            of: ",0.0001,", with: ",\(rate),")
        let path = try folder.write("t.csv", TardisFeedTests.tickers + row)
        #expect {
            try RecordedChains.snapshots(at: path)
        } throws: { "\($0)".contains("t.csv, line 2, column funding_rate") }
    }

    @Test("recorded prices and funding come before those of the snapshots; without them the snapshots' own are the past")
    func completed() {
        let states = SnapshotPipeline().states(of: Array(Self.base.prefix(3)))
        var seen = MarketHistory()
        for (index, state) in states.enumerated() {
            var market = Self.base[index]
            market.fundingRate = 1e-4
            if let observed = SnapshotPipeline().read(market).market { seen.append(observed) }
            #expect(state.past.prices.bars.count == index + 1 && state.past.surfaces.elements.count == index + 1)
        }
        #expect(seen.funding.elements.map(\.rate) == [1e-4, 1e-4, 1e-4])
        let bare = MarketHistory().completed(by: seen)
        #expect(bare == seen)
        let recorded = MarketHistory(
            prices: PriceHistory([PriceBar(5, at: Self.base[0].time)]), funding: [FundingPayment(time: Self.base[0].time, rate: 2e-4)])
        let whole = recorded.completed(by: seen)
        #expect(whole.prices == recorded.prices && whole.funding == recorded.funding && whole.surfaces == seen.surfaces)
    }
}
