import Pricing
import Probability
import RealModule
import Stochastics
import Testing

@Suite struct RoughBergomiSimulatorTests {
    let stream = RandomStream(seed: 14, purpose: .evaluationPaths)
    let grid = TimeGrid(maturityDays: 60, daysPerYear: 365, steps: 12)

    @Test("the variance's mean is ξ at every time, its log's variance η² t^{2H}", arguments: [0.07, 0.3, 0.5])
    func variance(hurst: Double) {
        let simulator = RoughBergomiSimulator(forwardVariance: 0.09, hurst: hurst, eta: 1.2)
        let block = simulator.paths(0..<200_000, on: grid, stream: stream)
        for t in [1, 4, 12] {
            #expect(Moments(block.variance[t]).agree(with: 0.09))
            let logs = Moments(block.variance[t].map { Double.log($0 / 0.09) })
            let expected = 1.44 * Double.pow(grid.time(t), 2 * hurst)
            // The step function in place of the older kernel costs a per cent or so.
            #expect((logs.variance / expected - 1).magnitude < 0.02, "\(logs.variance) for \(expected)")
            #expect(logs.agree(with: -logs.variance / 2))
        }
    }

    @Test("with H = ½ the variance is a geometric Brownian motion: independent increments of its log")
    func brownian() {
        let block = RoughBergomiSimulator(hurst: 0.5, eta: 1).paths(0..<100_000, on: grid, stream: stream)
        let moves = (0..<12).map { t in
            zip(block.variance[t + 1], block.variance[t]).map { Double.log($0 / $1) + grid.timeStep / 2 }
        }
        for t in [0, 5, 11] { #expect(Moments(moves[t].map { $0 * $0 }).agree(with: grid.timeStep)) }
        #expect(Moments(zip(moves[3], moves[4]).map { $0 * $1 }).agree(with: 0))
    }

    @Test("below ½ the log's increments oppose each other, as rough noise does")
    func rough() {
        let block = RoughBergomiSimulator(hurst: 0.1).paths(0..<50_000, on: grid, stream: stream)
        let products = (0..<50_000).map { i in
            Double.log(block.variance[9][i] / block.variance[8][i]) * Double.log(block.variance[8][i] / block.variance[7][i])
        }
        #expect(Moments(products).mean < -10 * Moments(products).error)
    }

    @Test("without η the calls are Black's")
    func black() {
        let block = RoughBergomiSimulator(forwardVariance: 0.09, eta: 0).paths(0..<200_000, on: grid, stream: stream)
        #expect(block.calls(105).agree(with: Black76.price(.call, forward: 100, strike: 105, totalVariance: 0.09 * grid.maturity)))
    }

    @Test("calls cost what the exact Gaussian law of the drivers gives on the same grid")
    func prices() {
        for row in roughBergomiPrices {
            let simulator = RoughBergomiSimulator(forwardVariance: row[0], hurst: row[1], eta: row[2], correlation: row[3])
            let grid = TimeGrid(maturityDays: row[4], daysPerYear: 365, steps: Int(row[5]))
            let found = simulator.paths(0..<200_000, on: grid, stream: stream).calls(row[6])
            #expect(found.agree(with: row[7], bias: 4 * row[8] + 0.003 * row[7]), "\(found.mean) ± \(found.error) at \(row)")
        }
    }
}

/// ξ, H, η, ρ, days, steps, strike, call, its standard error: at spot 100, by `Tests/References/market_laws.py`.
private let roughBergomiPrices: [[Double]] = [
    [0.04, 0.1, 1.5, -0.7, 30, 30, 90.0, 10.2249, 0.003],
    [0.04, 0.1, 1.5, -0.7, 30, 30, 100.0, 2.1466, 0.0015],
    [0.04, 0.1, 1.5, -0.7, 30, 30, 105.0, 0.367337, 0.00053],
    [0.09, 0.3, 1.0, -0.4, 90, 20, 90.0, 12.1108, 0.00092],
    [0.09, 0.3, 1.0, -0.4, 90, 20, 100.0, 5.7887, 0.00072],
    [0.09, 0.3, 1.0, -0.4, 90, 20, 105.0, 3.65063, 0.00056],
]
