import Features
import Hedging
import LinearAlgebra
import Market
import Pricing
import Probability
import RealModule
import Stochastics
import Testing

@Suite struct BasketOptionTests {
    static let correlations = Matrix(rows: 3, columns: 3, storage: [1, 0.5, 0.2, 0.5, 1, -0.1, 0.2, -0.1, 1])
    static let volatilities = [0.2, 0.35, 0.5]

    static func market(_ baskets: [BasketOption], steps: Int = 30, claims: [SimulatedClaim]? = nil) throws -> MultiAssetMarket {
        try MultiAssetMarket(
            simulator: MultiAssetSimulator(
                zip([100, 50, 80], volatilities).map { BlackScholesSimulator(spot: $0, volatility: $1) }, correlations: correlations),
            grid: TimeGrid(maturityDays: 60, steps: steps), claims: claims ?? [.none, .none, .none], baskets: baskets,
            stream: RandomStream(seed: 8, purpose: .evaluationPaths))
    }

    @Test("one asset, or assets that move as one, are Black's formula", arguments: OptionKind.allCases)
    func limits(kind: OptionKind) {
        let one = BasketOption(kind, weights: [2], strike: 210).figures([100], covariances: Matrix(rows: 1, columns: 1, storage: [0.04]))
        let black = Black76.greeks(kind, forward: 200, strike: 210, volatility: 0.2, timeToExpiry: 1)
        #expect((one.value - black.price).magnitude < 1e-11 && (one.deltas[0] - 2 * black.delta).magnitude < 1e-12)
        let two = BasketOption(kind, weights: [1, 0.5], strike: 210).figures(
            [120, 160], covariances: Matrix(rows: 2, columns: 2, repeating: 0.04))
        #expect((two.value - black.price).magnitude < 1e-11)
        #expect((two.deltas[0] - black.delta).magnitude < 1e-12 && (two.deltas[1] - 0.5 * black.delta).magnitude < 1e-12)
        let still = BasketOption(kind, weights: [1, 1], strike: 150).figures([120, 60], covariances: Matrix(rows: 2, columns: 2))
        #expect(still.value == (kind == .call ? 30 : 0))
    }

    @Test("deltas are the price's derivatives")
    func deltas() {
        let basket = BasketOption(.call, weights: [0.3, 1, 0.4], strike: 110)
        let covariances = Matrix(rows: 3, columns: 3) { Self.correlations[$0, $1] * Self.volatilities[$0] * Self.volatilities[$1] * 0.5 }
        let spots = [100.0, 50, 80]
        let found = basket.figures(spots, covariances: covariances).deltas
        for asset in 0..<3 {
            let moved = [1e-4, -1e-4].map { width in
                var spots = spots
                spots[asset] += width
                return basket.figures(spots, covariances: covariances).value
            }
            #expect((found[asset] - (moved[0] - moved[1]) / 2e-4).magnitude < 1e-8)
        }
    }

    @Test("the price is the mean payoff within a third of a per cent, and the deltas hedge it")
    func market() throws {
        let basket = BasketOption(.call, weights: [0.3, 1, 0.4], strike: 112, quantity: -1)
        let market = try Self.market([basket])
        let paths = market.paths(0..<60_000, features: [.bookValue, .logMoneyness])
        let payoffs = paths.liabilityGains.map { -$0 }
        let mean = payoffs.reduce(0, +) / 6e4
        let error = (payoffs.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / 6e4 / 6e4).squareRoot()
        let start = paths.decision(step: 0, holdings: Matrix(rows: 60_000, columns: 3)).features
        let price = -start[.bookValue][0]
        #expect((mean - price).magnitude < 4 * error + 0.003 * price, "\(mean) ± \(error), \(price)")
        #expect((start[.logMoneyness][0] - Double.log(112.0 / 112)).magnitude < 1e-12)
        func deviation(_ strategy: any HedgingStrategy) throws -> Double {
            try RiskMeasure.standardDeviation.value(losses: Rollout.run(strategy, on: market, paths: 0..<3000).losses)
        }
        #expect(try deviation(EachAssetHedge(DeltaHedge(), assets: 3)) < 0.2 * deviation(NoHedge()))
    }

    @Test("a basket beside claims on its assets: gains, values and deltas add up; gammas are the deltas' derivatives")
    func sum() throws {
        let basket = BasketOption(.put, weights: [0.3, 1, 0.4], strike: 115, quantity: 3)
        let claims: [SimulatedClaim] = [.call(strike: 100), .none, .put(strike: 85, quantity: 2)]
        let (both, own, only) = try (Self.market([basket], claims: claims), Self.market([], claims: claims), Self.market([basket]))
        let names: [FeatureName] =
            [.bookValue] + (1...3).flatMap { [FeatureName.bookDelta.ofAsset($0), FeatureName.bookGamma.ofAsset($0)] }
        let columns = [both, own, only].map { $0.paths(5..<45, features: names) }
        for i in 0..<40 {
            #expect((columns[0].liabilityGains[i] - columns[1].liabilityGains[i] - columns[2].liabilityGains[i]).magnitude < 1e-10)
        }
        let batches = columns.map { $0.decision(step: 12, holdings: Matrix(rows: 40, columns: 3)).features }
        for name in names {
            for i in 0..<40 { #expect((batches[0][name][i] - batches[1][name][i] - batches[2][name][i]).magnitude < 1e-10) }
        }
        #expect(batches[2][FeatureName.bookGamma.ofAsset(2)].allSatisfy { $0 > 0 })
        #expect(!both.availableFeatures.contains(FeatureName.bookVega.ofAsset(1)))
        #expect(throws: SimulatedMarketError.badClaim("a basket of 2 assets in a market of 3")) {
            try Self.market([BasketOption(.call, weights: [1, 1], strike: 1)])
        }
    }
}
