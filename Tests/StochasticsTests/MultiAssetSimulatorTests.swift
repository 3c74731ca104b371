import LinearAlgebra
import Market
import Pricing
import Probability
import RealModule
import Stochastics
import Testing

@Suite struct MultiAssetSimulatorTests {
    let grid = TimeGrid(maturityDays: 90, steps: 5)
    let stream = RandomStream(seed: 3, purpose: .evaluationPaths)
    static let three = Matrix(rows: 3, columns: 3, storage: [1, 0.6, -0.3, 0.6, 1, 0.2, -0.3, 0.2, 1])

    private func covariance(_ a: [Double], _ b: [Double]) -> Double {
        let (first, second) = (Moments(a).mean, Moments(b).mean)
        return zip(a, b).reduce(0) { $0 + ($1.0 - first) * ($1.1 - second) } / Double(a.count)
    }

    @Test("the first asset is the one it is alone, the others draw other numbers", arguments: ["black-scholes", "heston", "merton"])
    func ownStreams(name: String) throws {
        let law = try SimulatorCatalog.simulator(named: name)
        let blocks = MultiAssetSimulator([law, law, law]).paths(7..<20_007, on: grid, stream: stream)
        #expect(blocks[0] == law.paths(7..<20_007, on: grid, stream: stream))
        let moves = blocks.map { $0.logReturns(power: 1) }
        for (a, b) in [(0, 1), (0, 2), (1, 2)] {
            let correlation =
                covariance(moves[a], moves[b]) / (covariance(moves[a], moves[a]) * covariance(moves[b], moves[b])).squareRoot()
            #expect(correlation.magnitude < 4 / 2e4.squareRoot())
        }
        let part = MultiAssetSimulator([law, law, law]).paths(100..<132, on: grid, stream: stream)
        for asset in 0..<3 { #expect(part[asset].spot[5] == Array(blocks[asset].spot[5][93..<125])) }
    }

    @Test("no correlation is independence, to the last bit")
    func identity() throws {
        let laws = [BlackScholesSimulator(), BlackScholesSimulator(spot: 50, volatility: 0.5, drift: 0.1)]
        let correlated = try MultiAssetSimulator(laws, correlations: .identity(2))
        #expect(correlated.paths(3..<99, on: grid, stream: stream) == MultiAssetSimulator(laws).paths(3..<99, on: grid, stream: stream))
    }

    @Test("log returns have the correlations asked for, step by step, and each spot stays a martingale")
    func moments() throws {
        let laws = [0.2, 0.4, 0.7].map { BlackScholesSimulator(spot: 100 * $0, volatility: $0) }
        let count = 100_000
        let blocks = try MultiAssetSimulator(laws, correlations: Self.three).paths(0..<count, on: grid, stream: stream)
        for a in 0..<3 {
            #expect(Moments(blocks[a].spot[5]).agree(with: laws[a].spot))
            for b in 0...a {
                for step in [0, 3] {
                    let moves = [a, b].map { zip(blocks[$0].logSpot[step + 1], blocks[$0].logSpot[step]).map { $0 - $1 } }
                    let expected = Self.three[a, b] * laws[a].volatility * laws[b].volatility * grid.timeStep
                    let deviation =
                        laws[a].volatility * laws[b].volatility * grid.timeStep * (1 + Self.three[a, b] * Self.three[a, b]).squareRoot()
                    #expect((covariance(moves[0], moves[1]) - expected).magnitude < 4 * deviation / Double(count).squareRoot())
                }
            }
        }
    }

    @Test("an option to exchange two assets costs what Margrabe says", arguments: [-0.8, 0, 0.5, 0.95])
    func margrabe(correlation: Double) throws {
        let laws = [BlackScholesSimulator(spot: 100, volatility: 0.3), BlackScholesSimulator(spot: 95, volatility: 0.5)]
        let both = try MultiAssetSimulator(laws, correlations: Matrix(rows: 2, columns: 2, storage: [1, correlation, correlation, 1]))
        let blocks = both.paths(0..<100_000, on: grid, stream: stream)
        let payoffs = zip(blocks[0].spot[5], blocks[1].spot[5]).map { max($0 - $1, 0) }
        // Black's formula in units of the second asset: variance σ₁² + σ₂² − 2ρσ₁σ₂.
        let variance = 0.09 + 0.25 - 2 * correlation * 0.15
        let expected = Black76.price(.call, forward: 100, strike: 95, totalVariance: variance * grid.maturity)
        #expect(Moments(payoffs).agree(with: expected))
    }

    @Test("correlations that no assets have, and laws that take none, are refused with what is wrong")
    func refusals() throws {
        let two = [BlackScholesSimulator(), BlackScholesSimulator()]
        func make(_ storage: [Double], _ laws: [any PathSimulator]) throws(MultiAssetError) -> MultiAssetSimulator {
            try MultiAssetSimulator(laws, correlations: Matrix(rows: 2, columns: 2, storage: storage))
        }
        #expect(throws: MultiAssetError.diagonal(row: 1, found: 2)) { try make([1, 0, 0, 2], two) }
        #expect(throws: MultiAssetError.asymmetric(row: 1, column: 0, found: 0.2, mirrored: 0.1)) { try make([1, 0.1, 0.2, 1], two) }
        #expect(throws: MultiAssetError.notPositiveDefinite) { try make([1, 1, 1, 1], two) }
        #expect(throws: MultiAssetError.shape(rows: 2, columns: 2, assets: 1)) { try make([1, 0, 0, 1], [two[0]]) }
        let recorded = try SimulatorCatalog.simulator(
            named: "bootstrap", returns: (0..<400).map { 0.01 * Double($0 % 5 - 2) })
        #expect(throws: MultiAssetError.correlatedLaw(simulator: "bootstrap")) { try make([1, 0, 0, 1], [two[0], recorded]) }
        #expect(throws: MultiAssetError.substeps(asset: 1, found: 4, first: 1)) {
            try make([1, 0, 0, 1], [two[0], LocalVolatilitySimulator(substeps: 4)])
        }
        // √(1 − ρ²) is 0.6 in both: what moves the prices beside their variances is 0.36 of it all.
        let steep = HestonSimulator(correlation: -0.8)
        #expect(throws: Never.self) { try make([1, 0.35, 0.35, 1], [steep, steep]) }
        #expect(throws: MultiAssetError.variancesLeaveTooLittle) { try make([1, 0.37, 0.37, 1], [steep, steep]) }
    }

