import Probability
import RealModule
import Stochastics
import Testing

@Suite struct GARCHSimulatorTests {
    let stream = RandomStream(seed: 12, purpose: .evaluationPaths)

    @Test("h comes back to its mean at its persistence, and its sum is what the reference volatility says")
    func variance() {
        let grid = TimeGrid(maturityDays: 40, daysPerYear: 365, steps: 40)
        let simulator = GARCHSimulator(initialVariance: 0.09)
        #expect((simulator.persistence - 0.95).magnitude < 1e-12)
        let block = simulator.paths(0..<100_000, on: grid, stream: stream)
        for t in [1, 10, 40] {
            let expected = simulator.longRunVariance + (0.09 / 365 - simulator.longRunVariance) * Double.pow(0.95, t)
            #expect(Moments(block.variance[t]).agree(with: 365 * expected))
        }
        let reference = simulator.referenceVolatility(on: grid)
        #expect(Moments(block.integratedVariance[40]).agree(with: reference * reference * grid.maturity))
    }

    @Test("the next period's variance is the recursion's: linear in h, with the leverage's sign")
    func leverage() {
        let grid = TimeGrid(maturityDays: 1, daysPerYear: 365, steps: 1)
        let simulator = GARCHSimulator(initialVariance: 0.09)
        let block = simulator.paths(0..<100_000, on: grid, stream: stream)
        let h = 0.09 / 365
        // Cov(ln S, h') = −2αγh, and Var h' = α² (2 + 4γ²h).
        let mean = Moments(block.variance[1]).mean / 365
        let products = zip(block.logSpot[1], block.variance[1]).map { ($0 - .log(100) + h / 2) * ($1 / 365 - mean) }
        #expect(Moments(products).agree(with: -2 * 5e-6 * 200 * h))
        let squares = block.variance[1].map { ($0 / 365 - mean) * ($0 / 365 - mean) }
        #expect(Moments(squares).agree(with: 25e-12 * (2 + 4 * 200 * 200 * h)))
    }

    @Test("calls cost Heston and Nandi's price")
    func prices() {
        for row in hestonNandiPrices {
            let simulator = GARCHSimulator(initialVariance: row[0], omega: row[1], alpha: row[2], beta: row[3], gamma: row[4])
            let grid = TimeGrid(maturityDays: row[5], daysPerYear: 365, steps: Int(row[5]))
            let found = simulator.paths(0..<200_000, on: grid, stream: stream).calls(row[6])
            #expect(found.agree(with: row[7]), "\(found.mean) ± \(found.error) at \(row)")
        }
    }
}

/// Annual variance, ω, α, β, γ, days, strike, call: at spot 100, by `Tests/References/market_laws.py`.
private let hestonNandiPrices: [[Double]] = [
    [0.04, 4.8e-07, 5e-06, 0.75, 200.0, 30, 90.0, 10.202123],
    [0.04, 4.8e-07, 5e-06, 0.75, 200.0, 30, 100.0, 2.2127367],
    [0.04, 4.8e-07, 5e-06, 0.75, 200.0, 30, 108.0, 0.059530058],
    [0.09, 0.0, 2e-05, 0.6, 120.0, 90, 90.0, 11.710461],
    [0.09, 0.0, 2e-05, 0.6, 120.0, 90, 100.0, 4.9624828],
    [0.09, 0.0, 2e-05, 0.6, 120.0, 90, 108.0, 1.7424583],
]
