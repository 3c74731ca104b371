import Features
import Hedging
import Learning
import LinearAlgebra
import Probability
import Stochastics
import Testing

@Suite struct PolicyGradientTests {
    struct Setting: Sendable, CustomTestStringConvertible {
        var kind = PolicyKind.noTransactionBand
        var center = PolicyCenter.delta
        var seesHoldings = false
        var learnsShift = false
        var activation = Activation.relu
        var cost = TradingCost(proportional: 2e-3)
        var unwinding = true
        var instruments: [SimulatedInstrument] = [.spot]
        var normalization: Normalization?
        var cell: RecurrentCell?
        var hidden = [8, 6]
        var conditions: [PolicyCondition]?
        var testDescription: String {
            "\(kind.rawValue) \(cell?.kind.rawValue ?? ""), centre \(center.rawValue), holdings \(seesHoldings), shift \(learnsShift), "
                + "\(activation.rawValue), norm \(normalization?.rawValue ?? "none"), cost \(cost.proportional) and \(cost.quadratic), unwinding \(unwinding), "
                + "\(instruments.count) instruments"
        }
    }

    /// What the gradients are checked on: a law, and what hedges with the spot.
    enum Venue: String, CaseIterable {
        case own = "the setting's own instruments"
        case option
        case varianceSwap = "Heston and a variance swap"

        var simulator: any PathSimulator { self == .varianceSwap ? HestonSimulator() : BlackScholesSimulator() }
        /// Nil for the setting's own.
        var instruments: [SimulatedInstrument]? {
            switch self {
            case .own: nil
            case .option: PolicyGradientTests.two
            case .varianceSwap: [.spot, .varianceSwap]
            }
        }
    }

    /// A simulated market whose trades cost what quotes say: another price to buy than to sell, other ones each step.
    struct Quoted: HedgingMarket {
        let market: SimulatedMarket
        var instruments: [HedgeInstrument] { market.instruments }
        var recordedPaths: Int? { nil }
        var availableFeatures: [FeatureName] { market.availableFeatures }
        func paths(_ range: Range<Int>, features: [FeatureName]) -> any HedgingPaths {
            Paths(paths: market.paths(range, features: features))
        }

        struct Paths: HedgingPaths {
            let paths: any HedgingPaths
            var count: Int { paths.count }
            var steps: Int { paths.steps }
            func gains(step: Int) -> Matrix<Double> { paths.gains(step: step) }
            var liabilityGains: [Double] { paths.liabilityGains }
            var finalPrices: Matrix<Double> { paths.finalPrices }
            var chargesUnwinding: Bool { true }
            var finalUnitCosts: UnitCosts? { costs(step: steps) }
            func costs(step: Int) -> UnitCosts {
                UnitCosts(
                    buying: Matrix(rows: count, columns: finalPrices.columns) { _, j in 0.1 + 0.05 * Double(j) + 0.02 * Double(step) },
                    selling: Matrix(rows: count, columns: finalPrices.columns) { _, j in 0.3 - 0.02 * Double(step) })
            }
            func decision(step: Int, holdings: Matrix<Double>) -> DecisionBatch {
                var batch = paths.decision(step: step, holdings: holdings)
                batch.unitCosts = costs(step: step)
                return batch
            }
        }
    }

    @Test(
        "costs that differ between buying and selling, by step and at the end, reach loss and gradient", arguments: [0, 2, 5, 13, 15, 20])
    func quotedCosts(index: Int) throws {
        let (hedge, simulated) = try Self.example(Self.settings[index])
        let market = Quoted(market: simulated)
        let risk = RiskMeasure.entropic(aversion: 0.5)
        let scalar = ScalarPolicy(policy: hedge.policy, told: Self.told(Self.settings[index]))
        let paths = market.paths(0..<40, features: hedge.inputs)
        let parameters = hedge.network.parameters.map { Double($0) }
        func value(_ parameters: [Double]) throws -> Double { try risk.value(losses: scalar.losses(parameters, on: paths)) }
        let (found, gradient) = try hedge.valueAndGradient(risk, on: market, paths: 0..<40)
        #expect((found - (try value(parameters))).magnitude < 2e-5)
        let outcome = Rollout.run(hedge, on: market, paths: 0..<40)
        #expect((found - (try risk.value(losses: outcome.losses))).magnitude < 1e-5)
        let largest = gradient.map { Double($0.magnitude) }.max() ?? 0
        for k in parameters.indices {
            var up = parameters
            var down = parameters
            up[k] += 1e-6
            down[k] -= 1e-6
            let difference = try (value(up) - value(down)) / 2e-6
            #expect((Double(gradient[k]) - difference).magnitude < 1e-4 * largest, "parameter \(k)")
        }
    }

