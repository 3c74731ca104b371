import Features
import Feeds
import Foundation
import Hedging
import Market
import Testing

/// Options on one coin that pay in coin and others that pay in dollars, recorded together.
@Suite("Coin-settled and dollar-settled options of one coin")
struct TwoMarketsTests {
    static let inCoin: [MarketSnapshot] = {
        var chain = SimulatedChain()
        chain.days = 3
        chain.seed = 5
        return chain.snapshots().snapshots
    }()

    /// The same chains paid in dollars.
    static let inDollars = inCoin.map { snapshot in
        var options = snapshot.options
        for i in options.indices {
            let forward = options[i].forward
            options[i].contract.settlement = .linear
            let quote = options[i].quote
            options[i].quote = Quote(
                bid: quote.bid.map { $0 * forward }, ask: quote.ask.map { $0 * forward }, mark: quote.mark.map { $0 * forward })
        }
        return MarketSnapshot(
            time: snapshot.time, currency: snapshot.currency, index: snapshot.index, options: options, futures: snapshot.futures)
    }

    /// Imports both from one file; the dataset's folder.
    static func dataset() throws -> (folder: Folder, report: ImportReport) {
        let (raw, out) = (try Folder(), try Folder())
        for file in try DeribitChainWriter.files(inDollars + inCoin) { try raw.write(file.path, file.bytes) }
        let files = try RecordedChains.files(at: raw.path)
        #expect(files.count == 1)
        let (_, report) = try ChainImportTests.run(files, into: out, filter: nil)
        return (out, try #require(report))
    }

    @Test("they share a dataset as two markets: each is read back equal, alone or beside the other")
    func oneDataset() throws {
        let (out, report) = try Self.dataset()
        #expect(report.stored.keys.sorted() == ["chains/eth-2026-01.chains", "chains/eth-linear-2026-01.chains"])
        #expect(report.coverage.mapValues(\.snapshots) == ["ETH": Self.inCoin.count, "ETH-linear": Self.inDollars.count])
        #expect(report.duplicates == 0 && report.badRows.total == 0)
        func read(_ settlement: Settlement?) throws -> [MarketSnapshot] {
            try RecordedChains.snapshots(at: out.path, selecting: SnapshotSelection(currency: "ETH", settlement: settlement))
        }
        #expect(try read(.inverse) == Self.inCoin)
        #expect(try read(.linear) == Self.inDollars)
        #expect(try read(nil) == zip(Self.inCoin, Self.inDollars).flatMap { [$0, $1] })
        let moment = Self.inCoin[3].time
        #expect(try RecordedChains.latest(at: out.path, upTo: moment) == [Self.inCoin[3], Self.inDollars[3]])
        #expect(try RecordedChains.latest(at: out.path, settlement: .linear, upTo: moment) == [Self.inDollars[3]])
    }

    @Test("an import that takes one of them leaves the other out, and going on with another choice is another import")
    func oneOfThem() throws {
        let (raw, out) = (try Folder(), try Folder())
        for file in try DeribitChainWriter.files(Self.inDollars + Self.inCoin) { try raw.write(file.path, file.bytes) }
        let files = try RecordedChains.files(at: raw.path)
        var work = try ChainImport(files, format: DeribitChainFeed(), selecting: .init(settlement: .linear), filter: nil)
        #expect(try !work.state.leads(to: ChainImport(files, format: DeribitChainFeed(), selecting: .init(), filter: nil).state))
        func append(_ bytes: [UInt8], _ path: String) throws(FeedError) {
            do { try out.append(bytes, path) } catch { throw .stopped }
        }
        while try work.readNext(append: append) {}
        #expect(try work.finish(append: append).coverage.keys.sorted() == ["ETH-linear"])
        #expect(try RecordedChains.snapshots(at: out.path) == Self.inDollars)
    }

    @Test("files from before the index said what is paid: the options say it", arguments: [Settlement.inverse, .linear])
    func filesOfBefore(settlement: Settlement) throws {
        let folder = try Folder()
        let snapshots = settlement == .inverse ? Self.inCoin : Self.inDollars
        var bytes = ChainFile.head
        for snapshot in snapshots {
            var block = ChainFile.block(snapshot)
            // The byte was a zero behind the currency's name.
            #expect(block[39] == (settlement == .inverse ? 1 : 2))
            block[39] = 0
            bytes += block
        }
        let path = try folder.write("x.chains", bytes)
        try folder.write("x.chains", bytes + ChainFile.tail(try ChainFile.walk(path: path)))
        #expect(try ChainFile(path: path).entries.allSatisfy { $0.settlement == nil })
        let other: Settlement = settlement == .inverse ? .linear : .inverse
        #expect(try RecordedChains.snapshots(at: path) == snapshots)
        #expect(try RecordedChains.snapshots(at: path, selecting: .init(settlement: settlement)) == snapshots)
        #expect(try RecordedChains.snapshots(at: path, selecting: .init(settlement: other)).isEmpty)
        #expect(try RecordedChains.latest(at: path) == [snapshots[snapshots.count - 1]])
        #expect(try RecordedChains.latest(at: path, settlement: settlement) == [snapshots[snapshots.count - 1]])
        #expect(try RecordedChains.latest(at: path, settlement: other).isEmpty)
    }

    @Test("a recording of changes tells two markets as well: perpetuals, futures and indices stay apart")
    func changes() throws {
        let text =
            TardisFeedTests.tickers + TardisFeedTests.ticker(1, "BTC-PERPETUAL", mark: "9751.5", index: "9750.25")
            + TardisFeedTests.ticker(2, "BTC_USDC-PERPETUAL", mark: "9740", index: "9741")
        let taken = try TardisDerivativeTickerFeed().snapshots(
            in: DataFile(path: "x.csv", bytes: Array(text.utf8)), selecting: .init(), prices: .init())
        #expect(taken.map(\.id) == [MarketID("BTC", .inverse), MarketID("BTC", .linear)])
        #expect(taken.map(\.index) == [9750.25, 9741] && taken.map { $0.perpetual?.mark } == [9751.5, 9740])
        let folder = try Folder()
        #expect(try RecordedChains.snapshots(at: try ChainFileTests.write(taken, into: folder)) == taken)
    }

    @Test("a market's name is read back", arguments: [MarketID("BTC", .inverse), MarketID("BTC", .linear), MarketID("SOL", .linear)])
    func names(market: MarketID) {
        #expect(MarketID(market.description) == market)
    }
}
