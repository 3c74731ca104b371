import Features
import Hedging
import LinearAlgebra
import Market
import Pricing
import Probability
import RealModule
import Stochastics
import Testing

@Suite struct AnalyticStrategyTests {
    /// One sold option with the Black figures of each state, hedged with the spot.
    func batch(
        _ kind: OptionKind = .call, logSpotOverStrike: [Double], volatility: Double, years: Double, cost: Double, held: Double,
        quantity: Double = -1
    ) -> DecisionBatch {
        let count = logSpotOverStrike.count
        let spots = logSpotOverStrike.map { Double.exp($0) }
        let greeks = spots.map { Black76.greeks(kind, forward: $0, strike: 1, volatility: volatility, timeToExpiry: years) }
        func column(_ value: (Int) -> Double) -> [Double] { (0..<count).map(value) }
        func matrix(_ value: (Int) -> Double) -> Matrix<Double> { Matrix(rows: count, columns: 1) { row, _ in value(row) } }
        return DecisionBatch(
            features: FeatureMatrix(
                names: [.bookDelta, .bookGamma, .forward, .bookQuantity, .logMoneyness, .timeToExpiry, .impliedVolatility],
                columns: [
                    column { quantity * greeks[$0].delta }, column { quantity * greeks[$0].gamma }, spots, column { _ in quantity },
                    column { -logSpotOverStrike[$0] }, column { _ in years }, column { _ in volatility },
                ]),
            instruments: [HedgeInstrument(name: "spot", kind: .underlying, cost: TradingCost(proportional: cost))],
            prices: matrix { spots[$0] }, deltas: matrix { _ in 1 }, gammas: matrix { _ in 0 }, vegas: matrix { _ in 0 },
            holdings: matrix { _ in held })
    }

    /// Vectors printed in pfhedge's documentation of its Whalley-Wilmott module.
    @Test(
        "Whalley-Wilmott trades to the nearest edge",
        arguments: [(1e-5, [0.2946, 0.5, 0.5, 0.5, 0.7284]), (0, [0.2239, 0.4497, 0.5126, 0.5752, 0.7945])] as [(Double, [Double])])
    func whalleyWilmott(cost: Double, expected: [Double]) {
        let batch = batch(logSpotOverStrike: [-0.05, -0.01, 0, 0.01, 0.05], volatility: 0.2, years: 0.1, cost: cost, held: 0.5)
        let holdings = WhalleyWilmottHedge(riskAversion: 1).targetHoldings(batch)
        for (found, expected) in zip(holdings.storage, expected) { #expect((found - expected).magnitude < 5.1e-5) }
    }

    @Test("Leland's volatility is above for a sold option and below for a bought one, whose band of volatility ends at zero")
    func lelandVolatility() {
        let year = LelandHedge.volatility(0.2, costRate: 0.001, timeStep: 1.0 / 365, sold: true)
        // σ² (1 + √(2/π) · 0.002 / (0.2 √(1/365)))
        #expect((year * year - 0.04 * (1 + 0.7978845608 * 0.002 / (0.2 / 365.0.squareRoot()))).magnitude < 1e-10)
        #expect(LelandHedge.volatility(0.2, costRate: 0.1, timeStep: 1.0 / 365, sold: false) == 0)
    }

    @Test("Leland holds the Black delta at its own volatility, calls and puts alike", arguments: [OptionKind.call, .put], [1.0, -1])
    func leland(kind: OptionKind, quantity: Double) {
        let moneyness = [-0.2, -0.03, 0, 0.04, 0.3]
        let batch = batch(kind, logSpotOverStrike: moneyness, volatility: 0.3, years: 0.2, cost: 2e-3, held: 0, quantity: quantity)
        let holdings = LelandHedge(timeStep: 1.0 / 52).targetHoldings(batch)
        let volatility = LelandHedge.volatility(0.3, costRate: 2e-3, timeStep: 1.0 / 52, sold: quantity < 0)
        for (x, holding) in zip(moneyness, holdings.storage) {
            let greeks = Black76.greeks(kind, forward: .exp(x), strike: 1, volatility: volatility, timeToExpiry: 0.2)
            #expect((holding + quantity * greeks.delta).magnitude < 1e-12)
        }
    }

    @Test("the simulated market's Black columns are the plain formula's")
    func columns() throws {
        let market = try SimulatedMarket(
            simulator: BlackScholesSimulator(volatility: 0.35), grid: TimeGrid(),
            claim: SimulatedClaim(legs: [.init(.call, strike: 103, quantity: -2), .init(.put, strike: 95, quantity: 0.5)]),
            stream: RandomStream(seed: 8, purpose: .evaluationPaths))
        let names: [FeatureName] = [.bookDelta, .bookNetDelta, .bookGamma, .bookVega, .bookVanna, .bookValue, .forward, .timeToExpiry]
        let paths = market.paths(0..<20, features: names)
        for step in [0, 13, 29] {
            let features = paths.decision(step: step, holdings: Matrix(rows: 20, columns: 1)).features
            for i in 0..<20 {
                func book(_ figure: (BlackGreeks) -> Double) -> Double {
                    market.claim.legs.reduce(0) {
                        $0 + $1.quantity
                            * figure(
                                Black76.greeks(
                                    $1.kind, forward: features[.forward][i], strike: $1.strike, volatility: 0.35,
                                    timeToExpiry: features[.timeToExpiry][i]))
                    }
                }
                for (name, expected) in [
                    (FeatureName.bookDelta, book(\.delta)), (.bookGamma, book(\.gamma)), (.bookVega, book(\.vega)),
                    (.bookVanna, book(\.vanna)), (.bookValue, book(\.price)),
                    (.bookNetDelta, book(\.delta) - book(\.price) / features[.forward][i]),
                ] {
                    #expect((features[name][i] - expected).magnitude < 1e-10 * max(1, expected.magnitude), "\(name)")
                }
            }
        }
    }
}
