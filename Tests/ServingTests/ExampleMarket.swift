import Market
import Pricing

/// A simulated snapshot: four expiries, a smile of total variance that is convex in strike and rises with time, quotes one tick wide.
enum ExampleMarket {
    static let time = Timestamp(nanoseconds: 1_768_512_000_000_000_000)  // 2026-01-15T21:20:00Z
    static let index = 95_000.0

    static func snapshot(time: Timestamp = time) -> MarketSnapshot {
        var options: [OptionQuote] = []
        for (date, forward) in [("23JAN26", 95_050.0), ("30JAN26", 95_120), ("27FEB26", 95_500), ("27MAR26", 96_000)] {
            for strike in stride(from: 70_000.0, through: 130_000, by: 5_000) {
                for kind in ["C", "P"] {
                    guard let instrument = try? DeribitName.parse("BTC-\(date)-\(Int(strike))-\(kind)"),
                        case .option(let contract) = instrument
                    else { continue }
                    let years = time.years(to: contract.expiry)
                    let k = Double.log(strike / forward)
                    let volatility = 0.42 - 0.08 * k + 0.25 * k * k
                    let mark =
                        Black76.price(contract.kind, forward: forward, strike: strike, totalVariance: volatility * volatility * years)
                        / forward
                    let tick = mark < 0.005 ? 0.0001 : 0.0005
                    let bid = (mark / tick).rounded(.down) * tick
                    options.append(
                        OptionQuote(
                            contract: contract, quote: Quote(bid: bid > 0 ? bid : nil, ask: bid + tick, mark: mark),
                            markVolatility: volatility,
                            delta: nil, vega: nil, openInterest: 10, volume: 1, forward: forward, forwardName: "BTC-\(date)", index: index))
                }
            }
        }
        return MarketSnapshot(
            time: time, currency: "BTC", index: index, options: options, perpetual: Quote(bid: 95_009.5, ask: 95_010, mark: 95_010))
    }

    static let book = Book([
        Position(option("BTC-27FEB26-100000-C"), quantity: -10), Position(option("BTC-27MAR26-85000-P"), quantity: -4),
        Position(.perpetual(underlying: "BTC", settlement: .inverse), quantity: 1.5),
    ])

    private static func option(_ name: String) -> Instrument {
        guard let instrument = try? DeribitName.parse(name) else { preconditionFailure("\(name) is no Deribit name") }
        return instrument
    }
}
