import Learning

/// A policy run over a block of paths, forwards to the losses and backwards through time to the parameters.
///
/// With holdings h_t, unit costs k_t (of buying or of selling, as the trade is; rate·|price| where no quotes say) and
/// h₋₁ = 0, the loss of a path is
///
///     L = −liability − Σ h_t·g_t + Σ k_t·|h_t − h_{t−1}| + k_T·|h_{T−1}| + fixed·(trades)
///
/// and the gradient of Σ wᵢ Lᵢ goes back through the holdings, which enter the next step as what is held: in the cost,
/// in the clamp of a band and in the network's inputs. Fixed costs are in the loss but, being flat almost everywhere,
/// not in the gradient.
///
/// One per worker: it owns the tape and all buffers, and takes no memory while it runs.
final class PolicyRollout {
    let policy: HedgePolicy
    let capacity: Int
    let steps: Int
    private let tape: NetworkTape
    private let scales: [Float]
    /// h [T + 1, H, B]; the first is what is held at the start: nothing.
    private let holdings: UnsafeMutablePointer<Float>
    /// dL/dh of the current step and of the one before, [H, B] each.
    private let current: UnsafeMutablePointer<Float>
    private let earlier: UnsafeMutablePointer<Float>
    /// Σ wᵢ dLᵢ/dθ of the last backward pass, one block of parameters.
    let gradient: UnsafeMutableBufferPointer<Float>

    init(_ policy: HedgePolicy, samples: Int, steps: Int) {
        self.policy = policy
        capacity = samples
        self.steps = steps
        tape = NetworkTape(policy.architecture, samples: samples, steps: steps)
        scales = policy.holdingScales.map { Float($0) }
        let row = policy.instrumentCount * samples
        holdings = .allocate(capacity: (steps + 1) * row)
        current = .allocate(capacity: row)
        earlier = .allocate(capacity: row)
        holdings.initialize(repeating: 0, count: (steps + 1) * row)
        current.initialize(repeating: 0, count: row)
        earlier.initialize(repeating: 0, count: row)
        gradient = .allocate(capacity: policy.architecture.parameterCount)
        gradient.initialize(repeating: 0)
    }

    deinit {
        holdings.deallocate()
        current.deallocate()
        earlier.deallocate()
        gradient.deallocate()
    }

    /// Losses [B] of the block's paths, by the policy with those parameters.
    func forward(_ parameters: [Float], _ block: PolicyBlock, losses: inout [Double]) {
        precondition(
            block.samples <= capacity && block.steps <= steps, "block \(block.samples) x \(block.steps) exceeds \(capacity) x \(steps)")
        let n = block.samples
        let instruments = policy.instrumentCount
        let features = policy.features.count
        let row = instruments * n
        let head = PolicyHead(policy, samples: n)
        holdings.update(repeating: 0, count: row)
        for i in 0..<n { losses[i] = -block.liabilityGains[i] }
        parameters.withUnsafeBufferPointer { parameters in
            losses.withUnsafeMutableBufferPointer { losses in
                for t in 0..<block.steps {
                    let previous = holdings + t * row
                    let next = previous + row
                    let inputs = tape.inputs(step: t)
                    block.inputs.withUnsafeBufferPointer {
                        inputs.update(from: $0.baseAddress! + t * features * n, count: features * n)
                    }
                    if policy.seesHoldings { writeHoldings(previous, to: inputs + features * n, samples: n) }
                    tape.forward(parameters.baseAddress!, step: t, samples: n)
                    let outputs = tape.outputs(step: t)
                    for j in 0..<instruments {
                        block.centers.withUnsafeBufferPointer {
                            head.forward(
                                outputs: outputs + j * n, center: $0.baseAddress! + t * row + j * n, scale: scales[j],
                                previous: previous + j * n, holdings: next + j * n)
                        }
                    }
                    addLosses(block, step: t, from: previous, to: next, losses: losses.baseAddress!)
                }
                if block.chargesUnwinding { addUnwinding(block, holdings + block.steps * row, losses: losses.baseAddress!) }
            }
        }
    }

