import CVector

/// One affine map over a tile of 64 samples that lies row by row: row s is sample s, in whole registers. Only where
/// `VectorUnit.isAvailable`.
///
/// Forwards, back to the inputs and to the weights, each product then reads one side register by register and the other number by
/// number, just as they lie: no tile is ever turned, and no sum goes across a register but for the few outputs of a network. The order
/// of every sum is fixed: a tile's results depend on the tile alone.
///
/// Hot-loop code: the caller answers for the sizes of the memory it points to. Widths of rows are multiples of 16.
public enum RowTile {
    public static let samples = DenseTile.samples

    /// A tile that is read number by number: number k of sample s lies at k·term + s·sample.
    public struct Numbers {
        let base: UnsafePointer<Float>
        let term: Int
        let sample: Int

        /// [64, width].
        public static func rows(_ base: UnsafePointer<Float>, width: Int) -> Numbers { Numbers(base: base, term: 1, sample: width) }
        /// [count, 64].
        public static func columns(_ base: UnsafePointer<Float>) -> Numbers { Numbers(base: base, term: samples, sample: 1) }
    }

    /// What a pass back multiplies dL/da by on its way to dL/dz.
    public enum Slope {
        case one
        /// One where a [64, width] is positive, else zero.
        case cut(UnsafePointer<Float>)
        /// dσ/dz [64, width].
        case factors(UnsafePointer<Float>)
    }

    /// Y ← X Wᵀ + b, and where asked cut at zero.
    ///
    /// - Parameters:
    ///   - x: X, `terms` numbers of each sample.
    ///   - weights: Wᵀ [terms, width].
    ///   - biases: b [width].
    ///   - y: Y [64, width], written. The memory behind it, where the next layer or step is to write, is fetched meanwhile.
    ///   - marks: Y's, written where it is cut at zero; nil where nobody asks.
    public static func forward(
        _ x: Numbers, terms: Int, weights: UnsafePointer<Float>, biases: UnsafePointer<Float>, width: Int, y: UnsafeMutablePointer<Float>,
        cutsAtZero: Bool, marks: Marks? = nil
    ) {
        let next = UnsafePointer(y + samples * width)
        if cutsAtZero, let marks {
            products(x, terms, weights, width, y, start: { Vector(biases + $0) }) { sum, offset in
                vector_prefetch_to_write(next + offset)
                return marks.cut(sum, sum, at: offset)
            }
        } else if cutsAtZero {
            products(x, terms, weights, width, y, start: { Vector(biases + $0) }) { sum, offset in
                vector_prefetch_to_write(next + offset)
                return vector_max(sum, Vector())
            }
        } else {
            products(x, terms, weights, width, y, start: { Vector(biases + $0) }) { sum, offset in
                vector_prefetch_to_write(next + offset)
                return sum
            }
        }
    }

    /// dX ← dY W, times the slope below it, and the sums over the samples: what the biases below gain. The memory before the slopes, where
    /// those of the next layer or step back are, is fetched meanwhile.
    ///
    /// - Parameters:
    ///   - dy: dL/dY, `terms` numbers of each sample.
    ///   - weights: W [terms, width].
    ///   - dx: dL/dZ of the layer below [64, width], written.
    ///   - biasSums: [width], added to.
    ///   - marks: dX's, written where the slope cuts; nil where nobody asks.
    public static func backward(
        _ dy: Numbers, terms: Int, weights: UnsafePointer<Float>, width: Int, slope: Slope, dx: UnsafeMutablePointer<Float>,
        biasSums: UnsafeMutablePointer<Float>, marks: Marks? = nil
    ) {
        let before = samples * width
        switch slope {
        case .one: products(dy, terms, weights, width, dx, columnSums: biasSums, start: { _ in Vector() }) { sum, _ in sum }
        case .cut(let a):
            if let marks {
                return products(dy, terms, weights, width, dx, columnSums: biasSums, start: { _ in Vector() }) { sum, offset in
                    vector_prefetch(a + offset - before)
                    return marks.cut(Vector(a + offset), sum, at: offset)
                }
            }
            products(dy, terms, weights, width, dx, columnSums: biasSums, start: { _ in Vector() }) { sum, offset in
                vector_prefetch(a + offset - before)
                return vector_where_positive(Vector(a + offset), sum)
            }
        case .factors(let factors):
            products(dy, terms, weights, width, dx, columnSums: biasSums, start: { _ in Vector() }) { sum, offset in
                vector_prefetch(factors + offset - before)
                return Vector(factors + offset) * sum
            }
        }
    }

