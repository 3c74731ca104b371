/// The shape of a fully connected network: inputs → hidden layers → outputs, the last layer without activation.
///
/// All parameters live in one block of memory, layer by layer, weights before biases; `tensors` says where each is.
public struct NetworkArchitecture: Sendable, Codable, Equatable {
    public let inputs: Int
    /// Widths of the hidden layers; empty for a linear map.
    public let hidden: [Int]
    public let outputs: Int
    /// Applied after every hidden layer.
    public let activation: Activation

    public init(inputs: Int, hidden: [Int], outputs: Int, activation: Activation = .relu) {
        precondition(inputs > 0 && outputs > 0 && hidden.allSatisfy { $0 > 0 }, "widths must be positive: \(inputs), \(hidden), \(outputs)")
        self.inputs = inputs
        self.hidden = hidden
        self.outputs = outputs
        self.activation = activation
    }

    /// One affine map of the network: z = W a + b.
    public struct Layer: Sendable, Equatable {
        public let inputs: Int
        public let outputs: Int
        public let activation: Activation
        /// Where W [outputs, inputs], row-major, begins in the block of parameters.
        public let weights: Int
        /// Where b [outputs] begins.
        public let biases: Int
    }

    public var layers: [Layer] {
        var layers: [Layer] = []
        var offset = 0
        var width = inputs
        for (index, next) in (hidden + [outputs]).enumerated() {
            let biases = offset + next * width
            layers.append(
                Layer(
                    inputs: width, outputs: next, activation: index < hidden.count ? activation : .identity,
                    weights: offset, biases: biases))
            offset = biases + next
            width = next
        }
        return layers
    }

    public var parameterCount: Int { layers.last.map { $0.biases + $0.outputs } ?? 0 }

    /// A named part of the block of parameters, as files store it.
    public struct Tensor: Sendable, Equatable {
        public let name: String
        public let shape: [Int]
        public let offset: Int
        public var count: Int { shape.reduce(1, *) }
    }

    /// `layers.0.weight` [out, in], `layers.0.bias` [out], `layers.1.weight`, ...
    public var tensors: [Tensor] {
        layers.enumerated().flatMap { index, layer in
            [
                Tensor(name: "layers.\(index).weight", shape: [layer.outputs, layer.inputs], offset: layer.weights),
                Tensor(name: "layers.\(index).bias", shape: [layer.outputs], offset: layer.biases),
            ]
        }
    }
}
