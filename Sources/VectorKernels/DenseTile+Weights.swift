import CVector

/// The weight gradient dW = dY Xᵀ of a tile. Its sums go over samples, so the wider of X and dY is transposed, sixteen rows
/// to a register, and the other's numbers are multiplied in one by one: no sum is ever taken across a register. Where the other
/// has few rows that is not worth its while: samples then stay side by side in the sums until they are taken.
extension DenseTile {
    /// Floats that the gradients of one layer's weights take: rows of whole registers.
    public static func weightSums(inputs: Int, outputs: Int) -> Int {
        let (height, width) = (min(inputs, outputs), max(inputs, outputs))
        return height < fewRows ? height * width * 16 : height * padded(width)
    }

    /// Below as many rows of the narrower side nothing is transposed.
    private static let fewRows = 8

    /// Floats of scratch that `addWeightGradient` needs.
    public static func transposed(inputs: Int, outputs: Int) -> Int { samples * padded(max(inputs, outputs)) }

    /// Sums ← sums + dY Xᵀ, biasSums ← biasSums + dY·1.
    ///
    /// - Parameters:
    ///   - x: X [in, 64]. Like `dy` it is read in sixteens of rows: memory behind it must be readable.
    ///   - dy: dL/dY [out, 64].
    ///   - sums: `weightSums` floats in the kernel's own order: read them by `takeWeightGradient`.
    ///   - biasSums: [out, 16], lanes side by side.
    public static func addWeightGradient(
        inputs: Int, outputs: Int, x: UnsafePointer<Float>, dy: UnsafePointer<Float>, sums: UnsafeMutablePointer<Float>,
        biasSums: UnsafeMutablePointer<Float>, scratch: UnsafeMutablePointer<Float>
    ) {
        for o in 0..<outputs {
            let row = dy + o * samples
            let sum = (Vector(row) + Vector(row + 16)) + (Vector(row + 32) + Vector(row + 48))
            (Vector(biasSums + o * 16) + sum).store(biasSums + o * 16)
        }
        let (wide, narrow, width, height) = inputs >= outputs ? (x, dy, inputs, outputs) : (dy, x, outputs, inputs)
        guard height >= fewRows else { return sideBySide(narrow, height, wide, width, sums) }
        let stride = padded(width)
        var r = 0
        while r < width {
            var s = 0
            while s < samples {
                vector_transpose(wide + r * samples + s, samples, scratch + s * stride + r, stride)
                s += 16
            }
            r += 16
        }
        var column = 0
        while column + 32 <= stride {
            products(narrow, height, scratch + column, sums + column, stride)
            column += 32
        }
        if column < stride { narrowProducts(narrow, height, scratch + column, sums + column, stride) }
    }

    /// Adds the sums to `weights` [out, in] and `biases` [out], and clears them.
    public static func takeWeightGradient(
        inputs: Int, outputs: Int, sums: UnsafeMutablePointer<Float>, biasSums: UnsafeMutablePointer<Float>,
        weights: UnsafeMutablePointer<Double>, biases: UnsafeMutablePointer<Double>
    ) {
        let stride = padded(max(inputs, outputs))
        let (down, across) = inputs >= outputs ? (inputs, 1) : (1, outputs)
        for o in 0..<outputs {
            let row = weights + o * inputs
            if min(inputs, outputs) < fewRows {
                for i in 0..<inputs { row[i] += Double(Vector(sums + (o * down + i * across) * 16).sum()) }
            } else if inputs >= outputs {
                let from = sums + o * stride
                for i in 0..<inputs { row[i] += Double(from[i]) }
            } else {
                for i in 0..<inputs { row[i] += Double(sums[i * stride + o]) }
            }
            biases[o] += Double(Vector(biasSums + o * 16).sum())
        }
        sums.update(repeating: 0, count: weightSums(inputs: inputs, outputs: outputs))
        biasSums.update(repeating: 0, count: outputs * 16)
    }

