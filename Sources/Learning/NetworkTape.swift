/// What one worker needs to run a network forwards over a block of samples at several steps, and then backwards:
/// activations and slopes of every layer at every step.
///
/// A tape belongs to one thread. Its memory is taken once and used for every block.
public final class NetworkTape {
    public let architecture: NetworkArchitecture
    /// B, the samples of a full block; a shorter one may be run.
    public let capacity: Int
    public let steps: Int

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

    /// - Parameters:
    ///   - samples: B, largest number of samples in a block.
    ///   - steps: How many forward passes are kept until their backward pass.
    public init(_ architecture: NetworkArchitecture, samples: Int, steps: Int) {
        precondition(samples > 0 && steps > 0, "samples \(samples) and steps \(steps) must be positive")
        self.architecture = architecture
        capacity = samples
        self.steps = steps
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
        activations = .allocate(capacity: stepStride * steps)
        slopes = .allocate(capacity: stepStride * steps)
        upper = .allocate(capacity: widest)
        lower = .allocate(capacity: widest)
        activations.initialize(repeating: 0, count: stepStride * steps)
        slopes.initialize(repeating: 0, count: stepStride * steps)
        upper.initialize(repeating: 0, count: widest)
        lower.initialize(repeating: 0, count: widest)
        inputGradient = lower
    }

    deinit {
        activations.deallocate()
        slopes.deallocate()
        upper.deallocate()
        lower.deallocate()
    }

    /// Inputs X [inputs, B] of a step, for the caller to fill before `forward`.
    public func inputs(step: Int) -> UnsafeMutablePointer<Float> { activations + step * stepStride }

    /// Outputs [outputs, B] of a step, after `forward`.
    public func outputs(step: Int) -> UnsafeMutablePointer<Float> { activations + step * stepStride + offsets[offsets.count - 1] }

    /// dL/d outputs [outputs, B] for the caller to fill before `backward`.
    public var outputGradient: UnsafeMutablePointer<Float> { upper }

    /// dL/d inputs [inputs, B], after a `backward` that was asked for it.
    public private(set) var inputGradient: UnsafeMutablePointer<Float>

    /// Runs the network on `inputs(step:)`.
    public func forward(_ parameters: UnsafePointer<Float>, step: Int, samples: Int) {
        precondition(samples <= capacity && step < steps, "samples \(samples) of \(capacity), step \(step) of \(steps)")
        let base = activations + step * stepStride
        var inputs = base
        for (index, layer) in layers.enumerated() {
            let outputs = base + offsets[index]
            DenseLayer.forward(
                layer, samples: samples, parameters: parameters, inputs: inputs, outputs: outputs,
                slopes: slopes + step * stepStride + offsets[index])
            inputs = outputs
        }
    }

    /// Back-propagates `outputGradient` through a step that was run forwards, adding to `gradient`, the block of
    /// parameter gradients. With `wantsInputs`, `inputGradient` is valid until the next call.
    public func backward(
        _ parameters: UnsafePointer<Float>, step: Int, samples: Int, gradient: UnsafeMutablePointer<Float>, wantsInputs: Bool
    ) {
        precondition(samples <= capacity && step < steps, "samples \(samples) of \(capacity), step \(step) of \(steps)")
        let base = activations + step * stepStride
        var current = upper
        var next = lower
        for index in layers.indices.reversed() {
            let inputs = index == 0 ? base : base + offsets[index - 1]
            DenseLayer.backward(
                layers[index], samples: samples, parameters: parameters, inputs: inputs,
                slopes: slopes + step * stepStride + offsets[index], outputGradient: current, parameterGradient: gradient,
                inputGradient: index > 0 || wantsInputs ? next : nil)
            swap(&current, &next)
        }
        inputGradient = current
    }
}

/// Runs a network forwards only, over blocks of at most `samples`: two rows of activations, no tape.
public final class NetworkRunner {
    public let architecture: NetworkArchitecture
    public let samples: Int
    private let layers: [NetworkArchitecture.Layer]
    private let first: UnsafeMutablePointer<Float>
    private let second: UnsafeMutablePointer<Float>

    public init(_ architecture: NetworkArchitecture, samples: Int) {
        self.architecture = architecture
        self.samples = samples
        layers = architecture.layers
        let capacity = max(1, (architecture.hidden.max() ?? 0) * samples)
        first = .allocate(capacity: capacity)
        second = .allocate(capacity: capacity)
        first.initialize(repeating: 0, count: capacity)
        second.initialize(repeating: 0, count: capacity)
    }

    deinit {
        first.deallocate()
        second.deallocate()
    }

    /// Outputs [outputs, samples] of inputs [inputs, samples].
    public func run(_ parameters: UnsafePointer<Float>, inputs: UnsafePointer<Float>, outputs: UnsafeMutablePointer<Float>) {
        var current = inputs
        var next = first
        for (index, layer) in layers.enumerated() {
            let target = index == layers.count - 1 ? outputs : next
            DenseLayer.forward(layer, samples: samples, parameters: parameters, inputs: current, outputs: target, slopes: nil)
            current = UnsafePointer(target)
            next = next == first ? second : first
        }
    }
}
