import Features
import Market
import Pricing
import RealModule
import Surface

/// A market state made by hand: two slices, a book, an hourly history.
enum StateFixture {
    static let time = Timestamp(milliseconds: 1_770_000_000_000)

    static func timestamp(days: Double) -> Timestamp { Timestamp(nanoseconds: time.nanoseconds + Int64(days * 86_400e9)) }

    static func slice(days: Double, volatility: Double = 0.5, rho: Double = -0.3) -> SurfaceSlice {
        let years = days / 365
        let theta = volatility * volatility * years
        let phi = 1 / theta.squareRoot()
        return SurfaceSlice(
            expiry: timestamp(days: days), timeToExpiry: years, forward: 80_000 * Double.exp(0.05 * years),
            smile: .svi(SVISlice(atTheMoney: theta, rho: rho, phi: phi)),
            quoted: -2 * theta.squareRoot()...2 * theta.squareRoot())
    }

    static var surface: VolatilitySurface {
        VolatilitySurface(
            time: time, currency: "BTC", index: 80_000,
            slices: [slice(days: 5), slice(days: 40, volatility: 0.55), slice(days: 200, volatility: 0.6)])
    }

    static var flat: VolatilitySurface {
        VolatilitySurface(
            time: time, currency: "BTC", index: 80_000,
            slices: [10.0, 100].map {
                SurfaceSlice(
                    expiry: timestamp(days: $0), timeToExpiry: $0 / 365, forward: 80_000, smile: .svi(SVISlice(flat: 0.36 * $0 / 365)),
                    quoted: -0.5...0.5)
            })
    }

    static func option(_ kind: OptionKind, strike: Double, days: Double, quantity: Double) -> Position {
        Position(
            .option(OptionContract(underlying: "BTC", kind: kind, strike: strike, expiry: timestamp(days: days), settlement: .inverse)),
            quantity: quantity)
    }

    static var book: Book {
        Book([
            option(.call, strike: 85_000, days: 40, quantity: -3), option(.put, strike: 70_000, days: 40, quantity: 2),
            option(.call, strike: 80_000, days: 0.5, quantity: -1), option(.put, strike: 60_000, days: 200, quantity: 1.5),
            Position(.perpetual(underlying: "BTC", settlement: .inverse), quantity: 0.7),
            Position(.future(underlying: "BTC", expiry: timestamp(days: 40), settlement: .inverse), quantity: -0.2),
            Position(.spot("BTC"), quantity: 1), Position(.spot("ETH"), quantity: 9),
            option(.call, strike: 80_000, days: -1, quantity: 5),
        ])
    }

    /// Forty days of hourly bars whose log price is a fixed zigzag; `after` bars end later than the state's time.
    static func history(after: Int = 0, shift: Double = 0) -> PriceHistory {
        var price = 80_000.0
        return PriceHistory(
            (-960..<after).map { hour in
                let open = price
                price *= Double.exp(0.004 * Double.sin(Double(hour) * 1.7) + 0.001 * Double.cos(Double(hour) * 0.31))
                if hour >= 0 { price *= 1 + shift }
                return PriceBar(
                    end: Timestamp(nanoseconds: time.nanoseconds + Int64(hour + 1) * 3_600_000_000_000), open: open,
                    high: max(open, price) * 1.001, low: min(open, price) * 0.999, close: price)
            })
    }

    static var state: MarketState {
        MarketState(surface: surface, perpetual: 80_080, book: book, history: history())
    }

    // MARK: Everything there is to see

    /// Quotes a hundredth of a volatility wide about the surface, nine strikes an expiry; some of the venue's marks lie outside.
    static func chains(of surface: VolatilitySurface) -> [ExpiryChain] {
        surface.slices.map { slice in
            let width = slice.smile.totalVariance(atLogMoneyness: 0).squareRoot()
            let quotes = (0..<9).map { i in
                let k = width * (-1.5 + 3 * Double(i) / 8)
                let volatility = (slice.smile.totalVariance(atLogMoneyness: k) / slice.timeToExpiry).squareRoot()
                let kind: OptionKind = k < 0 ? .put : .call
                let price = { (s: Double) in
                    Black76.price(kind, forward: 1, strike: Double.exp(k), totalVariance: s * s * slice.timeToExpiry)
                }
                let middle = volatility + 0.001 * Double(i % 3)
                return SmileQuote(
                    kind: kind, strike: slice.forward * Double.exp(k), logMoneyness: k, bid: price(middle - 0.005),
                    ask: price(middle + 0.005),
                    bidVolatility: middle - 0.005, askVolatility: middle + 0.005,
                    markVolatility: volatility + (i == 0 ? 0.02 : 0))
            }
            return ExpiryChain(
                expiry: slice.expiry, timeToExpiry: slice.timeToExpiry, forward: slice.forward, parity: nil, listed: 12,
                refusals: ["too-wide": 3],
                quotes: quotes)
        }
    }

    static func market(_ surface: VolatilitySurface = surface, perpetual: Double? = 80_080) -> ObservedMarket {
        var interest = OptionInterest()
        (interest.openCalls, interest.openPuts, interest.volume, interest.listed) = (300, 100, 50, 36)
        return ObservedMarket(surface: surface, perpetual: perpetual, chains: chains(of: surface), interest: interest)
    }