    /// sums[n, w, lane] += Σ narrow[n, s] wide[w, s] over the samples s of the lane.
    private static func sideBySide(
        _ narrow: UnsafePointer<Float>, _ height: Int, _ wide: UnsafePointer<Float>, _ width: Int, _ sums: UnsafeMutablePointer<Float>
    ) {
        var n = 0
        while n + 4 <= height {
            let f = narrow + n * samples
            let a0 = Vector(f), a1 = Vector(f + 16), a2 = Vector(f + 32), a3 = Vector(f + 48)
            let b0 = Vector(f + 64), b1 = Vector(f + 80), b2 = Vector(f + 96), b3 = Vector(f + 112)
            let c0 = Vector(f + 128), c1 = Vector(f + 144), c2 = Vector(f + 160), c3 = Vector(f + 176)
            let d0 = Vector(f + 192), d1 = Vector(f + 208), d2 = Vector(f + 224), d3 = Vector(f + 240)
            for w in 0..<width {
                let row = wide + w * samples
                let r0 = Vector(row), r1 = Vector(row + 16), r2 = Vector(row + 32), r3 = Vector(row + 48)
                let target = sums + (n * width + w) * 16
                add(a0, a1, a2, a3, r0, r1, r2, r3, target)
                add(b0, b1, b2, b3, r0, r1, r2, r3, target + width * 16)
                add(c0, c1, c2, c3, r0, r1, r2, r3, target + 2 * width * 16)
                add(d0, d1, d2, d3, r0, r1, r2, r3, target + 3 * width * 16)
            }
            n += 4
        }
        while n < height {
            let f = narrow + n * samples
            let f0 = Vector(f), f1 = Vector(f + 16), f2 = Vector(f + 32), f3 = Vector(f + 48)
            for w in 0..<width {
                let row = wide + w * samples
                let target = sums + (n * width + w) * 16
                add(f0, f1, f2, f3, Vector(row), Vector(row + 16), Vector(row + 32), Vector(row + 48), target)
            }
            n += 1
        }
    }

    /// target += f₀r₀ + f₁r₁ + f₂r₂ + f₃r₃, lane by lane.
    @inline(__always)
    private static func add(
        _ f0: Vector, _ f1: Vector, _ f2: Vector, _ f3: Vector, _ r0: Vector, _ r1: Vector, _ r2: Vector, _ r3: Vector,
        _ target: UnsafeMutablePointer<Float>
    ) {
        let left = fma(f1, r1, fma(f0, r0, Vector(target)))
        (left + fma(f3, r3, f2 * r2)).store(target)
    }

    @inline(__always)
    private static func padded(_ width: Int) -> Int { (width + 15) & ~15 }

