public import LinearAlgebra
public import Probability
import Synchronization

/// The objective of a policy over many paths and its gradient in the parameters: what one update needs.
///
/// The unit of every sum is a tile of 64 paths. Tiles follow one another in a fixed number of groups, long ones first, whose
/// sums are taken in order, so that neither the number of threads nor how many paths are prepared at once changes a bit, and
/// memory does not grow with the paths but for their losses and weights. It is all taken at the start: epochs reuse it.
final class PolicyGradient {
    struct Step {
        /// The objective.
        var loss: Double
        /// Its derivative in each parameter.
        var gradient: [Float]
        var pathSteps: Int
    }

    private let policy: HedgePolicy
    private let workers: Workers
    private let tilesAtOnce: Int
    private let states: [WorkerState]
    /// At most 64; fewer where parameters are so many that their sums would fill the memory.
    private let groups: Int
    /// Σ w dL of each group's tiles, [groups, P].
    private var sums: [Double]
    private var losses: [Double] = []
    /// What a rule made of the losses.
    private var ruleWeights: [Double] = []

    /// What each worker keeps.
    fileprivate final class WorkerState {
        let rollout: any TileRollout
        let buffers: [PolicyBlock]
        let weights: UnsafeMutablePointer<Float>
        private let steps: Int
        private var memory: TileMemory?

        init(_ policy: HedgePolicy, steps: Int, tilesAtOnce: Int) {
            self.steps = steps
            rollout = policy.kind == .book ? BookRollout(policy, steps: steps) : PolicyRollout(policy, steps: steps)
            buffers = (0..<tilesAtOnce).map { _ in PolicyBlock(policy, steps: steps) }
            weights = .allocate(capacity: PolicyBlock.samples)
            weights.initialize(repeating: 0, count: PolicyBlock.samples)
        }

        deinit { weights.deallocate() }

        /// Memory for tiles straight from simulators, taken when first asked for.
        func memory(for filler: TileFiller) -> TileMemory {
            if let memory { return memory }
            let taken = TileMemory(assets: filler.assetCount, steps: steps)
            memory = taken
            return taken
        }
    }

    /// Doubles of all groups' sums, 32 MB.
    private static let largestSums = 1 << 22

    /// - Parameters:
    ///   - steps: Most steps of any path.
    ///   - tilesAtOnce: How many tiles a worker asks a market for at once.
    init(_ policy: HedgePolicy, steps: Int, tilesAtOnce: Int, workers: Workers) {
        self.policy = policy
        self.workers = workers
        self.tilesAtOnce = tilesAtOnce
        states = (0..<workers.threads).map { _ in
            WorkerState(policy, steps: steps, tilesAtOnce: tilesAtOnce)
        }
        let parameters = policy.architecture.parameterCount
        groups = max(8, min(64, Self.largestSums / parameters))
        sums = [Double](repeating: 0, count: groups * parameters)
    }

    /// In one pass where each loss weighs by itself; else the pass forwards, the risk measure's gradient in each loss, and
    /// forwards again with the pass back. The objective learns from the losses where its weights will be taken next.
    ///
    /// - Parameter conditions: What the network is told, as it reads it.
    func evaluate(
        _ objective: inout RiskObjective, parameters: [Float], on paths: PolicyPaths, conditions: [Float] = []
    ) throws -> Step {
        tell(conditions)
        guard paths.count > 0 else { throw DeepHedgeError.noPaths }
        let rule = objective.separable
        let pathSteps = sweep(parameters, paths, weighing: rule.map { .rule($0) } ?? .nothing)
        if let rule {
            let value = try objective.value(losses)
            if let factor = rule.factor(losses, weights: ruleWeights, value: value, premium: objective.premium) {
                try objective.follow(losses, value: value)
                return Step(loss: value, gradient: gradient(times: factor), pathSteps: pathSteps)
            }
        }
        let (value, weights) = try objective.valueAndGradient(losses)
        // Scaled by N so that small weights keep their bits in Float.
        let count = Double(losses.count)
        sweep(parameters, paths, weighing: .known(weights, scale: count))
        try objective.follow(losses, value: value)
        return Step(loss: value, gradient: gradient(times: 1 / count), pathSteps: pathSteps)
    }

    /// Losses of all paths.
    func losses(_ parameters: [Float], on paths: PolicyPaths, conditions: [Float] = []) -> [Double] {
        tell(conditions)
        sweep(parameters, paths, weighing: .nothing)
        return losses
    }

    private func tell(_ conditions: [Float]) {
        precondition(conditions.count == policy.conditions?.count ?? 0, "\(conditions.count) values for \(policy.conditions ?? [])")
        for state in states { state.rollout.tell(conditions) }
    }

    fileprivate enum Weighing {
        /// Losses only.
        case nothing
        case rule(SeparableWeights)
        case known([Double], scale: Double)
    }