    /// Two assets of one law and different figures.
    struct Pair: Sendable, CustomTestStringConvertible {
        var name: String
        var laws: [any PathSimulator]
        var testDescription: String { name }
    }

    static func heston(_ scheme: HestonSimulator.Scheme, substeps: Int = 1) -> [HestonSimulator] {
        [(0.09, -0.5), (0.04, 0.3)].map { variance, correlation in
            HestonSimulator(
                initialVariance: variance, meanReversion: 4, longRunVariance: 0.06, volatilityOfVariance: 0.6, correlation: correlation,
                scheme: scheme, substeps: substeps)
        }
    }

    static let pairs: [Pair] = [
        Pair(name: "Heston, exact", laws: heston(.exact)), Pair(name: "Heston, exact in 2", laws: heston(.exact, substeps: 2)),
        Pair(name: "Heston, quadratic-exponential", laws: heston(.quadraticExponential)),
        Pair(name: "Heston, full truncation", laws: heston(.fullTruncation)),
        Pair(
            name: "Bates",
            laws: heston(.exact).map { BatesSimulator($0, jumps: JumpProcess(intensity: 3, size: .normal(mean: -0.05, deviation: 0.05))) }),
        Pair(
            name: "SVCJ",
            laws: heston(.exact).map {
                SVCJSimulator(
                    $0, jumpIntensity: 3, jumpMean: -0.03, jumpVolatility: 0.04, varianceJumpMean: 0.04, jumpCorrelation: -0.5)
            }),
        Pair(
            name: "Merton",
            laws: [0.2, 0.4].map {
                JumpDiffusionSimulator(
                    BlackScholesSimulator(volatility: $0), jumps: JumpProcess(intensity: 3, size: .normal(mean: -0.05, deviation: 0.05)))
            }),
        Pair(
            name: "SABR",
            laws: [(0.7, -0.4), (1.0, 0.2)].map { beta, correlation in
                SABRSimulator(volatility: 0.3, beta: beta, volatilityOfVolatility: 0.8, correlation: correlation)
            }),
        Pair(name: "local volatility", laws: [0.2, 0.5].map { LocalVolatilitySimulator(smile: SSVISmile(volatility: $0), substeps: 2) }),
        Pair(
            name: "rough Bergomi",
            laws: [(0.04, -0.6), (0.09, 0.2)].map { RoughBergomiSimulator(forwardVariance: $0, correlation: $1) }),
        Pair(name: "GARCH", laws: [GARCHSimulator(), GARCHSimulator(initialVariance: 0.09, gamma: 100)]),
    ]

