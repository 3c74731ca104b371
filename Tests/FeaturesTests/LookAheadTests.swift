import Features
import Market
import RealModule
import Surface
import Testing

/// What lies after a state's time is not seen; what lies before it is.
@Suite struct LookAheadTests {
    @Test("No feature sees past its time: prices, surfaces, funding, quotes, trades and fills of two later days change no bit of any")
    func future() {
        let pipeline = FeaturePipeline()
        let known = pipeline.row(StateFixture.full())
        let later = pipeline.row(StateFixture.full(after: 2))
        for (i, name) in pipeline.names.enumerated() { #expect(later[i].bitPattern == known[i].bitPattern, "\(name)") }
    }

    /// Where the features of two states differ.
    func changed(_ a: MarketState, _ b: MarketState) -> Set<FeatureName> {
        let pipeline = FeaturePipeline()
        let (before, after) = (pipeline.row(a), pipeline.row(b))
        return Set(pipeline.names.indices.filter { before[$0].bitPattern != after[$0].bitPattern }.map { pipeline.names[$0] })
    }

    @Test("Every feature changes when its own inputs at or before the time do, and no other")
    func inputs() {
        let full = StateFixture.full()
        let (market, past, book, account) = (full.market, full.past, full.book, full.account)
        func state(
            _ market: ObservedMarket? = nil, book: Book? = nil, account: Account? = nil, _ change: (inout MarketHistory) -> Void = { _ in }
        ) -> MarketState {
            var past = past
            change(&past)
            return MarketState(market ?? full.market, book: book ?? full.book, past: past, account: account ?? full.account)
        }
        var seen: Set<FeatureName> = []
        func expect(_ what: String, _ state: MarketState, touches names: [FeatureName], spares: [FeatureName]) {
            let found = changed(full, state)
            for name in names { #expect(found.contains(name), "\(what) does not touch \(name)") }
            for name in spares { #expect(!found.contains(name), "\(what) touches \(name)") }
            seen.formUnion(found)
        }
        expect(
            "a bar",
            state {
                $0.prices = PriceHistory(
                    $0.prices.bars.map { bar in
                        var bar = bar
                        bar.close = (bar.high + bar.close) / 2
                        return bar
                    })
            },
            touches: [
                "realised-ewma-1h", "har-variance-1d", "realised-variance-5m-1d", "jump-variance-5m-1d", "variance-risk-premium-30d",
            ],
            spares: ["book-vega", "funding-1d", "surface-level-change"])
        expect(
            "an earlier surface",
            state { past in
                past.surfaces = TimeSeries(
                    past.surfaces.elements.map {
                        SurfacePoint(
                            StateFixture.surface(daysAgo: -$0.time.years(to: full.time) * 365 + 0.3).moved(to: $0.time), perpetual: 79_000)
                    })
            },
            touches: ["surface-level-change", "wings-put-slope-30d-change", "spot-response-7d", "skew-stickiness-90d", "basis-risk-30d"],
            spares: ["atm-volatility-30d", "realised-ewma-1h", "book-vega"])
        expect(
            "funding", state { $0.funding = TimeSeries($0.funding.elements.map { FundingPayment(time: $0.time, rate: $0.rate * 2) }) },
            touches: ["funding-1d", "funding-3d", "funding-7d", "funding-ewma-1d"], spares: ["funding-8h"])
        expect(
            "the volatility index", state { $0.volatilityIndex = TimeSeries([IndexedVolatility(time: full.time, volatility: 0.9)]) },
            touches: ["dvol-less-realised-30d"], spares: ["variance-swap-less-realised-30d"])
        expect(
            "a quote of the perpetual",
            state { $0.quotes.insert(TopOfBook(time: full.time, bid: 79_000, bidSize: 9, ask: 79_500, askSize: 1)) },
            touches: [
                "order-flow-imbalance-1m", "order-flow-imbalance-60m", "micro-price-premium", "depth-imbalance", "perpetual-depth",
                "perpetual-half-spread", "delta-cost",
            ], spares: ["atm-half-spread"])
        expect(
            "trades",
            state { past in
                for bucket in ExpiryBucket.all {
                    past.trades.insert(
                        MarketTrade(
                            time: full.time,
                            instrument: StateFixture.option(.put, strike: 79_000, days: Double(bucket.fromDays) + 0.6, quantity: 1)
                                .instrument,
                            quantity: 31))
                }
                past.trades.insert(
                    MarketTrade(time: full.time, instrument: .perpetual(underlying: "BTC", settlement: .inverse), quantity: 3))
            },
            touches: ExpiryBucket.all.map { bucket in
                FeatureName(rawValue: "vega-flow-\(bucket.fromDays)" + (bucket.toDays.map { "-\($0)d" } ?? "d-up"))
            } + [
                "option-trade-imbalance-1h", "perpetual-trade-imbalance-24h", "hours-since-perpetual-trade",
            ], spares: ["book-vega"])
        expect(
            "the stablecoin", state { $0.stablecoin.insert(StablecoinPrice(time: full.time, price: 0.9)) }, touches: ["stablecoin-gap"],
            spares: ["venue-exposure"])
        expect(
            "the book", state(book: Book(book.positions.map { Position($0.instrument, quantity: $0.quantity * -2, venue: $0.venue) })),
            touches: [
                "book-net-delta", "book-speed", "book-zomma", "book-rho-1bp", "scenario-worst-loss", "venue-exposure", "book-pin",
                "liquidation-distance-down",
            ],
            spares: ["atm-volatility-7d", "book-concentration", "clock"])
        expect(
            "the book's weights",
            state(book: Book(book.positions.enumerated().map { i, p in Position(p.instrument, quantity: p.quantity * Double(1 + i)) })),
            touches: ["log-moneyness", "time-to-expiry", "implied-volatility", "forward", "book-concentration"], spares: ["basis-30d"])
        var richer = account
        (richer.equity, richer.initialMargin, richer.maintenanceMargin) = (5, 4.95, 4.9)
        richer.fills = TimeSeries(account.fills.elements.filter { $0.time < StateFixture.hours(-50) })
        richer.venues = account.venues.map { venue in
            var venue = venue
            (venue.balance, venue.locked, venue.haircut) = (venue.balance * venue.balance, venue.locked + 1, 0.5)
            (venue.withdrawalMinutes, venue.isPaused) = ([300], true)
            venue.defaultProbability *= 3
            venue.stressedDefaultProbability *= 3
            venue.insuranceFund = 7
            venue.offExchangeShare = 0.9
            return venue
        }
        expect(
            "the account", state(account: richer),
            touches: [
                "maintenance-margin-use", "initial-margin-use", "worst-loss-of-equity", "liquidation-distance-up", "inventory-age",
                "hours-since-fill", "forward-move-since-fill", "volatility-move-since-fill", "net-delta-since-fill", "venue-exposure",
                "venue-expected-loss", "venue-expected-loss-stressed", "venue-limit-use", "venue-share-limit-use", "venue-locked-limit-use",
                "off-exchange-share", "withdrawal-minutes", "venues-paused", "venue-wrong-way", "insurance-cover", "venue-haircut-value",
            ], spares: ["book-vega", "scenario-worst-loss"])
        // Another surface and its quotes at the same time.
        var slices = market.surface.slices
        for i in slices.indices {
            slices[i].forward *= 1.01 + 0.002 * Double(i)
            slices[i].smile = .svi(
                SVISlice(
                    atTheMoney: (0.2 + 0.03 * Double(i)) * slices[i].timeToExpiry, rho: -0.1, phi: 1.5 / slices[i].timeToExpiry.squareRoot()
                ))
        }
        let surface = VolatilitySurface(time: full.time, currency: "BTC", index: 81_000, slices: slices)
        var interest = market.interest
        (interest.openPuts, interest.volume) = (500, 90)
        let chains = market.chains.map { chain in
            var chain = chain
            chain.quotes = chain.quotes.dropLast().map { quote in
                var quote = quote
                quote.bid -= 0.0002
                quote.bidVolatility -= 0.01
                quote.markVolatility = quote.markVolatility! + 0.1
                return quote
            }
            return chain
        }
        let moved = ObservedMarket(surface: surface, perpetual: 82_000, chains: chains, interest: interest)
        expect(
            "the snapshot", state(moved),
            touches: [
                "atm-volatility-180d", "vega-cost", "gamma-cost", "atm-spread-ticks", "marks-inside", "liquid-share", "open-interest-puts",
                "option-turnover-24h", "wings-call-slope-7d", "butterfly-health", "perpetual-premium", "funding-8h", "basis-slope",
            ], spares: ["realised-ewma-1h", "funding-1d", "clock"])
        let tomorrow = StateFixture.surface(daysAgo: -1.3)
        expect(
            "another time", MarketState(StateFixture.market(tomorrow), book: book, past: past, account: account),
            touches: ["hour-of-day", "day-of-week", "minutes-to-expiry-hour", "minutes-to-funding", "hours-since-option-trade"], spares: [])
        let untouched = Set(FeaturePipeline().names).subtracting(seen)
        #expect(untouched.isEmpty, "\(untouched.map(\.rawValue).sorted())")
    }
}

extension VolatilitySurface {
    /// The same surface, said to be of another time.
    func moved(to time: Timestamp) -> VolatilitySurface {
        VolatilitySurface(time: time, currency: currency, index: index, slices: slices)
    }
}
