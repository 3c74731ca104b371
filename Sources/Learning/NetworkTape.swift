import VectorKernels

/// What one worker needs to run a network forwards over a block of samples at several steps, and then backwards:
/// activations and slopes of every layer at every step, and the sums of the parameter gradients.
///
/// Full blocks of `VectorUnit`'s tile, 64 samples, run by vector kernels where the processor has them, all others by BLAS.
/// The two agree to the rounding of `Float`.
///
/// A tape belongs to one thread. Its memory is taken once and used for every block.
public final class NetworkTape {
    public let architecture: NetworkArchitecture
    /// B, the samples of a full block; a shorter one may be run.
    public let capacity: Int
    public let steps: Int
    /// Whether full tiles run by vector kernels.
    public let usesTiles: Bool

    private let layers: [NetworkArchitecture.Layer]
    /// Floats of one step: inputs, then the outputs of every layer.
    private let stepStride: Int
    /// Offset of each layer's outputs within a step; `offsets[0]` is past the inputs.
    private let offsets: [Int]
    private let activations: UnsafeMutablePointer<Float>
    private let slopes: UnsafeMutablePointer<Float>
    /// Two rows of layers for the gradients that flow back.
    private let upper: UnsafeMutablePointer<Float>
    private let lower: UnsafeMutablePointer<Float>
    /// Gradient sums of blocks run by BLAS, one block of parameters.
    private let sums: UnsafeMutableBufferPointer<Float>
    private let tileSums: TileSums?

    /// - Parameters:
    ///   - samples: B, largest number of samples in a block.
    ///   - steps: How many forward passes are kept until their backward pass.
    ///   - usesTiles: Whether vector kernels run full tiles; where the processor lacks them they never do.
    public init(_ architecture: NetworkArchitecture, samples: Int, steps: Int, usesTiles: Bool = true) {
        precondition(samples > 0 && steps > 0, "samples \(samples) and steps \(steps) must be positive")
        self.architecture = architecture
        capacity = samples
        self.steps = steps
        self.usesTiles = usesTiles && VectorUnit.isAvailable && samples >= DenseTile.samples
        layers = architecture.layers
        var offsets: [Int] = []
        var offset = architecture.inputs * samples
        for layer in layers {
            offsets.append(offset)
            offset += layer.outputs * samples
        }
        self.offsets = offsets
        stepStride = offset
        let widest = max(architecture.inputs, architecture.hidden.max() ?? 0, architecture.outputs) * samples
        activations = Self.allocate(stepStride * steps)
        slopes = Self.allocate(stepStride * steps)
        upper = Self.allocate(widest)
        lower = Self.allocate(widest)
        sums = .allocate(capacity: architecture.parameterCount)
        sums.initialize(repeating: 0)
        tileSums = self.usesTiles ? TileSums(layers) : nil
        inputGradient = lower
    }

    deinit {
        activations.deallocate()
        slopes.deallocate()
        upper.deallocate()
        lower.deallocate()
        sums.deallocate()
    }

    /// Zeros in whole cache lines, with the room behind them that the vector kernels read, and forget.
    static func allocate(_ count: Int) -> UnsafeMutablePointer<Float> {
        let whole = count + 16 * DenseTile.samples
        let memory = UnsafeMutableRawPointer.allocate(byteCount: whole * MemoryLayout<Float>.stride, alignment: 64)
            .bindMemory(to: Float.self, capacity: whole)
        memory.initialize(repeating: 0, count: whole)
        return memory
    }

    /// Inputs X [inputs, B] of a step, for the caller to fill before `forward`.
    public func inputs(step: Int) -> UnsafeMutablePointer<Float> { activations + step * stepStride }

    /// Outputs [outputs, B] of a step, after `forward`.
    public func outputs(step: Int) -> UnsafeMutablePointer<Float> { activations + step * stepStride + offsets[offsets.count - 1] }

    /// dL/d outputs [outputs, B] for the caller to fill before `backward`.
    public var outputGradient: UnsafeMutablePointer<Float> { upper }

    /// dL/d inputs of the range that the last `backward` was asked for, [count, B].
    public private(set) var inputGradient: UnsafeMutablePointer<Float>

    /// Runs the network on `inputs(step:)`.
    public func forward(_ parameters: UnsafePointer<Float>, step: Int, samples: Int) {
        precondition(samples <= capacity && step < steps, "samples \(samples) of \(capacity), step \(step) of \(steps)")
        let base = activations + step * stepStride
        let isTile = usesTiles && samples == DenseTile.samples
        var inputs = base
        for (index, layer) in layers.enumerated() {
            let outputs = base + offsets[index]
            let slopes = slopes + step * stepStride + offsets[index]
            if isTile {
                DenseTile.forward(
                    weights: parameters + layer.weights, biases: parameters + layer.biases, inputs: layer.inputs, outputs: layer.outputs,
                    x: inputs, y: outputs, cutsAtZero: layer.activation == .relu)
                if layer.hasSlopes { layer.activation.apply(outputs, slopes: slopes, count: layer.outputs * samples) }
            } else {
                DenseLayer.forward(layer, samples: samples, parameters: parameters, inputs: inputs, outputs: outputs, slopes: slopes)
            }
            inputs = outputs
        }
    }

