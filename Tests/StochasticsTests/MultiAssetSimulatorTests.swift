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
    func refusals() {
        let two = [BlackScholesSimulator(), BlackScholesSimulator()]
        func make(_ storage: [Double], _ laws: [any PathSimulator]) throws(MultiAssetError) -> MultiAssetSimulator {
            try MultiAssetSimulator(laws, correlations: Matrix(rows: 2, columns: 2, storage: storage))
        }
        #expect(throws: MultiAssetError.diagonal(row: 1, found: 2)) { try make([1, 0, 0, 2], two) }
        #expect(throws: MultiAssetError.asymmetric(row: 1, column: 0, found: 0.2, mirrored: 0.1)) { try make([1, 0.1, 0.2, 1], two) }
        #expect(throws: MultiAssetError.notPositiveDefinite) { try make([1, 1, 1, 1], two) }
        #expect(throws: MultiAssetError.shape(rows: 2, columns: 2, assets: 1)) { try make([1, 0, 0, 1], [two[0]]) }
        #expect(throws: MultiAssetError.correlatedLaw(simulator: "heston")) { try make([1, 0, 0, 1], [two[0], HestonSimulator()]) }
    }
}
