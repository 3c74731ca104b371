import Features
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
            StateFixture.state, MarketState(surface: StateFixture.surface),
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

    @Test("The catalogue has at least twenty features, each named once, with unit and summary")
    func catalogue() {
        let all = FeatureCatalog.all
        #expect(all.count >= 20)
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

    @Test("In a full state every feature that needs no quotes is measured")
    func measured() {
        let needQuotes: Set<FeatureName> = ["surface-misfit", "inside-bid-ask", "atm-half-spread"]
        #expect(Set(FeaturePipeline().absent(in: [StateFixture.state]).keys) == needQuotes)
    }

    @Test("No feature sees past its time: bars of the future, however wild, change nothing")
    func pointInTime() {
        let known = FeaturePipeline().matrix([StateFixture.state])
        for shift in [0.5, -0.4] {
            let poisoned = MarketState(
                surface: StateFixture.surface, perpetual: 80_080, book: StateFixture.book,
                history: StateFixture.history(after: 200, shift: shift))
            #expect(FeaturePipeline().matrix([poisoned]) == known)
        }
        // The past does change something.
        let shorter = MarketState(
            surface: StateFixture.surface, perpetual: 80_080, book: StateFixture.book,
            history: PriceHistory(StateFixture.history().bars.dropLast(48)))
        #expect(FeaturePipeline().matrix([shorter]) != known)
    }

    @Test("A state alone has the row it has among others")
    func rows() {
        let pipeline = FeaturePipeline()
        let together = pipeline.matrix(Self.states)
        #expect(together.count == Self.states.count)
        for (i, state) in Self.states.enumerated() {
            let alone = pipeline.matrix([state])
            for name in pipeline.names { #expect(alone[name][0] == together[name][i], "\(name)") }
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
