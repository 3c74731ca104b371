import Probability
import RealModule
import Stochastics
import Testing

@Suite struct FundingProcessTests {
    let grid = TimeGrid(maturityDays: 30, steps: 10)
    let stream = RandomStream(seed: 4, purpose: .evaluationPaths)

    @Test("mean, variance and memory are the law's")
    func moments() {
        let process = FundingProcess(mean: 0.1, meanReversion: 30, volatility: 2)
        let count = 100_000
        let rates = process.rates(0..<count, on: grid, stream: stream)
        for step in [1, 4, 10] {
            let expected = 4 * (1 - Double.exp(-60 * grid.time(step))) / 60
            let found = Moments(rates[step])
            #expect(found.agree(with: 0.1))
            #expect((found.variance / expected - 1).magnitude < 4 * (2 / Double(count)).squareRoot())
        }
        let product = zip(rates[9], rates[10]).map { ($0 - 0.1) * ($1 - 0.1) }
        let memory = Double.exp(-30 * grid.timeStep) * 4 * (1 - Double.exp(-60 * grid.time(9))) / 60
        #expect(Moments(product).agree(with: memory))
    }

    @Test("without volatility the mean at all times; the same in any block; apart from the spot")
    func streams() {
        #expect(FundingProcess(mean: 0.3).rates(0..<3, on: grid, stream: stream) == Array(repeating: [0.3, 0.3, 0.3], count: 11))
        let process = FundingProcess(volatility: 1)
        let whole = process.rates(0..<20_000, on: grid, stream: stream)
        #expect(process.rates(40..<45, on: grid, stream: stream)[10] == Array(whole[10][40..<45]))
        let spots = BlackScholesSimulator().paths(0..<20_000, on: grid, stream: stream)
        let product = zip(whole[1], spots.logSpot[1]).map { $0 * ($1 - Double.log(100)) }
        #expect(Moments(product).agree(with: 0))
    }
}