    static let two: [SimulatedInstrument] = [.spot, .option(.call, strike: 102, maturityDays: 60)]
    static let settings = [
        Setting(),
        Setting(learnsShift: true),
        Setting(seesHoldings: true, learnsShift: true, instruments: two),
        Setting(kind: .feedForward, center: .zero, seesHoldings: true),
        Setting(kind: .feedForward, center: .zero, seesHoldings: true, activation: .tanh, instruments: two),
        Setting(kind: .feedForward, center: .holdings, seesHoldings: true, instruments: two),
        Setting(kind: .feedForward, center: .delta, cost: TradingCost(), unwinding: false),
        Setting(kind: .feedForward, center: .delta, seesHoldings: true, cost: TradingCost(proportional: 1e-3, fixed: 0.02)),
        Setting(kind: .feedForward, center: .holdings, seesHoldings: true, cost: TradingCost(quadratic: 3e-3), instruments: two),
        Setting(learnsShift: true, cost: TradingCost(proportional: 1e-3, quadratic: 2e-3)),
        Setting(kind: .feedForward, center: .zero, cost: TradingCost(quadratic: 2e-3), unwinding: false),
        Setting(
            learnsShift: true, instruments: [.perpetual(FundingProcess(mean: 0.5)), .future(basis: 0.1, maturityDays: 60)]),
        Setting(kind: .linear, center: .delta, seesHoldings: true, instruments: two, hidden: []),
        Setting(kind: .perStep, center: .zero, seesHoldings: true, instruments: two),
        Setting(kind: .perStep, center: .holdings, activation: .silu, normalization: .layer),
        Setting(kind: .recurrent, center: .zero, seesHoldings: true, cell: RecurrentCell(.gru, units: 5), hidden: [6]),
        Setting(kind: .recurrent, center: .delta, instruments: two, cell: RecurrentCell(.lstm, units: 5), hidden: []),
        Setting(
            kind: .recurrent, center: .holdings, seesHoldings: true, activation: .tanh, normalization: .layer,
            cell: RecurrentCell(.lstm, units: 16), hidden: [6]),
        Setting(kind: .feedForward, center: .zero, seesHoldings: true, instruments: two, normalization: .layer),
        Setting(learnsShift: true, normalization: .layer),
        Setting(
            kind: .feedForward, center: .holdings, seesHoldings: true, instruments: two,
            conditions: [PolicyCondition("costRate", 1e-4...1e-2), PolicyCondition("shift", -1...3)]),
    ]
    static let measures: [RiskMeasure] = [
        .entropic(aversion: 0.5), .expectedShortfall(level: 0.7), .quadratic, .variance, .standardDeviation, .meanDeviation(weight: 1.5),
        .quadraticCVaR(weight: 2), .isoelastic(aversion: 2, endowment: 200),
    ]

