import VectorKernels

/// What is done to the sums of a hidden layer before its activation.
public enum Normalization: String, Sendable, Codable, CaseIterable {
    /// Mean 0 and variance 1 over the layer's units, sample by sample, then a gain and a shift for each unit.
    ///
    ///     n = (z − mean z)/√(var z + ε),   y = γ ∘ n + β
    ///
    /// Reference: Ba, Kiros, Hinton, *Layer normalization*, arXiv 1607.06450.
    case layer
}

/// Layer normalisation over a block of B samples, feature-major; forward and backward side by side. Tiles of 64 by vector kernels.
///
/// Hot-loop code: the caller answers for the sizes of the memory it points to.
enum LayerNormalization {
    /// Keeps the division in range where all sums of a layer are alike; PyTorch's value.
    static let epsilon: Float = 1e-5

    /// - Parameters:
    ///   - parameters: The network's block; γ and β lie where the layer says.
    ///   - values: z [out, B] on entry, y on return.
    ///   - normalized: n [out, B], written.
    ///   - inverseDeviations: 1/√(var z + ε) [B], written.
    ///   - cutsAtZero: Whether y is cut at zero.
    static func forward(
        _ layer: NetworkArchitecture.Layer, gains offset: Int, samples: Int, isTile: Bool, parameters: UnsafePointer<Float>,
        values: UnsafeMutablePointer<Float>, normalized: UnsafeMutablePointer<Float>, inverseDeviations: UnsafeMutablePointer<Float>,
        cutsAtZero: Bool
    ) {
        let rows = layer.outputs
        let gains = parameters + offset
        let shifts = gains + rows
        if isTile {
            return NormTile.forward(
                rows: rows, epsilon: epsilon, gains: gains, shifts: shifts, values: values, normalized: normalized,
                inverseDeviations: inverseDeviations, cutsAtZero: cutsAtZero)
        }
        for i in 0..<samples {
            var sum: Float = 0
            for r in 0..<rows { sum += values[r * samples + i] }
            let mean = sum / Float(rows)
            var squares: Float = 0
            for r in 0..<rows {
                let deviation = values[r * samples + i] - mean
                squares += deviation * deviation
            }
            let inverse = 1 / (squares / Float(rows) + epsilon).squareRoot()
            inverseDeviations[i] = inverse
            for r in 0..<rows {
                let n = (values[r * samples + i] - mean) * inverse
                normalized[r * samples + i] = n
                let y = gains[r] * n + shifts[r]
                values[r * samples + i] = cutsAtZero ? max(y, 0) : y
            }
        }
    }

    /// From dL/dy, sample by sample: dz = (g − mean g − n mean(g ∘ n))/√(var z + ε) with g = γ ∘ dy; dγ += Σ dy ∘ n, dβ += Σ dy.
    /// Tiles have their own sums: see `GradientSums`.
    ///
    /// - Parameters:
    ///   - gradient: dL/dy [out, B] on entry, dL/dz on return.
    ///   - parameterGradient: The network's block, added to.
    static func backward(
        _ layer: NetworkArchitecture.Layer, gains offset: Int, samples: Int, parameters: UnsafePointer<Float>,
        normalized: UnsafePointer<Float>, inverseDeviations: UnsafePointer<Float>, gradient: UnsafeMutablePointer<Float>,
        parameterGradient: UnsafeMutablePointer<Float>
    ) {
        let rows = layer.outputs
        let gains = parameters + offset
        for i in 0..<samples {
            var sum: Float = 0
            var product: Float = 0
            for r in 0..<rows {
                let (dy, n) = (gradient[r * samples + i], normalized[r * samples + i])
                parameterGradient[offset + r] += dy * n
                parameterGradient[offset + rows + r] += dy
                sum += gains[r] * dy
                product += gains[r] * dy * n
            }
            let (mean, slope) = (sum / Float(rows), product / Float(rows))
            for r in 0..<rows {
                let g = gains[r] * gradient[r * samples + i]
                gradient[r * samples + i] = (g - mean - normalized[r * samples + i] * slope) * inverseDeviations[i]
            }
        }
    }
}
