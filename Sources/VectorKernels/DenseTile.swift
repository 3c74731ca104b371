import CVector

/// One affine map over a tile of 64 samples, feature-major: row f of a tile is feature f of its samples. Forwards, back to
/// the inputs, and to the weights. Only where `VectorUnit.isAvailable`.
///
/// Each kernel keeps sixteen sums in registers and reads each number from memory for four or more products. The order of every
/// sum is fixed: a tile's results depend on the tile alone.
///
/// Hot-loop code: the caller answers for the sizes of the memory it points to.
public enum DenseTile {
    /// Samples of a tile.
    public static let samples = 64

    /// A ← W X + b, and where asked cut at zero.
    ///
    /// - Parameters:
    ///   - weights: W [out, in], row-major.
    ///   - biases: b [out].
    ///   - x: X [in, 64].
    ///   - y: A [out, 64], written. The memory behind it, where the next layer or step is to write, is fetched meanwhile.
    public static func forward(
        weights: UnsafePointer<Float>, biases: UnsafePointer<Float>, inputs: Int, outputs: Int, x: UnsafePointer<Float>,
        y: UnsafeMutablePointer<Float>, cutsAtZero: Bool
    ) {
        let next = UnsafePointer(y + outputs * samples)
        if cutsAtZero {
            rows(outputs, inputs, weights, rowStride: inputs, columnStride: 1, x, y, start: { biases[$0] }) { sum, offset in
                vector_prefetch_to_write(next + offset)
                return vector_max(sum, Vector())
            }
        } else {
            rows(outputs, inputs, weights, rowStride: inputs, columnStride: 1, x, y, start: { biases[$0] }) { sum, offset in
                vector_prefetch_to_write(next + offset)
                return sum
            }
        }
    }

    /// dX ← Wᵀ dY for the inputs of `range`, and where asked zero where X is not positive.
    ///
    /// - Parameters:
    ///   - dy: dL/dY [out, 64].
    ///   - dx: dL/dX of `range` [count, 64], written.
    ///   - mask: X's rows of `range`, whose activation was cut at zero: what passes is what was positive. Nil passes all. The memory
    ///     before them, where those of the next layer or step back are, is fetched meanwhile.
    public static func backward(
        weights: UnsafePointer<Float>, inputs: Int, outputs: Int, range: Range<Int>, dy: UnsafePointer<Float>,
        dx: UnsafeMutablePointer<Float>, mask: UnsafePointer<Float>?
    ) {
        let columns = weights + range.lowerBound
        if let mask {
            let before = mask - range.count * samples
            rows(range.count, outputs, columns, rowStride: 1, columnStride: inputs, dy, dx, start: { _ in 0 }) { sum, offset in
                vector_prefetch(before + offset)
                return vector_where_positive(Vector(mask + offset), sum)
            }
        } else {
            rows(range.count, outputs, columns, rowStride: 1, columnStride: inputs, dy, dx, start: { _ in 0 }) { sum, _ in sum }
        }
    }

    /// y[r] ← finish(start[r] + Σ_k m[r, k] x[k]) for r in 0..<`count`, four rows of 64 samples at a time.
    @inline(__always)
    private static func rows(
        _ count: Int, _ terms: Int, _ m: UnsafePointer<Float>, rowStride: Int, columnStride: Int, _ x: UnsafePointer<Float>,
        _ y: UnsafeMutablePointer<Float>, start: (Int) -> Float, finish: (Vector, Int) -> Vector
    ) {
        var r = 0
        while r + 4 <= count {
            var a0 = Vector(repeating: start(r)), b0 = Vector(repeating: start(r + 1))
            var c0 = Vector(repeating: start(r + 2)), d0 = Vector(repeating: start(r + 3))
            var a1 = a0, a2 = a0, a3 = a0
            var b1 = b0, b2 = b0, b3 = b0
            var c1 = c0, c2 = c0, c3 = c0
            var d1 = d0, d2 = d0, d3 = d0
            var w = m + r * rowStride
            var row = x
            for _ in 0..<terms {
                let x0 = Vector(row), x1 = Vector(row + 16), x2 = Vector(row + 32), x3 = Vector(row + 48)
                let wa = Vector(repeating: w[0])
                a0 = fma(wa, x0, a0)
                a1 = fma(wa, x1, a1)
                a2 = fma(wa, x2, a2)
                a3 = fma(wa, x3, a3)
                let wb = Vector(repeating: w[rowStride])
                b0 = fma(wb, x0, b0)
                b1 = fma(wb, x1, b1)
                b2 = fma(wb, x2, b2)
                b3 = fma(wb, x3, b3)
                let wc = Vector(repeating: w[2 * rowStride])
                c0 = fma(wc, x0, c0)
                c1 = fma(wc, x1, c1)
                c2 = fma(wc, x2, c2)
                c3 = fma(wc, x3, c3)
                let wd = Vector(repeating: w[3 * rowStride])
                d0 = fma(wd, x0, d0)
                d1 = fma(wd, x1, d1)
                d2 = fma(wd, x2, d2)
                d3 = fma(wd, x3, d3)
                w += columnStride
                row += samples
            }
            write(a0, a1, a2, a3, y, r * samples, finish)
            write(b0, b1, b2, b3, y, (r + 1) * samples, finish)
            write(c0, c1, c2, c3, y, (r + 2) * samples, finish)
            write(d0, d1, d2, d3, y, (r + 3) * samples, finish)
            r += 4
        }
        while r < count {
            var a0 = Vector(repeating: start(r))
            var a1 = a0, a2 = a0, a3 = a0
            var w = m + r * rowStride
            var row = x
            for _ in 0..<terms {
                let wa = Vector(repeating: w[0])
                a0 = fma(wa, Vector(row), a0)
                a1 = fma(wa, Vector(row + 16), a1)
                a2 = fma(wa, Vector(row + 32), a2)
                a3 = fma(wa, Vector(row + 48), a3)
                w += columnStride
                row += samples
            }
            write(a0, a1, a2, a3, y, r * samples, finish)
            r += 1
        }
    }

    @inline(__always)
    private static func write(
        _ v0: Vector, _ v1: Vector, _ v2: Vector, _ v3: Vector, _ y: UnsafeMutablePointer<Float>, _ offset: Int,
        _ finish: (Vector, Int) -> Vector
    ) {
        finish(v0, offset).store(y + offset)
        finish(v1, offset + 16).store(y + offset + 16)
        finish(v2, offset + 32).store(y + offset + 32)
        finish(v3, offset + 48).store(y + offset + 48)
    }
}