    /// Sets `gradient` to Σ wᵢ dLᵢ/dθ of the block that was last run forwards.
    func backward(_ parameters: [Float], _ block: PolicyBlock, weights: [Float]) {
        let n = block.samples
        let instruments = policy.instrumentCount
        let features = policy.features.count
        let row = instruments * n
        let head = PolicyHead(policy, samples: n)
        gradient.update(repeating: 0)
        let last = holdings + block.steps * row
        parameters.withUnsafeBufferPointer { parameters in
            weights.withUnsafeBufferPointer { weights in
                // What unwinding at the end makes of the last holdings: selling what is long, buying back what is short.
                for j in 0..<instruments {
                    for i in 0..<n {
                        let k = j * n + i
                        let final = block.steps * row + k
                        current[k] =
                            weights[i] * (last[k] > 0 ? block.sellingCosts[final] : last[k] < 0 ? -block.buyingCosts[final] : 0)
                    }
                }
                for t in (0..<block.steps).reversed() {
                    let previous = holdings + t * row
                    let next = previous + row
                    block.gains.withUnsafeBufferPointer { gains in
                        block.buyingCosts.withUnsafeBufferPointer { buying in
                            block.sellingCosts.withUnsafeBufferPointer { selling in
                                for j in 0..<instruments {
                                    let offset = t * row + j * n
                                    for i in 0..<n {
                                        let k = j * n + i
                                        let trade = next[k] - previous[k]
                                        let marginalCost = trade > 0 ? buying[offset + i] : trade < 0 ? -selling[offset + i] : 0
                                        current[k] += weights[i] * (marginalCost - gains[offset + i])
                                        earlier[k] = -weights[i] * marginalCost
                                    }
                                }
                            }
                        }
                    }
                    let outputs = tape.outputs(step: t)
                    let outputGradient = tape.outputGradient
                    for j in 0..<instruments {
                        block.centers.withUnsafeBufferPointer {
                            head.backward(
                                outputs: outputs + j * n, center: $0.baseAddress! + t * row + j * n, scale: scales[j],
                                previous: previous + j * n, holdingGradient: current + j * n,
                                outputGradient: outputGradient + j * n, previousGradient: earlier + j * n)
                        }
                    }
                    // Nothing is held before the first step, so nobody asks for the gradient in it.
                    let wantsInputs = policy.seesHoldings && t > 0
                    tape.backward(
                        parameters.baseAddress!, step: t, samples: n, gradient: gradient.baseAddress!, wantsInputs: wantsInputs)
                    if wantsInputs {
                        let inputGradient = tape.inputGradient + features * n
                        for j in 0..<instruments {
                            let factor = 1 / scales[j]
                            for i in j * n..<(j + 1) * n { earlier[i] += factor * inputGradient[i] }
                        }
                    }
                    current.update(from: earlier, count: row)
                }
            }
        }
    }

    private func writeHoldings(_ held: UnsafePointer<Float>, to inputs: UnsafeMutablePointer<Float>, samples n: Int) {
        for j in scales.indices {
            let factor = 1 / scales[j]
            for i in j * n..<(j + 1) * n { inputs[i] = held[i] * factor }
        }
    }

    private func addLosses(
        _ block: PolicyBlock, step t: Int, from previous: UnsafePointer<Float>, to next: UnsafePointer<Float>,
        losses: UnsafeMutablePointer<Double>
    ) {
        let n = block.samples
        block.gains.withUnsafeBufferPointer { gains in
            block.buyingCosts.withUnsafeBufferPointer { buying in
                block.sellingCosts.withUnsafeBufferPointer { selling in
                    for j in 0..<policy.instrumentCount {
                        let offset = (t * policy.instrumentCount + j) * n
                        let fixed = block.fixedCosts[j]
                        for i in 0..<n {
                            let k = j * n + i
                            let trade = next[k] - previous[k]
                            let cost = trade > 0 ? buying[offset + i] * trade : -selling[offset + i] * trade
                            losses[i] += Double(cost - next[k] * gains[offset + i])
                            if fixed > 0 && trade != 0 { losses[i] += Double(fixed) }
                        }
                    }
                }
            }
        }
    }

    private func addUnwinding(_ block: PolicyBlock, _ held: UnsafePointer<Float>, losses: UnsafeMutablePointer<Double>) {
        let n = block.samples
        for j in 0..<policy.instrumentCount {
            for i in 0..<n {
                let size = held[j * n + i]
                let k = (block.steps * policy.instrumentCount + j) * n + i
                losses[i] += Double(size > 0 ? block.sellingCosts[k] * size : -block.buyingCosts[k] * size)
                if block.fixedCosts[j] > 0 && size != 0 { losses[i] += Double(block.fixedCosts[j]) }
            }
        }
    }
}