    /// - Parameter venue: Nil for Black-Scholes and the setting's own instruments.
    static func example(_ setting: Setting, on venue: Venue? = nil) throws -> (LearnedHedge, SimulatedMarket) {
        let instruments = venue?.instruments ?? setting.instruments
        let market = try SimulatedMarket(
            simulator: venue?.simulator ?? BlackScholesSimulator(), grid: TimeGrid(steps: 6), claim: .call(strike: 100),
            instruments: instruments, costs: [setting.cost], chargesUnwinding: setting.unwinding,
            stream: RandomStream(seed: 4, purpose: .trainingPaths))
        let count = instruments.count
        let policy = HedgePolicy(
            kind: setting.kind, center: setting.center, features: [.logMoneyness, .timeToExpiry],
            standardizer: Standardizer(centers: [0, 0.04], scales: [0.03, 0.025]), instruments: market.instruments.map(\.name),
            holdingScales: [0.6, 0.4].prefix(count).map { $0 }, seesHoldings: setting.seesHoldings, learnsShift: setting.learnsShift,
            hidden: setting.hidden, activation: setting.activation, normalization: setting.normalization, cell: setting.cell,
            decisionTimes: setting.kind == .perStep ? (0..<6).map(market.grid.timeToMaturity) : nil, conditions: setting.conditions)
        var network = Network(policy.architecture, from: RandomStream(seed: 2, purpose: .weights))
        // Narrow bands, so that most steps trade and some do not; every bias away from zero.
        let stream = RandomStream(seed: 8, purpose: .data)
        for step in 0..<(policy.architecture.steps ?? 1) {
            for layer in policy.architecture.layers {
                let biases = policy.architecture.offset(step: step) + layer.biases
                for o in 0..<layer.outputs { network.parameters[biases + o] += Float(0.1 * stream.normal(path: o, step: biases)) }
            }
        }
        if let last = policy.architecture.layers.last, setting.kind == .noTransactionBand {
            for o in 0..<2 * count { network.parameters[last.biases + o] -= 2 }
        }
        return (LearnedHedge(policy, network: network).told(["costRate": 1e-2, "shift": 0]), market)
    }

    /// The inputs that `example` makes of what it tells: the upper end of one range, a quarter of the other.
    static func told(_ setting: Setting) -> [Double] { setting.conditions == nil ? [] : [1, -0.5] }

    /// Paths whose decisions are made once.
    struct Kept: HedgingPaths {
        let paths: any HedgingPaths
        let batches: [DecisionBatch]
        let earned: [Matrix<Double>]
        let liabilityGains: [Double]
        let finalPrices: Matrix<Double>

        init(_ paths: any HedgingPaths) {
            self.paths = paths
            let none = Matrix<Double>(rows: paths.count, columns: paths.finalPrices.columns)
            batches = (0..<paths.steps).map { paths.decision(step: $0, holdings: none) }
            earned = (0..<paths.steps).map { paths.gains(step: $0) }
            liabilityGains = paths.liabilityGains
            finalPrices = paths.finalPrices
        }

        var count: Int { paths.count }
        var steps: Int { paths.steps }
        var chargesUnwinding: Bool { paths.chargesUnwinding }
        var finalUnitCosts: UnitCosts? { paths.finalUnitCosts }
        func gains(step: Int) -> Matrix<Double> { earned[step] }
        func decision(step: Int, holdings: Matrix<Double>) -> DecisionBatch {
            var batch = batches[step]
            batch.holdings = holdings
            return batch
        }
    }

    @Test(
        "the gradient of the whole rollout is the central difference of the scalar model, for every risk measure", arguments: settings,
        Venue.allCases)
    func centralDifferences(_ setting: Setting, _ venue: Venue) throws {
        let (hedge, market) = try Self.example(setting, on: venue)
        let scalar = ScalarPolicy(policy: hedge.policy, told: Self.told(setting))
        let paths = Kept(market.paths(0..<40, features: hedge.inputs))
        let premium = 1.5
        let parameters = hedge.network.parameters.map { Double($0) }
        func losses(_ parameters: [Double]) -> [Double] { scalar.losses(parameters, on: paths).map { $0 - premium } }
        let base = losses(parameters)
        // Through the seam: simulators of `Float` draw other paths to the rounding.
        let seam = Veiled(market: market)
        let found = try Self.measures.map { risk in
            try hedge.valueAndGradient(
                risk, premium: premium, on: seam, paths: 0..<40, near: risk == .entropic(aversion: 0.5) ? 1 : nil, blockSize: 16)
        }
        for (risk, found) in zip(Self.measures, found) {
            let expected = try risk.value(losses: base)
            #expect((found.value - expected).magnitude < 2e-5 * (1 + expected.magnitude), "\(risk)")
        }
        let largest = found.map { $0.gradient.map { Double($0.magnitude) }.max() ?? 0 }
        // So short that hardly any sum has a kink of the ReLU within it.
        let step = 1e-7
        for k in stride(from: 0, to: parameters.count, by: max(1, parameters.count / 40)) {
            var up = parameters
            var down = parameters
            up[k] += step
            down[k] -= step
            let (above, below) = (losses(up), losses(down))
            for (index, risk) in Self.measures.enumerated() {
                let difference = try (risk.value(losses: above) - risk.value(losses: below)) / (2 * step)
                let error = (Double(found[index].gradient[k]) - difference).magnitude
                #expect(error < 2e-5 * largest[index], "\(risk), parameter \(k)")
            }
        }
    }

