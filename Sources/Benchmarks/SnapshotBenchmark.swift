import Features
import Feeds
import Foundation
import Hedging
import Market
import RealModule
import Surface

extension Benchmark {
    static let snapshot = Benchmark(
        name: "snapshot", summary: "a whole chain from its bytes to every feature: parse, filter, invert, fit, check, features"
    ) { run in
        let work = try SnapshotWork(quotes: run.size(1600, minimum: 200))
        let count = "\(grouped(work.quotes)) quotes"
        let features = FeaturePipeline()
        let parsed = try work.parse()
        let pipeline = SnapshotPipeline()
        let (screened, _) = pipeline.filter.screen(parsed, previous: work.before)
        let chains = ExpiryChain.chains(of: screened, filter: pipeline.calibration.filter)
        let read = pipeline.read(parsed, previous: work.before)
        guard let market = read.market else { return [] }
        func row(_ name: String, _ what: String, _ own: () throws -> Double) throws -> [BenchmarkRow] {
            try run.row(name, work: what, units: 1, own: own)
        }
        func whole(from surface: VolatilitySurface?) throws -> Double {
            let read = pipeline.read(try work.parse(), previous: work.before, from: surface)
            guard let market = read.market else { return .nan }
            var past = work.past
            past.append(market)
            return features.row(MarketState(market, book: work.book, past: past, account: work.account)).reduce(0, +)
        }
        var rows: [BenchmarkRow] = []
        rows += try row("snapshot to features", "\(count), \(features.features.count) features, cold") { try whole(from: nil) }
        rows += try row("snapshot to features from the one before", "\(count), \(features.features.count) features, warm") {
            try whole(from: work.surfaceBefore)
        }
        rows += try row("  parse", count) { try work.parse().index }
        rows += try row("  filter", count) { Double(pipeline.filter.screen(parsed, previous: work.before).snapshot.options.count) }
        rows += try row("  invert", count) {
            ExpiryChain.chains(of: screened, filter: pipeline.calibration.filter).reduce(0) { $0 + $1.forward }
        }
        rows += try row("  fit and check, cold", "\(chains.count) expiries") {
            pipeline.calibration.fit(chains, of: screened).surface?.index ?? .nan
        }
        rows += try row("  fit and check, warm", "\(chains.count) expiries") {
            pipeline.calibration.fit(chains, of: screened, previous: work.surfaceBefore).surface?.index ?? .nan
        }
        rows += try row("  features", "\(features.features.count) features") {
            let shared = ObservedMarket(snapshot: screened, surface: market.surface, chains: chains)
            return features.row(MarketState(shared, book: work.book, past: work.past, account: work.account)).reduce(0, +)
        }
        rows += try run.row(
            "features of many books", work: "\(work.books.count) books, \(run.workers.threads) threads",
            units: Double(work.books.count),
            own: {
                let state = MarketState(market, book: work.book, past: work.past, account: work.account)
                let states = work.books.map { state.holding($0, account: work.account) }
                return features.matrix(states, workers: run.workers).columns.reduce(0) { $0 + $1[0] }
            })
        return rows
    }
}

/// A simulated chain as a venue's file, the snapshot before it, and what else a state has: a book of twenty options, a long past.
private struct SnapshotWork: Sendable {
    let file: DataFile
    let quotes: Int
    let before: MarketSnapshot
    let surfaceBefore: VolatilitySurface?
    let past: MarketHistory
    let book: Book
    let books: [Book]
    let account = Account(
        equity: 10, initialMargin: 4, maintenanceMargin: 3, venues: [VenueAccount(venue: "deribit", balance: 10)], fills: [])

    init(quotes wanted: Int) throws {
        var chain = SimulatedChain()
        chain.days = 1
        chain.snapshotsPerDay = 24
        chain.fatFingers = 2
        var snapshots = chain.snapshots().snapshots
        while snapshots[1].options.count < wanted {
            chain.strikesPerExpiry += 2
            snapshots = chain.snapshots().snapshots
        }
        quotes = snapshots[1].options.count
        before = snapshots[0]
        surfaceBefore = SnapshotPipeline().read(before).market?.surface
        let now = snapshots[1]
        let folder = FileManager.default.temporaryDirectory.appendingPathComponent("hedge-bench-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: folder) }
        // Written and read once: what is timed begins with the inflated bytes in memory.
        let written = folder.appendingPathComponent("chain.csv.gz")
        try Data(try DeribitChainWriter.files([now])[0].bytes).write(to: written)
        file = try DataFile(reading: written.path)
        let surface = surfaceBefore
        past = Self.past(until: now.time, index: now.index, surface: surface)
        let liquid = now.options.filter { LiquidityFilter.quotesAlone.accepts($0, at: now.time) }
        let book = { (start: Int) in
            Book(
                (0..<20).map { i in
                    Position(.option(liquid[(start + i * 7) % liquid.count].contract), quantity: i % 3 == 0 ? 2 : -1.5)
                })
        }
        self.book = book(0)
        books = (0..<100).map(book)
    }

    func parse() throws -> MarketSnapshot {
        try DeribitChainFeed().snapshots(in: file, selecting: SnapshotSelection(), prices: PerpetualPrices())[0]
    }

    /// Hourly bars of 130 days, five-minute ones of the last, and four surfaces a day of 70 days.
    private static func past(until time: Timestamp, index: Double, surface: VolatilitySurface?) -> MarketHistory {
        let ages = stride(from: 130 * 24.0, to: 24, by: -1).map { $0 / 24 } + (1...288).reversed().map { Double($0) / 288 }
        let bars = ages.map { age -> Features.PriceBar in
            Features.PriceBar(index * Double.exp(0.01 * Double.sin(age * 31) + 0.01 * Double.cos(age * 7)), at: time.adding(days: -age))
        }
        let points = surface.map { surface in
            stride(from: 69.9, to: 0.2, by: -0.25).map { age in
                let moved = 1 + 0.01 * Double.sin(age * 5)
                let past = VolatilitySurface(
                    time: time.adding(days: -age), currency: surface.currency, index: surface.index * moved,
                    slices: surface.slices.map { slice in
                        var slice = slice
                        slice.forward *= moved
                        return slice
                    })
                return SurfacePoint(past, perpetual: surface.index * moved)
            }
        }
        return MarketHistory(prices: Features.PriceHistory(bars), surfaces: points ?? [])
    }
}
