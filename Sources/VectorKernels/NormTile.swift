import CVector

/// Layer normalisation over a tile of 64 samples, feature-major. Only where `VectorUnit.isAvailable`.
///
/// A register holds sixteen samples: the means over a layer are sums down its rows, never across a register.
///
/// Hot-loop code: the caller answers for the sizes of the memory it points to.
public enum NormTile {
    /// N ← (Z − mean)/√(variance + ε), Y ← γ N + β, with the mean and variance of each sample over the rows; where asked Y is cut at zero.
    ///
    /// - Parameters:
    ///   - gains, shifts: γ and β [rows].
    ///   - values: Z [rows, 64] on entry, Y on return.
    ///   - normalized: N [rows, 64], written.
    ///   - inverseDeviations: 1/√(variance + ε) [64], written.
    public static func forward(
        rows: Int, epsilon: Float, gains: UnsafePointer<Float>, shifts: UnsafePointer<Float>, values: UnsafeMutablePointer<Float>,
        normalized: UnsafeMutablePointer<Float>, inverseDeviations: UnsafeMutablePointer<Float>, cutsAtZero: Bool
    ) {
        let share = Vector(repeating: 1 / Float(rows))
        let least = Vector(repeating: cutsAtZero ? 0 : -.infinity)
        for lane in stride(from: 0, to: DenseTile.samples, by: 16) {
            var sum = Vector()
            for r in 0..<rows { sum += Vector(values + r * DenseTile.samples + lane) }
            let mean = sum * share
            var squares = Vector()
            for r in 0..<rows {
                let deviation = Vector(values + r * DenseTile.samples + lane) - mean
                squares = fma(deviation, deviation, squares)
            }
            let inverse = Vector(repeating: 1) / vector_sqrt(fma(squares, share, epsilon))
            inverse.store(inverseDeviations + lane)
            for r in 0..<rows {
                let offset = r * DenseTile.samples + lane
                let n = (Vector(values + offset) - mean) * inverse
                n.store(normalized + offset)
                vector_max(fma(n, Vector(repeating: gains[r]), Vector(repeating: shifts[r])), least).store(values + offset)
            }
        }
    }

    /// From dL/dY: dγ += Σ dY ∘ N, dβ += Σ dY, dZ = (G − mean G − N mean(G ∘ N))/√(variance + ε) with G = γ dY and means over the rows.
    ///
    /// - Parameters:
    ///   - gradient: dL/dY [rows, 64] on entry, dL/dZ on return.
    ///   - gainSums, shiftSums: [rows, 16], samples of a lane side by side.
    public static func backward(
        rows: Int, gains: UnsafePointer<Float>, normalized: UnsafePointer<Float>, inverseDeviations: UnsafePointer<Float>,
        gradient: UnsafeMutablePointer<Float>, gainSums: UnsafeMutablePointer<Float>, shiftSums: UnsafeMutablePointer<Float>
    ) {
        let share = Vector(repeating: 1 / Float(rows))
        for lane in stride(from: 0, to: DenseTile.samples, by: 16) {
            var sum = Vector()
            var product = Vector()
            for r in 0..<rows {
                let offset = r * DenseTile.samples + lane
                let dy = Vector(gradient + offset)
                let n = Vector(normalized + offset)
                fma(dy, n, Vector(gainSums + r * 16)).store(gainSums + r * 16)
                (Vector(shiftSums + r * 16) + dy).store(shiftSums + r * 16)
                let g = dy * Vector(repeating: gains[r])
                sum += g
                product = fma(g, n, product)
            }
            let (mean, slope) = (sum * share, product * share)
            let inverse = Vector(inverseDeviations + lane)
            for r in 0..<rows {
                let offset = r * DenseTile.samples + lane
                let g = Vector(gradient + offset) * Vector(repeating: gains[r])
                ((g - mean - Vector(normalized + offset) * slope) * inverse).store(gradient + offset)
            }
        }
    }
}
