import Features
import Hedging
import LinearAlgebra
import Market
import Probability
import Serving
import StrictJSON
import Testing

/// What the service computes of a market is what training saw of its recording.
@Suite struct FeatureParityTests {
    static let recording: [MarketSnapshot] = {
        var chain = SimulatedChain()
        chain.days = 6
        return chain.snapshots().snapshots
    }()

    static func books(_ count: Int) -> [(snapshot: Int, book: Book)] {
        let stream = RandomStream(seed: 11, purpose: .data)
        return (0..<count).map { pair in
            let snapshot = Int(stream.uniform(path: pair, step: 0) * Double(recording.count))
            let options = recording[snapshot].options
            let positions = (0..<10).map { leg in
                let option = options[Int(stream.uniform(path: pair, step: 2 * leg + 1) * Double(options.count))]
                return Position(.option(option.contract), quantity: 20 * stream.uniform(path: pair, step: 2 * leg + 2) - 10)
            }
            let perpetual = Position(.perpetual(underlying: "ETH", settlement: .inverse), quantity: Double(pair % 7) - 3)
            return (snapshot, Book(positions + [perpetual]).netted)
        }
    }

    @Test(
        "features of 1,000 random snapshots and books, posted as JSON to the service's slot, are those of the batch over the recording, to the bit"
    )
    func parity() async throws {
        // The service: every snapshot through the wire, fitted with the one before at hand, published, its past kept in the slot.
        let slot = MarketSlot()
        var entries: [MarketSlot.Entry] = []
        for snapshot in Self.recording {
            let posted = try MarketSnapshot(json: try JSONValue.parse(try snapshot.json().text()))
            let previous = await slot.market(posted.currency)?.market.posted
            try await slot.publish(HedgeAdvisor().fit(posted, previous: previous))
            entries.append(try #require(await slot.market(posted.currency)))
        }
        // Training: the recording at once, on all cores.
        let recorded = SnapshotPipeline().states(of: Self.recording, workers: Workers())
        #expect(recorded.count == Self.recording.count)
        let pairs = Self.books(1000)
        let pipeline = FeaturePipeline()
        let batch = pipeline.matrix(
            pairs.map { MarketState(recorded[$0.snapshot].market, book: $0.book, past: recorded[$0.snapshot].past) }, workers: Workers())
        var differing: Set<FeatureName> = []
        for (i, pair) in pairs.enumerated() {
            let book = try Book(json: try JSONValue.parse(try pair.book.json().text()))
            let entry = entries[pair.snapshot]
            let reply = try FeatureReply(entry.market, past: entry.past, book: book)
            let row = reply.pipeline.row(reply.state)
            for f in row.indices where row[f].bitPattern != batch.columns[f][i].bitPattern { differing.insert(pipeline.names[f]) }
        }
        #expect(differing.isEmpty, "\(differing.map(\.rawValue).sorted())")
    }

    @Test("The reply names every feature with a finite number, and those that found nothing to measure")
    func reply() throws {
        let market = HedgeAdvisor().fit(ExampleMarket.snapshot())
        let json = try FeatureReply(market, past: MarketHistory(), book: ExampleMarket.book).json()
        #expect(json["currency"] == "BTC")
        guard case .object(let members)? = json["features"], case .array(let absent)? = json["absent"] else {
            Issue.record("no features in \(json.text())")
            return
        }
        #expect(members.map(\.name) == FeatureCatalog.all.map(\.name.rawValue))
        #expect(absent.contains("realised-close-close-7d") && !absent.contains("book-vega"))
        #expect(json["features"]?["scenario-worst-loss"] != nil)
    }

    @Test("A market without a surface has no features, and says so")
    func noSurface() throws {
        var snapshot = ExampleMarket.snapshot()
        snapshot.options = Array(snapshot.options.prefix(3))
        let market = HedgeAdvisor().fit(snapshot)
        #expect(throws: AdviceError.noSurface) { try FeatureReply(market, past: MarketHistory(), book: ExampleMarket.book) }
    }
}
