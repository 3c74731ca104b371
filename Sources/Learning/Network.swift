public import LinearAlgebra
public import Probability
import RealModule

/// A network: a shape and one block of parameters.
///
/// Batches are **feature-major**: row f holds feature f of all samples, [F, B]. The products of small blocks then run
/// as W·A without a transpose, a feature column is one copy, and each output is one contiguous row.
public struct Network: Sendable, Equatable {
    public let architecture: NetworkArchitecture
    /// W and b of every layer, at the offsets of `architecture.tensors`.
    public var parameters: [Float]

    public init(_ architecture: NetworkArchitecture, parameters: [Float]) {
        precondition(
            parameters.count == architecture.parameterCount,
            "the architecture has \(architecture.parameterCount) parameters, found \(parameters.count)")
        self.architecture = architecture
        self.parameters = parameters
    }

    /// Normal weights with standard deviation √(g/in) for `in` inputs of the layer (g = 2 for ReLU, SiLU and
    /// softplus, 1 for tanh, a cell's gates and the last layer), zero biases, gains of 1. A LSTM forgets little at first: the biases of
    /// its forget gates are 1.
    ///
    /// - Parameter outputScale: Factor on the last layer's weights; a small one starts the outputs near zero.
    ///
    /// Reference: He, Zhang, Ren, Sun, *Delving deep into rectifiers*, ICCV 2015; Glorot, Bengio, AISTATS 2010; Jozefowicz, Zaremba,
    /// Sutskever, *An empirical exploration of recurrent network architectures*, ICML 2015.
    public init(_ architecture: NetworkArchitecture, from stream: RandomStream, outputScale: Double = 1) {
        var parameters = [Float](repeating: 0, count: architecture.parameterCount)
        let layers = architecture.layers + architecture.cellMaps
        for step in 0..<(architecture.steps ?? 1) {
            let offset = architecture.offset(step: step)
            for (index, layer) in layers.enumerated() {
                let isLast = index == architecture.hidden.count
                let gain: Double =
                    switch layer.activation {
                    case .relu, .silu, .softplus: 2
                    case .tanh, .identity: 1
                    }
                let deviation = (gain / Double(layer.inputs)).squareRoot() * (isLast ? outputScale : 1)
                for k in 0..<layer.inputs * layer.outputs {
                    parameters[offset + layer.weights + k] = Float(
                        deviation * stream.normal(path: k, step: step * layers.count + index))
                }
                if let gains = layer.gains { for o in 0..<layer.outputs { parameters[offset + gains + o] = 1 } }
            }
        }
        if let cell = architecture.cell, cell.kind == .lstm {
            let biases = architecture.cellMaps[0].biases
            for o in cell.units..<2 * cell.units { parameters[biases + o] = 1 }
        }
        self.init(architecture, parameters: parameters)
    }

    /// Outputs [outputs, B] of inputs [inputs, B]; a cell remembers nothing before them.
    ///
    /// - Parameter step: Which step's network answers, where each step has its own.
    public func callAsFunction(_ inputs: Matrix<Float>, step: Int = 0) -> Matrix<Float> {
        precondition(inputs.rows == architecture.inputs, "expected \(architecture.inputs) input rows, found \(inputs.rows)")
        var outputs = Matrix<Float>(rows: architecture.outputs, columns: inputs.columns)
        guard inputs.columns > 0 else { return outputs }
        let tape = NetworkTape(architecture, samples: inputs.columns, steps: 1, keepsGradients: false)
        inputs.storage.withUnsafeBufferPointer { tape.inputs(step: 0).update(from: $0.baseAddress!, count: $0.count) }
        parameters.withUnsafeBufferPointer {
            tape.forward($0.baseAddress!, step: 0, samples: inputs.columns, network: step)
        }
        outputs.storage.withUnsafeMutableBufferPointer { $0.baseAddress!.update(from: tape.outputs(step: 0), count: $0.count) }
        return outputs
    }

    /// Outputs of one sample, without BLAS and without memory beyond a few rows of activations: the serving path.
    ///
    /// - Parameter step: Which step's network answers, where each step has its own.
    public func callAsFunction(one sample: [Float], step: Int = 0) -> [Float] {
        var memory = [Float](repeating: 0, count: architecture.memory)
        return callAsFunction(one: sample, step: step, memory: &memory)
    }

