import CVector

/// Standard normal numbers by Philox4x32-10, for consecutive paths at once. Only where `VectorUnit.isAvailable`.
public enum NormalTile {
    /// Two normals for each path: those of the block of four words that counter (path, step, group, tag) has under `key`.
    ///
    /// Words 0 and 1 are the first's uniform number, u = (k + 1/2) 2⁻⁵² with k their upper 52 bits, words 2 and 3 the
    /// second's. The smaller of u and 1 − u goes into the quantile with all its digits, so that tails are as in `Double`.
    ///
    /// - Parameters:
    ///   - first, second: `count` numbers each, written.
    ///   - count: A multiple of 16.
    ///
    /// Reference: Salmon, Moraes, Dror, Shaw, *Parallel random numbers: as easy as 1, 2, 3*, SC11.
    public static func fill(
        _ first: UnsafeMutablePointer<Float>, _ second: UnsafeMutablePointer<Float>, count: Int, firstPath: UInt32, step: UInt32,
        group: UInt32, tag: UInt32, key: SIMD2<UInt32>
    ) {
        let lanes = SIMD8<UInt64>(0, 1, 2, 3, 4, 5, 6, 7)
        let mask = SIMD8<UInt64>(repeating: 0xFFFF_FFFF)
        var i = 0
        while i < count {
            let path = SIMD8<UInt64>(repeating: UInt64(firstPath) &+ UInt64(truncatingIfNeeded: i)) &+ lanes
            let a = words(path & mask, step: step, group: group, tag: tag, key: key)
            let b = words((path &+ SIMD8(repeating: 8)) & mask, step: step, group: group, tag: tag, key: key)
            normals(vector_low_words(a.0, b.0), vector_low_words(a.1, b.1)).store(first + i)
            normals(vector_low_words(a.2, b.2), vector_low_words(a.3, b.3)).store(second + i)
            i += 16
        }
    }

    /// The four words of eight counters, each in the low half of its lane.
    @inline(__always)
    static func words(
        _ path: SIMD8<UInt64>, step: UInt32, group: UInt32, tag: UInt32, key: SIMD2<UInt32>
    ) -> (SIMD8<UInt64>, SIMD8<UInt64>, SIMD8<UInt64>, SIMD8<UInt64>) {
        let mask = SIMD8<UInt64>(repeating: 0xFFFF_FFFF)
        var c0 = path
        var c1 = SIMD8<UInt64>(repeating: UInt64(step))
        var c2 = SIMD8<UInt64>(repeating: UInt64(group))
        var c3 = SIMD8<UInt64>(repeating: UInt64(tag))
        var (k0, k1) = (key.x, key.y)
        for _ in 0..<10 {
            // Both factors are below 2³², which the masks tell the compiler: one widening multiplication, no 64-bit product.
            let low = (c0 & mask) &* SIMD8(repeating: 0xD251_1F53)
            let high = (c2 & mask) &* SIMD8(repeating: 0xCD9E_8D57)
            c0 = (high &>> SIMD8(repeating: 32)) ^ c1 ^ SIMD8(repeating: UInt64(k0))
            c1 = high & mask
            c2 = (low &>> SIMD8(repeating: 32)) ^ c3 ^ SIMD8(repeating: UInt64(k1))
            c3 = low & mask
            k0 = k0 &+ 0x9E37_79B9
            k1 = k1 &+ 0xBB67_AE85
        }
        return (c0, c1, c2, c3)
    }

    @inline(__always)
    private static func normals(_ high: SIMD16<UInt32>, _ low: SIMD16<UInt32>) -> Vector {
        // All ones where u > 1/2: the complement of k then stands for 1 − u.
        let right = unsafeBitCast(unsafeBitCast(high, to: SIMD16<Int32>.self) &>> SIMD16(repeating: 31), to: SIMD16<UInt32>.self)
        let coarse = vector_float(high ^ right) * Vector(repeating: 0x1p-32)
        let fine = vector_float((low ^ right) &>> SIMD16(repeating: 12)) + Vector(repeating: 0.5)
        let size = VectorFormulas.upperNormalQuantile(fma(fine, Vector(repeating: 0x1p-52), coarse))
        // Left of the middle the sign bit is set.
        let sign = (right ^ SIMD16(repeating: 0xFFFF_FFFF)) & SIMD16(repeating: 0x8000_0000)
        return unsafeBitCast(unsafeBitCast(size, to: SIMD16<UInt32>.self) | sign, to: Vector.self)
    }
}
