import Features
import Market
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
}
