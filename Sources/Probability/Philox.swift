/// Philox4x32-10: four random words from a counter and a key, no state in between.
///
/// Reference: Salmon, Moraes, Dror, Shaw, *Parallel random numbers: as easy as 1, 2, 3*, SC11.
public enum Philox {
    @inlinable
    public static func words(counter: SIMD4<UInt32>, key: SIMD2<UInt32>) -> SIMD4<UInt32> {
        let words = words(counter.x, counter.y, counter.z, counter.w, key.x, key.y)
        return SIMD4(words.0, words.1, words.2, words.3)
    }

    /// The same on plain integers, which loops over many counters keep in registers.
    @inlinable @inline(__always)
    static func words(
        _ c0: UInt32, _ c1: UInt32, _ c2: UInt32, _ c3: UInt32, _ k0: UInt32, _ k1: UInt32
    ) -> (UInt32, UInt32, UInt32, UInt32) {
        var (c0, c1, c2, c3, k0, k1) = (c0, c1, c2, c3, k0, k1)
        for _ in 0..<10 {
            let low = UInt64(c0) &* 0xD251_1F53
            let high = UInt64(c2) &* 0xCD9E_8D57
            c0 = UInt32(truncatingIfNeeded: high &>> 32) ^ c1 ^ k0
            c1 = UInt32(truncatingIfNeeded: high)
            c2 = UInt32(truncatingIfNeeded: low &>> 32) ^ c3 ^ k1
            c3 = UInt32(truncatingIfNeeded: low)
            k0 = k0 &+ 0x9E37_79B9
            k1 = k1 &+ 0xBB67_AE85
        }
        return (c0, c1, c2, c3)
    }
}
