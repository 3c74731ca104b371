import Probability

/// Heston's stochastic variance with independent normal jumps of the log price.
///
/// Reference: Bates, *Jumps and stochastic volatility*, Review of Financial Studies 9 (1996).
public struct BatesSimulator: JumpingSimulator, Equatable {
    /// Its drift is that of diffusion and jumps together.
    public var heston: HestonSimulator
    public var jumps: JumpProcess

    public init(_ heston: HestonSimulator, jumps: JumpProcess) {
        self.heston = heston
        self.jumps = jumps
    }

    public var name: String { "bates" }
    public var spot: Double { heston.spot }
    public var hasVariance: Bool { true }
    public var ownNoiseShare: Double { heston.ownNoiseShare }
    public var noiseGroup: Int { heston.noiseGroup }

    public func referenceVolatility(on grid: TimeGrid) -> Double {
        let diffusion = heston.referenceVolatility(on: grid)
        return (diffusion * diffusion + jumps.variance).squareRoot()
    }

    var compensated: HestonSimulator {
        var heston = heston
        heston.drift -= jumps.compensator
        return heston
    }
}

extension SimulatorCatalog {
    static let bates = Entry(
        name: "bates", summary: "square-root stochastic variance and normal jumps",
        parameters: hestonParameters + [("jumpIntensity", 1), ("jumpMean", -0.1), ("jumpVolatility", 0.15)], choices: hestonChoices
    ) { arguments throws(SimulatorError) in
        BatesSimulator(try HestonSimulator(arguments), jumps: try JumpProcess(normal: arguments))
    }
}
