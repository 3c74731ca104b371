import Features
import Market
import Pricing
import RealModule
import Surface
import Testing

@Suite struct InventoryFeatureTests {
    func value(_ name: FeatureName, _ state: MarketState) throws -> Double {
        try #require(FeatureCatalog.feature(named: name)).value(in: state)
    }

    /// Value in dollars of the options of the fixture's book when forwards, volatilities and time move.
    func worth(forward: Double = 0, volatility: Double = 0, years: Double = 0, inCoin: Bool = false) -> Double {
        let book = StateFixture.state.valued
        return book.sum { option in
            let moved = option.forward * (1 + forward)
            let s = option.volatility + volatility
            let price = Black76.price(
                option.contract.kind, forward: moved, strike: option.contract.strike, totalVariance: s * s * (option.timeToExpiry - years))
            return inCoin ? price / moved : price
        }
    }

    @Test("Book sums are the derivatives of the book's value")
    func derivatives() throws {
        let state = StateFixture.state
        let h = 1e-4
        let coinDelta = (worth(forward: h, inCoin: true) - worth(forward: -h, inCoin: true)) / (2 * h)
        #expect((try value(.bookNetDelta, state) - (coinDelta + 0.7 - 0.2)).magnitude < 1e-4)
        let coinGamma = (worth(forward: h, inCoin: true) - 2 * worth(inCoin: true) + worth(forward: -h, inCoin: true)) / (h * h)
        #expect((try value("book-coin-gamma", state) - (coinGamma - 2 * 0.5)).magnitude < 2e-2)
        let vega = (worth(volatility: h) - worth(volatility: -h)) / (2 * h)
        #expect((try value(.bookVega, state) / vega - 1).magnitude < 1e-5)
        let volga = (worth(volatility: 1e-3) - 2 * worth() + worth(volatility: -1e-3)) / 1e-6
        #expect((try value("book-volga", state) / volga - 1).magnitude < 1e-3)
        let theta = (worth(years: 1e-6) - worth(years: -1e-6)) / 2e-6
        #expect((try value("book-theta", state) / theta - 1).magnitude < 1e-4)
        #expect((try value(.bookValue, state) - worth(inCoin: true)).magnitude < 1e-12)
    }

    @Test("Positions of other currencies and expired ones are counted and left out")
    func leftOut() throws {
        let valued = StateFixture.state.valued
        #expect(valued.options.count == 4 && valued.foreign == 1 && valued.expired == 1)
        #expect(valued.inverseFutures == 0.7 - 0.2 && valued.linearUnits == 1)
    }

    @Test("A book of one option has that option's own figures")
    func single() throws {
        let state = MarketState(
            surface: StateFixture.surface, book: Book([StateFixture.option(.call, strike: 85_000, days: 40, quantity: -1)]))
        let slice = StateFixture.slice(days: 40, volatility: 0.55)
        let k = Double.log(85_000 / slice.forward)
        #expect((try value(.logMoneyness, state) - k).magnitude < 1e-12)
        #expect((try value(.timeToExpiry, state) - 40 / 365).magnitude < 1e-12)
        let volatility = (slice.smile.totalVariance(atLogMoneyness: k) / slice.timeToExpiry).squareRoot()
        #expect((try value(.impliedVolatility, state) - volatility).magnitude < 1e-12)
        #expect(try value(.bookQuantity, state) == -1)
        #expect(try value("book-concentration", state) == 1)
        let greeks = Black76.greeks(.call, forward: slice.forward, strike: 85_000, volatility: volatility, timeToExpiry: 40 / 365)
        #expect((try value(.bookDelta, state) + greeks.delta).magnitude < 1e-12)
        #expect((try value("book-vega-35-95d", state) / -greeks.vega - 1).magnitude < 1e-12)
        #expect(try value("book-vega-7-35d", state) == 0)
        let slope = slice.smile.slope(atLogMoneyness: k) / (2 * volatility * slice.timeToExpiry)
        #expect((try value(.bookSmileVega, state) / (-greeks.vega * slope) - 1).magnitude < 1e-9)
    }

    @Test("Vega buckets add up to vega; concentration of two equal vegas is one half; the pin is the option of half a day at the money")
    func sums() throws {
        let state = StateFixture.state
        let buckets: [FeatureName] = ["book-vega-0-7d", "book-vega-7-35d", "book-vega-35-95d", "book-vega-95d-up"]
        #expect((try buckets.reduce(0) { $0 + (try value($1, state)) } - value(.bookVega, state)).magnitude < 1e-9)
        #expect(try value("book-pin", state) == 1)
        let pair = MarketState(
            surface: StateFixture.flat,
            book: Book([
                StateFixture.option(.call, strike: 70_000, days: 40, quantity: 1),
                StateFixture.option(.put, strike: 70_000, days: 40, quantity: 1),
            ]))
        #expect(try value("book-concentration", pair) == 1)
        let spread = MarketState(
            surface: StateFixture.flat,
            book: Book([
                StateFixture.option(.call, strike: 80_000, days: 40, quantity: 1),
                StateFixture.option(.put, strike: 80_000, days: 40.001, quantity: -1),
            ]))
        #expect((try value("book-concentration", spread) - 0.5).magnitude < 1e-6)
    }
}
