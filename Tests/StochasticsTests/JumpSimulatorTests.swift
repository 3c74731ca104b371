import Pricing
import Probability
import RealModule
import Stochastics
import Testing

@Suite struct JumpDiffusionSimulatorTests {
    static let normal = JumpProcess(intensity: 4, size: .normal(mean: -0.05, deviation: 0.08))
    static let doubleExponential = JumpProcess(
        intensity: 6, size: .doubleExponential(upwardProbability: 0.3, upwardRate: 25, downwardRate: 15))
    let grid = TimeGrid(maturityDays: 90, daysPerYear: 365, steps: 3)
    let stream = RandomStream(seed: 5, purpose: .evaluationPaths)

    static func law(_ jumps: JumpProcess) -> JumpLaw {
        switch jumps.size {
        case .normal(let mean, let deviation): .normal(mean: mean, deviation: deviation)
        case .doubleExponential(let p, let up, let down): .doubleExponential(upwardProbability: p, upwardRate: up, downwardRate: down)
        }
    }

    @Test("compensator and variance are those of the law of one jump", arguments: [normal, doubleExponential])
    func jumpLaw(jumps: JumpProcess) {
        #expect((jumps.compensator - jumps.intensity * Self.law(jumps).meanGrowth).magnitude < 1e-13)
        #expect((jumps.variance - jumps.intensity * Self.law(jumps).secondMoment).magnitude < 1e-13)
    }

    @Test("the log return has the mean, variance and third moment of the law", arguments: [normal, doubleExponential])
    func moments(jumps: JumpProcess) {
        let simulator = JumpDiffusionSimulator(BlackScholesSimulator(volatility: 0.25), jumps: jumps)
        let block = simulator.paths(0..<200_000, on: grid, stream: stream)
        let (first, third) =
            switch jumps.size {
            case .normal(let m, let d): (m, m * m * m + 3 * m * d * d)
            case .doubleExponential(let p, let up, let down):
                (p / up - (1 - p) / down, 6 * (p / (up * up * up) - (1 - p) / (down * down * down)))
            }
        let mean = (-0.25 * 0.25 / 2 - jumps.compensator + jumps.intensity * first) * grid.maturity
        let moves = block.logSpot[3].map { $0 - Double.log(100) - mean }
        #expect(Moments(moves).agree(with: 0))
        #expect(Moments(moves.map { $0 * $0 }).agree(with: (0.25 * 0.25 + jumps.variance) * grid.maturity))
        // The third cumulant is the jumps' alone.
        #expect(Moments(moves.map { $0 * $0 * $0 }).agree(with: jumps.intensity * third * grid.maturity))
    }

    @Test("calls cost their Fourier price", arguments: [normal, doubleExponential], [80.0, 100, 120])
    func prices(jumps: JumpProcess, strike: Double) {
        let simulator = JumpDiffusionSimulator(BlackScholesSimulator(volatility: 0.25), jumps: jumps)
        let model = JumpDiffusionModel(volatility: 0.25, jumpIntensity: jumps.intensity, jumps: Self.law(jumps))
        let found = simulator.paths(0..<200_000, on: grid, stream: stream).calls(strike)
        #expect(found.agree(with: model.price(.call, forward: 100, strike: strike, timeToExpiry: grid.maturity)))
    }

    @Test("without jumps the paths are the diffusion's")
    func noJumps() {
        let diffusion = BlackScholesSimulator(drift: 0.1)
        let simulator = JumpDiffusionSimulator(diffusion, jumps: JumpProcess(intensity: 0, size: .normal(mean: -0.1, deviation: 0.1)))
        #expect(simulator.paths(0..<50, on: grid, stream: stream) == diffusion.paths(0..<50, on: grid, stream: stream))
    }
}

