import Features
import Learning
import LinearAlgebra
import Probability

/// Fits a policy's network to the holdings of a formula: least squares over states of a market and previous holdings around the formula's own.
///
///     mean over states and instruments of ((h − h*)/s)²
///
/// A band learns its widths where the previous holding lies outside, which the draws take care of. Networks that read states alone only.
struct Imitation {
    var updates = 600
    /// Tiles of 64 states of one update.
    var tilesAtOnce = 32
    var paths = 2048
    var learningRate = LearningRate.cosine(peak: 1e-2, floor: 1e-4, warmup: 20)

    func fit(
        _ network: inout Network, of policy: HedgePolicy, to strategy: any HedgingStrategy, on market: any HedgingMarket, seed: UInt64
    ) {
        let states = States(policy, strategy, market, paths: min(paths, market.recordedPaths ?? paths), seed: seed)
        let pass = ImitationPass(policy)
        let optimizer = Adam()
        var moments = Adam.State(parameterCount: network.parameters.count)
        var sums = [Double](repeating: 0, count: network.parameters.count)
        for update in 0..<updates {
            sums.withUnsafeMutableBufferPointer { $0.update(repeating: 0) }
            for k in 0..<tilesAtOnce {
                let tile = states.order[(update * tilesAtOnce + k) % states.order.count]
                pass.addGradient(network.parameters, states, tile: tile, to: &sums)
            }
            let samples = Double(tilesAtOnce * PolicyBlock.samples * policy.headCount)
            optimizer.update(
                &network.parameters, along: sums.map { Float($0 / samples) }, rate: Float(learningRate.rate(step: update, of: updates)),
                state: &moments)
        }
    }

    /// Standardised states in tiles of 64, with what the formula holds in them. Assets that share a network take turns, tile by tile.
    fileprivate struct States {
        /// Network inputs [tiles, inputs, 64].
        var inputs: [Float] = []
        /// Analytic centres, previous and wanted holdings of what the network decides on at once, [tiles, heads, 64].
        var centers: [Float] = []
        var previous: [Float] = []
        var targets: [Float] = []
        /// The tiles, shuffled.
        var order: [Int]

        init(_ policy: HedgePolicy, _ strategy: any HedgingStrategy, _ market: any HedgingMarket, paths count: Int, seed: UInt64) {
            let n = PolicyBlock.samples
            let features = policy.inputs + strategy.inputs.filter { !policy.inputs.contains($0) }
            let paths = market.paths(0..<count, features: features)
            let instruments = policy.instrumentCount
            let stream = RandomStream(seed: seed, purpose: .weights, epoch: 1)
            for step in 0..<paths.steps {
                let none = Matrix<Double>(rows: count, columns: instruments)
                var batch = paths.decision(step: step, holdings: none)
                let centers = (0..<instruments).map { policy.centers(batch, instrument: $0) }
                // Around the formula's holding, a holding scale either side.
                let middle = strategy.targetHoldings(batch)
                batch.holdings = Matrix(rows: count, columns: instruments) { i, j in
                    middle[i, j] + policy.holdingScales[j] * (2 * stream.uniform(path: i, step: step, dimension: j) - 1)
                }
                let wanted = strategy.targetHoldings(batch)
                let columns = policy.features.map { batch.features[$0] }
                for start in stride(from: 0, to: count - n + 1, by: n) {
                    for copy in 0..<policy.copies {
                        for f in copy * policy.featureCount..<(copy + 1) * policy.featureCount {
                            for i in start..<start + n { inputs.append(policy.standardizer.standardize(columns[f][i], at: f)) }
                        }
                        for j in copy * policy.headCount..<(copy + 1) * policy.headCount {
                            let factor = 1 / Float(policy.holdingScales[j])
                            for i in start..<start + n {
                                if policy.seesHoldings { inputs.append(Float(batch.holdings[i, j]) * factor) }
                                self.centers.append(Float(centers[j][i]))
                                previous.append(Float(batch.holdings[i, j]))
                                targets.append(Float(wanted[i, j]))
                            }
                        }
                    }
                }
            }
            let tiles = targets.count / (policy.headCount * n)
            let keys = (0..<tiles).map { stream.uniform(path: $0, step: paths.steps) }
            order = (0..<tiles).sorted { (keys[$0], $0) < (keys[$1], $1) }
        }
    }
}

/// One tile of states forwards to the holdings and back from their distance to the formula's.
private final class ImitationPass {
    private let policy: HedgePolicy
    private let tape: NetworkTape
    private let head: PolicyHead
    private var holdings: [Float]
    private var gradient: [Float]
    private var ignored: [Float]

    init(_ policy: HedgePolicy) {
        self.policy = policy
        tape = NetworkTape(policy.architecture, samples: PolicyBlock.samples, steps: 1)
        head = PolicyHead(policy, samples: PolicyBlock.samples)
        holdings = Array(repeating: 0, count: PolicyBlock.samples)
        gradient = holdings
        ignored = holdings
    }

    /// Adds the gradient of Σ ((h − h*)/s)² over the tile.
    func addGradient(_ parameters: [Float], _ states: Imitation.States, tile: Int, to sums: inout [Double]) {
        let n = PolicyBlock.samples
        let width = policy.architecture.inputs * n
        let inputs = tape.inputs(step: 0)
        for i in 0..<width { inputs[i] = states.inputs[tile * width + i] }
        tape.forward(parameters, step: 0, samples: n)
        for j in 0..<policy.headCount {
            let first = (tile * policy.headCount + j) * n
            let scale = Float(policy.holdingScales[tile % policy.copies * policy.headCount + j])
            let outputs = tape.outputs(step: 0) + j * n
            states.centers.withUnsafeBufferPointer { centers in
                states.previous.withUnsafeBufferPointer { previous in
                    let (center, held) = (centers.baseAddress! + first, previous.baseAddress! + first)
                    head.forward(outputs: outputs, center: center, scale: scale, previous: held, holdings: &holdings)
                    for i in 0..<n {
                        gradient[i] = 2 * (holdings[i] - states.targets[first + i]) / (scale * scale)
                    }
                    head.backward(
                        outputs: outputs, scale: scale, previous: held, holdings: holdings, holdingGradient: gradient,
                        outputGradient: tape.outputGradient + j * n, previousGradient: &ignored)
                }
            }
        }
        tape.backward(parameters, step: 0, samples: n, wanted: 0..<0)
        tape.takeGradient(&sums)
    }
}
