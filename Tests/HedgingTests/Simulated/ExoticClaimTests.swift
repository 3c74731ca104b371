import Features
import Hedging
import Learning
import LinearAlgebra
import Market
import Probability
import RealModule
import Stochastics
import Testing

@Suite struct ExoticClaimTests {
    static let formulas: [ExoticOption] = [
        .digital(.call, strike: 101, cash: 10), .digital(.put, strike: 99, cash: 5), .barrier(.call, strike: 100, barrier: 108, .upOut),
        .barrier(.call, strike: 100, barrier: 108, .upIn), .barrier(.put, strike: 102, barrier: 94, .downOut),
        .barrier(.put, strike: 102, barrier: 94, .downIn), .lookback(.call, strike: 101), .lookback(.put, strike: 99),
        .lookback(.call, strike: nil), .lookback(.put, strike: nil), .asian(.call, strike: 100, .geometric),
        .asian(.put, strike: 101, .geometric), .forwardStart(.call, moneyness: 1.01, start: 12),
        .forwardStart(.put, moneyness: 0.98, start: 20), .varianceSwap(strike: 0.06),
    ]
    static let all = formulas + [.asian(.call, strike: 100, .arithmetic)]

    static func market(
        _ claim: SimulatedClaim, volatility: Double = 0.25, steps: Int = 30, cost: Double = 0
    ) throws -> SimulatedMarket {
        try SimulatedMarket(
            simulator: BlackScholesSimulator(volatility: volatility), grid: TimeGrid(maturityDays: 30, steps: steps), claim: claim,
            costs: [TradingCost(proportional: cost)], chargesUnwinding: cost > 0, stream: RandomStream(seed: 6, purpose: .evaluationPaths))
    }

    private static func isWatched(_ option: ExoticOption) -> Bool {
        switch option {
        case .barrier, .lookback: true
        default: false
        }
    }

