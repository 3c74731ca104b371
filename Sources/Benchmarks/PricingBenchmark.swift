import Market
import Pricing
import Probability
import RealModule
import Surface

extension Benchmark {
    static let pricing = Benchmark(name: "pricing", summary: "option prices, implied volatilities, smiles and models") { run in
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
        rows += try run.row(
            "Black-76, price and four Greeks", work: "\(grouped(count)) states", units: Double(count), peer: "price alone, one by one",
            own: { columns(Set(BlackColumns.Figure.allCases)).value[count - 1] },
            than: {
                (0..<count).reduce(0) {
                    $0
                        + Black76.price(
                            .call, forward: forwards[$1], strike: 100, totalVariance: volatilities[$1] * volatilities[$1] * 0.1)
                }
            })
        // Few enough to stay in the caches, as the chain of a live market does.
        let chains = optionChains(count: 16)
        let inversions = run.size(640)
        let options = inversions * chains[0].prices.count
        let work = "\(grouped(options)) prices, \(run.workers.threads) threads"
        func invert() -> Double {
            run.workers.map(count: inversions) { index in
                let chain = chains[index % chains.count]
                return ImpliedDeviations(
                    chain.kinds, prices: chain.prices, forwards: chain.forwards, strikes: chain.strikes
                ).values.reduce(0, +)
            }.reduce(0, +)
        }
        rows += try run.row(
            "implied volatility of chains", work: work, units: Double(options), peer: "one by one, one thread", own: invert,
            than: {
                try (0..<inversions).reduce(0.0) { sum, index in
                    let chain = chains[index % chains.count]
                    return try chain.prices.indices.reduce(sum) { sum, i in
                        sum
                            + (try ImpliedVolatility.totalDeviation(
                                chain.kinds[i], price: chain.prices[i], forward: chain.forwards[i], strike: chain.strikes[i]))
                    }
                }
            })
        rows += try run.rows(
            "implied volatility of chains", work: work, units: Double(options),
            engines: [
                ("lbriv", "compiled Jaeckel (lbriv)"), ("fast-vollib", "fast-vollib"), ("quantlib-implied", "QuantLib, one thread"),
            ], ["--chains", "\(inversions)"], own: invert)
        let heston = HestonModel(meanReversion: 1, longRunVariance: 0.04, volatilityOfVariance: 2, correlation: -0.7)
        rows += try run.row(
            "Heston call by Fourier", work: "1 price", units: 1,
            own: { heston.price(.call, forward: 100, strike: 100, variance: 0.04, timeToExpiry: 30.0 / 365) })

        let quotes = (0..<40).map { index in
            let k = -0.5 + 0.025 * Double(index)
            let volatility = (0.3 + 0.5 * (-0.4 * (k - 0.02) + ((k - 0.02) * (k - 0.02) + 0.01).squareRoot())).squareRoot()
            return SmileQuote(
                kind: k < 0 ? .put : .call, strike: 100 * Double.exp(k), logMoneyness: k, bid: 0, ask: 0, bidVolatility: volatility - 0.005,
                askVolatility: volatility + 0.005)
        }
        rows += try run.row(
            "SVI slice", work: "40 quotes", units: 1,
            own: { SVICalibration().fit(quotes, timeToExpiry: 0.1)?.loss ?? 0 })
        let expiries = (1...12).map { month in smile(years: Double(month) / 12, strikes: 25) }
        func fitSurface() -> Double {
            expiries.reduce(0.0) { $0 + (SVICalibration().fit($1.quotes, timeToExpiry: $1.years)?.loss ?? 0) }
        }
        rows += try run.row("SVI surface", work: "12 expiries of 25 strikes", units: 1, own: fitSurface)
        rows += try run.rows(
            "SVI surface", work: "12 expiries of 25 strikes", units: 1,
            engines: [("quantlib-svi", "QuantLib"), ("scipy-svi", "SciPy, analytic gradient")], own: fitSurface)
        let previous = expiries.map { SVICalibration().fit($0.quotes, timeToExpiry: $0.years)?.slice }
        rows += try run.row(
            "SVI surface from the snapshot before", work: "12 expiries of 25 strikes", units: 1,
            own: {
                zip(expiries, previous).reduce(0.0) {
                    $0 + (SVICalibration().fit($1.0.quotes, timeToExpiry: $1.0.years, previous: $1.1)?.loss ?? 0)
                }
            })
        for family in ModelCalibration.Family.allCases {
            let calibration = ModelCalibration(family: family)
            let chains = (1...12).map { chain(of: family, years: Double($0) / 12, strikes: 25) }
            func calibrate() -> Double { calibration.fit(chains)?.report.residual ?? .nan }
            let name = "\(family.rawValue) calibration"
            rows += try run.row(name, work: "12 expiries of 25 strikes", units: 1, own: calibrate)
            guard family == .heston else { continue }
            rows += try run.rows(
                name, work: "12 expiries of 25 strikes", units: 1, engines: [("quantlib-heston", "QuantLib")], own: calibrate)
        }
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

    /// Quotes of a model with jumps where the family has them, over two standard deviations on each side, a hundredth of a volatility wide.
    private static func chain(of family: ModelCalibration.Family, years: Double, strikes: Int) -> ExpiryChain {
        let parameters = Array([0.3, 3, 0.4, 1.4, -0.3, 3, -0.08, 0.1, 0.2, -0.2].prefix(family.parameters))
        let (model, variance) = HestonJumpModel.model(of: parameters)
        let quotes = (0..<strikes).map { index in
            let k = (-2 + 4 * Double(index) / Double(strikes - 1)) * 0.6 * years.squareRoot()
            let kind: OptionKind = k < 0 ? .put : .call
            let price = model.price(kind, forward: 1, strike: Double.exp(k), variance: variance, timeToExpiry: years)
            let half = 0.005 * Black76.greeks(kind, forward: 1, strike: Double.exp(k), volatility: 0.6, timeToExpiry: years).vega
            let middle = price + (index % 2 == 0 ? 0.1 : -0.1) * half
            return SmileQuote(
                kind: kind, strike: 100 * Double.exp(k), logMoneyness: k, bid: middle - half, ask: middle + half, bidVolatility: 0.595,
                askVolatility: 0.605)
        }
        return ExpiryChain(
            expiry: Timestamp(nanoseconds: Int64(years * 365 * 86_400e9)), timeToExpiry: years, forward: 100, listed: strikes,
            quotes: quotes)
    }

    private struct OptionChain: Sendable {
        var (kinds, prices, forwards, strikes): ([OptionKind], [Double], [Double], [Double]) = ([], [], [], [])
    }

    /// Chains as a crypto venue lists them: 16 expiries from a day to a year, 50 strikes over two and a half deviations to either side,
    /// a call and a put at each.
    private static func optionChains(count: Int) -> [OptionChain] {
        (0..<count).map { index in
            var chain = OptionChain()
            let forward = 90_000 * Double.exp(0.2 * Double.sin(Double(index)))
            for expiry in 0..<16 {
                let years = Double.exp(Double(expiry) / 15 * Double.log(365)) / 365
                for strike in 0..<50 {
                    let h = -2.5 + 5 * Double(strike) / 49
                    let deviation = (0.5 + 0.1 * h * h / 6 - 0.02 * h) * years.squareRoot()
                    let strike = forward * Double.exp(h * deviation)
                    for kind in OptionKind.allCases {
                        chain.kinds.append(kind)
                        chain.forwards.append(forward)
                        chain.strikes.append(strike)
                        chain.prices.append(
                            Black76.price(kind, forward: forward, strike: strike, totalVariance: deviation * deviation))
                    }
                }
            }
            return chain
        }
    }
}