    @Test("one pass with shifted weights gives the gradient of two passes, from any shift", arguments: [-3.0, 0, 2, 5, 1000])
    func onePass(near: Double) throws {
        try expectSameGradient(.entropic(aversion: 1), near: near)
        try expectSameGradient(.isoelastic(aversion: 2, endowment: 60), near: near)
    }

    @Test("one pass at the losses' own threshold is two passes, far from it falls back on them")
    func threshold() throws {
        let (hedge, market) = try Self.example(Self.settings[2])
        let losses = Rollout.run(hedge, on: market, paths: 0..<300).losses.map { $0 - 0.5 }
        for risk in [RiskMeasure.expectedShortfall(level: 0.7), .quadraticCVaR(weight: 2)] {
            // A little above, so that rounding does not put the path on the boundary into the tail.
            let threshold = try #require(try risk.threshold(losses: losses)) + 1e-6
            for near in [threshold, threshold - 100, threshold + 100] { try expectSameGradient(risk, near: near) }
            // Near it, weights that sum to 1 and a gradient much like it.
            let near = try hedge.valueAndGradient(risk, premium: 0.5, on: market, paths: 0..<300, near: threshold + 0.02)
            let exact = try hedge.valueAndGradient(risk, premium: 0.5, on: market, paths: 0..<300)
            let largest = exact.gradient.map(\.magnitude).max() ?? 0
            #expect(near.gradient != exact.gradient)
            for (a, b) in zip(near.gradient, exact.gradient) { #expect((a - b).magnitude < 0.2 * largest) }
        }
    }

    @Test(
        "one pass about the losses' own mean is two passes; far from it falls back on them; near it the gradient is that about a fixed mean",
        arguments: [RiskMeasure.variance, .standardDeviation, .meanDeviation(weight: 1.5)])
    func moments(risk: RiskMeasure) throws {
        let (hedge, market) = try Self.example(Self.settings[2])
        let losses = Rollout.run(hedge, on: market, paths: 0..<300).losses.map { $0 - 0.5 }
        let mean = losses.reduce(0, +) / 300
        let deviation = try RiskMeasure.standardDeviation.value(losses: losses)
        for near in [mean, mean - 100, mean + 100] { try expectSameGradient(risk, near: near, deviation: deviation) }
        try expectSameGradient(risk, near: mean, deviation: 100 * deviation)
        // 2 mean((L − m) dL) about another m than the own mean lacks 2 (own − m) mean(dL); the others by their chain rules.
        let shift = 0.05 * deviation
        let about = try hedge.valueAndGradient(risk, premium: 0.5, on: market, paths: 0..<300, near: mean - shift, deviation: deviation)
        let own = try hedge.valueAndGradient(risk, premium: 0.5, on: market, paths: 0..<300)
        let ofMean = try hedge.valueAndGradient(.expectedShortfall(level: 0), premium: 0.5, on: market, paths: 0..<300).gradient
        let factor: Double =
            switch risk {
            case .variance: 2 * shift
            case .standardDeviation: shift / deviation
            default: 1.5 * shift / deviation
            }
        let largest = own.gradient.map(\.magnitude).max() ?? 0
        #expect(about.value == own.value && about.gradient != own.gradient)
        for k in own.gradient.indices {
            #expect((about.gradient[k] - own.gradient[k] - Float(factor) * ofMean[k]).magnitude < 1e-4 * largest)
        }
    }

    private func expectSameGradient(_ risk: RiskMeasure, near: Double, deviation: Double? = nil) throws {
        let (hedge, market) = try Self.example(Self.settings[2])
        let two = try hedge.valueAndGradient(risk, premium: 0.5, on: market, paths: 0..<300)
        let one = try hedge.valueAndGradient(risk, premium: 0.5, on: market, paths: 0..<300, near: near, deviation: deviation)
        #expect(one.value == two.value)
        let largest = two.gradient.map(\.magnitude).max() ?? 0
        for (a, b) in zip(one.gradient, two.gradient) { #expect((a - b).magnitude < 1e-5 * largest) }
    }

    /// A market behind the common seam, so that nothing but the seam is used.
    struct Veiled: HedgingMarket {
        let market: SimulatedMarket
        var instruments: [HedgeInstrument] { market.instruments }
        var recordedPaths: Int? { nil }
        var availableFeatures: [FeatureName] { market.availableFeatures }
        func paths(_ range: Range<Int>, features: [FeatureName]) -> any HedgingPaths { market.paths(range, features: features) }
    }

    @Test(
        "tiles straight from the simulator are those of the common seam, to the rounding of Float",
        arguments: [
            (SimulatedClaim.call(strike: 97), PolicyCenter.delta, 1), (.put(strike: 102, quantity: 3), .netDelta, 7),
            (.callSpread(strikes: (95, 105)), .netDelta, 8), (.put(strike: 100), .zero, 2),
        ])
    func fastTiles(claim: SimulatedClaim, center: PolicyCenter, steps: Int) throws {
        let market = try SimulatedMarket(
            simulator: BlackScholesSimulator(spot: 101, volatility: 0.5, drift: 0.1), grid: TimeGrid(maturityDays: 50, steps: steps),
            claim: claim, costs: [TradingCost(proportional: 2e-3)], chargesUnwinding: true,
            stream: RandomStream(seed: 9, purpose: .trainingPaths))
        let features: [FeatureName] =
            [.logMoneyness, .timeToExpiry, .impliedVolatility, .forward, .bookDelta, .bookNetDelta, .bookGamma]
            + (claim.legs.count == 1 ? [.bookQuantity] : [])
        let policy = HedgePolicy(
            kind: .noTransactionBand, center: center, features: features,
            standardizer: Standardizer(
                centers: [0, 0.05, 0.4, 100, 0, 0, 0, -1].prefix(features.count).map { $0 },
                scales: [0.1, 0.05, 0.1, 15, 0.5, 0.5, 0.05, 1].prefix(features.count).map { $0 }),
            instruments: ["spot"], holdingScales: [0.7], seesHoldings: true, learnsShift: true, hidden: [9, 7], activation: .tanh)
        var network = Network(policy.architecture, from: RandomStream(seed: 2, purpose: .weights))
        for o in 0..<2 { network.parameters[policy.architecture.layers[2].biases + o] = -2 }
        let hedge = LearnedHedge(policy, network: network)
        let range = 77..<1000
        let fast = try hedge.valueAndGradient(.quadratic, on: market, paths: range)
        let seam = try hedge.valueAndGradient(.quadratic, on: Veiled(market: market), paths: range)
        #expect((fast.value - seam.value).magnitude < 1e-5 * (1 + seam.value))
        let largest = seam.gradient.map(\.magnitude).max()!
        for k in seam.gradient.indices {
            #expect((fast.gradient[k] - seam.gradient[k]).magnitude < 1e-4 * largest, "parameter \(k)")
        }
    }

    @Test(
        "the same bits for every number of threads and of paths asked for at once",
        arguments: [(3, false), (2, true), (12, false), (13, true), (14, false), (15, true), (16, false), (18, true)])
    func sameBits(index: Int, isVeiled: Bool) throws {
        let (hedge, simulated) = try Self.example(Self.settings[index])
        let market: any HedgingMarket = isVeiled ? Veiled(market: simulated) : simulated
        // Seventy tiles and a piece: some groups have one, some two.
        let paths = 30..<30 + 70 * 64 + 17
        let one = try hedge.valueAndGradient(
            .entropic(aversion: 1), on: market, paths: paths, near: 2, blockSize: 64, workers: Workers(threads: 1))
        for (blockSize, threads) in [(64, 2), (256, 1), (256, 2), (100, 3), (4096, 2)] {
            let other = try hedge.valueAndGradient(
                .entropic(aversion: 1), on: market, paths: paths, near: 2, blockSize: blockSize, workers: Workers(threads: threads))
            #expect(other.value == one.value && other.gradient == one.gradient, "\(blockSize) paths, \(threads) threads")
        }
    }

    @Test("the losses that training descends are those of the common rollout", arguments: settings)
    func sameRoad(_ setting: Setting) throws {
        let (hedge, market) = try Self.example(setting)
        let outcome = Rollout.run(hedge, on: market, paths: 0..<500)
        let found = try hedge.valueAndGradient(.entropic(aversion: 1), on: market, paths: 0..<500).value
        let expected = try RiskMeasure.entropic(aversion: 1).value(losses: outcome.losses)
        #expect((found - expected).magnitude < 1e-5)
    }

    @Test("one state alone, as in serving, gets the holdings it gets in a batch", arguments: settings)
    func batchOfOne(_ setting: Setting) throws {
        let (hedge, market) = try Self.example(setting)
        let count = market.instruments.count
        let stream = RandomStream(seed: 1, purpose: .data)
        let held = Matrix(rows: 700, columns: count) { 0.5 + 0.3 * stream.normal(path: $0, step: $1) }
        let batch = market.paths(0..<700, features: hedge.inputs).decision(step: 3, holdings: held)
        let together = hedge.targetHoldings(batch)
        for i in [0, 1, 255, 256, 511, 699] {
            let single = market.paths(i..<i + 1, features: hedge.inputs).decision(
                step: 3, holdings: Matrix(rows: 1, columns: count, storage: Array(held.row(i))))
            let alone = hedge.targetHoldings(single)
            for j in 0..<count { #expect((alone[0, j] - together[i, j]).magnitude < 1e-5) }
        }
    }

    @Test("a path alone is hedged as in a block, whatever the policy remembers", arguments: settings)
    func pathOfOne(_ setting: Setting) throws {
        let (hedge, market) = try Self.example(setting)
        let together = Rollout.run(hedge, on: market, paths: 0..<130).losses
        for i in [0, 63, 64, 129] {
            let alone = Rollout.run(hedge, on: market, paths: i..<i + 1).losses[0]
            #expect((alone - together[i]).magnitude < 1e-4)
        }
        #expect(hedge.remembers == (setting.kind == .recurrent))
    }

    @Test("a per-step policy decides with the network of the nearest date of its training, in whatever company")
    func nearestStep() throws {
        let (hedge, market) = try Self.example(Self.settings[13])
        let times = try #require(hedge.policy.decisionTimes)
        let paths = market.paths(0..<6, features: hedge.inputs)
        let held = Matrix(rows: 6, columns: 2) { 0.1 * Double($0) - 0.2 * Double($1) }
        // On the dates themselves, a little off them, beyond both ends, and a little before the middle of two.
        let asked = [times[0], times[3] + 0.4 * (times[2] - times[3]), 10 * times[0], 0, 0.51 * times[1] + 0.49 * times[2], times[5]]
        let expected = [0, 3, 0, 5, 1, 5]
        var batch = paths.decision(step: 2, holdings: held)
        batch.features = FeatureMatrix(
            names: batch.features.names, columns: batch.features.names.map { $0 == .timeToExpiry ? asked : batch.features[$0] })
        let mixed = hedge.targetHoldings(batch)
        for (row, step) in expected.enumerated() {
            let scalar = ScalarNetwork(architecture: hedge.policy.architecture)
            let sample =
                zip(hedge.policy.features, zip(hedge.policy.standardizer.centers, hedge.policy.standardizer.scales)).map { name, scaling in
                    (batch.features[name][row] - scaling.0) / scaling.1
                } + (0..<2).map { held[row, $0] / hedge.policy.holdingScales[$0] }
            let outputs = scalar(hedge.network.parameters.map { Double($0) }, sample, step: step)
            for j in 0..<2 {
                #expect((mixed[row, j] - hedge.policy.holdingScales[j] * outputs[j]).magnitude < 2e-6 * (1 + asked[row] / 0.01))
            }
        }
    }
}
