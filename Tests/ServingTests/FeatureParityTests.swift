import Features
import Hedging
import LinearAlgebra
import Market
import Probability
import RealModule
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

    /// Funding rates in the snapshots; beside them what a venue tells between: the volatility index, quotes, trades, the stablecoin, and
    /// where it is asked for prices and paid funding. Two hours of it for each snapshot, the last at the snapshot itself.
    static func tape(withPrices: Bool) -> (snapshots: [MarketSnapshot], pieces: [MarketHistory]) {
        var snapshots = recording
        var pieces: [MarketHistory] = []
        for (n, time) in recording.map(\.time).enumerated() {
            snapshots[n].fundingRate = 1e-4 * Double.sin(Double(n))
            let steps = stride(from: 120.0, through: 0, by: -0.5).map { ($0, time.adding(days: -$0 / 1440)) }
            let (index, option) = (recording[n].index, recording[n].options[n].contract)
            func told(_ minutes: Double) -> Double { Double.sin(Double(n) + minutes) }
            var piece = MarketHistory(
                volatilityIndex: steps.map { IndexedVolatility(time: $1, volatility: 0.7 + 0.01 * told($0)) },
                quotes: steps.map {
                    TopOfBook(time: $1, bid: index + told($0), bidSize: 2 + told($0), ask: index + 2 + told($0), askSize: 3 - told($0))
                },
                trades: steps.flatMap {
                    [
                        MarketTrade(time: $1, instrument: .option(option), quantity: told($0)),
                        MarketTrade(time: $1, instrument: .perpetual(underlying: "ETH", settlement: .inverse), quantity: -told(2 * $0)),
                    ]
                },
                stablecoin: steps.map { StablecoinPrice(time: $1, price: 1 + 1e-3 * told($0)) })
            if withPrices {
                piece.prices = PriceHistory(
                    steps.map {
                        let (open, close) = (index + told($0 + 0.5), index + told($0))
                        return PriceBar(end: $1, open: open, high: max(open, close) + 1, low: min(open, close) - 1, close: close)
                    })
                piece.funding = TimeSeries([FundingPayment(time: time, rate: 2e-4 * told(1))])
            }
            pieces.append(piece)
        }
        return (snapshots, pieces)
    }

    static func account(at time: Timestamp) -> Account {
        var venue = VenueAccount(venue: "deribit", balance: 200.25)
        (venue.unsettled, venue.borrowed, venue.locked, venue.haircut) = (-1.5, 3, 40, 0.05)
        (venue.defaultProbability, venue.stressedDefaultProbability, venue.lossGivenDefault) = (0.02, 0.1, 0.6)
        (venue.offExchangeShare, venue.offExchangeLossGivenDefault, venue.exposureLimit) = (0.25, 0.1, 300)
        (venue.lockedLimit, venue.shareLimit, venue.insuranceFund, venue.stablecoinShare) = (80, 0.8, 1500, 0.125)
        (venue.withdrawalMinutes, venue.isPaused) = ([10, 20.5], true)
        let fills = (1...5).map { hours in
            Fill(
                time: time.adding(days: -Double(hours) / 24), instrument: .perpetual(underlying: "ETH", settlement: .inverse),
                quantity: hours % 2 == 0 ? -2 : 1.25, netDelta: 0.125 * Double(hours))
        }
        return Account(equity: 180.5, initialMargin: 90, maintenanceMargin: 70.125, venues: [venue], fills: fills)
    }

    @Test(
        "with funding, volatility index, quotes, trades, stablecoin and account sent, the service's features are the batch's to the bit",
        arguments: [false, true])
    func parityBesideSnapshots(withPrices: Bool) async throws {
        let (snapshots, pieces) = Self.tape(withPrices: withPrices)
        let slot = MarketSlot()
        var entries: [MarketSlot.Entry] = []
        for (snapshot, piece) in zip(snapshots, pieces) {
            let message = try JSONValue.parse(try piece.json(currency: "ETH").text())
            let (history, currency) = try MarketHistory.read(json: message, now: snapshot.time)
            #expect(history == piece)
            try await slot.record(history, of: currency)
            let posted = try MarketSnapshot(json: try JSONValue.parse(try snapshot.json().text()))
            try await slot.publish(HedgeAdvisor().fit(posted, previous: await slot.market("ETH")?.market.posted))
            entries.append(try #require(await slot.market("ETH")))
        }
        var past = MarketHistory()
        past.volatilityIndex = TimeSeries(pieces.flatMap(\.volatilityIndex.elements))
        past.quotes = TimeSeries(pieces.flatMap(\.quotes.elements))
        past.trades = TimeSeries(pieces.flatMap(\.trades.elements))
        past.stablecoin = TimeSeries(pieces.flatMap(\.stablecoin.elements))
        past.prices = PriceHistory(pieces.flatMap(\.prices.bars))
        past.funding = TimeSeries(pieces.flatMap(\.funding.elements))
        let recorded = SnapshotPipeline().states(of: snapshots, past: past, workers: Workers())
        let pairs = Self.books(100)
        let pipeline = FeaturePipeline()
        let batch = pipeline.matrix(
            pairs.map { recorded[$0.snapshot].holding($0.book, account: Self.account(at: recorded[$0.snapshot].time)) }, workers: Workers())
        var differing: Set<FeatureName> = []
        for (i, pair) in pairs.enumerated() {
            let entry = entries[pair.snapshot]
            let sent = try Self.account(at: entry.market.snapshot.time).json(currency: "ETH")
            let (account, _) = try Account.read(json: try JSONValue.parse(sent.text()))
            let reply = try FeatureReply(entry.market, past: entry.past, book: pair.book, account: account)
            let row = reply.pipeline.row(reply.state)
            for f in row.indices where row[f].bitPattern != batch.columns[f][i].bitPattern { differing.insert(pipeline.names[f]) }
        }
        #expect(differing.isEmpty, "\(differing.map(\.rawValue).sorted())")
        // None of what was sent stands at its neutral value.
        let last = try #require(entries.last)
        let json = try FeatureReply(
            last.market, past: last.past, book: pairs[0].book, account: Self.account(at: last.market.snapshot.time)
        ).json()
        guard case .array(let absent)? = json["absent"] else {
            Issue.record("no list of what is absent in \(json.text())")
            return
        }
        for name in [
            "funding-8h", "funding-ewma-1d", "funding-3d", "dvol-less-realised-30d", "order-flow-imbalance-10m", "micro-price-premium",
            "perpetual-depth", "option-trade-imbalance-1h", "hours-since-perpetual-trade", "stablecoin-gap", "maintenance-margin-use",
            "initial-margin-use", "liquidation-distance-down", "venue-exposure", "venue-expected-loss", "insurance-cover",
            "hours-since-fill",
        ] {
            #expect(!absent.contains(.string(name)), "\(name)")
        }
        #expect(json["features"]?["funding-8h"] == .number(snapshots[snapshots.count - 1].fundingRate ?? 0))
        #expect(json["features"]?["initial-margin-use"] == .number(90 / 180.5))
    }

    @Test("what is sent again is refused whole, and what lies further back than features look is forgotten")
    func sentAgain() async throws {
        let (snapshots, pieces) = Self.tape(withPrices: true)
        let slot = MarketSlot()
        try await slot.record(pieces[0], of: "ETH")
        var second = pieces[1]
        second.trades = TimeSeries(Array(pieces[0].trades.elements.suffix(1) + second.trades.elements))
        let last = try #require(pieces[0].trades.last).time
        await #expect(throws: MarketSlotError.notLater(list: "trades", found: last, last: last)) {
            try await slot.record(second, of: "ETH")
        }
        #expect(await slot.history("ETH") == pieces[0])
        for piece in pieces.dropFirst() { try await slot.record(piece, of: "ETH") }
        try await slot.publish(HedgeAdvisor().fit(try #require(snapshots.last)))
        let known = await slot.history("ETH")
        let time = try #require(snapshots.last).time
        #expect(known.quotes.elements.allSatisfy { $0.time >= time.adding(days: -1) } && !known.quotes.elements.isEmpty)
        #expect(known.funding.elements.count == pieces.count)
        #expect(await slot.history("BTC") == MarketHistory())
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