    /// sums[r, i] += Σ_s a[s, r] b[s, i]: with dY and X the weights' gradient, with X and dY its transpose.
    ///
    /// - Parameters:
    ///   - a: `rows` numbers of each sample.
    ///   - b: [64, width].
    ///   - sums: [rows, width], added to.
    public static func addProducts(
        _ a: Numbers, rows: Int, _ b: UnsafePointer<Float>, width: Int, sums: UnsafeMutablePointer<Float>
    ) {
        for c in stride(from: 0, to: width, by: 32) {
            let isWide = c + 32 <= width
            var r = 0
            while r + 8 <= rows {
                let (f, target) = (a.base + r * a.term, sums + r * width + c)
                if isWide {
                    eightByTwo(
                        f, a.term, samples, a.sample, b + c, width, target, start: { Vector(target + $0 * width + $1) }
                    ) { sum, _ in sum }
                } else {
                    eightByOne(
                        f, a.term, samples, a.sample, b + c, width, target, start: { Vector(target + $0 * width) }
                    ) { sum, _ in sum }
                }
                r += 8
            }
            while r < rows {
                let (f, target) = (a.base + r * a.term, sums + r * width + c)
                if isWide {
                    oneByTwo(f, a.sample, b + c, width, target)
                } else {
                    oneByOne(f, a.sample, b + c, width, target)
                }
                r += 1
            }
        }
    }

    /// y[s] ← b + Σ_i x[s, i] w[i].
    ///
    /// - Parameters:
    ///   - x: [64, width].
    ///   - weights: w [width].
    ///   - y: [64], written.
    public static func dot(
        _ x: UnsafePointer<Float>, weights: UnsafePointer<Float>, bias: Float, width: Int, y: UnsafeMutablePointer<Float>
    ) {
        /// Lane by lane, not yet added up.
        @inline(__always)
        func lanes(_ s: Int) -> Vector {
            let row = x + s * width
            var sum = Vector(row) * Vector(weights)
            for i in stride(from: 16, to: width, by: 16) { sum = fma(Vector(row + i), Vector(weights + i), sum) }
            return sum
        }
        /// Of four samples.
        @inline(__always)
        func quad(_ s: Int) -> Vector {
            vector_add_quads(vector_add_pairs(lanes(s), lanes(s + 1)), vector_add_pairs(lanes(s + 2), lanes(s + 3)))
        }
        for s in stride(from: 0, to: samples, by: 16) {
            let sum = vector_add_lanes(quad(s), quad(s + 4), quad(s + 8), quad(s + 12))
            (sum + Vector(repeating: bias)).store(y + s)
        }
    }

    /// Σ_s y[s].
    public static func sum(_ y: UnsafePointer<Float>) -> Float {
        ((Vector(y) + Vector(y + 16)) + (Vector(y + 32) + Vector(y + 48))).sum()
    }

    /// Adds `count` sums to `target` and clears them.
    public static func take(_ sums: UnsafeMutablePointer<Float>, count: Int, to target: UnsafeMutablePointer<Double>) {
        let whole = count & ~15
        for i in stride(from: 0, to: whole, by: 16) {
            vector_add_to_doubles(Vector(sums + i), target + i)
            Vector().store(sums + i)
        }
        for i in whole..<count {
            target[i] += Double(sums[i])
            sums[i] = 0
        }
    }

    /// y[s, c] ← finish(start(c) + Σ_k x[s, k] m[k, c], s·width + c).
    ///
    /// - Parameter columnSums: Of what is written, over the samples: added to; nil where nobody asks.
    @inline(__always)
    private static func products(
        _ x: Numbers, _ terms: Int, _ m: UnsafePointer<Float>, _ width: Int, _ y: UnsafeMutablePointer<Float>,
        columnSums: UnsafeMutablePointer<Float>? = nil, start: (Int) -> Vector, finish: (Vector, Int) -> Vector
    ) {
        for c in stride(from: 0, to: width, by: 32) {
            let isWide = c + 32 <= width
            for s in stride(from: 0, to: samples, by: 8) {
                let (f, place) = (x.base + s * x.sample, s * width + c)
                let sums = columnSums.map { $0 + c }
                if isWide {
                    eightByTwo(
                        f, x.sample, terms, x.term, m + c, width, y + place, columnSums: sums, start: { start(c + $1) }
                    ) { finish($0, place + $1) }
                } else {
                    eightByOne(
                        f, x.sample, terms, x.term, m + c, width, y + place, columnSums: sums, start: { _ in start(c) }
                    ) { finish($0, place + $1) }
                }
            }
        }
    }

