import Learning
import VectorKernels

/// A policy run over tiles of paths: forwards to the losses, then backwards to the parameters.
protocol TileRollout: AnyObject {
    /// Losses [64] of the last pass forwards.
    var losses: UnsafeMutablePointer<Double> { get }
    /// What the network is told on every path from now on, as it reads it.
    func tell(_ conditions: [Float])
    /// Takes the parameters that all passes until the next call will be given.
    func prepare(_ parameters: UnsafePointer<Float>)
    /// Sets `losses` to those of the block's paths, by the policy with those parameters.
    func forward(_ parameters: UnsafePointer<Float>, _ block: PolicyBlock)
    /// Adds Σ wᵢ dLᵢ/dθ of the block that was last run forwards; w [64] is zero where it has no path.
    func backward(_ parameters: UnsafePointer<Float>, _ block: PolicyBlock, weights: UnsafePointer<Float>)
    /// Adds the gradient of all backward passes since the last call to `gradient`, and forgets it.
    func takeGradient(_ gradient: UnsafeMutablePointer<Double>)
}

/// A policy run over a tile of paths, forwards to the losses and backwards through time to the parameters.
///
/// With holdings h_t, unit costs k_t (of buying or of selling, as the trade is; rate·|price| where no quotes say) and
/// h₋₁ = 0, the loss of a path is
///
///     L = −liability − Σ h_t·g_t + Σ k_t·|h_t − h_{t−1}| + k_T·|h_{T−1}| + Σ q_t·(h_t − h_{t−1})² + fixed·(trades)
///
/// and the gradient of Σ wᵢ Lᵢ goes back through the holdings, which enter the next step as what is held: in the cost,
/// in the clamp of a band and in the network's inputs. Fixed costs are in the loss but, being flat almost everywhere,
/// not in the gradient.
///
/// One per worker: it owns the tape and all buffers, and takes no memory while it runs.
final class PolicyRollout: TileRollout {
    private static let samples = PolicyBlock.samples

    let policy: HedgePolicy
    let steps: Int
    private let tape: NetworkTape
    private let scales: [Float]
    private let head: PolicyHead
    /// Runs of the network in one step, and rows of features and instruments of each: the tape has a step for every run.
    private let copies: Int
    private let features: Int
    private let heads: Int
    /// Rows of the network's inputs before the holdings: features, then conditions.
    private let marketRows: Int
    /// h [T + 1, H, 64]; the first is what is held at the start: nothing.
    private let holdings: UnsafeMutablePointer<Float>
    /// dL/dh of the current step and of the one before, [H, 64] each.
    private let current: UnsafeMutablePointer<Float>
    private let earlier: UnsafeMutablePointer<Float>
    /// Losses [64] of the last pass forwards.
    let losses: UnsafeMutablePointer<Double>

    init(_ policy: HedgePolicy, steps: Int) {
        self.policy = policy
        self.steps = steps
        (copies, features, heads) = (policy.copies, policy.featureCount, policy.headCount)
        tape = NetworkTape(policy.architecture, samples: Self.samples, steps: steps * copies, byRows: true)
        scales = policy.holdingScales.map { Float($0) }
        head = PolicyHead(policy, samples: Self.samples)
        marketRows = features + (policy.conditions?.count ?? 0)
        let row = policy.instrumentCount * Self.samples
        holdings = .allocate(capacity: (steps + 1) * row)
        current = .allocate(capacity: row)
        earlier = .allocate(capacity: row)
        losses = .allocate(capacity: Self.samples)
        holdings.initialize(repeating: 0, count: (steps + 1) * row)
        current.initialize(repeating: 0, count: row)
        earlier.initialize(repeating: 0, count: row)
        losses.initialize(repeating: 0, count: Self.samples)
    }

    deinit {
        holdings.deallocate()
        current.deallocate()
        earlier.deallocate()
        losses.deallocate()
    }

    func prepare(_ parameters: UnsafePointer<Float>) { tape.prepare(parameters) }

