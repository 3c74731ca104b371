import Features
import Hedging
import LinearAlgebra
import Market
import Pricing
import Probability
import RealModule
import Stochastics
import Testing

/// The model's own hedge where the price jumps: Bates' model and Duffie, Pan and Singleton's.
@Suite struct JumpMarketTests {
    static let heston = HestonSimulator(
        initialVariance: 0.05, meanReversion: 3, longRunVariance: 0.04, volatilityOfVariance: 0.6, correlation: -0.6)

    enum Law: String, CaseIterable {
        case bates, svcj

        func simulator(intensity: Double = 12, deviation: Double = 0.05) -> any PathSimulator {
            switch self {
            case .bates: BatesSimulator(heston, jumps: JumpProcess(intensity: intensity, size: .normal(mean: -0.06, deviation: deviation)))
            case .svcj:
                SVCJSimulator(
                    heston, jumpIntensity: intensity, jumpMean: -0.04, jumpVolatility: deviation, varianceJumpMean: 0.05,
                    jumpCorrelation: -0.4)
            }
        }

        var model: HestonJumpModel {
            HestonJumpModel(
                heston: HestonModel(meanReversion: 3, longRunVariance: 0.04, volatilityOfVariance: 0.6, correlation: -0.6),
                jumpIntensity: 12, jumpMean: self == .bates ? -0.06 : -0.04, jumpVolatility: 0.05,
                varianceJumpMean: self == .bates ? 0 : 0.05, jumpCorrelation: self == .bates ? 0 : -0.4)
        }
    }

    static func market(
        _ simulator: any PathSimulator, _ claim: SimulatedClaim = .call(strike: 100), grid: TimeGrid = TimeGrid(maturityDays: 30, steps: 10)
    ) throws -> SimulatedMarket {
        try SimulatedMarket(simulator: simulator, grid: grid, claim: claim, stream: RandomStream(seed: 6, purpose: .evaluationPaths))
    }

    static let figures: [FeatureName] = [
        .bookModelDelta, .bookVarianceVega, .bookJumpDelta, .varianceSpotSlope, .bookValue, .bookDelta, .variance, .forward,
        .impliedVolatility,
    ]

