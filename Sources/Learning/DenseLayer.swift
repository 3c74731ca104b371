import LinearAlgebra

/// One affine map and its activation over a block of B samples, feature-major; forward and backward side by side.
///
/// Hot-loop code: the caller answers for the sizes of the memory it points to.
public enum DenseLayer {
    /// A ← σ(W X + b).
    ///
    /// - Parameters:
    ///   - parameters: The network's whole block; the layer knows its offsets.
    ///   - inputs: X [in, B].
    ///   - outputs: A [out, B], written.
    ///   - slopes: σ'(W X + b) [out, B], written: what `backward` needs. Nil where no gradient is wanted.
    public static func forward(
        _ layer: NetworkArchitecture.Layer, samples: Int, parameters: UnsafePointer<Float>, inputs: UnsafePointer<Float>,
        outputs: UnsafeMutablePointer<Float>, slopes: UnsafeMutablePointer<Float>?
    ) {
        for o in 0..<layer.outputs {
            (outputs + o * samples).update(repeating: parameters[layer.biases + o], count: samples)
        }
        Float.gemm(
            transposeA: false, transposeB: false, m: layer.outputs, n: samples, k: layer.inputs, alpha: 1,
            parameters + layer.weights, lda: layer.inputs, inputs, ldb: samples, beta: 1, outputs, ldc: samples)
        if let slopes {
            layer.activation.apply(outputs, slopes: slopes, count: layer.outputs * samples)
        } else {
            layer.activation.apply(outputs, count: layer.outputs * samples)
        }
    }

    /// From dL/dA: dZ = dA ∘ σ', dW += dZ Xᵀ, db += dZ·1, dX = Wᵀ dZ.
    ///
    /// - Parameters:
    ///   - inputs, slopes: As `forward` saw and left them.
    ///   - outputGradient: dL/dA [out, B] on entry, dL/dZ on return.
    ///   - parameterGradient: The network's whole block, added to.
    ///   - inputGradient: dL/dX of the inputs in `range` [count, B], written.
    ///   - range: Inputs whose gradient somebody asks for; may be empty.
    public static func backward(
        _ layer: NetworkArchitecture.Layer, samples: Int, parameters: UnsafePointer<Float>, inputs: UnsafePointer<Float>,
        slopes: UnsafePointer<Float>, outputGradient: UnsafeMutablePointer<Float>, parameterGradient: UnsafeMutablePointer<Float>,
        inputGradient: UnsafeMutablePointer<Float>, range: Range<Int>
    ) {
        let isLinear = layer.activation == .identity
        for o in 0..<layer.outputs {
            let gradient = outputGradient + o * samples
            if !isLinear { multiply(gradient, by: slopes + o * samples, count: samples) }
            parameterGradient[layer.biases + o] += sum(gradient, count: samples)
        }
        Float.gemm(
            transposeA: false, transposeB: true, m: layer.outputs, n: layer.inputs, k: samples, alpha: 1,
            outputGradient, lda: samples, inputs, ldb: samples, beta: 1, parameterGradient + layer.weights, ldc: layer.inputs)
        if !range.isEmpty {
            Float.gemm(
                transposeA: true, transposeB: false, m: range.count, n: samples, k: layer.outputs, alpha: 1,
                parameters + layer.weights + range.lowerBound, lda: layer.inputs, outputGradient, ldb: samples, beta: 0, inputGradient,
                ldc: samples)
        }
    }

    static func multiply(_ values: UnsafeMutablePointer<Float>, by factors: UnsafePointer<Float>, count: Int) {
        for i in 0..<count { values[i] *= factors[i] }
    }

    /// Σ values, in eight partial sums.
    static func sum(_ values: UnsafePointer<Float>, count: Int) -> Float {
        var sums = SIMD8<Float>()
        var i = 0
        let raw = UnsafeRawPointer(values)
        while i + 8 <= count {
            sums += raw.loadUnaligned(fromByteOffset: i * 4, as: SIMD8<Float>.self)
            i += 8
        }
        let halves = sums.lowHalf + sums.highHalf
        var total = (halves.x + halves.y) + (halves.z + halves.w)
        while i < count {
            total += values[i]
            i += 1
        }
        return total
    }
}
