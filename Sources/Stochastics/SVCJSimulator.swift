public import Probability
import RealModule

/// Heston's stochastic variance with jumps of price and variance at the same moments.
///
///     at a jump: v' = v + Y,   ln S' = ln S + J;   Y exponential with mean μ,   J ~ N(m + ρ_J Y, δ²)
///
/// Jump times are drawn exactly and the step is cut at them, so that the variance that a jump leaves behind drives the rest of its step.
///
/// References: Duffie, Pan, Singleton, *Transform analysis and asset pricing for affine jump-diffusions*, Econometrica 68 (2000);
/// Broadie, Kaya, *Exact simulation of stochastic volatility and other affine jump diffusion processes* (2006), section 6.
public struct SVCJSimulator: DiffusionSimulator, Equatable {
    /// Its drift is that of diffusion and jumps together.
    public var heston: HestonSimulator
    /// λ, a year.
    public var jumpIntensity: Double
    /// m.
    public var jumpMean: Double
    /// δ.
    public var jumpVolatility: Double
    /// μ, annual variance.
    public var varianceJumpMean: Double
    /// ρ_J, a slope: the log price jumps by so much more for each unit of variance.
    public var jumpCorrelation: Double

    public init(
        _ heston: HestonSimulator, jumpIntensity: Double, jumpMean: Double, jumpVolatility: Double, varianceJumpMean: Double,
        jumpCorrelation: Double
    ) {
        precondition(jumpIntensity >= 0 && jumpVolatility >= 0 && varianceJumpMean >= 0)
        precondition(jumpCorrelation * varianceJumpMean < 1, "ρ_J μ is \(jumpCorrelation * varianceJumpMean), must be below 1")
        self.heston = heston
        self.jumpIntensity = jumpIntensity
        self.jumpMean = jumpMean
        self.jumpVolatility = jumpVolatility
        self.varianceJumpMean = varianceJumpMean
        self.jumpCorrelation = jumpCorrelation
    }

    public var name: String { "svcj" }
    public var spot: Double { heston.spot }
    public var hasVariance: Bool { true }
    public var ownNoiseShare: Double { heston.ownNoiseShare }
    public var noiseGroup: Int { heston.noiseGroup }

    /// λ E(e^J − 1).
    var compensator: Double {
        jumpIntensity
            * (Double.exp(jumpMean + jumpVolatility * jumpVolatility / 2) / (1 - jumpCorrelation * varianceJumpMean) - 1)
    }

    public func referenceVolatility(on grid: TimeGrid) -> Double {
        let diffusion = heston.referenceVolatility(on: grid)
        // A unit of variance that comes at time s adds (1 − e^{−κ(T−s)})/κ to ∫v; summed over s.
        let (kappa, years) = (heston.meanReversion, grid.maturity)
        let memory = kappa > 0 ? (years + Double.expMinusOne(-kappa * years) / kappa) / (kappa * years) : years / 2
        let along = jumpCorrelation * varianceJumpMean
        let square = jumpMean * jumpMean + 2 * jumpMean * along + 2 * along * along + jumpVolatility * jumpVolatility
        return (diffusion * diffusion + jumpIntensity * (varianceJumpMean * memory + square)).squareRoot()
    }

    public func paths(_ range: Range<Int>, on grid: TimeGrid, stream: RandomStream) -> PathBlock {
        paths(of: heston, range, on: grid, stream: stream)
    }

    public func paths(
        _ range: Range<Int>, on grid: TimeGrid, stream: RandomStream, noise: (UnsafeMutableBufferPointer<Double>) -> Void
    ) -> PathBlock {
        var block = paths(of: heston.withoutOwnNoise, range, on: grid, stream: stream)
        block.addOwnNoise(share: ownNoiseShare, noise: noise)
        return block
    }

    private func paths(of heston: HestonSimulator, _ range: Range<Int>, on grid: TimeGrid, stream: RandomStream) -> PathBlock {
        var heston = heston
        heston.drift -= compensator
        let years = grid.timeStep / Double(heston.substeps)
        let whole = HestonSimulator.Step(heston, years: years)
        let mean = jumpIntensity * years
        let noJump = Double.exp(-mean)
        return heston.paths(range, on: grid) { state, path, address in
            let uniform = stream.uniform(path: path, step: address, dimension: 2 * JumpProcess.firstGroup)
            guard mean > 0, uniform > noJump else {
                whole.advance(&state, path: path, address: address, scheme: heston.scheme, stream: stream)
                return
            }
            let count = RandomVariates.poisson(mean: mean, uniform: uniform)
            let times = (1...count).map { years * stream.uniform(path: path, step: address, dimension: 2 * (JumpProcess.firstGroup + $0)) }
            var before = 0.0
            for (index, time) in (times.sorted() + [years]).enumerated() {
                let part = HestonSimulator.Step(heston, years: time - before)
                part.advance(&state, path: path, address: address + index * Self.addressesApart, scheme: heston.scheme, stream: stream)
                before = time
                guard index < count else { break }
                let (u, w) = stream.uniformPair(path: path, step: address, group: JumpProcess.firstGroup + count + 1 + index)
                let rise = -varianceJumpMean * Double.log(u)
                state.variance += rise
                state.log += jumpMean + jumpCorrelation * rise + jumpVolatility * NormalDistribution.quantile(w)
            }
        }
    }

    /// Parts of one step draw from addresses so far apart, beyond any grid's.
    private static let addressesApart = 1 << 24
}

extension SimulatorCatalog {
    static let svcj = Entry(
        name: "svcj", summary: "square-root stochastic variance, jumps of price and variance together",
        parameters: hestonParameters + [
            ("jumpIntensity", 1), ("jumpMean", -0.05), ("jumpVolatility", 0.1), ("varianceJumpMean", 0.05), ("jumpCorrelation", -0.5),
        ],
        choices: hestonChoices
    ) { arguments throws(SimulatorError) in
        let rise = try arguments.notNegative("varianceJumpMean")
        return SVCJSimulator(
            try HestonSimulator(arguments), jumpIntensity: try arguments.notNegative("jumpIntensity"), jumpMean: arguments["jumpMean"],
            jumpVolatility: try arguments.notNegative("jumpVolatility"), varianceJumpMean: rise,
            jumpCorrelation: try arguments.checked("jumpCorrelation", "below 1 / varianceJumpMean, so that the price has a mean") {
                $0 * rise < 1
            })
    }
}