    @Test(
        "mean payoff and every later mean of the formula are its first price: exactly, or to the monitoring's correction",
        arguments: formulas)
    func martingale(option: ExoticOption) throws {
        let market = try Self.market(.exotic(option, quantity: 1))
        let count = 40_000
        let paths = market.paths(0..<count, features: [.bookValue])
        let none = Matrix<Double>(rows: count, columns: 1)
        let price = paths.decision(step: 0, holdings: none).features[.bookValue][0]
        #expect(price.isFinite)
        for values in [paths.liabilityGains] + [6, 15, 25, 29].map({ paths.decision(step: $0, holdings: none).features[.bookValue] }) {
            let mean = values.reduce(0, +) / Double(count)
            let variance = values.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / Double(count)
            let error = (variance / Double(count)).squareRoot()
            #expect(
                (mean - price).magnitude < 4 * error + (Self.isWatched(option) ? 0.015 * price.magnitude : 1e-12),
                "\(mean) ± \(error), \(price)")
        }
    }

    @Test("the formula's delta hedges it: little of the risk is left, less with more steps", arguments: formulas)
    func hedged(option: ExoticOption) throws {
        func deviation(_ strategy: any HedgingStrategy, steps: Int) throws -> Double {
            var option = option
            if case .forwardStart(let kind, let moneyness, let start) = option {
                option = .forwardStart(kind, moneyness: moneyness, start: start * steps / 30)
            }
            let market = try Self.market(.exotic(option), steps: steps)
            return try RiskMeasure.standardDeviation.value(losses: Rollout.run(strategy, on: market, paths: 0..<4000).losses)
        }
        let open = try deviation(NoHedge(), steps: 120)
        let fine = try deviation(DeltaHedge(), steps: 120)
        let coarse = try deviation(DeltaHedge(), steps: 30)
        switch option {
        // Nothing to hedge with the spot: only that nothing is made worse.
        case .varianceSwap: #expect(fine < 1.02 * open)
        case .digital: #expect(fine < 0.5 * open && fine < coarse)
        case .barrier: #expect(fine < 0.4 * open && fine < coarse)
        default: #expect(fine < 0.15 * open && fine < 0.7 * coarse, "\(fine), \(coarse), \(open)")
        }
    }

    @Test("in and out together are the option, on every path and in every column")
    func inAndOut() throws {
        for (kind, barrier, pair) in [
            (OptionKind.call, 106.0, [ExoticOption.Knock.upIn, .upOut]), (.put, 95, [.downIn, .downOut]), (.call, 97, [.downIn, .downOut]),
        ] {
            let both = SimulatedClaim(
                exotics: pair.map { SimulatedClaim.ExoticLeg(.barrier(kind, strike: 101, barrier: barrier, $0), quantity: -2) })
            let plain = SimulatedClaim(legs: [.init(kind, strike: 101, quantity: -2)])
            let columns: [FeatureName] = [.bookDelta, .bookNetDelta, .bookGamma, .bookVega, .bookValue]
            let (first, second) = try (Self.market(both), Self.market(plain))
            let (a, b) = (first.paths(0..<200, features: columns), second.paths(0..<200, features: columns))
            for i in 0..<200 { #expect((a.liabilityGains[i] - b.liabilityGains[i]).magnitude < 1e-12) }
            for step in [0, 10, 29] {
                let none = Matrix<Double>(rows: 200, columns: 1)
                let (x, y) = (a.decision(step: step, holdings: none).features, b.decision(step: step, holdings: none).features)
                for column in columns {
                    for i in 0..<200 {
                        #expect((x[column][i] - y[column][i]).magnitude < (column == .bookVega ? 1e-5 : 1e-9), "\(column)")
                    }
                }
            }
        }
    }

    @Test("payoffs and columns are what the path says, recomputed one by one")
    func scalar() throws {
        let options: [ExoticOption] = [
            .barrier(.call, strike: 100, barrier: 104, .upOut), .barrier(.put, strike: 100, barrier: 97, .downIn),
            .lookback(.call, strike: 101), .lookback(.put, strike: nil), .asian(.call, strike: 99, .arithmetic),
            .asian(.put, strike: 101, .geometric), .forwardStart(.call, moneyness: 0.99, start: 4), .varianceSwap(strike: 0.05),
        ]
        let weights = options.indices.map { Double($0) - 2.5 }
        let claim = SimulatedClaim(
            legs: [.init(.call, strike: 100, quantity: -1)], exotics: zip(options, weights).map { .init($0, quantity: $1) })
        let market = try Self.market(claim, steps: 9)
        let names: [FeatureName] = [.runningMaximum, .runningMinimum, .runningAverage, .isKnocked, .startingSpot, .realisedVariance]
        #expect(names.allSatisfy(market.availableFeatures.contains) && !market.availableFeatures.contains(.bookDelta))
        let paths = market.paths(0..<60, features: names)
        let block = market.simulator.paths(0..<60, on: market.grid, stream: market.stream)
        for i in 0..<60 {
            let s = block.spot.map { $0[i] }
            let (last, top, low) = (s[9], s.max()!, s.min()!)
            let mean = s[1...].reduce(0, +) / 9
            let geometric = Double.exp(s[1...].reduce(0) { $0 + Double.log($1) } / 9)
            let realised = zip(s, s[1...]).reduce(0) { $0 + Double.pow(Double.log($1.1 / $1.0), 2) } / market.grid.maturity
            let payoffs = [
                top < 104 ? max(last - 100, 0) : 0, low <= 97 ? max(100 - last, 0) : 0, max(top - 101, 0), top - last, max(mean - 99, 0),
                max(101 - geometric, 0), max(last - 0.99 * s[4], 0), realised - 0.05,
            ]
            let expected = zip(payoffs, weights).reduce(-max(last - 100, 0)) { $0 + $1.0 * $1.1 }
            #expect((paths.liabilityGains[i] - expected).magnitude < 1e-10)
        }
        for t in 0..<9 {
            let features = paths.decision(step: t, holdings: Matrix(rows: 60, columns: 1)).features
            for i in 0..<60 {
                let s = block.spot[0...t].map { $0[i] }
                let mean = t == 0 ? s[0] : s[1...].reduce(0, +) / Double(t)
                let realised = zip(s, s[1...]).reduce(0) { $0 + Double.pow(Double.log($1.1 / $1.0), 2) } / market.grid.maturity
                let knocked = (s.max()! >= 104 ? 0.5 : 0) + (s.min()! <= 97 ? 0.5 : 0)
                let row = [
                    Double.log(s.max()! / s[t]), Double.log(s.min()! / s[t]), Double.log(mean / s[t]), knocked,
                    t >= 4 ? Double.log(s[4] / s[t]) : 0, realised,
                ]
                for (name, value) in zip(names, row) { #expect((features[name][i] - value).magnitude < 1e-12, "\(name) at \(t)") }
            }
        }
    }

    @Test("a mean of prices has no formula, and is never below the geometric one's")
    func arithmetic() throws {
        let market = try Self.market(.exotic(.asian(.call, strike: 100, .arithmetic), quantity: 1))
        #expect(!market.availableFeatures.contains(.bookDelta) && !market.availableFeatures.contains(.bookValue))
        let geometric = try Self.market(.exotic(.asian(.call, strike: 100, .geometric), quantity: 1))
        let pair = zip(market.paths(0..<500, features: []).liabilityGains, geometric.paths(0..<500, features: []).liabilityGains)
        for (a, g) in pair { #expect(a >= g) }
        // A network finds its own hedge from the running mean.
        var trainer = DeepHedgeTrainer()
        trainer.policy = .feedForward
        trainer.center = .zero
        trainer.features = [.logMoneyness, .timeToExpiry, .runningAverage]
        trainer.hidden = [16, 16]
        trainer.paths = 1000
        trainer.epochs = 60
        trainer.validationPaths = 4000
        let (hedge, report) = try trainer.fit(
            .variance, market: market.drawing(from: RandomStream(seed: 1, purpose: .trainingPaths)),
            validation: market.drawing(from: RandomStream(seed: 1, purpose: .validationPaths)))
        let open = try RiskMeasure.variance.value(losses: Rollout.run(NoHedge(), on: market, paths: 0..<4000).losses)
        #expect(report.bestValidation < 0.2 * open)
        #expect(hedge.inputs == trainer.features)
    }

    @Test("no claim's columns look ahead: poisoned futures leave the past unchanged", arguments: all)
    func lookAhead(option: ExoticOption) throws {
        let market = try Self.market(.exotic(option))
        let features = market.availableFeatures
        var block = market.simulator.paths(0..<20, on: market.grid, stream: market.stream)
        let none = Matrix<Double>(rows: 20, columns: 1)
        let clean = SimulatedPaths(market: market, block: block, features: features)
        for cut in [3, 17] {
            for t in cut + 1...30 {
                block.spot[t] = Array(repeating: .nan, count: 20)
                block.logSpot[t] = Array(repeating: .nan, count: 20)
            }
            let poisoned = SimulatedPaths(market: market, block: block, features: features)
            for t in 0...cut {
                let (a, b) = (clean.decision(step: t, holdings: none), poisoned.decision(step: t, holdings: none))
                #expect(a.features == b.features && a.prices == b.prices)
            }
            block = market.simulator.paths(0..<20, on: market.grid, stream: market.stream)
        }
    }

    @Test("training runs on the losses of the common rollout, whatever the claim", arguments: [formulas[2], formulas[8], formulas[14]])
    func training(option: ExoticOption) throws {
        let market = try Self.market(.exotic(option), cost: 1e-3)
        let policy = HedgePolicy(
            kind: .noTransactionBand, center: .delta, features: [.timeToExpiry, .forward],
            standardizer: Standardizer(centers: [0.04, 100], scales: [0.025, 5]), instruments: ["spot"], holdingScales: [0.6],
            seesHoldings: false, learnsShift: false, hidden: [6], activation: .relu)
        let hedge = LearnedHedge(policy, network: Network(policy.architecture, from: RandomStream(seed: 2, purpose: .weights)))
        let found = try hedge.valueAndGradient(.variance, on: market, paths: 0..<300).value
        let expected = try RiskMeasure.variance.value(losses: Rollout.run(hedge, on: market, paths: 0..<300).losses)
        #expect((found - expected).magnitude < 1e-4 * (1 + expected))
    }

    @Test("claims that make no sense on the grid are refused")
    func refusals() {
        for (option, fault) in [
            (
                ExoticOption.barrier(.call, strike: 100, barrier: 100, .upOut),
                "a up-out barrier at 100.0 with strike 100.0 and the spot at 100.0"
            ),
            (.forwardStart(.call, moneyness: 1, start: 30), "a forward start of 1.0 at step 30 of 30"),
            (.asian(.call, strike: 0, .geometric), "an Asian option with strike 0.0"),
        ] {
            #expect(throws: SimulatedMarketError.badClaim(fault)) { try Self.market(.exotic(option)) }
        }
    }
}
