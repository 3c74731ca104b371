/// The shape of a network: inputs → a cell that remembers, where there is one → hidden layers → outputs, the last layer without
/// activation.
///
/// All parameters live in one block of memory, layer by layer, weights before biases; `tensors` says where each is.
public struct NetworkArchitecture: Sendable, Codable, Equatable {
    public let inputs: Int
    /// Widths of the hidden layers; empty for a linear map.
    public let hidden: [Int]
    public let outputs: Int
    /// Applied after every hidden layer.
    public let activation: Activation
    /// Applied to the sums of every hidden layer before its activation.
    public let normalization: Normalization?
    /// Reads the inputs; the hidden layers then read its state instead of them.
    public let cell: RecurrentCell?
    /// Networks of this shape that the parameters hold, one for each step, block after block; nil where all steps share one.
    public let steps: Int?

    public init(
        inputs: Int, hidden: [Int], outputs: Int, activation: Activation = .relu, normalization: Normalization? = nil,
        cell: RecurrentCell? = nil, steps: Int? = nil
    ) {
        precondition(inputs > 0 && outputs > 0 && hidden.allSatisfy { $0 > 0 }, "widths must be positive: \(inputs), \(hidden), \(outputs)")
        precondition(steps ?? 1 > 0, "\(steps ?? 1) steps")
        precondition(cell == nil || steps == nil, "a cell that remembers is shared among the steps")
        self.inputs = inputs
        self.hidden = hidden
        self.outputs = outputs
        self.activation = activation
        self.normalization = normalization
        self.cell = cell
        self.steps = steps
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
        /// Where γ [outputs] and then β [outputs] of the layer's normalisation begin; nil where it has none.
        public let gains: Int?

        init(inputs: Int, outputs: Int, activation: Activation = .identity, isNormalized: Bool = false, offset: Int) {
            self.inputs = inputs
            self.outputs = outputs
            self.activation = activation
            weights = offset
            biases = offset + inputs * outputs
            gains = isNormalized ? biases + outputs : nil
        }

        /// Where the next layer's parameters begin.
        var end: Int { biases + (gains == nil ? 1 : 3) * outputs }
    }

    /// The affine maps of the cell.
    var cellMaps: [Layer] { cell?.maps(inputs: inputs) ?? [] }

    /// Hidden layers and the last one; of the first step's network where each step has its own.
    public var layers: [Layer] {
        var layers: [Layer] = []
        var offset = cellMaps.last?.end ?? 0
        var width = cell?.units ?? inputs
        for (index, next) in (hidden + [outputs]).enumerated() {
            let isHidden = index < hidden.count
            let layer = Layer(
                inputs: width, outputs: next, activation: isHidden ? activation : .identity,
                isNormalized: isHidden && normalization != nil, offset: offset)
            layers.append(layer)
            offset = layer.end
            width = next
        }
        return layers
    }

    /// Numbers carried from a step to the next; 0 without a cell.
    public var memory: Int { cell?.memory ?? 0 }

    /// Parameters of one step's network: how far the next step's lie behind them.
    public var parametersPerStep: Int { layers.last?.end ?? 0 }

    public var parameterCount: Int { parametersPerStep * (steps ?? 1) }

    /// Where the parameters of a step's network begin.
    public func offset(step: Int) -> Int {
        guard let steps else { return 0 }
        precondition((0..<steps).contains(step), "no network for step \(step) of \(steps)")
        return step * parametersPerStep
    }

    /// A named part of the block of parameters, as files store it.
    public struct Tensor: Sendable, Equatable {
        public let name: String
        public let shape: [Int]
        public let offset: Int
        public var count: Int { shape.reduce(1, *) }
    }

    /// `layers.0.weight` [out, in], `layers.0.bias` [out], where normalised `layers.0.gain` and `layers.0.shift` [out],
    /// `layers.1.weight`, ...; before them a cell's `cell.gates.weight`, ...; where each step has its own, all behind `steps.0.`.
    public var tensors: [Tensor] {
        let named = Array(zip(cell?.mapNames ?? [], cellMaps)) + layers.enumerated().map { ("layers.\($0)", $1) }
        let one = named.flatMap { name, layer in
            var parts = [
                Tensor(name: "\(name).weight", shape: [layer.outputs, layer.inputs], offset: layer.weights),
                Tensor(name: "\(name).bias", shape: [layer.outputs], offset: layer.biases),
            ]
            if let gains = layer.gains {
                parts.append(Tensor(name: "\(name).gain", shape: [layer.outputs], offset: gains))
                parts.append(Tensor(name: "\(name).shift", shape: [layer.outputs], offset: gains + layer.outputs))
            }
            return parts
        }
        guard let steps else { return one }
        let stride = parametersPerStep
        return (0..<steps).flatMap { step in
            one.map { Tensor(name: "steps.\(step).\($0.name)", shape: $0.shape, offset: $0.offset + step * stride) }
        }
    }
}
