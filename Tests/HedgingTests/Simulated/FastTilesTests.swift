import Features
import Hedging
import Learning
import LinearAlgebra
import Probability
import Stochastics
import Testing

/// Training's fast road beside the common seam: the same paths, features, gains and costs.
@Suite struct FastTilesTests {
    /// The market behind the seam, where training does not see which one it is.
    struct Seam: HedgingMarket {
        let market: any HedgingMarket
        var instruments: [HedgeInstrument] { market.instruments }
        var recordedPaths: Int? { nil }
        var availableFeatures: [FeatureName] { market.availableFeatures }
        func paths(_ range: Range<Int>, features: [FeatureName]) -> any HedgingPaths { market.paths(range, features: features) }
    }

    struct Setting: Sendable, CustomTestStringConvertible {
        var name: String
        var simulator: any PathSimulator
        var hedges: [SimulatedInstrument] = [.spot]
        var claim = SimulatedClaim.call(strike: 101)
        var testDescription: String { name }
    }

    static func heston(_ scheme: HestonSimulator.Scheme, substeps: Int = 1) -> HestonSimulator {
        HestonSimulator(
            initialVariance: 0.05, meanReversion: 2, longRunVariance: 0.04, volatilityOfVariance: 0.6, scheme: scheme, substeps: substeps)
    }

    static let spread = SimulatedClaim(legs: [.init(.call, strike: 99, quantity: -2), .init(.put, strike: 103, quantity: 1)])
    static let swap: [SimulatedInstrument] = [.spot, .varianceSwap]
    static let settings = [
        Setting(name: "Black-Scholes", simulator: BlackScholesSimulator(), claim: spread),
        Setting(name: "Heston, quadratic-exponential", simulator: heston(.quadraticExponential), claim: spread),
        Setting(name: "Heston, full truncation in two parts", simulator: heston(.fullTruncation, substeps: 2)),
        Setting(name: "Heston with a variance swap", simulator: heston(.quadraticExponential), hedges: swap),
        Setting(name: "exact Heston with the swap first", simulator: heston(.exact), hedges: [.varianceSwap, .spot]),
        Setting(
            name: "SABR", simulator: SABRSimulator(volatility: 0.2, volatilityOfVolatility: 0.4, correlation: -0.3), claim: spread),
        Setting(
            name: "Bates",
            simulator: BatesSimulator(heston(.exact), jumps: JumpProcess(intensity: 6, size: .normal(mean: -0.04, deviation: 0.05))),
            claim: spread),
    ]

    func market(_ setting: Setting) throws -> SimulatedMarket {
        try SimulatedMarket(
            simulator: setting.simulator, grid: TimeGrid(steps: 7), claim: setting.claim, instruments: setting.hedges,
            costs: [TradingCost(proportional: 2e-3, fixed: 1e-3)], chargesUnwinding: true,
            stream: RandomStream(seed: 5, purpose: .trainingPaths))
    }

    /// A smooth random network on features brought to the size of one.
    func hedge(_ market: any HedgingMarket, _ features: [FeatureName], center: PolicyCenter) -> LearnedHedge {
        let paths = market.paths(0..<256, features: features)
        var moments = Standardizer.Moments(count: features.count)
        for step in 0..<paths.steps {
            let batch = paths.decision(step: step, holdings: Matrix(rows: paths.count, columns: market.instruments.count))
            for (index, feature) in features.enumerated() { moments.add(batch.features[feature], at: index) }
        }
        let scales = market.instruments.map { $0.kind == .underlying ? 0.5 : 30.0 }
        let policy = HedgePolicy(
            kind: .feedForward, center: center, features: features, standardizer: moments.standardizer,
            instruments: market.instruments.map(\.name), holdingScales: scales, seesHoldings: true, learnsShift: false, hidden: [6],
            activation: .tanh)
        return LearnedHedge(policy, network: Network(policy.architecture, from: RandomStream(seed: 3, purpose: .weights)))
    }

