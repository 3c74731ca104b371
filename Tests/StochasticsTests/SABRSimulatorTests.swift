import Pricing
import Probability
import RealModule
import Stochastics
import Testing

@Suite struct SABRSimulatorTests {
    let stream = RandomStream(seed: 11, purpose: .evaluationPaths)

    @Test("without volatility of volatility and with β = 1 the calls are Black's")
    func black() {
        let grid = TimeGrid(maturityDays: 90, daysPerYear: 365, steps: 6)
        let block = SABRSimulator(volatility: 0.3, volatilityOfVolatility: 0).paths(0..<200_000, on: grid, stream: stream)
        for strike in [85.0, 100, 120] {
            #expect(
                block.calls(strike).agree(with: Black76.price(.call, forward: 100, strike: strike, totalVariance: 0.09 * grid.maturity)))
        }
    }

    @Test("β = 0 without volatility of volatility is Bachelier's normal model")
    func bachelier() {
        // Volatility low enough that the forward does not reach zero.
        let grid = TimeGrid(maturityDays: 90, daysPerYear: 365, steps: 90)
        let block = SABRSimulator(volatility: 0.2, beta: 0, volatilityOfVolatility: 0).paths(0..<200_000, on: grid, stream: stream)
        let deviation = 20 * grid.maturity.squareRoot()
        for strike in [90.0, 100, 112] {
            let d = (100 - strike) / deviation
            let price = (100 - strike) * NormalDistribution.cdf(d) + deviation * NormalDistribution.density(d)
            #expect(block.calls(strike).agree(with: price, bias: 5e-3))
        }
        #expect(Moments(block.spot[90].map { ($0 - 100) * ($0 - 100) }).agree(with: deviation * deviation, bias: 0.01 * deviation))
    }

    @Test("σ² grows at ν², and spot and volatility move together as ρ says")
    func moments() {
        let grid = TimeGrid(maturityDays: 90, daysPerYear: 365, steps: 5)
        let simulator = SABRSimulator(volatility: 0.3, volatilityOfVolatility: 0.9, correlation: -0.6)
        let block = simulator.paths(0..<200_000, on: grid, stream: stream)
        let growth = Double.exp(0.81 * grid.maturity)
        #expect(Moments(block.variance[5]).agree(with: 0.09 * growth))
        #expect(Moments(block.integratedVariance[5]).agree(with: 0.09 * (growth - 1) / 0.81))
        // Over the first step both logs are normal.
        let moves = zip(block.logSpot[1], block.variance[1]).map { ($0 - .log(100), Double.log($1 / 0.09) / 2 + 0.405 * grid.timeStep) }
        let time = (Double.exp(0.81 * grid.timeStep) - 1) / 0.81
        #expect(Moments(moves.map { $0.0 * $0.1 }).agree(with: -0.6 * 0.9 * 0.3 * (time * grid.timeStep).squareRoot(), bias: 1e-5))
    }

    @Test("a forward that falls to nothing stays there, and stays a martingale")
    func absorption() {
        let grid = TimeGrid(maturityDays: 365, daysPerYear: 365, steps: 50)
        let simulator = SABRSimulator(volatility: 0.8, beta: 0, volatilityOfVolatility: 1, correlation: 0)
        let block = simulator.paths(0..<50_000, on: grid, stream: stream)
        #expect(Moments(block.spot[50]).agree(with: 100))
        let dead = block.spot[40].indices.filter { block.spot[40][$0] < 1.0001e-6 }
        #expect(dead.count > 1000)
        #expect(dead.allSatisfy { block.spot[50][$0] == block.spot[40][$0] && block.variance[50][$0] == 0 })
    }

    @Test("calls cost what finite differences and small Euler steps say")
    func prices() {
        for row in sabrPrices {
            let simulator = SABRSimulator(
                volatility: row[0], beta: row[1], volatilityOfVolatility: row[2], correlation: row[3], substeps: 2)
            let grid = TimeGrid(maturityDays: row[4], daysPerYear: 365, steps: 60)
            let found = simulator.paths(0..<100_000, on: grid, stream: stream).calls(row[5])
            #expect(found.agree(with: row[6], bias: 4 * row[7] + 5e-3), "\(found.mean) ± \(found.error) at \(row)")
        }
    }
}

/// σ, β, ν, ρ, days, strike, call, its error: at spot 100, by `Tests/References/market_laws.py`.
private let sabrPrices: [[Double]] = [
    [0.2, 0.999, 0.8, -0.6, 182, 85.0, 16.4133, 1e-3],
    [0.2, 0.999, 0.8, -0.6, 182, 100.0, 5.62371, 1e-3],
    [0.2, 0.999, 0.8, -0.6, 182, 120.0, 0.38974, 1e-3],
    [0.4, 0.5, 1.0, -0.3, 182, 85.0, 20.8036, 0.016],
    [0.4, 0.5, 1.0, -0.3, 182, 100.0, 11.5191, 0.018],
    [0.4, 0.5, 1.0, -0.3, 182, 120.0, 4.32834, 0.015],
    [0.3, 0.7, 2.0, 0.4, 30, 85.0, 15.1049, 0.0013],
    [0.3, 0.7, 2.0, 0.4, 30, 100.0, 3.51739, 0.0055],
    [0.3, 0.7, 2.0, 0.4, 30, 120.0, 0.294454, 0.0032],
]