    /// y[r, c] ← finish(start(r, c) + Σ_k f[r·row + k·term] m[k·width + c], r·width + c) for eight rows of two registers.
    @inline(__always)
    private static func eightByTwo(
        _ f: UnsafePointer<Float>, _ row: Int, _ terms: Int, _ term: Int, _ m: UnsafePointer<Float>, _ width: Int,
        _ y: UnsafeMutablePointer<Float>, columnSums: UnsafeMutablePointer<Float>? = nil, start: (_ row: Int, _ column: Int) -> Vector,
        finish: (Vector, Int) -> Vector
    ) {
        var a0 = start(0, 0), a1 = start(0, 16)
        var b0 = start(1, 0), b1 = start(1, 16)
        var c0 = start(2, 0), c1 = start(2, 16)
        var d0 = start(3, 0), d1 = start(3, 16)
        var e0 = start(4, 0), e1 = start(4, 16)
        var f0 = start(5, 0), f1 = start(5, 16)
        var g0 = start(6, 0), g1 = start(6, 16)
        var h0 = start(7, 0), h1 = start(7, 16)
        var f = f
        var m = m
        for _ in 0..<terms {
            let m0 = Vector(m), m1 = Vector(m + 16)
            var factor = Vector(repeating: f[0])
            a0 = fma(factor, m0, a0)
            a1 = fma(factor, m1, a1)
            factor = Vector(repeating: f[row])
            b0 = fma(factor, m0, b0)
            b1 = fma(factor, m1, b1)
            factor = Vector(repeating: f[2 * row])
            c0 = fma(factor, m0, c0)
            c1 = fma(factor, m1, c1)
            factor = Vector(repeating: f[3 * row])
            d0 = fma(factor, m0, d0)
            d1 = fma(factor, m1, d1)
            factor = Vector(repeating: f[4 * row])
            e0 = fma(factor, m0, e0)
            e1 = fma(factor, m1, e1)
            factor = Vector(repeating: f[5 * row])
            f0 = fma(factor, m0, f0)
            f1 = fma(factor, m1, f1)
            factor = Vector(repeating: f[6 * row])
            g0 = fma(factor, m0, g0)
            g1 = fma(factor, m1, g1)
            factor = Vector(repeating: f[7 * row])
            h0 = fma(factor, m0, h0)
            h1 = fma(factor, m1, h1)
            f += term
            m += width
        }
        (a0, a1) = (finish(a0, 0), finish(a1, 16))
        (b0, b1) = (finish(b0, width), finish(b1, width + 16))
        (c0, c1) = (finish(c0, 2 * width), finish(c1, 2 * width + 16))
        (d0, d1) = (finish(d0, 3 * width), finish(d1, 3 * width + 16))
        (e0, e1) = (finish(e0, 4 * width), finish(e1, 4 * width + 16))
        (f0, f1) = (finish(f0, 5 * width), finish(f1, 5 * width + 16))
        (g0, g1) = (finish(g0, 6 * width), finish(g1, 6 * width + 16))
        (h0, h1) = (finish(h0, 7 * width), finish(h1, 7 * width + 16))
        a0.store(y)
        a1.store(y + 16)
        b0.store(y + width)
        b1.store(y + width + 16)
        c0.store(y + 2 * width)
        c1.store(y + 2 * width + 16)
        d0.store(y + 3 * width)
        d1.store(y + 3 * width + 16)
        e0.store(y + 4 * width)
        e1.store(y + 4 * width + 16)
        f0.store(y + 5 * width)
        f1.store(y + 5 * width + 16)
        g0.store(y + 6 * width)
        g1.store(y + 6 * width + 16)
        h0.store(y + 7 * width)
        h1.store(y + 7 * width + 16)
        if let columnSums {
            let sum0 = ((a0 + b0) + (c0 + d0)) + ((e0 + f0) + (g0 + h0))
            let sum1 = ((a1 + b1) + (c1 + d1)) + ((e1 + f1) + (g1 + h1))
            (Vector(columnSums) + sum0).store(columnSums)
            (Vector(columnSums + 16) + sum1).store(columnSums + 16)
        }
    }

