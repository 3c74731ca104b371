import Market
import Testing

@Suite struct VenueTests {
    static let expiry = Timestamp(CivilDate(year: 2026, month: 3, day: 27)!, hour: 8)
    static let call = Instrument.option(
        .init(underlying: "BTC", kind: .call, strike: 100_000, expiry: expiry, settlement: .inverse))

    @Test("Deribit's inverse options tick by 0.0001 below 0.005 and by 0.0005 from it")
    func ticks() throws {
        let ticks = try #require(VenueCatalog.deribit.listing(of: Self.call)).ticks
        #expect(ticks.accepts(0.0049) && ticks.accepts(0.005) && ticks.accepts(0.0545))
        #expect(!ticks.accepts(0.0051) && !ticks.accepts(0.00485) && !ticks.accepts(0.0541))
        #expect((ticks.rounded(0.0543, .down) - 0.054).magnitude < 1e-12)
        #expect((ticks.rounded(0.0543, .up) - 0.0545).magnitude < 1e-12)
        #expect((ticks.rounded(0.0003, .down) - 0.0003).magnitude < 1e-12)
    }

    @Test("an option costs 0.0003 coin and never over 12.5 % of its premium; the smallest order is 0.1 BTC or 1 ETH")
    func fees() throws {
        let listing = try #require(VenueCatalog.deribit.listing(of: Self.call))
        #expect(listing.fees.trade(.taker, quantity: -2, price: 0.05, index: 90_000) == 0.0006)
        #expect((listing.fees.trade(.taker, quantity: 1, price: 0.0001, index: 90_000) - 0.0000125).magnitude < 1e-18)
        #expect(listing.fees.delivery(quantity: 1, payoff: 0, index: 90_000) == 0)
        #expect((listing.orderable(0.26, price: 90_000) - 0.3).magnitude < 1e-12)
        #expect(listing.orderable(0.04, price: 90_000) == 0)
        let ether = Instrument.option(.init(underlying: "ETH", kind: .put, strike: 3000, expiry: Self.expiry, settlement: .inverse))
        #expect(try #require(VenueCatalog.deribit.listing(of: ether)).orderable(1.4, price: 3000) == 1)
        let linear = Instrument.option(.init(underlying: "XRP", kind: .put, strike: 0.5, expiry: Self.expiry, settlement: .linear))
        #expect(try #require(VenueCatalog.deribit.listing(of: linear)).contracts(quantity: 5000, price: 0.5) == 5)
    }

    @Test("a perpetual is ordered in contracts of 10 USD, whatever the price")
    func perpetual() throws {
        let listing = try #require(VenueCatalog.deribit.listing(of: .perpetual(underlying: "BTC", settlement: .inverse)))
        let order = listing.orderable(0.123456, price: 90_000)
        #expect((order * 90_000 - 11_110).magnitude < 1e-9)
        #expect((listing.contracts(quantity: order, price: 90_000) - 1111).magnitude < 1e-9)
        #expect(listing.fees.trade(.taker, quantity: order, price: 90_000, index: 90_000) == 0.0005 * order)
    }

    @Test("a linear perpetual ticks by its coin's step; of a coin whose step is not known any price passes")
    func linearPerpetual() throws {
        func ticks(_ underlying: Currency) throws -> TickRule {
            try #require(VenueCatalog.deribit.listing(of: .perpetual(underlying: underlying, settlement: .linear))).ticks
        }
        #expect(try ticks("SOL").accepts(142.337) && !ticks("SOL").accepts(142.3375))
        #expect(try ticks("BTC").accepts(90_000.1) && !ticks("BTC").accepts(90_000.15))
        #expect(try ticks("ADA").accepts(0.71235) && !ticks("ADA").accepts(0.712355))
        #expect(try ticks("XMR").accepts(0.123456789))
    }

    @Test("every venue lists an inverse option and has a name of its own", arguments: VenueCatalog.all)
    func catalogue(venue: Venue) {
        #expect(VenueCatalog.venue(venue.name) == venue)
        #expect(venue.listing(of: Self.call) != nil)
        for listing in venue.listings {
            for quantity in [0.7, -3.0] {
                let contracts = listing.contracts(quantity: quantity, price: 1234.5)
                #expect((listing.quantity(contracts: contracts, price: 1234.5) - quantity).magnitude < 1e-12)
            }
        }
    }
}