@Suite struct HestonJumpSimulatorTests {
    /// Jumps that a month feels, and a variance that rises with them.
    static let heston = HestonSimulator(
        initialVariance: 0.09, meanReversion: 4, longRunVariance: 0.06, volatilityOfVariance: 0.8, correlation: -0.5)
    let grid = TimeGrid(maturityDays: 60, daysPerYear: 365, steps: 10)
    let stream = RandomStream(seed: 6, purpose: .evaluationPaths)

    static func model(varianceJumpMean: Double, jumpCorrelation: Double) -> HestonJumpModel {
        HestonJumpModel(
            heston: HestonModel(meanReversion: 4, longRunVariance: 0.06, volatilityOfVariance: 0.8, correlation: -0.5), jumpIntensity: 5,
            jumpMean: -0.04, jumpVolatility: 0.05, varianceJumpMean: varianceJumpMean, jumpCorrelation: jumpCorrelation)
    }

    static func svcj(_ heston: HestonSimulator = heston, varianceJumpMean: Double = 0.1, jumpCorrelation: Double = -0.4) -> SVCJSimulator {
        SVCJSimulator(
            heston, jumpIntensity: 5, jumpMean: -0.04, jumpVolatility: 0.05, varianceJumpMean: varianceJumpMean,
            jumpCorrelation: jumpCorrelation)
    }

    @Test("Bates calls cost their Fourier price", arguments: [85.0, 100, 110])
    func bates(strike: Double) {
        let simulator = BatesSimulator(Self.heston, jumps: JumpProcess(intensity: 5, size: .normal(mean: -0.04, deviation: 0.05)))
        let price = Self.model(varianceJumpMean: 0, jumpCorrelation: 0).price(
            .call, forward: 100, strike: strike, variance: 0.09, timeToExpiry: grid.maturity)
        #expect(simulator.paths(0..<200_000, on: grid, stream: stream).calls(strike).agree(with: price, bias: 2e-3))
    }

    @Test(
        "with jumps of the variance calls cost their Fourier price, whatever moves the variance between them",
        arguments: [HestonSimulator.Scheme.exact, .quadraticExponential], [85.0, 100, 110])
    func svcj(scheme: HestonSimulator.Scheme, strike: Double) {
        var heston = Self.heston
        heston.scheme = scheme
        let price = Self.model(varianceJumpMean: 0.1, jumpCorrelation: -0.4).price(
            .call, forward: 100, strike: strike, variance: 0.09, timeToExpiry: grid.maturity)
        #expect(Self.svcj(heston).paths(0..<200_000, on: grid, stream: stream).calls(strike).agree(with: price, bias: 5e-3))
    }

    @Test("the variance's mean, with its jumps, is θ + λμ/κ in the long run and on the way there")
    func meanVariance() {
        let block = Self.svcj().paths(0..<200_000, on: grid, stream: stream)
        let theta = 0.06 + 5 * 0.1 / 4
        for t in [1, 5, 10] {
            #expect(Moments(block.variance[t]).agree(with: theta + (0.09 - theta) * .exp(-4 * grid.time(t))))
        }
        // The trapezium takes the jump's part of a step as it finds it at the cut, so that the mean of the integral is that of the law.
        let integral = theta * grid.maturity + (0.09 - theta) * (1 - .exp(-4 * grid.maturity)) / 4
        #expect(Moments(block.integratedVariance[10]).agree(with: integral, bias: 1e-3 * integral))
    }

    @Test("no jump of the variance is Bates' model: the same moments of the log price")
    func batesLimit() {
        let bates = BatesSimulator(Self.heston, jumps: JumpProcess(intensity: 5, size: .normal(mean: -0.04, deviation: 0.05)))
        let ours = Self.svcj(varianceJumpMean: 0, jumpCorrelation: 0)
        let (a, b) = (bates.paths(0..<200_000, on: grid, stream: stream), ours.paths(0..<200_000, on: grid, stream: stream))
        for power in 1...3 {
            let (x, y) = (Moments(a.logReturns(power: power)), Moments(b.logReturns(power: power)))
            #expect((x.mean - y.mean).magnitude < 4 * (x.error + y.error))
        }
    }
}