    static let half = Matrix(rows: 2, columns: 2, storage: [1, 0.6, 0.6, 1])
    let fine = TimeGrid(maturityDays: 60, steps: 9)

    @Test("prices of every law move together as asked: the covariance of a step is R E √(∫v(a) ∫v(b))", arguments: pairs)
    func together(_ pair: Pair) throws {
        let count = 50_000
        let blocks = try MultiAssetSimulator(pair.laws, correlations: Self.half).paths(0..<count, on: fine, stream: stream)
        for step in [0, 7] {
            let moves = blocks.map { block in zip(block.logSpot[step + 1], block.logSpot[step]).map { $0 - $1 } }
            let variances = zip(pair.laws, blocks).map { law, block in
                guard law.hasVariance else {
                    let diffusion = (law as? JumpDiffusionSimulator)?.diffusion.volatility ?? .nan
                    return [Double](repeating: diffusion * diffusion * fine.timeStep, count: count)
                }
                return zip(block.integratedVariance[step + 1], block.integratedVariance[step]).map { $0 - $1 }
            }
            let means = moves.map { Moments($0).mean }
            let products = (0..<count).map { i in
                (moves[0][i] - means[0]) * (moves[1][i] - means[1]) - Self.half[0, 1] * (variances[0][i] * variances[1][i]).squareRoot()
            }
            #expect(Moments(products).agree(with: 0), "step \(step): \(Moments(products))")
        }
    }

    @Test("with a variance that stays where it is, an option to exchange two of Heston's assets costs what Margrabe says")
    func stillVariance() throws {
        let laws = [(0.09, -0.5), (0.25, 0.3)].map { variance, correlation in
            HestonSimulator(
                initialVariance: variance, meanReversion: 1, longRunVariance: variance, volatilityOfVariance: 1e-3,
                correlation: correlation, scheme: .quadraticExponential)
        }
        let blocks = try MultiAssetSimulator(laws, correlations: Self.half).paths(0..<100_000, on: fine, stream: stream)
        let payoffs = zip(blocks[0].spot[9], blocks[1].spot[9]).map { max($0 - $1, 0) }
        let variance = 0.09 + 0.25 - 2 * 0.6 * 0.15
        #expect(Moments(payoffs).agree(with: Black76.price(.call, forward: 100, strike: 100, totalVariance: variance * fine.maturity)))
    }

