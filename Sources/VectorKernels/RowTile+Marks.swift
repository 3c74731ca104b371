import CVector

/// The products of `RowTile` that leave out zeros: of a layer that is cut at zero about half its numbers are, and so is the gradient of
/// every sample that weighs nothing. What is left out would have added zeros, so each product is the same to the bit; only the sums over
/// samples of what `backward` writes are taken in another order.
///
/// Two samples at once take the rows of the weights that either of them asks for, four in the products that add to the weights'
/// gradient. Only for widths that are multiples of 32.
extension RowTile {
    /// Which numbers of a [64, width] count, a bit each in the order of the numbers; all others are zero.
    public struct Marks {
        let base: UnsafeMutablePointer<UInt32>

        /// - Parameter base: Memory of 64·width bits.
        public init(_ base: UnsafeMutablePointer<UInt32>) { self.base = base }

        /// y where x is positive, else zero, and marks where that is: of sixteen numbers, the first being number `offset`.
        @inline(__always)
        func cut(_ x: Vector, _ y: Vector, at offset: Int) -> Vector {
            vector_where_positive_bits(x, y, UnsafeMutableRawPointer(base) + offset >> 3)
        }

        /// Takes the marks of some samples away: bit s for sample s.
        public func clear(_ samples: UInt64, width: Int) {
            var left = samples
            while left != 0 {
                (base + left.trailingZeroBitCount * (width / 32)).update(repeating: 0, count: width / 32)
                left &= left &- 1
            }
        }
    }

    /// The samples whose numbers are all zero: bit s for sample s.
    ///
    /// - Parameter x: [count, 64].
    public static func silent(_ x: UnsafePointer<Float>, count: Int) -> UInt64 {
        var heard: UInt64 = 0
        for offset in stride(from: 0, to: count * samples, by: 16) {
            heard |= UInt64(vector_nonzero_bits(Vector(x + offset))) << UInt64(offset % samples)
        }
        return ~heard
    }

    /// Y ← max(X Wᵀ + b, 0).
    ///
    /// - Parameters:
    ///   - x: X [64, terms], and which of its numbers count.
    ///   - marks: Y's, written.
    public static func forward(
        _ x: UnsafePointer<Float>, marked: Marks, terms: Int, weights: UnsafePointer<Float>, biases: UnsafePointer<Float>, width: Int,
        y: UnsafeMutablePointer<Float>, marks: Marks
    ) {
        let next = UnsafePointer(y + samples * width)
        markedProducts(x, marked, terms, weights, width, y, columnSums: nil, start: { Vector(biases + $0) }) { sum, offset in
            vector_prefetch_to_write(next + offset)
            return marks.cut(sum, sum, at: offset)
        }
    }

    /// dX ← dY W where the layer below was positive, else zero, and the sums over the samples.
    ///
    /// - Parameters:
    ///   - dy: dL/dY [64, terms], and which of its numbers count.
    ///   - below: What the layer below gave [64, width].
    ///   - marks: dX's, written.
    public static func backward(
        _ dy: UnsafePointer<Float>, marked: Marks, terms: Int, weights: UnsafePointer<Float>, width: Int, below: UnsafePointer<Float>,
        dx: UnsafeMutablePointer<Float>, biasSums: UnsafeMutablePointer<Float>, marks: Marks
    ) {
        let before = below - samples * width
        markedProducts(dy, marked, terms, weights, width, dx, columnSums: biasSums, start: { _ in Vector() }) { sum, offset in
            vector_prefetch(before + offset)
            return marks.cut(Vector(below + offset), sum, at: offset)
        }
    }

    /// sums[r, i] += Σ_s a[s, r] b[s, i].
    ///
    /// - Parameters:
    ///   - a: [64, rows], and which of its numbers count.
    ///   - b: [64, width].
    ///   - sums: [rows, width], added to.
    public static func addProducts(
        _ a: UnsafePointer<Float>, marked: Marks, rows: Int, _ b: UnsafePointer<Float>, width: Int,
        sums: UnsafeMutablePointer<Float>
    ) {
        let words = rows / 32
        var c = 0
        while c + 64 <= width {
            for s in stride(from: 0, to: samples, by: 4) {
                let p = b + s * width + c, q = p + width, r = q + width, t = r + width
                let p0 = Vector(p), p1 = Vector(p + 16), p2 = Vector(p + 32), p3 = Vector(p + 48)
                let q0 = Vector(q), q1 = Vector(q + 16), q2 = Vector(q + 32), q3 = Vector(q + 48)
                let r0 = Vector(r), r1 = Vector(r + 16), r2 = Vector(r + 32), r3 = Vector(r + 48)
                let t0 = Vector(t), t1 = Vector(t + 16), t2 = Vector(t + 32), t3 = Vector(t + 48)
                let m = marked.base + s * words
                for word in 0..<words {
                    var left = (m[word] | m[words + word]) | (m[2 * words + word] | m[3 * words + word])
                    let f = a + s * rows + word * 32
                    let block = sums + word * 32 * width + c
                    while left != 0 {
                        let k = left.trailingZeroBitCount
                        left &= left &- 1
                        let y = block + k &* width
                        let g = f + k
                        let fp = Vector(repeating: g[0]), fq = Vector(repeating: g[rows])
                        let fr = Vector(repeating: g[2 &* rows]), ft = Vector(repeating: g[3 &* rows])
                        fma(ft, t0, fma(fr, r0, fma(fq, q0, fma(fp, p0, Vector(y))))).store(y)
                        fma(ft, t1, fma(fr, r1, fma(fq, q1, fma(fp, p1, Vector(y + 16))))).store(y + 16)
                        fma(ft, t2, fma(fr, r2, fma(fq, q2, fma(fp, p2, Vector(y + 32))))).store(y + 32)
                        fma(ft, t3, fma(fr, r3, fma(fq, q3, fma(fp, p3, Vector(y + 48))))).store(y + 48)
                    }
                }
            }
            c += 64
        }
        guard c < width else { return }
        for s in stride(from: 0, to: samples, by: 4) {
            let p = b + s * width + c, q = p + width, r = q + width, t = r + width
            let p0 = Vector(p), p1 = Vector(p + 16)
            let q0 = Vector(q), q1 = Vector(q + 16)
            let r0 = Vector(r), r1 = Vector(r + 16)
            let t0 = Vector(t), t1 = Vector(t + 16)
            let m = marked.base + s * words
            for word in 0..<words {
                var left = (m[word] | m[words + word]) | (m[2 * words + word] | m[3 * words + word])
                let f = a + s * rows + word * 32
                let block = sums + word * 32 * width + c
                while left != 0 {
                    let k = left.trailingZeroBitCount
                    left &= left &- 1
                    let y = block + k &* width
                    let g = f + k
                    let fp = Vector(repeating: g[0]), fq = Vector(repeating: g[rows])
                    let fr = Vector(repeating: g[2 &* rows]), ft = Vector(repeating: g[3 &* rows])
                    fma(ft, t0, fma(fr, r0, fma(fq, q0, fma(fp, p0, Vector(y))))).store(y)
                    fma(ft, t1, fma(fr, r1, fma(fq, q1, fma(fp, p1, Vector(y + 16))))).store(y + 16)
                }
            }
        }
    }

