import Features
import Feeds
import LinearAlgebra
import Market
import Probability
import RealModule
import Surface
import Testing

/// Features of whole recordings, simulated and real: nothing of the future in them, and the same numbers one by one and in batches.
@Suite("Features of recordings", .serialized)
struct RecordedFeatureTests {
    /// The features that differ at some time when everything after it is corrupted.
    func leaks(_ tape: RecordedTape, features: (RecordedTape) -> [any Feature]) -> Set<FeatureName> {
        let truth = tape.states()
        let pipeline = FeaturePipeline(features(tape))
        let rows = truth.map(pipeline.row)
        var found: Set<FeatureName> = []
        for share in [0.3, 0.6, 0.9] {
            let last = Int(share * Double(truth.count))
            let wild = tape.corrupted(after: truth[last].time)
            let blind = FeaturePipeline(features(wild))
            for (i, state) in wild.states().prefix(last + 1).enumerated() {
                let row = blind.row(state)
                for f in row.indices where row[f].bitPattern != rows[i][f].bitPattern { found.insert(pipeline.names[f]) }
            }
        }
        return found
    }

    /// The index of the next snapshot: what no feature may know.
    struct Tomorrow: Feature {
        let tape: RecordedTape
        var name: FeatureName { "tomorrow" }
        var unit: String { "quote currency" }
        var summary: String { "index of the next snapshot" }
        func measure(_ state: MarketState) -> Double? { tape.snapshots.first { $0.time > state.time }?.index }
    }

    @Test(
        "corrupting every snapshot, price, quote, trade, payment and fill after a time changes no bit of any feature; one that peeks is found"
    )
    func simulatedFuture() throws {
        let tape = try RecordedTape.simulated()
        #expect(leaks(tape) { [Tomorrow(tape: $0)] + FeatureCatalog.all } == ["tomorrow"])
        // The recording has what most features look at.
        let absent = FeaturePipeline().absent(in: [try #require(tape.states().last)])
        #expect(absent.count < 12, "\(absent.keys.map(\.rawValue).sorted())")
    }

    @Test(
        "the same of real chains", .enabled(if: RealChains.present, "the recorded chains are not beside this checkout"),
        arguments: ["BTC", "ETH"] as [Currency])
    func realFuture(currency: Currency) throws {
        let tape = try RecordedTape.real(currency)
        #expect(tape.snapshots.count > 20)
        #expect(leaks(tape) { [Tomorrow(tape: $0)] + FeatureCatalog.all } == ["tomorrow"])
    }

    @Test("features of 1,000 random snapshots and books are the same to the bit one by one, in batches and from a history grown as it came")
    func parity() throws {
        let tape = try RecordedTape.simulated()
        let stream = RandomStream(seed: 7, purpose: .data)
        let batchMarkets = tape.states().map(\.market)
        // As the service walks: one snapshot after the other, each with what came before, old past forgotten.
        var live: [(market: ObservedMarket, past: MarketHistory)] = []
        var history = MarketHistory()
        for (i, snapshot) in tape.snapshots.enumerated() {
            let market = try #require(SnapshotPipeline().read(snapshot, previous: i > 0 ? tape.snapshots[i - 1] : nil).market)
            history.append(market)
            history.forget(before: market.time)
            live.append((market, history))
        }
        let recorded = SnapshotPipeline().states(of: tape.snapshots, workers: Workers(threads: 2))
        let pairs = (0..<1000).map { pair -> (snapshot: Int, book: Book) in
            let snapshot = Int(stream.uniform(path: pair, step: 0) * Double(tape.snapshots.count))
            let options = tape.snapshots[snapshot].options
            let positions = (0..<12).map { leg in
                let option = options[Int(stream.uniform(path: pair, step: 2 * leg + 1) * Double(options.count))]
                return Position(.option(option.contract), quantity: 10 * stream.uniform(path: pair, step: 2 * leg + 2) - 5)
            }
            return (snapshot, Book(positions))
        }
        #expect(batchMarkets.count == tape.snapshots.count)
        let pipeline = FeaturePipeline()
        let states = pairs.map { recorded[$0.snapshot].holding($0.book) }
        let batch = pipeline.matrix(states, workers: Workers(threads: 2))
        var differences = 0
        for (i, pair) in pairs.enumerated() {
            let alone = pipeline.row(MarketState(live[pair.snapshot].market, book: pair.book, past: live[pair.snapshot].past))
            for f in alone.indices where alone[f].bitPattern != batch.columns[f][i].bitPattern { differences += 1 }
        }
        #expect(differences == 0)
        #expect(batch == pipeline.matrix(states))
    }

    @Test(
        "the fat finger of 24 February (ETH-27FEB26-2500-P, 8.9285 asked at a mark of 0.372) moves no smile, and no feature but what counts rows",
        .enabled(if: RealChains.present, "the recorded chains are not beside this checkout"))
    func fatFinger() throws {
        let time = try Timestamp(compact: "20260224T094323Z")
        let all = try RecordedChains.snapshots(
            at: RealChains.chains,
            selecting: .init(currency: "ETH", from: time, to: Timestamp(nanoseconds: time.nanoseconds + 1_000_000_000)))
        let whole = try #require(all.first)
        guard case .option(let contract) = try DeribitName.parse("ETH-27FEB26-2500-P") else { return }
        let row = try #require(whole.options.first { $0.contract == contract })
        #expect(row.quote == Quote(bid: 0.0265, ask: 8.9285, mark: row.quote.mark) && (row.quote.mark! - 0.372).magnitude < 1e-3)
        var without = whole
        without.options.removeAll { $0.contract == contract }

        let read = SnapshotPipeline().read(whole)
        #expect(read.screening[.farFromMark] >= 1)
        #expect(read.snapshot.options.first { $0.contract == contract }?.quote.ask == nil)
        let (with, other) = (try #require(read.market), try #require(SnapshotPipeline().read(without).market))
        #expect(with.surface == other.surface)
        let pipeline = FeaturePipeline()
        let rows = (pipeline.row(MarketState(with)), pipeline.row(MarketState(other)))
        let changed = pipeline.names.indices.filter { rows.0[$0].bitPattern != rows.1[$0].bitPattern }.map { pipeline.names[$0] }
        #expect(
            Set(changed).isSubset(of: [
                "open-interest", "open-interest-puts", "option-volume-24h", "option-turnover-24h", "liquid-share",
            ]), "\(changed)")

        // With both filters open the row is fitted like any other; the robust loss holds the smile.
        var open = SurfaceCalibration()
        open.filter.maximumRelativeSpread = 2
        func volatility(_ snapshot: MarketSnapshot) throws -> Double {
            let surface = try #require(open.fit(snapshot).surface)
            return MarketState(surface: surface).market.point[days: 7].volatility
        }
        let (open7, without7) = (try volatility(whole), try volatility(without))
        #expect((open7 - without7).magnitude < 1e-4, "\(open7) with the row, \(without7) without")
    }
}
