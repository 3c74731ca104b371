import Probability
import RealModule

/// Geometric Brownian motion with jumps, sampled exactly: Merton's model where they are normal, Kou's where double exponential.
///
///     ln S(t+Δt) = ln S(t) + (μ − σ²/2 − λE(e^J − 1)) Δt + σ √Δt z + Σ J
///
/// References: Merton, *Option pricing when underlying stock returns are discontinuous*, J. Financial Economics 3 (1976);
/// Kou, *A jump-diffusion model for option pricing*, Management Science 48 (2002).
public struct JumpDiffusionSimulator: JumpingSimulator, Equatable {
    /// Of the diffusion and the jumps together: its drift is μ.
    public var diffusion: BlackScholesSimulator
    public var jumps: JumpProcess

    public init(_ diffusion: BlackScholesSimulator, jumps: JumpProcess) {
        self.diffusion = diffusion
        self.jumps = jumps
    }

    public var name: String {
        switch jumps.size {
        case .normal: "merton"
        case .doubleExponential: "kou"
        }
    }
    public var spot: Double { diffusion.spot }

    public func referenceVolatility(on grid: TimeGrid) -> Double {
        (diffusion.volatility * diffusion.volatility + jumps.variance).squareRoot()
    }

    var compensated: BlackScholesSimulator {
        var diffusion = diffusion
        diffusion.drift -= jumps.compensator
        return diffusion
    }
}

extension SimulatorCatalog {
    static let merton = Entry(
        name: "merton", summary: "Brownian motion with normal jumps",
        parameters: [
            ("spot", 100), ("volatility", 0.2), ("drift", 0), ("jumpIntensity", 1), ("jumpMean", -0.1), ("jumpVolatility", 0.15),
        ]
    ) { arguments throws(SimulatorError) in
        JumpDiffusionSimulator(try BlackScholesSimulator(arguments), jumps: try JumpProcess(normal: arguments))
    }

    static let kou = Entry(
        name: "kou", summary: "Brownian motion with double exponential jumps",
        parameters: [
            ("spot", 100), ("volatility", 0.2), ("drift", 0), ("jumpIntensity", 3), ("upwardProbability", 0.4), ("upwardRate", 25),
            ("downwardRate", 20),
        ]
    ) { arguments throws(SimulatorError) in
        let size = JumpProcess.Size.doubleExponential(
            upwardProbability: try arguments.checked("upwardProbability", "a number from 0 to 1") { (0...1).contains($0) },
            upwardRate: try arguments.checked("upwardRate", "a number above 1, so that the price has a mean") { $0 > 1 },
            downwardRate: try arguments.positive("downwardRate"))
        return JumpDiffusionSimulator(
            try BlackScholesSimulator(arguments), jumps: JumpProcess(intensity: try arguments.notNegative("jumpIntensity"), size: size))
    }
}

extension JumpProcess {
    init(normal arguments: SimulatorArguments) throws(SimulatorError) {
        self.init(
            intensity: try arguments.notNegative("jumpIntensity"),
            size: .normal(mean: arguments["jumpMean"], deviation: try arguments.notNegative("jumpVolatility")))
    }
}
