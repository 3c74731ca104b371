public import Hedging
import LinearAlgebra
import Probability

/// The premium at which a seller who trades as well as it can finds the sold claim and no claim equally bad:
///
///     p = ρ(loss with the claim) − ρ(loss without it)
///
/// for a cash-invariant ρ, either loss under the hedge learned for it. Without drift nobody gains by trading alone: every such ρ here is at
/// least the mean, which costs can only raise, so that the second term is ρ(0) = 0. With drift it is the value of that trading, below zero.
///
/// Reference: Buehler, Gonon, Teichmann, Wood, *Deep hedging*, Quantitative Finance 19 (2019), section 3.
public struct IndifferencePrice: Sendable, Equatable, Codable {
    /// Currency of the book.
    public var price: Double
    /// Over the paths that both were judged on.
    public var standardError: Double
    /// ρ with the claim and without it.
    public var withClaim: Double
    public var withoutClaim: Double
}

extension SimulatedComparison {
    /// Trains a hedge of the claim and, where the market drifts, a strategy without it; judges both on paths that neither saw.
    ///
    /// Throws `SetupError.market` where the objective does not move with cash: its measure of a loss is no price.
    public func indifferencePrice(
        progress: (TrainingProgress) -> Void = { _ in }, isCancelled: () -> Bool = { false }
    ) throws -> IndifferencePrice {
        let objective = experiment.objective
        guard objective.isCashInvariant else {
            throw Experiment.SetupError.market(
                "the objective \(objective) does not move with cash; an indifference price needs one that does, such as entropic")
        }
        func losses(_ run: SimulatedComparison) throws -> [Double] {
            let hedge = try run.train(progress: progress, isCancelled: isCancelled).hedge
            let paths = 0..<experiment.evaluation.paths
            return Rollout.run(hedge, on: try run.market(.evaluationPaths), paths: paths, workers: workers).losses
        }
        let (withClaim, claimInfluence) = try objective.valueAndInfluence(losses: try losses(self))
        var (withoutClaim, influence) = (0.0, [Double](repeating: 0, count: claimInfluence.count))
        if experiment.drifts {
            (withoutClaim, influence) = try objective.valueAndInfluence(losses: try losses(try withNothingSold()))
        }
        // The same paths: what both share cancels.
        let count = Double(claimInfluence.count)
        let square = zip(claimInfluence, influence).reduce(0) { $0 + ($1.0 - $1.1) * ($1.0 - $1.1) }
        return IndifferencePrice(
            price: withClaim - withoutClaim, standardError: square.squareRoot() / count, withClaim: withClaim, withoutClaim: withoutClaim)
    }

    /// The same experiment with nothing sold.
    private func withNothingSold() throws -> SimulatedComparison {
        guard case .options(let positions) = experiment.claim else {
            throw Experiment.SetupError.market("\(experiment.name) runs on a recorded market")
        }
        var other = experiment
        other.claim = .options(
            positions.map { position in
                var position = position
                position.quantity = 0
                return position
            })
        return SimulatedComparison(other, workers: workers)
    }
}

extension Experiment {
    /// Whether the market's prices may be no martingales.
    fileprivate var drifts: Bool {
        guard case .simulated(let settings) = market else { return true }
        return settings.parameters["drift"] != 0
    }
}