    /// The same with what a cell remembers, h and for LSTM c behind it: before the step on entry, after it on return.
    public func callAsFunction(one sample: [Float], step: Int = 0, memory: inout [Float]) -> [Float] {
        precondition(sample.count == architecture.inputs, "expected \(architecture.inputs) inputs, found \(sample.count)")
        precondition(memory.count == architecture.memory, "expected \(architecture.memory) numbers of memory, found \(memory.count)")
        let units = architecture.cell?.units ?? 0
        let widest = max(architecture.inputs + units, architecture.hidden.max() ?? 0, architecture.outputs)
        let rows = architecture.cell?.rows ?? 0
        return withUnsafeTemporaryAllocation(of: Float.self, capacity: 2 * widest + rows * units) { scratch in
            scratch.initialize(repeating: 0)
            var current = scratch.baseAddress!
            var next = current + widest
            let gates = next + widest
            for i in 0..<sample.count { current[i] = sample[i] }
            return parameters.withUnsafeBufferPointer { whole in
                let parameters = whole.baseAddress! + architecture.offset(step: step)
                if let cell = architecture.cell {
                    remember(cell, parameters, inputs: current, gates: gates, next: next, memory: &memory)
                    swap(&current, &next)
                }
                for layer in architecture.layers {
                    Self.affine(layer, parameters, from: current, to: next)
                    if let gains = layer.gains {
                        // The row just read is free for what only a backward pass would want.
                        withUnsafeTemporaryAllocation(of: Float.self, capacity: 1) {
                            LayerNormalization.forward(
                                layer, gains: gains, samples: 1, isTile: false, parameters: parameters, values: next, normalized: current,
                                inverseDeviations: $0.baseAddress!, cutsAtZero: false)
                        }
                    }
                    layer.activation.apply(next, count: layer.outputs)
                    swap(&current, &next)
                }
                return [Float](UnsafeBufferPointer(start: current, count: architecture.outputs))
            }
        }
    }

    /// The cell's new state of one sample, to `next` and `memory`; `inputs` has room for the state behind it.
    private func remember(
        _ cell: RecurrentCell, _ parameters: UnsafePointer<Float>, inputs: UnsafeMutablePointer<Float>,
        gates: UnsafeMutablePointer<Float>, next: UnsafeMutablePointer<Float>, memory: inout [Float]
    ) {
        let units = cell.units
        let maps = architecture.cellMaps
        let held = inputs + architecture.inputs
        for k in 0..<units { held[k] = memory[k] }
        Self.affine(maps[0], parameters, from: inputs, to: gates)
        if cell.kind == .gru {
            Self.affine(maps[1], parameters, from: inputs, to: gates + 2 * units)
            Self.affine(maps[2], parameters, from: held, to: gates + 3 * units)
        }
        memory.withUnsafeMutableBufferPointer { memory in
            let state = memory.baseAddress!
            cell.forward(gates, held: held, cell: state + (cell.kind == .lstm ? units : 0), next: next, count: units)
            state.update(from: next, count: units)
            if cell.kind == .lstm { (state + units).update(from: gates + 5 * units, count: units) }
        }
    }

    /// W x + b of one sample.
    private static func affine(
        _ layer: NetworkArchitecture.Layer, _ parameters: UnsafePointer<Float>, from inputs: UnsafePointer<Float>,
        to outputs: UnsafeMutablePointer<Float>
    ) {
        for o in 0..<layer.outputs {
            let row = parameters + layer.weights + o * layer.inputs
            // Four partial sums, so that additions need not wait for one another.
            var sums = SIMD4<Float>()
            var i = 0
            while i + 4 <= layer.inputs {
                sums += SIMD4(row[i], row[i + 1], row[i + 2], row[i + 3]) * SIMD4(inputs[i], inputs[i + 1], inputs[i + 2], inputs[i + 3])
                i += 4
            }
            var sum = parameters[layer.biases + o] + (sums.x + sums.y) + (sums.z + sums.w)
            while i < layer.inputs {
                sum += row[i] * inputs[i]
                i += 1
            }
            outputs[o] = sum
        }
    }
}