    /// The surface so many days before, its level, slope and forward a little elsewhere.
    static func surface(daysAgo: Double) -> VolatilitySurface {
        let move = 0.02 * Double.sin(daysAgo * 2.1) + 0.01 * Double.cos(daysAgo * 0.7)
        let past = Timestamp(nanoseconds: time.nanoseconds - Int64(daysAgo * 86_400e9))
        return VolatilitySurface(
            time: past, currency: "BTC", index: 80_000 * Double.exp(move),
            slices: [5.0, 40, 200].map { days in
                var slice = slice(days: days, volatility: 0.5 + days / 2000 - 0.6 * move, rho: -0.3 + move)
                slice.expiry = Timestamp(nanoseconds: past.nanoseconds + Int64(days * 86_400e9))
                slice.forward = 80_000 * Double.exp(move * (1 + 0.01 * Double.sin(daysAgo * 5)) + 0.05 * days / 365)
                return slice
            })
    }

    static func hours(_ hours: Double) -> Timestamp { timestamp(days: hours / 24) }

    /// Ninety days of daily surfaces, 120 of hourly bars and a last day of five-minute ones, and a week of everything else; `after` is how
    /// many days of each come later than the state.
    static func past(after: Double = 0) -> MarketHistory {
        var price = 80_000.0
        func bar(_ end: Timestamp, _ step: Int) -> PriceBar {
            let open = price
            price *= Double.exp(0.004 * Double.sin(Double(step) * 1.7) + 0.003 * Double.cos(Double(step * step) * 0.31))
            return PriceBar(end: end, open: open, high: max(open, price) * 1.001, low: min(open, price) * 0.999, close: price)
        }
        let bars = (-2880..<(-24)).map { bar(hours(Double($0)), $0) } + (-288...Int(288 * after)).map { bar(hours(Double($0) / 12), $0) }
        let steps = stride(from: -168.0, through: 24 * after, by: 1)
        let option = { (strike: Double, days: Double) in
            Self.option(.call, strike: strike, days: days, quantity: 1).instrument
        }
        let buckets = [0.5, 2, 5, 10, 20, 40, 120, 200.0]
        return MarketHistory(
            prices: PriceHistory(bars),
            surfaces: stride(from: 90.5, to: -after, by: -1).map {
                SurfacePoint(surface(daysAgo: $0), perpetual: surface(daysAgo: $0).index)
            },
            funding: stride(from: -168.0, through: 24 * after, by: 8).map {
                FundingPayment(time: hours($0), rate: 1e-4 * (1 + Double.sin($0)))
            },
            volatilityIndex: steps.map { IndexedVolatility(time: hours($0), volatility: 0.55 + 0.001 * Double.sin($0)) },
            quotes: stride(from: -120.0, through: 1440 * after, by: 0.5).map { minutes in
                let tick = 10 * Double.sin(minutes).rounded()
                return TopOfBook(
                    time: hours(minutes / 60), bid: 80_000 + tick, bidSize: 3 + Double.sin(minutes * 3), ask: 80_010 + tick,
                    askSize: 2 + Double.cos(minutes))
            },
            trades: steps.flatMap { hour -> [MarketTrade] in
                let sign = Double.sin(hour * 7) > 0 ? 1.0 : -1
                let days = buckets[Int(hour.magnitude) % 8]
                return [
                    MarketTrade(time: hours(hour), instrument: option(82_000, days), quantity: 2 * sign),
                    MarketTrade(
                        time: hours(hour - 0.2), instrument: .perpetual(underlying: "BTC", settlement: .inverse), quantity: -0.5 * sign),
                ]
            },
            stablecoin: steps.map { StablecoinPrice(time: hours($0), price: 0.999 + 1e-4 * Double.sin($0)) })
    }

    /// An account with two venues, margins and fills; `after` days of fills come later than the state.
    static func account(after: Double = 0) -> Account {
        var first = VenueAccount(venue: "deribit", balance: 10)
        (first.unsettled, first.borrowed, first.locked, first.haircut) = (0.5, 1, 4, 0.05)
        (first.defaultProbability, first.stressedDefaultProbability, first.lossGivenDefault) = (0.02, 0.1, 0.6)
        (first.offExchangeShare, first.offExchangeLossGivenDefault) = (0.25, 0.1)
        (first.exposureLimit, first.lockedLimit, first.shareLimit) = (12, 8, 0.8)
        (first.withdrawalMinutes, first.insuranceFund, first.stablecoinShare) = ([10, 20], 1500, 0.3)
        var second = VenueAccount(venue: "other", balance: 5)
        (second.defaultProbability, second.isPaused, second.withdrawalMinutes) = (0.05, true, [90])
        let fills = stride(from: -97.0, through: 24 * after, by: 10).map { hour in
            Fill(
                time: hours(hour), instrument: option(.call, strike: 85_000, days: 40, quantity: 1).instrument,
                quantity: Int(hour + 97) % 20 == 0 ? -2 : 1, netDelta: 0.3 + hour / 1000)
        }
        return Account(equity: 4, initialMargin: 3.9, maintenanceMargin: 3.8, venues: [first, second], fills: fills)
    }

    /// A book with a position in each bucket of days beside ``book``.
    static var wideBook: Book {
        Book(
            book.positions
                + [0.5, 2, 5, 10, 20, 40, 120, 200].enumerated().flatMap { i, days in
                    [
                        option(.put, strike: 75_000 + 500 * Double(i), days: days, quantity: i % 2 == 0 ? -1.5 : 2),
                        Position(.future(underlying: "BTC", expiry: timestamp(days: days), settlement: .inverse), quantity: 0.1),
                    ]
                })
    }

    static func full(after: Double = 0) -> MarketState {
        MarketState(market(), book: wideBook, past: past(after: after), account: account(after: after))
    }
}