    @Test(
        "an option to exchange two of Heston's assets costs what a fine simulation of all four noises found",
        arguments: [HestonSimulator.Scheme.exact, .quadraticExponential, .fullTruncation])
    func exchange(scheme: HestonSimulator.Scheme) throws {
        var laws = Self.heston(scheme)
        laws[1].spot = 98
        let grid = TimeGrid(maturityDays: 60, steps: 60)
        let blocks = try MultiAssetSimulator(laws, correlations: Self.half).paths(0..<100_000, on: grid, stream: stream)
        let payoffs = zip(blocks[0].spot[60], blocks[1].spot[60]).map { max($0 - $1, 0) }
        // Tests/References/correlated_heston.py
        #expect(Moments(payoffs).agree(with: 5.016, bias: 0.02), "\(Moments(payoffs))")
    }

    @Test("each asset's law is the one it has alone: spot, square of returns, what they share with the variance, options", arguments: pairs)
    func ownLaw(_ pair: Pair) throws {
        let count = 50_000
        let blocks = try MultiAssetSimulator(pair.laws, correlations: Self.half).paths(0..<count, on: fine, stream: stream)
        for (law, block) in zip(pair.laws, blocks) {
            let alone = law.paths(0..<count, on: fine, stream: RandomStream(seed: 4, purpose: .evaluationPaths))
            func same(_ figure: (PathBlock) -> [Double]) -> Bool {
                let (found, expected) = (Moments(figure(block)), Moments(figure(alone)))
                return (found.mean - expected.mean).magnitude
                    < 4 * (found.error * found.error + expected.error * expected.error).squareRoot()
            }
            #expect(Moments(block.spot[9]).agree(with: law.spot))
            #expect(same { $0.logReturns(power: 2) })
            for strike in [85.0, 100, 115] { #expect(same { $0.spot[9].map { max($0 - strike, 0) } }, "\(strike)") }
            guard law.hasVariance else { continue }
            #expect(same { $0.variance[9] })
            #expect(same { zip($0.logReturns(power: 1), $0.variance[9]).map { $0 * $1 } })
        }
    }

    @Test("without correlation every law's assets are the independent ones, to the last bit", arguments: pairs)
    func apart(_ pair: Pair) throws {
        let correlated = try MultiAssetSimulator(pair.laws, correlations: .identity(2))
        #expect(
            correlated.paths(3..<99, on: fine, stream: stream) == MultiAssetSimulator(pair.laws).paths(3..<99, on: fine, stream: stream))
    }

    @Test(
        "tiles hold the correlated paths to the rounding of Float, and a path does not depend on those beside it",
        arguments: pairs + [Pair(name: "Black-Scholes", laws: [0.2, 0.4].map { BlackScholesSimulator(volatility: $0, drift: 0.1) })])
    func tiles(_ pair: Pair) throws {
        let both = try MultiAssetSimulator(pair.laws, correlations: Self.half)
        let size = (fine.steps + 1) * 128
        func rows(firstPath: Int, count: Int) -> [Float] {
            var memory = [Float](repeating: .nan, count: 6 * size)
            memory.withUnsafeMutableBufferPointer {
                let base = $0.baseAddress!
                let tiles = (0..<2).map { asset in
                    let place = base + 3 * asset * size
                    return PathTile(
                        logReturns: place, variance: place + size, integratedVariance: place + 2 * size, count: count, stride: 128)
                }
                both.fill(tiles, firstPath: firstPath, on: fine, stream: stream)
            }
            return memory
        }
        let whole = rows(firstPath: 64, count: 128)
        let part = rows(firstPath: 128, count: 64)
        let blocks = both.paths(64..<192, on: fine, stream: stream)
        for asset in 0..<2 {
            for t in 0...fine.steps {
                let row = 3 * asset * size + t * 128
                #expect(Array(part[row..<row + 64]) == Array(whole[row + 64..<row + 128]))
                let worst = (0..<128).map { i in
                    (Double(whole[row + i]) - (blocks[asset].logSpot[t][i] - blocks[asset].logSpot[0][i])).magnitude
                }.max()!
                #expect(worst < 1e-5, "asset \(asset + 1), step \(t): \(worst)")
            }
        }
    }
}