    /// Back-propagates `outputGradient` through a step that was run forwards, adding to the gradient sums.
    ///
    /// - Parameter wanted: Inputs whose gradient is asked for: `inputGradient` holds it until the next call.
    public func backward(_ parameters: UnsafePointer<Float>, step: Int, samples: Int, wanted: Range<Int>) {
        precondition(samples <= capacity && step < steps, "samples \(samples) of \(capacity), step \(step) of \(steps)")
        precondition(wanted.upperBound <= architecture.inputs, "inputs \(wanted) of \(architecture.inputs)")
        let base = activations + step * stepStride
        var current = upper
        var next = lower
        for index in layers.indices.reversed() {
            let layer = layers[index]
            let inputs = index == 0 ? base : base + offsets[index - 1]
            let slopes = slopes + step * stepStride + offsets[index]
            let range = index > 0 ? 0..<layer.inputs : wanted
            if let tileSums, samples == DenseTile.samples {
                if layer.hasSlopes { DenseLayer.multiply(current, by: slopes, count: layer.outputs * samples) }
                tileSums.add(layer, index, inputs: inputs, gradient: current)
                if !range.isEmpty {
                    DenseTile.backward(
                        weights: parameters + layer.weights, inputs: layer.inputs, outputs: layer.outputs, range: range, dy: current,
                        dx: next, mask: index > 0 && layers[index - 1].activation == .relu ? UnsafePointer(inputs) : nil)
                }
            } else {
                DenseLayer.backward(
                    layer, samples: samples, parameters: parameters, inputs: inputs, slopes: slopes, outputGradient: current,
                    parameterGradient: sums.baseAddress!, inputGradient: next, range: range)
            }
            swap(&current, &next)
        }
        inputGradient = current
    }

    /// Adds the gradient sums of all backward passes since the last call to `gradient`, one block of parameters, and clears them.
    public func takeGradient(_ gradient: UnsafeMutablePointer<Double>) {
        for k in sums.indices { gradient[k] += Double(sums[k]) }
        sums.update(repeating: 0)
        tileSums?.take(layers, gradient)
    }
}

extension NetworkArchitecture.Layer {
    /// Whether a tile's backward pass needs the slopes written down.
    fileprivate var hasSlopes: Bool { activation != .relu && activation != .identity }
}

/// The gradient sums of every layer in the order of the vector kernels.
private final class TileSums {
    private let weights: UnsafeMutablePointer<Float>
    private let biases: UnsafeMutablePointer<Float>
    private let scratch: UnsafeMutablePointer<Float>
    /// Where each layer's begin.
    private var weightOffsets = [0]
    private var biasOffsets = [0]

    init(_ layers: [NetworkArchitecture.Layer]) {
        var widest = 0
        for layer in layers {
            weightOffsets.append(weightOffsets.last! + DenseTile.weightSums(inputs: layer.inputs, outputs: layer.outputs))
            biasOffsets.append(biasOffsets.last! + 16 * layer.outputs)
            widest = max(widest, DenseTile.transposed(inputs: layer.inputs, outputs: layer.outputs))
        }
        weights = NetworkTape.allocate(weightOffsets.last!)
        biases = NetworkTape.allocate(biasOffsets.last!)
        scratch = NetworkTape.allocate(widest)
    }

    deinit {
        weights.deallocate()
        biases.deallocate()
        scratch.deallocate()
    }

    func add(_ layer: NetworkArchitecture.Layer, _ index: Int, inputs: UnsafePointer<Float>, gradient: UnsafePointer<Float>) {
        DenseTile.addWeightGradient(
            inputs: layer.inputs, outputs: layer.outputs, x: inputs, dy: gradient, sums: weights + weightOffsets[index],
            biasSums: biases + biasOffsets[index], scratch: scratch)
    }

    func take(_ layers: [NetworkArchitecture.Layer], _ gradient: UnsafeMutablePointer<Double>) {
        for (index, layer) in layers.enumerated() {
            DenseTile.takeWeightGradient(
                inputs: layer.inputs, outputs: layer.outputs, sums: weights + weightOffsets[index], biasSums: biases + biasOffsets[index],
                weights: gradient + layer.weights, biases: gradient + layer.biases)
        }
    }
}