    /// y[s, c] ← finish(start(c) + Σ_k x[s, k] m[k, c], s·width + c), two samples at once.
    @inline(__always)
    private static func markedProducts(
        _ x: UnsafePointer<Float>, _ marks: Marks, _ terms: Int, _ m: UnsafePointer<Float>, _ width: Int, _ y: UnsafeMutablePointer<Float>,
        columnSums: UnsafeMutablePointer<Float>?, start: (Int) -> Vector, finish: (Vector, Int) -> Vector
    ) {
        let words = terms / 32
        var c = 0
        while c + 64 <= width {
            for s in stride(from: 0, to: samples, by: 2) {
                var a0 = start(c), a1 = start(c + 16), a2 = start(c + 32), a3 = start(c + 48)
                var b0 = a0, b1 = a1, b2 = a2, b3 = a3
                for word in 0..<words {
                    var left = marks.base[s * words + word] | marks.base[(s + 1) * words + word]
                    let a = x + s * terms + word * 32, b = a + terms
                    let block = m + word * 32 * width + c
                    while left != 0 {
                        let k = left.trailingZeroBitCount
                        left &= left &- 1
                        let row = block + k &* width
                        let fa = Vector(repeating: a[k]), fb = Vector(repeating: b[k])
                        let m0 = Vector(row), m1 = Vector(row + 16), m2 = Vector(row + 32), m3 = Vector(row + 48)
                        a0 = fma(fa, m0, a0)
                        a1 = fma(fa, m1, a1)
                        a2 = fma(fa, m2, a2)
                        a3 = fma(fa, m3, a3)
                        b0 = fma(fb, m0, b0)
                        b1 = fma(fb, m1, b1)
                        b2 = fma(fb, m2, b2)
                        b3 = fma(fb, m3, b3)
                    }
                }
                let place = s * width + c
                (a0, a1) = (finish(a0, place), finish(a1, place + 16))
                (a2, a3) = (finish(a2, place + 32), finish(a3, place + 48))
                (b0, b1) = (finish(b0, place + width), finish(b1, place + width + 16))
                (b2, b3) = (finish(b2, place + width + 32), finish(b3, place + width + 48))
                a0.store(y + place)
                a1.store(y + place + 16)
                a2.store(y + place + 32)
                a3.store(y + place + 48)
                b0.store(y + place + width)
                b1.store(y + place + width + 16)
                b2.store(y + place + width + 32)
                b3.store(y + place + width + 48)
                if let columnSums {
                    let sums = columnSums + c
                    (Vector(sums) + (a0 + b0)).store(sums)
                    (Vector(sums + 16) + (a1 + b1)).store(sums + 16)
                    (Vector(sums + 32) + (a2 + b2)).store(sums + 32)
                    (Vector(sums + 48) + (a3 + b3)).store(sums + 48)
                }
            }
            c += 64
        }
        guard c < width else { return }
        for s in stride(from: 0, to: samples, by: 2) {
            var a0 = start(c), a1 = start(c + 16)
            var b0 = a0, b1 = a1
            for word in 0..<words {
                var left = marks.base[s * words + word] | marks.base[(s + 1) * words + word]
                let a = x + s * terms + word * 32, b = a + terms
                let block = m + word * 32 * width + c
                while left != 0 {
                    let k = left.trailingZeroBitCount
                    left &= left &- 1
                    let row = block + k &* width
                    let fa = Vector(repeating: a[k]), fb = Vector(repeating: b[k])
                    let m0 = Vector(row), m1 = Vector(row + 16)
                    a0 = fma(fa, m0, a0)
                    a1 = fma(fa, m1, a1)
                    b0 = fma(fb, m0, b0)
                    b1 = fma(fb, m1, b1)
                }
            }
            let place = s * width + c
            (a0, a1) = (finish(a0, place), finish(a1, place + 16))
            (b0, b1) = (finish(b0, place + width), finish(b1, place + width + 16))
            a0.store(y + place)
            a1.store(y + place + 16)
            b0.store(y + place + width)
            b1.store(y + place + width + 16)
            if let columnSums {
                let sums = columnSums + c
                (Vector(sums) + (a0 + b0)).store(sums)
                (Vector(sums + 16) + (a1 + b1)).store(sums + 16)
            }
        }
    }
}