@Suite struct PayoffTests {
    @Test("coin payoff is dollar payoff over the price: a call's stays below 1, a put's grows without bound")
    func payoffs() {
        let call = OptionContract(underlying: "BTC", kind: .call, strike: 100, expiry: VenueTests.expiry, settlement: .inverse)
        let put = OptionContract(underlying: "BTC", kind: .put, strike: 100, expiry: VenueTests.expiry, settlement: .inverse)
        for price in [1.0, 50, 99, 100, 101, 400, 1e9] {
            #expect(
                call.payoff(at: price) * price == max(price - 100, 0)
                    || (call.payoff(at: price) * price - max(price - 100, 0)).magnitude < 1e-7)
            #expect(call.payoff(at: price) < 1)
            #expect((call.payoff(at: price) - put.payoff(at: price) - (1 - 100 / price)).magnitude < 1e-12)
        }
        #expect(put.payoff(at: 1) == 99)
        var linear = put
        linear.settlement = .linear
        #expect(linear.payoff(at: 60) == 40 && linear.dollarPayoff(at: 60) == 40)
    }

    @Test("an inverse future earns h·F0·(1/F0 − 1/F1) coin")
    func inverseFuture() {
        let perpetual = Instrument.perpetual(underlying: "BTC", settlement: .inverse)
        for exit in [50_000.0, 90_000, 123_456] {
            let expected = 2 * 80_000 * (1 / 80_000 - 1 / exit)
            #expect((perpetual.profit(quantity: 2, from: 80_000, to: exit) - expected).magnitude < 1e-14)
        }
        #expect(
            InverseFuture.coinNotional(quoteNotional: InverseFuture.quoteNotional(coinNotional: 1.5, price: 90_000), price: 90_000) == 1.5)
        #expect(Instrument.perpetual(underlying: "BTC", settlement: .linear).profit(quantity: 2, from: 80, to: 90) == 20)
        #expect(VenueTests.call.profit(quantity: -10, from: 0.05, to: 0.04) == -10 * (0.04 - 0.05))
    }
}

@Suite struct BookTests {
    @Test("netting sums by instrument and venue, keeps the order and drops what cancels")
    func netting() {
        let perpetual = Instrument.perpetual(underlying: "BTC", settlement: .inverse)
        let book = Book([
            Position(VenueTests.call, quantity: -5), Position(perpetual, quantity: 2), Position(VenueTests.call, quantity: 3),
            Position(perpetual, quantity: -2), Position(perpetual, quantity: 1, venue: "simulated"),
        ])
        #expect(book.netted == Book([Position(VenueTests.call, quantity: -2), Position(perpetual, quantity: 1, venue: "simulated")]))
        #expect(book.quantity(of: perpetual) == 1)
        #expect(book.netted.netted == book.netted)
    }

    @Test("a book with a quantity of NaN, an impossible strike or a dead option is refused with its place")
    func validation() throws {
        let fine = Position(VenueTests.call, quantity: 1)
        try Book([fine]).validate(at: Timestamp(milliseconds: 0))
        #expect {
            try Book([fine, Position(VenueTests.call, quantity: .nan)]).validate()
        } throws: { error in
            guard case .quantityNotFinite(1, let found)? = error as? BookError else { return false }
            return found.isNaN
        }
        let bad = OptionContract(underlying: "BTC", kind: .call, strike: -1, expiry: VenueTests.expiry, settlement: .inverse)
        #expect(throws: BookError.strikeNotPositive(position: 0, found: -1)) { try Book([Position(.option(bad), quantity: 1)]).validate() }
        #expect(throws: BookError.expired(position: 0, expiry: VenueTests.expiry, at: VenueTests.expiry)) {
            try Book([fine]).validate(at: VenueTests.expiry)
        }
    }

    @Test("a book has one unit: coin of one underlying, or dollars")
    func unit() throws {
        let ether = Instrument.perpetual(underlying: "ETH", settlement: .inverse)
        let unit = try Book([Position(VenueTests.call, quantity: 1), Position(.spot("BTC"), quantity: 1)]).unit()
        #expect(unit?.underlying == "BTC" && unit?.settlement == .inverse)
        #expect(try Book([]).unit() == nil)
        #expect(throws: BookError.self) { try Book([Position(VenueTests.call, quantity: 1), Position(ether, quantity: 1)]).unit() }
    }
}
