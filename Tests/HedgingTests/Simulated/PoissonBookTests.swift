import Features
import Hedging
import LinearAlgebra
import Pricing
import Probability
import RealModule
import Stochastics
import Testing

/// Spot 10, volatility 30 %, contracts of 100, clients' 60-day options once a day, 30 days of 252 a year.
@Suite struct PoissonBookTests {
    static let grid = TimeGrid(maturityDays: 30, daysPerYear: 252, steps: 30)
    static let flat = BlackScholesSimulator(spot: 10, volatility: 0.3)
    static let sabr = SABRSimulator(spot: 10, volatility: 0.3, volatilityOfVolatility: 0.3, correlation: -0.7)

    static func market(_ simulator: any PathSimulator = flat, cost: Double = 0.02, seed: UInt64 = 1) throws -> PoissonBookMarket {
        try PoissonBookMarket(
            simulator: simulator, grid: grid, cost: TradingCost(proportional: cost), stream: RandomStream(seed: seed, purpose: .data))
    }

    @Test(
        "delta and delta-gamma: expected shortfall of the worst 5 % within 3 % of the published",
        arguments: [(false, 0.02, 36.64, 21.10), (true, 0.01, 52.91, 31.55)])
    func published(stochastic: Bool, cost: Double, delta: Double, gamma: Double) throws {
        let market = try Self.market(stochastic ? Self.sabr : Self.flat, cost: cost)
        let measure = RiskMeasure.expectedShortfall(level: 0.95)
        for (strategy, expected) in [(DeltaHedge() as any HedgingStrategy, delta), (GammaBandHedge(), gamma)] {
            let losses = Rollout.run(strategy, on: market, paths: 0..<50_000).losses
            #expect((try measure.value(losses: losses) / expected - 1).magnitude < 0.03, "\(strategy.name)")
        }
    }

    @Test("clients come as a Poisson law says, and as many buy as sell; the first buys for certain")
    func clients() throws {
        let market = try Self.market()
        let count = 200_000
        let paths = market.paths(0..<4, features: [.bookGamma])
        let first = paths.decision(step: 0, holdings: Matrix(rows: 4, columns: 30))
        let tau = 60.0 / 252
        let deviation = 0.3 * tau.squareRoot()
        let gamma = NormalDistribution.density(deviation / 2) / (10 * deviation)
        #expect(first.features[.bookGamma].allSatisfy { ($0 + 100 * gamma).magnitude < 1e-9 })
        // Net trades of a date: mean 0, variance 1, fourth moment 1 + 3.
        let net = (0..<count).map { market.netSold(path: $0, step: 1 + $0 % 29) }
        let moments = [1, 2, 4].map { power in net.reduce(0) { $0 + Double.pow($1, power) } / Double(count) }
        #expect(moments[0].magnitude < 0.01 && (moments[1] - 1).magnitude < 0.02 && (moments[2] - 4).magnitude < 0.15)
    }

    @Test("a book that sells one contract and buys the day's option for it, both of the same life, loses what trading cost")
    func offset() throws {
        var settings = PoissonBookMarket.Settings()
        settings.arrivalsPerDay = 0
        settings.clientDays = 30
        let market = try PoissonBookMarket(
            simulator: Self.sabr, grid: Self.grid, settings: settings, cost: TradingCost(proportional: 0.01),
            stream: RandomStream(seed: 2, purpose: .data))
        let outcome = Rollout.run(GammaBandHedge(), on: market, paths: 0..<100)
        #expect(zip(outcome.profit, outcome.tradingCost).allSatisfy { ($0 + $1).magnitude < 1e-9 })
        #expect(outcome.turnover.allSatisfy { ($0 - 1).magnitude < 1e-9 })
    }

    @Test("gains are those of options revalued one by one, delta hedged from day to day")
    func gains() throws {
        let paths = try Self.market().paths(0..<3, features: [.forward])
        let none = Matrix<Double>(rows: 3, columns: 30)
        let spots = (0..<30).map { paths.decision(step: $0, holdings: none).features[.forward] }
        for (start, date) in [(0, 0), (0, 28), (7, 20), (28, 28)] {
            func figures(_ t: Int) -> (value: Double, delta: Double) {
                let greeks = Black76.greeks(
                    .call, forward: spots[t][1], strike: spots[start][1], volatility: 0.3, timeToExpiry: Double(30 - t + start) / 252)
                return (100 * greeks.price, 100 * greeks.delta)
            }
            let (before, after) = (figures(date), figures(date + 1))
            let expected = after.value - before.value - before.delta * (spots[date + 1][1] - spots[date][1])
            #expect((paths.gains(step: date)[1, start] - expected).magnitude < 1e-9)
        }
        #expect(paths.gains(step: 7)[1, 8] == 0)
    }

    @Test("in SABR's market every option is valued at Hagan's volatility for the first strike and the end of the grid")
    func hagan() throws {
        let block = Self.sabr.paths(0..<5, on: Self.grid, stream: RandomStream(seed: 1, purpose: .data))
        let paths = try Self.market(Self.sabr).paths(0..<5, features: [.impliedVolatility])
        for t in [0, 10, 29] {
            let found = paths.decision(step: t, holdings: Matrix(rows: 5, columns: 30)).features[.impliedVolatility]
            for i in 0..<5 {
                let smile = SABRSmile(alpha: block.variance[t][i].squareRoot(), volatilityOfVolatility: 0.3, correlation: -0.7)
                let expected = smile.impliedVolatility(
                    forward: block.spot[t][i], strike: 10, timeToExpiry: Self.grid.timeToMaturity(t))
                #expect((found[i] - expected).magnitude < 1e-12)
            }
        }
    }

    @Test("markets without a volatility to value options at, and options that end before the grid, are refused")
    func refused() {
        #expect(throws: SimulatedMarketError.noImpliedVolatility(simulator: "heston")) { try Self.market(HestonSimulator()) }
        #expect(throws: SimulatedMarketError.optionExpiresEarly(days: 20, gridDays: 30)) {
            var settings = PoissonBookMarket.Settings()
            settings.hedgeDays = 20
            _ = try PoissonBookMarket(
                simulator: Self.flat, grid: Self.grid, settings: settings, stream: RandomStream(seed: 1, purpose: .data))
        }
    }
}
