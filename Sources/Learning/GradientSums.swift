import VectorKernels

/// The sums of a network's parameter gradients over the backward passes of one worker. Tiles keep theirs in the order of the vector
/// kernels until they are taken, all other blocks in that of the parameters.
///
/// Hot-loop code: the caller answers for the sizes of the memory it points to.
final class GradientSums {
    /// Every affine map of one step's network, the cell's first.
    private let maps: [NetworkArchitecture.Layer]
    private let networks: Int
    private let parametersPerNetwork: Int
    /// By BLAS, in the order of the parameters.
    private let sums: UnsafeMutablePointer<Float>
    /// By tiles: weights in the kernels' order; biases, gains and shifts [out, 16], lanes side by side.
    private let weights: UnsafeMutablePointer<Float>
    private let vectors: UnsafeMutablePointer<Float>
    private let scratch: UnsafeMutablePointer<Float>
    /// Where each map's begin, and how long a network's are.
    private var weightOffsets = [0]
    private var vectorOffsets = [0]
    private var hasBlocks = false
    private var hasTiles = false

    init(_ architecture: NetworkArchitecture, keepsTiles: Bool) {
        maps = architecture.cellMaps + architecture.layers
        networks = architecture.steps ?? 1
        parametersPerNetwork = architecture.parametersPerStep
        var widest = 0
        for map in maps where keepsTiles {
            weightOffsets.append(weightOffsets.last! + DenseTile.weightSums(inputs: map.inputs, outputs: map.outputs))
            vectorOffsets.append(vectorOffsets.last! + (map.gains == nil ? 1 : 3) * 16 * map.outputs)
            widest = max(widest, DenseTile.transposed(inputs: map.inputs, outputs: map.outputs))
        }
        sums = NetworkTape.allocate(networks * parametersPerNetwork)
        weights = NetworkTape.allocate(networks * weightOffsets.last!)
        vectors = NetworkTape.allocate(networks * vectorOffsets.last!)
        scratch = NetworkTape.allocate(widest)
    }

    deinit {
        sums.deallocate()
        weights.deallocate()
        vectors.deallocate()
        scratch.deallocate()
    }

    /// dW += dZ Xᵀ, db += dZ·1 of map `index`.
    ///
    /// - Parameter network: Which step's network; 0 where all share one.
    func add(
        _ index: Int, network: Int, samples: Int, isTile: Bool, inputs: UnsafePointer<Float>, gradient: UnsafePointer<Float>
    ) {
        let map = maps[index]
        if isTile {
            hasTiles = true
            DenseTile.addWeightGradient(
                inputs: map.inputs, outputs: map.outputs, x: inputs, dy: gradient,
                sums: weights + network * weightOffsets.last! + weightOffsets[index], biasSums: vector(index, network), scratch: scratch)
        } else {
            hasBlocks = true
            DenseLayer.addParameterGradient(
                map, samples: samples, inputs: inputs, gradient: gradient, to: sums + network * parametersPerNetwork)
        }
    }

    /// dγ, dβ of map `index`, and its dL/dy to dL/dz in place.
    ///
    /// - Parameter parameters: Of that step's network.
    func addNormalization(
        _ index: Int, gains: Int, network: Int, samples: Int, isTile: Bool, parameters: UnsafePointer<Float>,
        normalized: UnsafePointer<Float>, inverseDeviations: UnsafePointer<Float>, gradient: UnsafeMutablePointer<Float>
    ) {
        let map = maps[index]
        if isTile {
            let gainSums = vector(index, network) + 16 * map.outputs
            NormTile.backward(
                rows: map.outputs, gains: parameters + gains, normalized: normalized, inverseDeviations: inverseDeviations,
                gradient: gradient, gainSums: gainSums, shiftSums: gainSums + 16 * map.outputs)
        } else {
            LayerNormalization.backward(
                map, gains: gains, samples: samples, parameters: parameters, normalized: normalized, inverseDeviations: inverseDeviations,
                gradient: gradient, parameterGradient: sums + network * parametersPerNetwork)
        }
    }

    /// Adds all sums to `gradient`, one block of parameters, and clears them.
    func take(_ gradient: UnsafeMutablePointer<Double>) {
        if hasBlocks {
            for k in 0..<networks * parametersPerNetwork { gradient[k] += Double(sums[k]) }
            sums.update(repeating: 0, count: networks * parametersPerNetwork)
        }
        if hasTiles {
            for network in 0..<networks {
                for index in maps.indices { takeTiles(index, network, gradient + network * parametersPerNetwork) }
            }
        }
        (hasBlocks, hasTiles) = (false, false)
    }

    private func takeTiles(_ index: Int, _ network: Int, _ gradient: UnsafeMutablePointer<Double>) {
        let map = maps[index]
        let biases = vector(index, network)
        DenseTile.takeWeightGradient(
            inputs: map.inputs, outputs: map.outputs, sums: weights + network * weightOffsets.last! + weightOffsets[index],
            biasSums: biases, weights: gradient + map.weights, biases: gradient + map.biases)
        guard let gains = map.gains else { return }
        // γ and β follow one another here and there.
        let sums = biases + 16 * map.outputs
        for row in 0..<2 * map.outputs {
            gradient[gains + row] += (0..<16).reduce(0.0) { $0 + Double(sums[row * 16 + $1]) }
        }
        sums.update(repeating: 0, count: 32 * map.outputs)
    }

    private func vector(_ index: Int, _ network: Int) -> UnsafeMutablePointer<Float> {
        vectors + network * vectorOffsets.last! + vectorOffsets[index]
    }
}