    func expectSame(_ hedge: LearnedHedge, _ market: any HedgingMarket, _ comment: Comment) throws {
        let risk = RiskMeasure.entropic(aversion: 0.3)
        let fast = try hedge.valueAndGradient(risk, on: market, paths: 40..<240)
        let plain = try hedge.valueAndGradient(risk, on: Seam(market: market), paths: 40..<240)
        #expect((fast.value - plain.value).magnitude < 2e-5 * (1 + plain.value.magnitude), comment)
        let largest = plain.gradient.map(\.magnitude).max() ?? 0
        #expect(zip(fast.gradient, plain.gradient).allSatisfy { ($0 - $1).magnitude < 2e-4 * largest }, comment)
    }

    @Test("every feature of every market is the seam's, to the rounding of Float", arguments: settings)
    func features(_ setting: Setting) throws {
        let market = try market(setting)
        for feature in market.availableFeatures {
            try expectSame(hedge(market, [feature], center: .zero), market, "\(feature)")
        }
    }

    @Test("centres, gains and costs of every instrument are the seam's", arguments: settings, [PolicyCenter.delta, .netDelta])
    func centers(_ setting: Setting, center: PolicyCenter) throws {
        let market = try market(setting)
        try expectSame(hedge(market, [.logMoneyness, .timeToExpiry], center: center), market, "\(center)")
    }

    enum Assets: CaseIterable {
        /// Heston's, with spot and variance swap each, apart or moving together.
        case hestonApart, hestonTogether
        case blackScholesTogether
    }

    /// Unlike assets.
    func several(_ assets: Assets) throws -> MultiAssetMarket {
        let hasSwap = assets != .blackScholesTogether
        let laws: [any PathSimulator] =
            hasSwap
            ? [Self.heston(.quadraticExponential), Self.heston(.exact)]
            : [
                BlackScholesSimulator(volatility: 0.3, drift: 0.1), BlackScholesSimulator(spot: 50, volatility: 0.6),
                BlackScholesSimulator(),
            ]
        let correlations =
            hasSwap
            ? Matrix(rows: 2, columns: 2, storage: [1, 0.4, 0.4, 1])
            : Matrix(rows: 3, columns: 3, storage: [1, 0.8, -0.2, 0.8, 1, 0.1, -0.2, 0.1, 1])
        return try MultiAssetMarket(
            simulator: assets == .hestonApart ? MultiAssetSimulator(laws) : MultiAssetSimulator(laws, correlations: correlations),
            grid: TimeGrid(steps: 7), claims: laws.map { .call(strike: 1.01 * $0.spot) }, instruments: hasSwap ? Self.swap : [.spot],
            costs: [TradingCost(proportional: 2e-3, fixed: 1e-3)], chargesUnwinding: true,
            stream: RandomStream(seed: 5, purpose: .trainingPaths))
    }

    @Test("several assets: every feature is the seam's, and so are centres, gains and costs", arguments: Assets.allCases)
    func severalAssets(_ assets: Assets) throws {
        let market = try several(assets)
        for feature in market.availableFeatures where feature != .bookValue {
            try expectSame(hedge(market, [feature], center: .zero), market, "\(feature)")
        }
        let features = market.availableFeatures.filter { $0.rawValue.hasPrefix("log-moneyness") } + [.timeToExpiry]
        for center in [PolicyCenter.delta, .netDelta] { try expectSame(hedge(market, features, center: center), market, "\(center)") }
    }

    @Test("several assets: the same bits for any threads and blocks, and not the seam's", arguments: [Assets.hestonApart, .hestonTogether])
    func severalBits(_ assets: Assets) throws {
        let market = try several(assets)
        let hedge = hedge(market, [.timeToExpiry, FeatureName.variance.ofAsset(2)], center: .delta)
        func gradient(_ market: any HedgingMarket, block: Int, threads: Int) throws -> [Float] {
            try hedge.valueAndGradient(
                .quadratic, on: market, paths: 40..<840, blockSize: block, workers: Workers(threads: threads)
            ).gradient
        }
        let expected = try gradient(market, block: 64, threads: 1)
        for (block, threads) in [(64, 2), (256, 1), (256, 2)] {
            #expect(try gradient(market, block: block, threads: threads) == expected)
        }
        // Were both roads one and the same, the comparison above would compare nothing.
        #expect(try gradient(Seam(market: market), block: 64, threads: 1) != expected)
    }
}
