import Pricing
import Stochastics

/// The model that prices options under a simulator's law by Fourier integrals, and where its variance starts.
struct AffineLaw: Sendable, Equatable {
    let model: HestonJumpModel
    let initialVariance: Double

    /// nil for laws that are neither Heston's nor have jumps added to it.
    init?(_ simulator: any PathSimulator) {
        let heston: HestonSimulator
        var jumps = (intensity: 0.0, mean: 0.0, deviation: 0.0, rise: 0.0, slope: 0.0)
        switch simulator {
        case let simulator as HestonSimulator: heston = simulator
        case let simulator as BatesSimulator:
            guard case .normal(let mean, let deviation) = simulator.jumps.size else { return nil }
            heston = simulator.heston
            jumps = (simulator.jumps.intensity, mean, deviation, 0, 0)
        case let simulator as SVCJSimulator:
            heston = simulator.heston
            jumps = (
                simulator.jumpIntensity, simulator.jumpMean, simulator.jumpVolatility, simulator.varianceJumpMean, simulator.jumpCorrelation
            )
        default: return nil
        }
        initialVariance = heston.initialVariance
        model = HestonJumpModel(
            heston: HestonModel(
                meanReversion: heston.meanReversion, longRunVariance: heston.longRunVariance,
                volatilityOfVariance: heston.volatilityOfVariance, correlation: heston.correlation),
            jumpIntensity: jumps.intensity, jumpMean: jumps.mean, jumpVolatility: jumps.deviation, varianceJumpMean: jumps.rise,
            jumpCorrelation: jumps.slope)
    }
}