    @Test("without jumps every figure is Heston's, to the last bit", arguments: Law.allCases)
    func noJumps(law: Law) throws {
        let alone = try Self.market(Self.heston)
        let market = try Self.market(law.simulator(intensity: 0))
        // The scalar and the vector road differ in the last digits of Float: both markets read the same paths.
        let block = Self.heston.paths(0..<64, on: alone.grid, stream: alone.stream)
        let (paths, expected) = (
            SimulatedPaths(market: market, block: block, features: Self.figures),
            SimulatedPaths(market: alone, block: block, features: Self.figures)
        )
        for step in [0, 4, 9] {
            let none = Matrix<Double>(rows: 64, columns: 1)
            let found = paths.decision(step: step, holdings: none).features
            for name in Self.figures { #expect(found[name] == expected.decision(step: step, holdings: none).features[name], "\(name)") }
            #expect(found[.bookJumpDelta].allSatisfy { $0 == 0 })
        }
    }

    @Test("the tables' columns agree with the adaptive integral along paths", arguments: Law.allCases)
    func tables(law: Law) throws {
        let market = try Self.market(law.simulator())
        let paths = market.paths(0..<40, features: Self.figures)
        for step in [0, 5, 9] {
            let features = paths.decision(step: step, holdings: Matrix(rows: 40, columns: 1)).features
            for i in 0..<40 {
                let exact = law.model.greeks(
                    .call, forward: features[.forward][i], strike: 100, variance: features[.variance][i],
                    timeToExpiry: market.grid.timeToMaturity(step))
                #expect((features[.bookModelDelta][i] + exact.delta).magnitude < 2e-4, "step \(step), path \(i)")
                #expect((features[.bookVarianceVega][i] + exact.varianceVega).magnitude < 0.03, "step \(step), path \(i)")
                #expect((features[.bookValue][i] + exact.price).magnitude < 2e-4, "step \(step), path \(i)")
            }
        }
    }

    /// E[ΔV (e^J − 1)]/F and E(e^J − 1)² over one jump, by quadrature over its law.
    static func jumpMoments(_ model: HestonJumpModel, strike: Double, variance: Double, years: Double) -> (
        covariance: Double, square: Double
    ) {
        func price(_ spot: Double, _ variance: Double) -> Double {
            model.price(.call, forward: spot, strike: strike, variance: variance, timeToExpiry: years)
        }
        let now = price(100, variance)
        // Y = −2μ ln w with w of density 2w, at midpoints; J in normal deviations.
        let points = model.varianceJumpMean > 0 ? (0..<60).map { (Double($0) + 0.5) / 60 } : [1]
        var (covariance, square) = (0.0, 0.0)
        for w in points {
            let (rise, share) = (-2 * model.varianceJumpMean * Double.log(w), points.count > 1 ? 2 * w / 60 : 1)
            for k in -14...14 {
                let z = Double(k) / 2
                let weight = share * Double.exp(-z * z / 2) / 2 / (2 * Double.pi).squareRoot()
                let growth = Double.expMinusOne(model.jumpMean + model.jumpCorrelation * rise + model.jumpVolatility * z)
                covariance += weight * (price(100 * (1 + growth), variance + rise) - now) * growth / 100
                square += weight * growth * growth
            }
        }
        return (covariance, square)
    }

    @Test("what jumps add to the hedge is what the law of one jump gives by quadrature", arguments: Law.allCases, [92.0, 100, 106])
    func jumpDelta(law: Law, strike: Double) throws {
        let market = try Self.market(law.simulator(), .call(strike: strike, quantity: 1))
        let features = market.paths(0..<1, features: Self.figures).decision(step: 0, holdings: Matrix(rows: 1, columns: 1)).features
        let (covariance, square) = Self.jumpMoments(law.model, strike: strike, variance: 0.05, years: 30.0 / 365)
        #expect((law.model.meanSquaredGrowth - square).magnitude < 1e-3 * square)
        let diffusion = features[.bookModelDelta][0] + features[.varianceSpotSlope][0] * features[.bookVarianceVega][0]
        let expected = law.model.jumpIntensity * (covariance - square * diffusion) / (0.05 + law.model.jumpIntensity * square)
        #expect((features[.bookJumpDelta][0] - expected).magnitude < 1e-3, "\(features[.bookJumpDelta][0]) and \(expected)")
    }

    @Test("the holding is the slope of the price's change on the spot's over simulated quarters of a day", arguments: Law.allCases)
    func regression(law: Law) throws {
        let strike = 104.0
        let market = try Self.market(
            law.simulator(), .call(strike: strike, quantity: -1), grid: TimeGrid(maturityDays: 30, steps: 120))
        let count = 200_000
        let step = law.simulator().paths(0..<count, on: TimeGrid(maturityDays: 0.25, steps: 1), stream: market.stream)
        // The market's grid is longer than what is asked for: the one step's end stands for the rest.
        func column(_ values: [[Double]]) -> [[Double]] { [values[0]] + Array(repeating: values[1], count: 120) }
        let block = PathBlock(
            logSpot: column(step.logSpot), spot: column(step.spot), variance: column(step.variance),
            integratedVariance: column(step.integratedVariance))
        let strategy = MinimumVarianceHedge()
        let paths = SimulatedPaths(market: market, block: block, features: strategy.inputs + [.bookValue])
        let none = Matrix<Double>(rows: count, columns: 1)
        let start = paths.decision(step: 0, holdings: none)
        let (before, after) = (start.features[.bookValue], paths.decision(step: 1, holdings: none).features[.bookValue])
        let moves = zip(step.spot[1], step.spot[0]).map { $0 - $1 }
        let changes = zip(after, before).map { $0 - $1 }
        let mean = changes.reduce(0, +) / Double(count)
        let squares = moves.reduce(0) { $0 + $1 * $1 }
        let slope = zip(moves, changes).reduce(0) { $0 + $1.0 * ($1.1 - mean) } / squares
        let error =
            (zip(moves, changes).reduce(0) {
                let influence = $1.0 * ($1.1 - mean - slope * $1.0) / squares
                return $0 + influence * influence
            }).squareRoot()
        let holding = strategy.targetHoldings(start)[0, 0]
        // A quarter of a day is not an instant.
        #expect((holding + slope).magnitude < 4 * error + 3e-3, "\(holding), \(-slope) ± \(error)")
        let jumps = start.features[.bookJumpDelta][0].magnitude
        #expect(jumps > 8 * error + 6e-3, "too little of the hedge is the jumps' to be seen: \(jumps), ± \(error)")
    }

    @Test("a put is hedged as its call less one of the spot", arguments: Law.allCases)
    func parity(law: Law) throws {
        func holdings(_ kind: OptionKind) throws -> [Double] {
            let claim = SimulatedClaim(legs: [.init(kind, strike: 101, quantity: -1)])
            let market = try Self.market(law.simulator(), claim)
            let strategy = MinimumVarianceHedge()
            let paths = market.paths(0..<50, features: strategy.inputs)
            return strategy.targetHoldings(paths.decision(step: 6, holdings: Matrix(rows: 50, columns: 1))).storage
        }
        for (call, put) in zip(try holdings(.call), try holdings(.put)) { #expect((call - put - 1).magnitude < 1e-9) }
    }

    @Test("jumps of one size have no tables: figures are Black's, as in other markets without a formula", arguments: Law.allCases)
    func oneSize(law: Law) throws {
        let market = try Self.market(law.simulator(deviation: 0))
        let features = market.paths(0..<30, features: Self.figures).decision(step: 3, holdings: Matrix(rows: 30, columns: 1)).features
        #expect(features[.bookModelDelta] == features[.bookDelta] && features[.bookJumpDelta].allSatisfy { $0 == 0 })
        #expect(features[.impliedVolatility].allSatisfy { $0 == market.simulator.referenceVolatility(on: market.grid) })
    }
}
