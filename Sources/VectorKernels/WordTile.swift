import CVector

/// Words of Philox4x32-10, and what is made of one word each. Only where `VectorUnit.isAvailable`.
public enum WordTile {
    /// The four words of each path's block, those of the counter (path, step, group, tag) under `key`.
    ///
    /// - Parameters:
    ///   - words: Word k of path i at k·count + i, written.
    ///   - count: A multiple of 16.
    public static func fill(
        _ words: UnsafeMutablePointer<UInt32>, count: Int, firstPath: UInt32, step: UInt32, group: UInt32, tag: UInt32,
        key: SIMD2<UInt32>
    ) {
        let lanes = SIMD8<UInt64>(0, 1, 2, 3, 4, 5, 6, 7)
        let mask = SIMD8<UInt64>(repeating: 0xFFFF_FFFF)
        var i = 0
        while i < count {
            let path = SIMD8<UInt64>(repeating: UInt64(firstPath) &+ UInt64(truncatingIfNeeded: i)) &+ lanes
            let a = NormalTile.words(path & mask, step: step, group: group, tag: tag, key: key)
            let b = NormalTile.words((path &+ SIMD8(repeating: 8)) & mask, step: step, group: group, tag: tag, key: key)
            store(vector_low_words(a.0, b.0), words + i)
            store(vector_low_words(a.1, b.1), words + count + i)
            store(vector_low_words(a.2, b.2), words + 2 * count + i)
            store(vector_low_words(a.3, b.3), words + 3 * count + i)
            i += 16
        }
    }

    @inline(__always)
    private static func store(_ words: SIMD16<UInt32>, _ target: UnsafeMutablePointer<UInt32>) {
        UnsafeMutableRawPointer(target).storeBytes(of: words, as: SIMD16<UInt32>.self)
    }

    @inline(__always)
    static func load(_ words: UnsafePointer<UInt32>) -> SIMD16<UInt32> {
        UnsafeRawPointer(words).loadUnaligned(as: SIMD16<UInt32>.self)
    }

    /// u = (k + ½) 2⁻³², with all digits where it is near zero.
    @inline(__always)
    static func uniform(_ word: SIMD16<UInt32>) -> Vector { fma(vector_float(word), Vector(repeating: 0x1p-32), 0x1p-33) }

    /// 1 − u of the uniform number u = (k + ½) 2⁻³², with all digits where u is near one.
    @inline(__always)
    static func complement(_ word: SIMD16<UInt32>) -> Vector {
        fma(vector_float(word ^ SIMD16(repeating: 0xFFFF_FFFF)), Vector(repeating: 0x1p-32), 0x1p-33)
    }

    /// The standard normal number of u = (k + ½) 2⁻³².
    @inline(__always)
    static func normal(_ word: SIMD16<UInt32>) -> Vector {
        // All ones where u > ½: the complement of k then stands for 1 − u.
        let right = unsafeBitCast(unsafeBitCast(word, to: SIMD16<Int32>.self) &>> SIMD16(repeating: 31), to: SIMD16<UInt32>.self)
        let size = VectorFormulas.upperNormalQuantile(fma(vector_float(word ^ right), Vector(repeating: 0x1p-32), 0x1p-33))
        let sign = (right ^ SIMD16(repeating: 0xFFFF_FFFF)) & SIMD16(repeating: 0x8000_0000)
        return unsafeBitCast(unsafeBitCast(size, to: SIMD16<UInt32>.self) | sign, to: Vector.self)
    }
}