    /// The same of one register: the last of an odd number.
    @inline(__always)
    private static func eightByOne(
        _ numbers: UnsafePointer<Float>, _ row: Int, _ terms: Int, _ term: Int, _ m: UnsafePointer<Float>, _ width: Int,
        _ y: UnsafeMutablePointer<Float>, columnSums: UnsafeMutablePointer<Float>? = nil, start: (_ row: Int) -> Vector,
        finish: (Vector, Int) -> Vector
    ) {
        var a = start(0), b = start(1)
        var c = start(2), d = start(3)
        var e = start(4), f = start(5)
        var g = start(6), h = start(7)
        var factors = numbers
        var m = m
        for _ in 0..<terms {
            let row0 = Vector(m)
            a = fma(Vector(repeating: factors[0]), row0, a)
            b = fma(Vector(repeating: factors[row]), row0, b)
            c = fma(Vector(repeating: factors[2 * row]), row0, c)
            d = fma(Vector(repeating: factors[3 * row]), row0, d)
            e = fma(Vector(repeating: factors[4 * row]), row0, e)
            f = fma(Vector(repeating: factors[5 * row]), row0, f)
            g = fma(Vector(repeating: factors[6 * row]), row0, g)
            h = fma(Vector(repeating: factors[7 * row]), row0, h)
            factors += term
            m += width
        }
        a = finish(a, 0)
        b = finish(b, width)
        c = finish(c, 2 * width)
        d = finish(d, 3 * width)
        e = finish(e, 4 * width)
        f = finish(f, 5 * width)
        g = finish(g, 6 * width)
        h = finish(h, 7 * width)
        a.store(y)
        b.store(y + width)
        c.store(y + 2 * width)
        d.store(y + 3 * width)
        e.store(y + 4 * width)
        f.store(y + 5 * width)
        g.store(y + 6 * width)
        h.store(y + 7 * width)
        if let columnSums {
            (Vector(columnSums) + (((a + b) + (c + d)) + ((e + f) + (g + h)))).store(columnSums)
        }
    }

    /// y[c] += Σ_s f[s·sample] m[s·width + c] of two registers. Sums of every fourth sample stand apart, so that none waits for the one
    /// before.
    @inline(__always)
    private static func oneByTwo(
        _ f: UnsafePointer<Float>, _ sample: Int, _ m: UnsafePointer<Float>, _ width: Int, _ y: UnsafeMutablePointer<Float>
    ) {
        var a0 = Vector(y), a1 = Vector(y + 16)
        var b0 = Vector(), b1 = Vector(), c0 = Vector(), c1 = Vector(), d0 = Vector(), d1 = Vector()
        var f = f
        var m = m
        for _ in 0..<samples / 4 {
            let fa = Vector(repeating: f[0]), fb = Vector(repeating: f[sample])
            let fc = Vector(repeating: f[2 * sample]), fd = Vector(repeating: f[3 * sample])
            a0 = fma(fa, Vector(m), a0)
            a1 = fma(fa, Vector(m + 16), a1)
            b0 = fma(fb, Vector(m + width), b0)
            b1 = fma(fb, Vector(m + width + 16), b1)
            c0 = fma(fc, Vector(m + 2 * width), c0)
            c1 = fma(fc, Vector(m + 2 * width + 16), c1)
            d0 = fma(fd, Vector(m + 3 * width), d0)
            d1 = fma(fd, Vector(m + 3 * width + 16), d1)
            f += 4 * sample
            m += 4 * width
        }
        ((a0 + b0) + (c0 + d0)).store(y)
        ((a1 + b1) + (c1 + d1)).store(y + 16)
    }

    /// The same of one register.
    @inline(__always)
    private static func oneByOne(
        _ f: UnsafePointer<Float>, _ sample: Int, _ m: UnsafePointer<Float>, _ width: Int, _ y: UnsafeMutablePointer<Float>
    ) {
        var a = Vector(y), b = Vector(), c = Vector(), d = Vector()
        var f = f
        var m = m
        for _ in 0..<samples / 4 {
            a = fma(Vector(repeating: f[0]), Vector(m), a)
            b = fma(Vector(repeating: f[sample]), Vector(m + width), b)
            c = fma(Vector(repeating: f[2 * sample]), Vector(m + 2 * width), c)
            d = fma(Vector(repeating: f[3 * sample]), Vector(m + 3 * width), d)
            f += 4 * sample
            m += 4 * width
        }
        ((a + b) + (c + d)).store(y)
    }
}
