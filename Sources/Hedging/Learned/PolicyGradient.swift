public import LinearAlgebra
public import Probability

/// The objective of a policy on a set of blocks and its gradient in the parameters: what one update needs.
enum PolicyGradient {
    struct Step: Sendable {
        /// The objective.
        var loss: Double
        /// Its derivative in each parameter.
        var gradient: [Float]
        var pathSteps: Int
    }

    /// A block's share of an update.
    private struct Share: Sendable {
        var losses: [Double]
        var gradient: [Float]
    }

    /// In one pass where each loss weighs by itself; else forwards over all blocks, the risk measure's gradient in each
    /// loss, and forwards again with the pass back.
    static func evaluate(
        _ objective: RiskObjective, policy: HedgePolicy, parameters: [Float], blocks: [PolicyBlock], workers: Workers
    ) throws -> Step {
        guard let steps = blocks.map(\.steps).max(), let samples = blocks.map(\.samples).max(), samples > 0 else {
            throw DeepHedgeError.noPaths
        }
        let pathSteps = blocks.reduce(0) { $0 + $1.samples * $1.steps }
        if let rule = objective.separable {
            let shares = workers.map(count: blocks.count) {
                PolicyRollout(policy, samples: samples, steps: steps)
            } _: { rollout, index in
                let block = blocks[index]
                var losses = [Double](repeating: 0, count: block.samples)
                rollout.forward(parameters, block, losses: &losses)
                rollout.backward(parameters, block, weights: losses.map { Float(rule.weight($0)) })
                return Share(losses: losses, gradient: Array(rollout.gradient))
            }
            let losses = shares.flatMap(\.losses)
            if let factor = rule.factor(losses) {
                return Step(loss: try objective.value(losses), gradient: sum(shares, times: factor), pathSteps: pathSteps)
            }
        }
        let losses = losses(of: parameters, policy: policy, blocks: blocks, workers: workers)
        let (value, weights) = try objective.valueAndGradient(losses)
        var starts = [0]
        for block in blocks { starts.append(starts[starts.count - 1] + block.samples) }
        let offsets = starts
        let count = Double(losses.count)
        let shares = workers.map(count: blocks.count) {
            PolicyRollout(policy, samples: samples, steps: steps)
        } _: { rollout, index in
            let block = blocks[index]
            var known = [Double](repeating: 0, count: block.samples)
            rollout.forward(parameters, block, losses: &known)
            // Scaled by N so that small weights keep their bits in Float.
            rollout.backward(parameters, block, weights: weights[offsets[index]..<offsets[index + 1]].map { Float($0 * count) })
            return Share(losses: [], gradient: Array(rollout.gradient))
        }
        return Step(loss: value, gradient: sum(shares, times: 1 / count), pathSteps: pathSteps)
    }

    /// Gradients of all blocks, summed in block order.
    private static func sum(_ shares: [Share], times factor: Double) -> [Float] {
        var sums = [Double](repeating: 0, count: shares.first?.gradient.count ?? 0)
        for share in shares {
            for i in sums.indices { sums[i] += Double(share.gradient[i]) }
        }
        return sums.map { Float($0 * factor) }
    }

    /// Losses of all blocks' paths, in block order.
    static func losses(of parameters: [Float], policy: HedgePolicy, blocks: [PolicyBlock], workers: Workers) -> [Double] {
        let samples = blocks.map(\.samples).max() ?? 1
        let steps = blocks.map(\.steps).max() ?? 1
        return workers.map(count: blocks.count) {
            PolicyRollout(policy, samples: samples, steps: steps)
        } _: { rollout, index in
            var losses = [Double](repeating: 0, count: blocks[index].samples)
            rollout.forward(parameters, blocks[index], losses: &losses)
            return losses
        }.flatMap { $0 }
    }
}

extension LearnedHedge {
    /// A risk measure of the hedged loss on some paths of a market, and its derivative in every parameter of the network,
    /// by back-propagation through time. Fixed costs count in the value but, flat almost everywhere, not in the gradient.
    ///
    /// - Parameters:
    ///   - premium: Cash subtracted from every loss first.
    ///   - near: A number near the value, such as the last one: entropic weights are then taken in a single pass.
    /// - Returns: Gradient in the order of `network.parameters`.
    public func valueAndGradient(
        _ risk: RiskMeasure, premium: Double = 0, on market: any HedgingMarket, paths: Range<Int>, near: Double? = nil,
        blockSize: Int = 256, workers: Workers = Workers()
    ) throws -> (value: Double, gradient: [Float]) {
        var objective = RiskObjective(risk, premium: premium)
        objective.lastValue = near
        let blocks = stride(from: paths.lowerBound, to: paths.upperBound, by: blockSize).map {
            PolicyBlock(
                market.paths($0..<min($0 + blockSize, paths.upperBound), features: policy.inputs), policy: policy,
                instruments: market.instruments)
        }
        let step = try PolicyGradient.evaluate(
            objective, policy: policy, parameters: network.parameters, blocks: blocks, workers: workers)
        return (step.loss, step.gradient)
    }
}
