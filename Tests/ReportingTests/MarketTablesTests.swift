import Hedging
import Probability
import Reporting
import Stochastics
import Testing

@Suite struct HedgeRatioSurveyTests {
    static func market(_ claim: SimulatedClaim = .call(strike: 100)) throws -> SimulatedMarket {
        try SimulatedMarket(
            simulator: BlackScholesSimulator(spot: 100, volatility: 0.2), grid: TimeGrid(maturityDays: 30, steps: 6), claim: claim,
            costs: [TradingCost(proportional: 0.01)], stream: RandomStream(seed: 1, purpose: .evaluationPaths))
    }

    @Test("delta's hedge ratio of a sold call is N(d1) at every state, whatever was sold")
    func delta() throws {
        for quantity in [-1.0, -3, 2] {
            let grids = HedgeRatioSurvey.grids(of: [DeltaHedge(.plain)], on: try Self.market(.call(strike: 100, quantity: quantity)))
            let grid = try #require(grids.first)
            #expect(grid.timeToExpiry == grid.timeToExpiry.sorted())
            for (time, row) in zip(grid.timeToExpiry, grid.ratios) {
                for (k, ratio) in zip(grid.logMoneyness, row) {
                    let deviation = 0.2 * time.squareRoot()
                    #expect(abs(ratio - NormalDistribution.cdf(-k / deviation + deviation / 2)) < 1e-12)
                }
            }
        }
    }

    @Test("a band's hedge ratio is the middle of its band: delta for Whalley-Wilmott at the money")
    func band() throws {
        let grids = HedgeRatioSurvey.grids(of: [DeltaHedge(.plain), WhalleyWilmottHedge(riskAversion: 1)], on: try Self.market())
        let middle = grids[0].logMoneyness.count / 2
        for (delta, band) in zip(grids[0].ratios, grids[1].ratios) { #expect(abs(delta[middle] - band[middle]) < 1e-9) }
    }

    @Test("a sold put's ratio is -N(-d1); a book of several options has none")
    func others() throws {
        let put = try #require(HedgeRatioSurvey.grids(of: [DeltaHedge(.plain)], on: try Self.market(.put(strike: 100))).first)
        #expect(put.ratios.joined().allSatisfy { (-1.0...0).contains($0) })
        #expect(HedgeRatioSurvey.grids(of: [DeltaHedge(.plain)], on: try Self.market(.callSpread(strikes: (100, 110)))).isEmpty)
    }
}