    /// What the network is told from now on, as it reads it.
    func tell(_ conditions: [Float]) {
        for run in 0..<steps * copies {
            for (c, value) in conditions.enumerated() {
                (tape.inputs(step: run) + (features + c) * Self.samples).update(repeating: value, count: Self.samples)
            }
        }
    }

    /// Sets `losses` to those of the block's paths, by the policy with those parameters.
    func forward(_ parameters: UnsafePointer<Float>, _ block: PolicyBlock) {
        precondition(block.steps <= steps, "a block of \(block.steps) steps exceeds \(steps)")
        let n = Self.samples
        let row = policy.instrumentCount * n
        for i in 0..<n { losses[i] = -block.liabilityGains[i] }
        for t in 0..<block.steps {
            let previous = holdings + t * row
            let next = previous + row
            for copy in 0..<copies {
                let run = t * copies + copy
                let first = copy * heads
                let inputs = tape.inputs(step: run)
                inputs.update(from: block.inputs + run * features * n, count: features * n)
                if policy.seesHoldings { writeHoldings(previous + first * n, first: first, to: inputs + marketRows * n) }
                tape.forward(parameters, step: run, samples: n)
                let outputs = tape.outputs(step: run)
                for j in 0..<heads {
                    let at = (first + j) * n
                    head.forward(
                        outputs: outputs + j * n, center: block.centers + t * row + at, scale: scales[first + j],
                        previous: previous + at, holdings: next + at)
                }
            }
            addLosses(block, step: t, from: previous, to: next)
        }
        if block.chargesUnwinding { addUnwinding(block, holdings + block.steps * row) }
    }

    /// Adds Σ wᵢ dLᵢ/dθ of the block that was last run forwards to the tape's sums.
    ///
    /// - Parameter weights: w [64], zero where the block has no path.
    func backward(_ parameters: UnsafePointer<Float>, _ block: PolicyBlock, weights: UnsafePointer<Float>) {
        let n = Self.samples
        let instruments = policy.instrumentCount
        let row = instruments * n
        let last = holdings + block.steps * row
        // What unwinding at the end makes of the last holdings: selling what is long, buying back what is short.
        for j in 0..<instruments {
            let selling = block.sellingCosts + block.steps * row + j * n
            let buying = block.buyingCosts + block.steps * row + j * n
            for i in 0..<n {
                let held = last[j * n + i]
                current[j * n + i] = weights[i] * (held > 0 ? selling[i] : held < 0 ? -buying[i] : 0)
            }
            guard block.chargesUnwinding, let quadratic = block.quadraticCosts else { continue }
            let offset = (block.steps * instruments + j) * n
            for i in 0..<n { current[j * n + i] += weights[i] * 2 * quadratic[offset + i] * last[j * n + i] }
        }
        for t in (0..<block.steps).reversed() {
            for copy in 0..<copies { backward(parameters, block, step: t, copy: copy, weights: weights) }
            current.update(from: earlier, count: row)
        }
    }

    /// One run of the network and what it decides on: from `current`, dL/dh after the step, to the parameters and to `earlier`.
    private func backward(
        _ parameters: UnsafePointer<Float>, _ block: PolicyBlock, step t: Int, copy: Int, weights: UnsafePointer<Float>
    ) {
        let n = Self.samples
        let row = policy.instrumentCount * n
        let previous = holdings + t * row
        let next = previous + row
        let run = t * copies + copy
        let first = copy * heads
        for j in 0..<heads {
            let at = (first + j) * n
            let offset = t * row + at
            addStepGradient(
                from: previous + at, to: next + at, gains: block.gains + offset, buying: block.buyingCosts + offset,
                selling: block.sellingCosts + offset, weights: weights, current: current + at, earlier: earlier + at)
            if let quadratic = block.quadraticCosts {
                for i in 0..<n {
                    let marginal = weights[i] * 2 * quadratic[offset + i] * (next[at + i] - previous[at + i])
                    current[at + i] += marginal
                    earlier[at + i] -= marginal
                }
            }
            head.backward(
                outputs: tape.outputs(step: run) + j * n, scale: scales[first + j], previous: previous + at, holdings: next + at,
                holdingGradient: current + at, outputGradient: tape.outputGradient + j * n, previousGradient: earlier + at)
        }
        // Nothing is held before the first step, so nobody asks for the gradient in it.
        let wantsInputs = policy.seesHoldings && t > 0
        tape.backward(parameters, step: run, samples: n, wanted: wantsInputs ? marketRows..<marketRows + heads : 0..<0)
        guard wantsInputs else { return }
        for j in 0..<heads {
            let factor = 1 / scales[first + j]
            let input = tape.inputGradient + j * n
            let target = earlier + (first + j) * n
            for i in 0..<n { target[i] += factor * input[i] }
        }
    }