    /// Sets `losses`, and `sums` where paths weigh something. Returns the path-steps that were run.
    @discardableResult
    private func sweep(_ parameters: [Float], _ paths: PolicyPaths, weighing: Weighing) -> Int {
        let starts = paths.starts
        let tiles = paths.tileCount
        let used = min(groups, tiles)
        let parameterCount = parameters.count
        if losses.count != paths.count {
            losses = [Double](repeating: 0, count: paths.count)
            ruleWeights = losses
        }
        let next = Atomic(0)
        let pathSteps = Atomic(0)
        let policy = policy
        let filler = paths.filler(policy)
        let tilesAtOnce = filler == nil ? tilesAtOnce : 1
        nonisolated(unsafe) let paths = paths
        nonisolated(unsafe) let states = states
        losses.withUnsafeMutableBufferPointer { losses in
            ruleWeights.withUnsafeMutableBufferPointer { ruleWeights in
                sums.withUnsafeMutableBufferPointer { sums in
                    parameters.withUnsafeBufferPointer { parameters in
                        nonisolated(unsafe) let losses = losses.baseAddress!
                        nonisolated(unsafe) let ruleWeights = ruleWeights.baseAddress!
                        nonisolated(unsafe) let sums = sums.baseAddress!
                        nonisolated(unsafe) let parameters = parameters.baseAddress!
                        workers.perform { worker in
                            let state = states[worker]
                            let straight = filler.map { ($0, state.memory(for: $0)) }
                            state.rollout.prepare(parameters)
                            while true {
                                let group = next.wrappingAdd(1, ordering: .relaxed).oldValue
                                guard group < used else { break }
                                let sum = sums + group * parameterCount
                                sum.update(repeating: 0, count: parameterCount)
                                let end = Self.start(group + 1, of: used, tiles: tiles)
                                for first in stride(from: Self.start(group, of: used, tiles: tiles), to: end, by: tilesAtOnce) {
                                    let batch = first..<min(first + tilesAtOnce, end)
                                    let filled = paths.tiles(batch, policy: policy, buffers: state.buffers, straight: straight)
                                    for (index, tile) in zip(batch, filled) {
                                        state.run(
                                            tile, parameters, weighing, first: starts[index], losses: losses, ruleWeights: ruleWeights,
                                            sum: sum)
                                        pathSteps.wrappingAdd(tile.count * tile.steps, ordering: .relaxed)
                                    }
                                }
                            }
                        }
                    }
                }
            }
        }
        if used < groups {
            sums.withUnsafeMutableBufferPointer { $0[(used * parameterCount)...].update(repeating: 0) }
        }
        return pathSteps.load(ordering: .relaxed)
    }

    /// The first tile of a group. Groups grow shorter, so that at the end no worker waits long for another.
    private static func start(_ group: Int, of groups: Int, tiles: Int) -> Int {
        let left = groups - group
        return tiles - tiles * left * left / (groups * groups)
    }

    private func gradient(times factor: Double) -> [Float] {
        let count = policy.architecture.parameterCount
        return sums.withUnsafeMutableBufferPointer {
            guard let total = $0.baseAddress else { return [] }
            // The first group's place takes what all have: sums are begun anew with every sweep.
            for group in 1..<groups {
                let sum = total + group * count
                for k in 0..<count { total[k] += sum[k] }
            }
            return $0[..<count].map { Float($0 * factor) }
        }
    }
}

extension PolicyGradient.WorkerState {
    /// One tile forwards and, where its paths weigh something, backwards.
    fileprivate func run(
        _ tile: PolicyBlock, _ parameters: UnsafePointer<Float>, _ weighing: PolicyGradient.Weighing, first: Int,
        losses: UnsafeMutablePointer<Double>, ruleWeights: UnsafeMutablePointer<Double>, sum: UnsafeMutablePointer<Double>
    ) {
        rollout.forward(parameters, tile)
        for i in 0..<tile.count { losses[first + i] = rollout.losses[i] }
        switch weighing {
        case .nothing: return
        case .rule(let rule):
            rule.weigh(rollout.losses, count: tile.count, to: ruleWeights + first)
            for i in 0..<tile.count { weights[i] = Float(ruleWeights[first + i]) }
        case .known(let known, let scale): for i in 0..<tile.count { weights[i] = Float(known[first + i] * scale) }
        }
        for i in tile.count..<PolicyBlock.samples { weights[i] = 0 }
        // Of a tail risk's tiles most have no path that weighs anything.
        guard (0..<tile.count).contains(where: { weights[$0] != 0 }) else { return }
        rollout.backward(parameters, tile, weights: weights)
        rollout.takeGradient(sum)
    }
}

extension LearnedHedge {
    /// A risk measure of the hedged loss on some paths of a market, and its derivative in every parameter of the network,
    /// by back-propagation through time. Fixed costs count in the value but, flat almost everywhere, not in the gradient.
    ///
    /// - Parameters:
    ///   - premium: Cash subtracted from every loss first.
    ///   - near: A number near the value, such as the last one, or near the measure's `threshold` or, where it looks at the distance
    ///     to it, near the mean: weights are then taken in a single pass. At another threshold than the losses' own the gradient is that
    ///     of a neighbouring level.
    ///   - deviation: With `near`, a number near the losses' standard deviation, which mean-deviation asks for.
    /// - Returns: Gradient in the order of `network.parameters`.
    public func valueAndGradient(
        _ risk: RiskMeasure, premium: Double = 0, on market: any HedgingMarket, paths: Range<Int>, near: Double? = nil,
        deviation: Double? = nil,
        blockSize: Int = 256, workers: Workers = Workers()
    ) throws -> (value: Double, gradient: [Float]) {
        var objective = RiskObjective(risk, premium: premium, anchor: near.map { RiskAnchor(near: $0, deviation: deviation) })
        guard !paths.isEmpty else { throw DeepHedgeError.noPaths }
        let steps = market.paths(paths.lowerBound..<paths.lowerBound + 1, features: policy.inputs).steps
        let engine = PolicyGradient(
            policy, steps: steps, tilesAtOnce: max(1, blockSize / PolicyBlock.samples), workers: workers)
        let step = try engine.evaluate(
            &objective, parameters: network.parameters, on: .simulated(market, paths),
            conditions: policy.conditionInputs(conditions))
        return (step.loss, step.gradient)
    }
}