    /// sums[r, 0..<32] += Σ_s narrow[r, s] wide[s, 0..<32], eight rows at a time.
    @inline(__always)
    private static func products(
        _ narrow: UnsafePointer<Float>, _ height: Int, _ wide: UnsafePointer<Float>, _ sums: UnsafeMutablePointer<Float>, _ stride: Int
    ) {
        var r = 0
        while r + 8 <= height {
            let target = sums + r * stride
            var a0 = Vector(target), a1 = Vector(target + 16)
            var b0 = Vector(target + stride), b1 = Vector(target + stride + 16)
            var c0 = Vector(target + 2 * stride), c1 = Vector(target + 2 * stride + 16)
            var d0 = Vector(target + 3 * stride), d1 = Vector(target + 3 * stride + 16)
            var e0 = Vector(target + 4 * stride), e1 = Vector(target + 4 * stride + 16)
            var f0 = Vector(target + 5 * stride), f1 = Vector(target + 5 * stride + 16)
            var g0 = Vector(target + 6 * stride), g1 = Vector(target + 6 * stride + 16)
            var h0 = Vector(target + 7 * stride), h1 = Vector(target + 7 * stride + 16)
            var n = narrow + r * samples
            var w = wide
            for _ in 0..<samples {
                let w0 = Vector(w), w1 = Vector(w + 16)
                var factor = Vector(repeating: n[0])
                a0 = fma(factor, w0, a0)
                a1 = fma(factor, w1, a1)
                factor = Vector(repeating: n[samples])
                b0 = fma(factor, w0, b0)
                b1 = fma(factor, w1, b1)
                factor = Vector(repeating: n[2 * samples])
                c0 = fma(factor, w0, c0)
                c1 = fma(factor, w1, c1)
                factor = Vector(repeating: n[3 * samples])
                d0 = fma(factor, w0, d0)
                d1 = fma(factor, w1, d1)
                factor = Vector(repeating: n[4 * samples])
                e0 = fma(factor, w0, e0)
                e1 = fma(factor, w1, e1)
                factor = Vector(repeating: n[5 * samples])
                f0 = fma(factor, w0, f0)
                f1 = fma(factor, w1, f1)
                factor = Vector(repeating: n[6 * samples])
                g0 = fma(factor, w0, g0)
                g1 = fma(factor, w1, g1)
                factor = Vector(repeating: n[7 * samples])
                h0 = fma(factor, w0, h0)
                h1 = fma(factor, w1, h1)
                n += 1
                w += stride
            }
            a0.store(target)
            a1.store(target + 16)
            b0.store(target + stride)
            b1.store(target + stride + 16)
            c0.store(target + 2 * stride)
            c1.store(target + 2 * stride + 16)
            d0.store(target + 3 * stride)
            d1.store(target + 3 * stride + 16)
            e0.store(target + 4 * stride)
            e1.store(target + 4 * stride + 16)
            f0.store(target + 5 * stride)
            f1.store(target + 5 * stride + 16)
            g0.store(target + 6 * stride)
            g1.store(target + 6 * stride + 16)
            h0.store(target + 7 * stride)
            h1.store(target + 7 * stride + 16)
            r += 8
        }
        while r < height {
            let target = sums + r * stride
            // Odd and even samples apart, so that a sum need not wait for the one before.
            var a0 = Vector(target), a1 = Vector(target + 16)
            var b0 = Vector(), b1 = Vector()
            var n = narrow + r * samples
            var w = wide
            for _ in 0..<samples / 2 {
                let even = Vector(repeating: n[0]), odd = Vector(repeating: n[1])
                a0 = fma(even, Vector(w), a0)
                a1 = fma(even, Vector(w + 16), a1)
                b0 = fma(odd, Vector(w + stride), b0)
                b1 = fma(odd, Vector(w + stride + 16), b1)
                n += 2
                w += 2 * stride
            }
            (a0 + b0).store(target)
            (a1 + b1).store(target + 16)
            r += 1
        }
    }

    /// sums[r, 0..<16] += Σ_s narrow[r, s] wide[s, 0..<16]: the last register of an odd number.
    @inline(__always)
    private static func narrowProducts(
        _ narrow: UnsafePointer<Float>, _ height: Int, _ wide: UnsafePointer<Float>, _ sums: UnsafeMutablePointer<Float>, _ stride: Int
    ) {
        for r in 0..<height {
            let target = sums + r * stride
            var a = Vector(target), b = Vector(), c = Vector(), d = Vector()
            var n = narrow + r * samples
            var w = wide
            for _ in 0..<samples / 4 {
                a = fma(Vector(repeating: n[0]), Vector(w), a)
                b = fma(Vector(repeating: n[1]), Vector(w + stride), b)
                c = fma(Vector(repeating: n[2]), Vector(w + 2 * stride), c)
                d = fma(Vector(repeating: n[3]), Vector(w + 3 * stride), d)
                n += 4
                w += 4 * stride
            }
            ((a + b) + (c + d)).store(target)
        }
    }
}
