import VectorKernels

/// Runs a network forwards only, over blocks of at most `samples`: two rows of activations, no tape.
///
/// Blocks of 64 run by vector kernels where the processor has them.
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
            if VectorUnit.isAvailable && samples == DenseTile.samples {
                DenseTile.forward(
                    weights: parameters + layer.weights, biases: parameters + layer.biases, inputs: layer.inputs, outputs: layer.outputs,
                    x: current, y: target, cutsAtZero: layer.activation == .relu)
                if layer.activation != .relu { layer.activation.apply(target, count: layer.outputs * samples) }
            } else {
                DenseLayer.forward(layer, samples: samples, parameters: parameters, inputs: current, outputs: target, slopes: nil)
            }
            current = UnsafePointer(target)
            next = next == first ? second : first
        }
    }
}
