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
        try requirePrice()
        let withClaim = try learnedLosses(progress: progress, isCancelled: isCancelled)
        return try price(withClaim, without: try lossesWithoutClaim(progress: progress, isCancelled: isCancelled))
    }

    func requirePrice() throws {
        guard experiment.objective.isCashInvariant else {
            throw Experiment.SetupError.market(
                "the objective \(experiment.objective) does not move with cash; an indifference price needs one that does, such as entropic"
            )
        }
    }

    /// Losses under the hedge learned for the claim, on paths that training did not see.
    func learnedLosses(
        startingWith fitted: LearnedHedge? = nil, progress: (TrainingProgress) -> Void, isCancelled: () -> Bool
    ) throws -> [Double] {
        let hedge = try train(startingWith: fitted, progress: progress, isCancelled: isCancelled).hedge.told(experiment.conditionValues)
        return Rollout.run(hedge, on: try market(.evaluationPaths), paths: 0..<experiment.evaluation.paths, workers: workers).losses
    }

    /// Losses of trading alone; nil where nobody gains by it.
    func lossesWithoutClaim(progress: (TrainingProgress) -> Void, isCancelled: () -> Bool) throws -> [Double]? {
        guard experiment.drifts else { return nil }
        return try holding(0).learnedLosses(progress: progress, isCancelled: isCancelled)
    }

    /// The same experiment with so many times its claim.
    func holding(_ factor: Double) throws -> SimulatedComparison {
        guard let claim = experiment.claim.times(factor) else {
            throw Experiment.SetupError.market("\(experiment.name) has no claim of one moment to price")
        }
        var other = experiment
        other.claim = claim
        return SimulatedComparison(other, workers: workers)
    }

    /// On the same paths: what both share cancels in the standard error.
    func price(_ withClaim: [Double], without: [Double]?) throws -> IndifferencePrice {
        let (value, own) = try experiment.objective.valueAndInfluence(losses: withClaim)
        var (alone, influences) = (0.0, own)
        if let without {
            let (other, others) = try experiment.objective.valueAndInfluence(losses: without)
            influences = zip(own, others).map { $0 - $1 }
            alone = other
        }
        let error = RiskMeasure.standardError(influences: influences, run: experiment.evaluation.sampling.run)
        return IndifferencePrice(price: value - alone, standardError: error, withClaim: value, withoutClaim: alone)
    }
}

extension Experiment {
    /// Whether the market's prices may be no martingales.
    var drifts: Bool {
        guard case .simulated(let settings) = market else { return true }
        return settings.parameters["drift"] != 0 || settings.assets.contains { $0["drift"] ?? 0 != 0 }
    }
}
