import Features
import Market
import RealModule
import Testing

@Suite struct AccountFeatureTests {
    func value(_ name: FeatureName, _ state: MarketState) throws -> Double {
        try #require(FeatureCatalog.feature(named: name)).value(in: state)
    }

    func state(_ book: Book = Book([]), _ account: Account) -> MarketState {
        MarketState(ObservedMarket(surface: StateFixture.flat), book: book, account: account)
    }

    @Test("Venue figures are those of two accounts worked by hand")
    func venues() throws {
        // Exposures: 10 + 0.5 − 1 = 9.5 and 5; options lie elsewhere.
        let state = self.state(Book([]), StateFixture.account())
        let found = { (name: FeatureName) in try value(name, state) }
        #expect((try found("venue-exposure") - 14.5).magnitude < 1e-12)
        #expect((try found("venue-largest-share") - 9.5 / 14.5).magnitude < 1e-12)
        // Loss given default of the first: a quarter at 0.1, the rest at 0.6.
        let loss = 0.25 * 0.1 + 0.75 * 0.6
        let expected = (base: (0.19 * loss + 0.25) * 7 / 365, stressed: 0.95 * loss * 7 / 365)
        #expect((try found("venue-expected-loss") - expected.base).magnitude < 1e-15)
        #expect((try found("venue-expected-loss-stressed") - expected.stressed).magnitude < 1e-15)
        #expect((try found("venue-haircut-value") - (9.5 * 0.95 + 5)).magnitude < 1e-12)
        #expect((try found("venue-limit-use") - 9.5 / 12).magnitude < 1e-12)
        #expect((try found("venue-share-limit-use") - 9.5 / 14.5 / 0.8).magnitude < 1e-12)
        #expect(try found("venue-locked-limit-use") == 0.5 && found("venue-locked") == 4)
        #expect((try found("off-exchange-share") - 2.5 / 15).magnitude < 1e-12)
        #expect(try found("withdrawal-minutes") == 90 && found("venues-paused") == 1)
        // Without options a fall changes no claim in coin.
        #expect(try found("venue-wrong-way") == 0)
    }

    @Test("A long put makes its venue owe more when the coin falls: wrong-way exposure is positive, a sold put's negative")
    func wrongWay() throws {
        let put = { Book([StateFixture.option(.put, strike: 80_000, days: 40, quantity: $0)]) }
        #expect(try value("venue-wrong-way", state(put(3), StateFixture.account())) > 0)
        #expect(try value("venue-wrong-way", state(put(-3), StateFixture.account())) < 0)
        let held = try value("venue-exposure", state(put(3), StateFixture.account()))
        let worth = try value("book-value", state(put(3), StateFixture.account()))
        #expect((held - 14.5 - worth).magnitude < 1e-12)
    }

    @Test("A short future is liquidated by the rise that costs the free equity: m/(1 + m) = (E − MM)/N between two scenarios")
    func liquidation() throws {
        let short = Book([Position(.perpetual(underlying: "BTC", settlement: .inverse), quantity: -10)])
        let account = Account(equity: 1, initialMargin: 0.6, maintenanceMargin: 0.5)
        let state = self.state(short, account)
        // Losses at +4 % and +8 %: 0.3846 and 0.7407; half a coin lies between, on the line that joins them.
        let (near, far) = (10 * 0.04 / 1.04, 10 * 0.08 / 1.08)
        let expected = 0.04 + 0.04 * (0.5 - near) / (far - near)
        #expect((try value("liquidation-distance-up", state) - expected).magnitude < 1e-12)
        #expect(try value("liquidation-distance-down", state) == 0.5)
        #expect(try value("maintenance-margin-use", state) == 0.5 && value("initial-margin-use", state) == 0.6)
        #expect((try value("worst-loss-of-equity", state) - 10 * 0.5 / 1.5).magnitude < 1e-12)
        let broke = self.state(short, Account(equity: 0.4, maintenanceMargin: 0.5))
        #expect(try value("liquidation-distance-up", broke) == 0)
        // A hedged future has no scenario to fear.
        #expect(try value("scenario-worst-loss-hedged", state) < 1e-12)
    }

