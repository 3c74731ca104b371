import Market
import Pricing
import Probability
import RealModule
import Surface

extension Benchmark {
    static let pricing = Benchmark(name: "pricing", summary: "option prices, implied volatilities and smiles on one thread") { run in
        var rows: [BenchmarkRow] = []
        let count = run.size(200_000, minimum: 100)
        let stream = RandomStream(seed: 1, purpose: .data)
        let forwards = (0..<count).map { 100 * Double.exp(0.1 * stream.normal(path: $0, step: 0)) }
        let volatilities = (0..<count).map { 0.2 + 0.6 * stream.uniform(path: $0, step: 1) }
        let logForwards = forwards.map { Double.log($0) }
        func columns(_ figures: Set<BlackColumns.Figure>) -> BlackColumns {
            BlackColumns(
                .call, strike: 100, timeToExpiry: 0.1, logSpot: logForwards, spot: forwards, volatility: volatilities, figures: figures)
        }
        rows.append(
            try run.row(
                "Black-76, price and four Greeks", work: "\(grouped(count)) states", units: Double(count), peer: "price alone, one by one",
                own: { columns(Set(BlackColumns.Figure.allCases)).value[count - 1] },
                than: {
                    (0..<count).reduce(0) {
                        $0
                            + Black76.price(
                                .call, forward: forwards[$1], strike: 100, totalVariance: volatilities[$1] * volatilities[$1] * 0.1)
                    }
                }))
        let prices = columns([.value]).value
        rows.append(
            try run.row(
                "implied volatility", work: "\(grouped(count)) prices", units: Double(count), peer: "60 halvings",
                own: {
                    try (0..<count).reduce(0) {
                        $0 + (try ImpliedVolatility.totalDeviation(.call, price: prices[$1], forward: forwards[$1], strike: 100))
                    }
                }, than: { (0..<count).reduce(0) { $0 + halved(prices[$1], forward: forwards[$1], strike: 100) } }))
        let heston = HestonModel(meanReversion: 1, longRunVariance: 0.04, volatilityOfVariance: 2, correlation: -0.7)
        rows.append(
            try run.row(
                "Heston call by Fourier", work: "1 price", units: 1,
                own: { heston.price(.call, forward: 100, strike: 100, variance: 0.04, timeToExpiry: 30.0 / 365) }))

        let quotes = (0..<40).map { index in
            let k = -0.5 + 0.025 * Double(index)
            let volatility = (0.3 + 0.5 * (-0.4 * (k - 0.02) + ((k - 0.02) * (k - 0.02) + 0.01).squareRoot())).squareRoot()
            return SmileQuote(
                kind: k < 0 ? .put : .call, strike: 100 * Double.exp(k), logMoneyness: k, bid: 0, ask: 0, bidVolatility: volatility - 0.005,
                askVolatility: volatility + 0.005)
        }
        rows.append(
            try run.row(
                "SVI slice", work: "40 quotes", units: 1,
                own: { SVICalibration().fit(quotes, timeToExpiry: 0.1)?.loss ?? 0 }))
        let expiries = (1...12).map { month in smile(years: Double(month) / 12, strikes: 25) }
        rows.append(
            try run.row(
                "SVI surface", work: "12 expiries of 25 strikes", units: 1,
                own: {
                    expiries.reduce(0.0) { $0 + (SVICalibration().fit($1.quotes, timeToExpiry: $1.years)?.loss ?? 0) }
                }))
        return rows
    }

    /// Quotes about a slice of 60 % volatility and some skew, a hundredth of a volatility wide, over two standard deviations on each side.
    private static func smile(years: Double, strikes: Int) -> (quotes: [SmileQuote], years: Double) {
        let slice = SVISlice(atTheMoney: 0.36 * years, rho: -0.3, phi: 1.2 / (0.6 * years.squareRoot()))
        let quotes = (0..<strikes).map { index in
            let k = (-2 + 4 * Double(index) / Double(strikes - 1)) * 0.6 * years.squareRoot()
            let volatility = (slice.totalVariance(atLogMoneyness: k) / years).squareRoot()
            // Mids a tenth of a half-spread to either side, as quotes stand.
            let middle = volatility + (index % 2 == 0 ? 0.0005 : -0.0005)
            return SmileQuote(
                kind: k < 0 ? .put : .call, strike: 100 * Double.exp(k), logMoneyness: k, bid: 0, ask: 0, bidVolatility: middle - 0.005,
                askVolatility: middle + 0.005)
        }
        return (quotes, years)
    }

    /// Implied total deviation by bisection.
    private static func halved(_ price: Double, forward: Double, strike: Double) -> Double {
        var low = 0.0
        var high = 10.0
        for _ in 0..<60 {
            let middle = (low + high) / 2
            if Black76.price(.call, forward: forward, strike: strike, totalVariance: middle * middle) < price {
                low = middle
            } else {
                high = middle
            }
        }
        return low
    }
}
