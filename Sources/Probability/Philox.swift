/// Philox4x32-10: four random words from a counter and a key, no state in between.
///
/// Reference: Salmon, Moraes, Dror, Shaw, *Parallel random numbers: as easy as 1, 2, 3*, SC11.
public enum Philox {
    @inlinable
    public static func words(counter: SIMD4<UInt32>, key: SIMD2<UInt32>) -> SIMD4<UInt32> {
        // Eight plain numbers: the compiler keeps them in registers, where vectors would be shuffled ten times slower.
        var (x, y, z, w) = (counter.x, counter.y, counter.z, counter.w)
        var (first, second) = (key.x, key.y)
        for _ in 0..<10 {
            let low = UInt64(x) &* 0xD251_1F53
            let high = UInt64(z) &* 0xCD9E_8D57
            x = UInt32(truncatingIfNeeded: high >> 32) ^ y ^ first
            y = UInt32(truncatingIfNeeded: high)
            z = UInt32(truncatingIfNeeded: low >> 32) ^ w ^ second
            w = UInt32(truncatingIfNeeded: low)
            first = first &+ 0x9E37_79B9
            second = second &+ 0xBB67_AE85
        }
        return SIMD4(x, y, z, w)
    }
}
