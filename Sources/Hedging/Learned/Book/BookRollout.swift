import Learning

/// A `book` policy run over a tile of growing books, forwards to the losses and backwards through time to the parameters.
///
/// With x_t the book's gamma before the trade (``BookTile``), y_t the band's nearest point to it and g_s an option's gain to the end,
///
///     n_t = y_t − x_t,   L = −clients' gain + Σ_t (k_t |n_t| + fixed·1{n_t ≠ 0} − n_t g_t)
///
/// The loss is all but linear in the trades; what ties them together is x, and so goes the gradient: dL/dn_s has every dL/dx_t of a
/// later date, times what the option does there. Fixed costs are in the loss but, flat almost everywhere, not in the gradient.
///
/// One per worker: it owns the tape and all buffers, and takes no memory while it runs.
final class BookRollout: TileRollout {
    private static let samples = PolicyBlock.samples
    private static let states = BookTile.exposures

    private let features: Int
    private let scale: Float
    private let tape: NetworkTape
    private let head: PolicyHead
    /// x and v by date [T, 2, 64], and the loss's gradient in them.
    private let exposures: UnsafeMutablePointer<Float>
    private let exposureGradients: UnsafeMutablePointer<Float>
    /// y [64] by date, and n.
    private let targets: UnsafeMutablePointer<Float>
    private let trades: UnsafeMutablePointer<Float>
    private let zeros: UnsafeMutablePointer<Float>
    private let tradeGradient: UnsafeMutablePointer<Float>
    let losses: UnsafeMutablePointer<Double>

    init(_ policy: HedgePolicy, steps: Int) {
        let n = Self.samples
        func rows(_ count: Int) -> UnsafeMutablePointer<Float> {
            let memory = UnsafeMutablePointer<Float>.allocate(capacity: count * n)
            memory.initialize(repeating: 0, count: count * n)
            return memory
        }
        features = policy.features.count
        scale = Float(policy.holdingScales[0])
        tape = NetworkTape(policy.architecture, samples: n, steps: steps, byRows: true)
        head = PolicyHead(policy, samples: n)
        exposures = rows(steps * Self.states)
        exposureGradients = rows(steps * Self.states)
        targets = rows(steps)
        trades = rows(steps)
        zeros = rows(1)
        tradeGradient = rows(1)
        losses = .allocate(capacity: n)
        losses.initialize(repeating: 0, count: n)
    }

    deinit {
        for memory in [exposures, exposureGradients, targets, trades, zeros, tradeGradient] { memory.deallocate() }
        losses.deallocate()
    }

    func prepare(_ parameters: UnsafePointer<Float>) { tape.prepare(parameters) }

    func tell(_ conditions: [Float]) { precondition(conditions.isEmpty, "a growing book is told nothing, found \(conditions)") }

    func forward(_ parameters: UnsafePointer<Float>, _ block: PolicyBlock) {
        guard let book = block.book else { preconditionFailure("a block without the figures of its book") }
        let n = Self.samples
        for i in 0..<n { losses[i] = -block.liabilityGains[i] }
        for t in 0..<block.steps {
            let state = exposures + t * Self.states * n
            state.update(from: book.exposures + t * Self.states * n, count: Self.states * n)
            for s in 0..<t {
                let (carried, trade) = (book.carried(t, s), trades + s * n)
                for k in 0..<Self.states {
                    for i in 0..<n { state[k * n + i] += carried[k * n + i] * trade[i] }
                }
            }
            let inputs = tape.inputs(step: t)
            inputs.update(from: block.inputs + t * features * n, count: features * n)
            for i in 0..<Self.states * n { inputs[features * n + i] = state[i] / scale }
            tape.forward(parameters, step: t, samples: n)
            let (target, trade) = (targets + t * n, trades + t * n)
            head.forward(outputs: tape.outputs(step: t), center: zeros, scale: scale, previous: state, holdings: target)
            let (gains, buying, selling) = (block.gains + t * n, block.buyingCosts + t * n, block.sellingCosts + t * n)
            for i in 0..<n {
                trade[i] = target[i] - state[i]
                let cost = trade[i] > 0 ? buying[i] * trade[i] : -selling[i] * trade[i]
                losses[i] += Double(cost - trade[i] * gains[i])
            }
            let fixed = Double(block.fixedCosts[0])
            if fixed > 0 { for i in 0..<n where trade[i] != 0 { losses[i] += fixed } }
        }
    }

    func backward(_ parameters: UnsafePointer<Float>, _ block: PolicyBlock, weights: UnsafePointer<Float>) {
        guard let book = block.book else { preconditionFailure("a block without the figures of its book") }
        let n = Self.samples
        for t in (0..<block.steps).reversed() {
            let trade = trades + t * n
            let (gains, buying, selling) = (block.gains + t * n, block.buyingCosts + t * n, block.sellingCosts + t * n)
            for i in 0..<n {
                let marginalCost = trade[i] > 0 ? buying[i] : trade[i] < 0 ? -selling[i] : 0
                tradeGradient[i] = weights[i] * (marginalCost - gains[i])
            }
            for later in t + 1..<block.steps {
                let carried = book.carried(later, t)
                let gradient = exposureGradients + later * Self.states * n
                for k in 0..<Self.states {
                    for i in 0..<n { tradeGradient[i] += carried[k * n + i] * gradient[k * n + i] }
                }
            }
            let state = exposures + t * Self.states * n
            let gradient = exposureGradients + t * Self.states * n
            for i in 0..<n {
                gradient[i] = -tradeGradient[i]
                gradient[n + i] = 0
            }
            head.backward(
                outputs: tape.outputs(step: t), scale: scale, previous: state, holdings: targets + t * n, holdingGradient: tradeGradient,
                outputGradient: tape.outputGradient, previousGradient: gradient)
            // Nothing was traded before the first date, so nobody asks for the gradient there.
            tape.backward(parameters, step: t, samples: n, wanted: t > 0 ? features..<features + Self.states : 0..<0)
            guard t > 0 else { continue }
            for i in 0..<Self.states * n { gradient[i] += tape.inputGradient[i] / scale }
        }
    }

    func takeGradient(_ gradient: UnsafeMutablePointer<Double>) { tape.takeGradient(gradient) }
}
