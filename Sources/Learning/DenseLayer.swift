import LinearAlgebra
import VectorKernels

/// One affine map over a block of B samples, feature-major; forward and backward side by side. Tiles of 64 by vector kernels, all
/// other blocks by BLAS; the two agree to the rounding of `Float`.
///
/// Hot-loop code: the caller answers for the sizes of the memory it points to.
enum DenseLayer {
    /// Z ← W X + b, and where asked cut at zero.
    ///
    /// - Parameters:
    ///   - parameters: The network's whole block; the layer knows its offsets.
    ///   - inputs: X [in, B].
    ///   - outputs: Z [out, B], written.
    static func forward(
        _ layer: NetworkArchitecture.Layer, samples: Int, isTile: Bool, parameters: UnsafePointer<Float>, inputs: UnsafePointer<Float>,
        outputs: UnsafeMutablePointer<Float>, cutsAtZero: Bool
    ) {
        if isTile {
            return DenseTile.forward(
                weights: parameters + layer.weights, biases: parameters + layer.biases, inputs: layer.inputs, outputs: layer.outputs,
                x: inputs, y: outputs, cutsAtZero: cutsAtZero)
        }
        for o in 0..<layer.outputs {
            (outputs + o * samples).update(repeating: parameters[layer.biases + o], count: samples)
        }
        Float.gemm(
            transposeA: false, transposeB: false, m: layer.outputs, n: samples, k: layer.inputs, alpha: 1,
            parameters + layer.weights, lda: layer.inputs, inputs, ldb: samples, beta: 1, outputs, ldc: samples)
        if cutsAtZero { Activation.relu.apply(outputs, count: layer.outputs * samples) }
    }

    /// dX ← Wᵀ dZ for the inputs in `range`, and where asked zero where X is not positive.
    ///
    /// - Parameters:
    ///   - gradient: dL/dZ [out, B].
    ///   - inputGradient: dL/dX of `range` [count, B], written.
    ///   - mask: X's rows of `range`, whose activation was cut at zero; nil passes all.
    static func inputGradient(
        _ layer: NetworkArchitecture.Layer, samples: Int, isTile: Bool, parameters: UnsafePointer<Float>,
        gradient: UnsafePointer<Float>, range: Range<Int>, mask: UnsafePointer<Float>?, to inputGradient: UnsafeMutablePointer<Float>
    ) {
        if isTile {
            return DenseTile.backward(
                weights: parameters + layer.weights, inputs: layer.inputs, outputs: layer.outputs, range: range, dy: gradient,
                dx: inputGradient, mask: mask)
        }
        Float.gemm(
            transposeA: true, transposeB: false, m: range.count, n: samples, k: layer.outputs, alpha: 1,
            parameters + layer.weights + range.lowerBound, lda: layer.inputs, gradient, ldb: samples, beta: 0, inputGradient,
            ldc: samples)
        guard let mask else { return }
        for i in 0..<range.count * samples where mask[i] <= 0 { inputGradient[i] = 0 }
    }

    /// dW += dZ Xᵀ, db += dZ·1, by BLAS.
    ///
    /// - Parameter parameterGradient: The network's whole block.
    static func addParameterGradient(
        _ layer: NetworkArchitecture.Layer, samples: Int, inputs: UnsafePointer<Float>, gradient: UnsafePointer<Float>,
        to parameterGradient: UnsafeMutablePointer<Float>
    ) {
        for o in 0..<layer.outputs { parameterGradient[layer.biases + o] += sum(gradient + o * samples, count: samples) }
        Float.gemm(
            transposeA: false, transposeB: true, m: layer.outputs, n: layer.inputs, k: samples, alpha: 1,
            gradient, lda: samples, inputs, ldb: samples, beta: 1, parameterGradient + layer.weights, ldc: layer.inputs)
    }

    /// Σ values, in eight partial sums.
    private static func sum(_ values: UnsafePointer<Float>, count: Int) -> Float {
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
