import Features
import LinearAlgebra
import Market
import RealModule
import Surface
import Testing

@Suite struct FeatureCatalogTests {
    /// From full to bare: nothing, one expiry, one option, a second to expiry.
    static var states: [MarketState] {
        let one = VolatilitySurface(time: StateFixture.time, currency: "BTC", index: 80_000, slices: [StateFixture.slice(days: 1.5)])
        let dead = VolatilitySurface(
            time: StateFixture.time, currency: "BTC", index: 80_000,
            slices: [
                SurfaceSlice(
                    expiry: StateFixture.timestamp(days: 3), timeToExpiry: 3 / 365, forward: 80_000, smile: .svi(SVISlice(flat: 0)),
                    quoted: 0...0
                )
            ])
        return [
            StateFixture.full(), StateFixture.state, MarketState(surface: StateFixture.surface),
            MarketState(surface: StateFixture.flat, book: StateFixture.book),
            MarketState(surface: one, book: StateFixture.book),
            MarketState(surface: dead, perpetual: .nan, book: StateFixture.book, history: StateFixture.history()),
            MarketState(
                surface: one,
                book: Book([
                    StateFixture.option(.call, strike: 1e-3, days: 1e-9, quantity: 1),
                    StateFixture.option(.put, strike: 1e9, days: 900, quantity: -1),
                ])),
            MarketState(surface: one, history: PriceHistory([PriceBar(80_000, at: StateFixture.time)])),
        ]
    }

    @Test("The catalogue has more than 250 features, each named once, with unit and summary")
    func catalogue() {
        let all = FeatureCatalog.all
        #expect(all.count > 250)
        #expect(Set(all.map(\.name)).count == all.count)
        for feature in all {
            #expect(!feature.unit.isEmpty && !feature.summary.isEmpty, "\(feature.name)")
            #expect(FeatureCatalog.feature(named: feature.name)?.name == feature.name)
        }
    }

    @Test("Every feature is finite in every state")
    func finite() {
        for (i, state) in Self.states.enumerated() {
            for feature in FeatureCatalog.all {
                #expect(feature.value(in: state).isFinite, "\(feature.name) in state \(i)")
                #expect(feature.neutral(state).isFinite, "\(feature.name) in state \(i)")
            }
        }
    }

    @Test("In a full state every feature is measured")
    func measured() {
        #expect(FeaturePipeline().absent(in: [StateFixture.full()]).isEmpty)
    }

    @Test("A bare state measures what its surface and book show, and nothing of the past, of quotes or of accounts")
    func bare() {
        let absent = FeaturePipeline().absent(in: [MarketState(surface: StateFixture.surface, book: StateFixture.book)])
        for name: FeatureName in [
            "realised-close-close-7d", "har-variance-1d", "surface-level-change", "skew-stickiness-30d", "order-flow-imbalance-1m",
            "atm-spread-ticks", "vega-cost", "open-interest", "venue-exposure", "liquidation-distance-up", "stablecoin-gap", "funding-3d",
            "dvol-less-realised-30d", "inventory-age", "basis-risk-30d",
        ] {
            #expect(absent[name] == 1, "\(name)")
        }
        for name: FeatureName in ["atm-volatility-30d", "wings-skew-30d", "book-vega", "scenario-worst-loss", "hour-of-day", "delta-cost"] {
            #expect(absent[name] == nil, "\(name)")
        }
    }

    @Test("A state alone has the row it has among others")
    func rows() {
        let pipeline = FeaturePipeline()
        let together = pipeline.matrix(Self.states)
        #expect(pipeline.matrix(Self.states, workers: Workers(threads: 2)) == together)
        #expect(together.count == Self.states.count)
        for (i, state) in Self.states.enumerated() {
            let alone = pipeline.matrix([state])
            for name in pipeline.names { #expect(alone[name][0] == together[name][i], "\(name)") }
            #expect(pipeline.row(state) == pipeline.names.map { together[$0][i] })
        }
    }

    @Test("A pipeline by name keeps the order, and refuses a name the catalogue lacks")
    func byName() throws {
        let names: [FeatureName] = ["term-slope", .bookNetDelta, "basis-30d"]
        #expect(try FeaturePipeline(names: names).names == names)
        #expect(throws: FeatureError.unknown("term-slop", known: FeatureCatalog.all.map(\.name))) {
            try FeaturePipeline(names: ["term-slop"])
        }
    }
}