    /// Adds the gradient of all backward passes since the last call to `gradient`, and forgets it.
    func takeGradient(_ gradient: UnsafeMutablePointer<Double>) { tape.takeGradient(gradient) }

    /// What gains and costs of one step and instrument add to dL/dh, and leave to the holding before.
    private func addStepGradient(
        from previous: UnsafePointer<Float>, to next: UnsafePointer<Float>, gains: UnsafePointer<Float>, buying: UnsafePointer<Float>,
        selling: UnsafePointer<Float>, weights: UnsafePointer<Float>, current: UnsafeMutablePointer<Float>,
        earlier: UnsafeMutablePointer<Float>
    ) {
        if VectorUnit.isAvailable {
            return HoldingTile.addGradient(
                previous: previous, next: next, gains: gains, buying: buying, selling: selling, weights: weights, current: current,
                earlier: earlier)
        }
        for i in 0..<Self.samples {
            let trade = next[i] - previous[i]
            let marginalCost = trade > 0 ? buying[i] : trade < 0 ? -selling[i] : 0
            current[i] += weights[i] * (marginalCost - gains[i])
            earlier[i] = -weights[i] * marginalCost
        }
    }

    /// Holdings of one run's instruments, the first of all being number `first`, as the network reads them.
    private func writeHoldings(_ held: UnsafePointer<Float>, first: Int, to inputs: UnsafeMutablePointer<Float>) {
        for j in 0..<heads {
            let factor = 1 / scales[first + j]
            for i in j * Self.samples..<(j + 1) * Self.samples { inputs[i] = held[i] * factor }
        }
    }

    private func addLosses(
        _ block: PolicyBlock, step t: Int, from previous: UnsafePointer<Float>, to next: UnsafePointer<Float>
    ) {
        let n = Self.samples
        for j in 0..<policy.instrumentCount {
            let offset = (t * policy.instrumentCount + j) * n
            let gains = block.gains + offset
            let buying = block.buyingCosts + offset
            let selling = block.sellingCosts + offset
            if VectorUnit.isAvailable {
                HoldingTile.addLosses(
                    losses, previous: previous + j * n, next: next + j * n, gains: gains, buying: buying, selling: selling)
            } else {
                for i in 0..<n {
                    let trade = next[j * n + i] - previous[j * n + i]
                    let cost = trade > 0 ? buying[i] * trade : -selling[i] * trade
                    losses[i] += Double(cost - next[j * n + i] * gains[i])
                }
            }
            if let quadratic = block.quadraticCosts {
                for i in 0..<n {
                    let trade = next[j * n + i] - previous[j * n + i]
                    losses[i] += Double(quadratic[offset + i] * trade * trade)
                }
            }
            let fixed = Double(block.fixedCosts[j])
            guard fixed > 0 else { continue }
            for i in 0..<n where next[j * n + i] != previous[j * n + i] { losses[i] += fixed }
        }
    }

    private func addUnwinding(_ block: PolicyBlock, _ held: UnsafePointer<Float>) {
        let n = Self.samples
        for j in 0..<policy.instrumentCount {
            let k = (block.steps * policy.instrumentCount + j) * n
            for i in 0..<n {
                let size = held[j * n + i]
                losses[i] += Double(size > 0 ? block.sellingCosts[k + i] * size : -block.buyingCosts[k + i] * size)
                if let quadratic = block.quadraticCosts { losses[i] += Double(quadratic[k + i] * size * size) }
                if block.fixedCosts[j] > 0 && size != 0 { losses[i] += Double(block.fixedCosts[j]) }
            }
        }
    }
}
