public import LinearAlgebra
public import Probability
import RealModule

/// A fully connected network: a shape and one block of parameters.
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
    /// softplus, 1 for tanh and the last layer), zero biases.
    ///
    /// - Parameter outputScale: Factor on the last layer's weights; a small one starts the outputs near zero.
    ///
    /// Reference: He, Zhang, Ren, Sun, *Delving deep into rectifiers*, ICCV 2015; Glorot, Bengio, AISTATS 2010.
    public init(_ architecture: NetworkArchitecture, from stream: RandomStream, outputScale: Double = 1) {
        var parameters = [Float](repeating: 0, count: architecture.parameterCount)
        for (index, layer) in architecture.layers.enumerated() {
            let isLast = index == architecture.hidden.count
            let gain: Double =
                switch layer.activation {
                case .relu, .silu, .softplus: 2
                case .tanh, .identity: 1
                }
            let deviation = (gain / Double(layer.inputs)).squareRoot() * (isLast ? outputScale : 1)
            for k in 0..<layer.inputs * layer.outputs {
                parameters[layer.weights + k] = Float(deviation * stream.normal(path: k, step: index))
            }
        }
        self.init(architecture, parameters: parameters)
    }

    /// Outputs [outputs, B] of inputs [inputs, B].
    public func callAsFunction(_ inputs: Matrix<Float>) -> Matrix<Float> {
        precondition(inputs.rows == architecture.inputs, "expected \(architecture.inputs) input rows, found \(inputs.rows)")
        let runner = NetworkRunner(architecture, samples: inputs.columns)
        var outputs = Matrix<Float>(rows: architecture.outputs, columns: inputs.columns)
        guard inputs.columns > 0 else { return outputs }
        parameters.withUnsafeBufferPointer { parameters in
            inputs.storage.withUnsafeBufferPointer { inputs in
                outputs.storage.withUnsafeMutableBufferPointer { outputs in
                    runner.run(parameters.baseAddress!, inputs: inputs.baseAddress!, outputs: outputs.baseAddress!)
                }
            }
        }
        return outputs
    }

    /// Outputs of one sample, without BLAS and without memory beyond two rows of activations: the serving path.
    public func callAsFunction(one sample: [Float]) -> [Float] {
        precondition(sample.count == architecture.inputs, "expected \(architecture.inputs) inputs, found \(sample.count)")
        let widest = max(architecture.inputs, architecture.hidden.max() ?? 0, architecture.outputs)
        return withUnsafeTemporaryAllocation(of: Float.self, capacity: 2 * widest) { scratch in
            var current = scratch.baseAddress!
            var next = current + widest
            current.initialize(repeating: 0, count: 2 * widest)
            for i in 0..<sample.count { current[i] = sample[i] }
            parameters.withUnsafeBufferPointer { parameters in
                for layer in architecture.layers {
                    for o in 0..<layer.outputs {
                        let row = parameters.baseAddress! + layer.weights + o * layer.inputs
                        // Four partial sums, so that additions need not wait for one another.
                        var sums = SIMD4<Float>()
                        var i = 0
                        while i + 4 <= layer.inputs {
                            sums +=
                                SIMD4(row[i], row[i + 1], row[i + 2], row[i + 3])
                                * SIMD4(current[i], current[i + 1], current[i + 2], current[i + 3])
                            i += 4
                        }
                        var sum = parameters[layer.biases + o] + (sums.x + sums.y) + (sums.z + sums.w)
                        while i < layer.inputs {
                            sum += row[i] * current[i]
                            i += 1
                        }
                        next[o] = sum
                    }
                    layer.activation.apply(next, count: layer.outputs)
                    swap(&current, &next)
                }
            }
            return [Float](UnsafeBufferPointer(start: current, count: architecture.outputs))
        }
    }
}
