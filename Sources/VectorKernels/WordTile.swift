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
        let source = Source(key: key, tag: tag, group: group)
        for i in stride(from: 0, to: count, by: 16) {
            let (a, b, c, d) = source.words(firstPath &+ UInt32(truncatingIfNeeded: i), step: step)
            store(a, words + i)
            store(b, words + count + i)
            store(c, words + 2 * count + i)
            store(d, words + 3 * count + i)
        }
    }

    /// Where a stream's words come from: the counters (path, step, group, tag) under `key`.
    public struct Source: Sendable {
        let key: SIMD2<UInt32>
        let tag: UInt32
        let group: UInt32

        public init(key: SIMD2<UInt32>, tag: UInt32, group: UInt32) {
            self.key = key
            self.tag = tag
            self.group = group
        }

        /// The four words of each of sixteen paths.
        @inline(__always)
        func words(_ firstPath: UInt32, step: UInt32) -> (SIMD16<UInt32>, SIMD16<UInt32>, SIMD16<UInt32>, SIMD16<UInt32>) {
            let mask = SIMD8<UInt64>(repeating: 0xFFFF_FFFF)
            let path = SIMD8<UInt64>(repeating: UInt64(firstPath)) &+ SIMD8<UInt64>(0, 1, 2, 3, 4, 5, 6, 7)
            let a = NormalTile.words(path & mask, step: step, group: group, tag: tag, key: key)
            let b = NormalTile.words((path &+ SIMD8(repeating: 8)) & mask, step: step, group: group, tag: tag, key: key)
            return (vector_low_words(a.0, b.0), vector_low_words(a.1, b.1), vector_low_words(a.2, b.2), vector_low_words(a.3, b.3))
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
        // p ≥ 2⁻³³ is within 6.4 deviations.
        let size = VectorFormulas.upperNormalQuantile(
            fma(vector_float(word ^ right), Vector(repeating: 0x1p-32), 0x1p-33), reachesFar: false)
        let sign = (right ^ SIMD16(repeating: 0xFFFF_FFFF)) & SIMD16(repeating: 0x8000_0000)
        return unsafeBitCast(unsafeBitCast(size, to: SIMD16<UInt32>.self) | sign, to: Vector.self)
    }
}