    @Test("A hedge takes the ladder's loss out of the margins: of a short future all of it, of a neutral book nothing")
    func projectedMargin() throws {
        let rich = Account(equity: 20, initialMargin: 6, maintenanceMargin: 5)
        let perpetual = { Book([Position(.perpetual(underlying: "BTC", settlement: .inverse), quantity: $0)]) }
        let short = state(perpetual(-10), rich)
        // The worst loss, that of a rise by half, is gone.
        #expect((try value("maintenance-margin-use-hedged", short) - (5 - 10 * 0.5 / 1.5) / 20).magnitude < 1e-12)
        #expect((try value("initial-margin-use-hedged", short) - (6 - 10 * 0.5 / 1.5) / 20).magnitude < 1e-12)
        let sold = StateFixture.option(.call, strike: 80_000, days: 40, quantity: -3)
        let delta = try value("book-net-delta", state(Book([sold]), rich))
        let neutral = state(Book([sold] + perpetual(-delta).positions), rich)
        #expect((try value("maintenance-margin-use-hedged", neutral) - 0.25).magnitude < 1e-12)
        #expect(try value("maintenance-margin-use-hedged", state(Book([sold]), rich)) != 0.25)
        // No margin is below nothing, and nothing is known without margins.
        #expect(try value("maintenance-margin-use-hedged", state(perpetual(-100), rich)) == 0)
        let feature = try #require(FeatureCatalog.feature(named: "initial-margin-use-hedged"))
        #expect(feature.measure(state(perpetual(-10), Account(equity: 20))) == nil)
    }

    @Test("A stablecoin's fall by a tenth costs a tenth of what is kept in it and of linear options held, and gains on those sold")
    func depeg() throws {
        let option = { (quantity: Double, settlement: Settlement) in
            Book([
                Position(
                    .option(
                        OptionContract(
                            underlying: "BTC", kind: .call, strike: 80_000, expiry: StateFixture.timestamp(days: 40), settlement: settlement
                        )),
                    quantity: quantity)
            ])
        }
        var venue = VenueAccount(venue: "deribit", balance: 20)
        (venue.unsettled, venue.stablecoinShare) = (-4, 0.5)
        let account = Account(venues: [venue, VenueAccount(venue: "other", balance: 9)])
        #expect((try value("stablecoin-depeg-loss", state(Book([]), account)) - 0.8).magnitude < 1e-12)
        let worth = try value("book-value", state(option(2, .linear), account))
        #expect(worth > 0.1)
        #expect((try value("stablecoin-depeg-loss", state(option(2, .linear), account)) - (0.8 + worth / 10)).magnitude < 1e-12)
        #expect((try value("stablecoin-depeg-loss", state(option(-2, .linear), Account())) + worth / 10).magnitude < 1e-12)
        #expect(
            try value("stablecoin-depeg-loss", state(option(2, .inverse), account))
                == value("stablecoin-depeg-loss", state(Book([]), account)))
        let feature = try #require(FeatureCatalog.feature(named: "stablecoin-depeg-loss"))
        #expect(feature.measure(state(option(2, .inverse), Account())) == nil)
    }

    @Test("Age counts open lots, first bought first sold, by size and vega; what has moved since is counted from the last fill")
    func holding() throws {
        let option = StateFixture.option(.call, strike: 80_000, days: 40, quantity: 3)
        func fill(_ days: Double, _ quantity: Double, _ delta: Double? = nil) -> Fill {
            Fill(time: StateFixture.timestamp(days: -days), instrument: option.instrument, quantity: quantity, netDelta: delta)
        }
        // Bought 2 ten days ago and 2 four days ago, sold 1: one of ten days and two of four are left.
        let account = Account(fills: [fill(10, 2), fill(4, 2), fill(3, -1, 0.9)])
        let past = MarketHistory(surfaces: [SurfacePoint(StateFixture.surface(daysAgo: 3.5), perpetual: nil)])
        let state = MarketState(ObservedMarket(surface: StateFixture.flat), book: Book([option]), past: past, account: account)
        #expect((try value("inventory-age", state) - 6).magnitude < 1e-9)
        #expect((try value("hours-since-fill", state) - 72).magnitude < 1e-9)
        let point = past.surfaces.elements[0]
        #expect((try value("forward-move-since-fill", state) - Double.log(80_000 / point.index)).magnitude < 1e-12)
        #expect((try value("volatility-move-since-fill", state) - (0.6 - point[days: 30].volatility)).magnitude < 1e-12)
        #expect((try value("net-delta-since-fill", state) - (value("book-net-delta", state) - 0.9)).magnitude < 1e-12)
        // Sold what was bought first: the later lot is left.
        let sold = MarketState(
            ObservedMarket(surface: StateFixture.flat), book: Book([option]),
            account: Account(fills: [fill(10, 1), fill(4, 3), fill(3, -1)]))
        #expect((try value("inventory-age", sold) - 4).magnitude < 1e-9)
        // Turned from long to short: only the new short lot is open.
        let turned = Account(fills: [fill(10, 2), fill(4, -5)])
        let short = MarketState(
            ObservedMarket(surface: StateFixture.flat), book: Book([Position(option.instrument, quantity: -3)]), account: turned)
        #expect((try value("inventory-age", short) - 4).magnitude < 1e-9)
    }
}
