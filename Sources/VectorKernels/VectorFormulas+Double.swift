/// Eight doubles: one AVX-512 register.
extension VectorFormulas {
    /// eˣ for −700 < x < 700, to a unit or two in the last place: 2ⁿ times the series on |r| ≤ ln 2/2.
    @inline(__always)
    static func exp(_ x: SIMD8<Double>) -> SIMD8<Double> {
        // Adding 1.5·2⁵² rounds to an integer and leaves it in the low bits.
        let magic = SIMD8(repeating: 6_755_399_441_055_744.0)
        let shifted = magic.addingProduct(x, SIMD8(repeating: 1.442_695_040_888_963_4))
        let n = shifted - magic
        // ln 2 in two parts, the first with zeros enough that n times it is exact.
        var r = x.addingProduct(n, SIMD8(repeating: -0x1.62e42fee00000p-1))
        r = r.addingProduct(n, SIMD8(repeating: -0x1.a39ef35793c76p-33))
        var p = SIMD8(repeating: 1 / 479_001_600.0)
        p = SIMD8(repeating: 1 / 39_916_800.0).addingProduct(p, r)
        p = SIMD8(repeating: 1 / 3_628_800.0).addingProduct(p, r)
        p = SIMD8(repeating: 1 / 362_880.0).addingProduct(p, r)
        p = SIMD8(repeating: 1 / 40_320.0).addingProduct(p, r)
        p = SIMD8(repeating: 1 / 5_040.0).addingProduct(p, r)
        p = SIMD8(repeating: 1 / 720.0).addingProduct(p, r)
        p = SIMD8(repeating: 1 / 120.0).addingProduct(p, r)
        p = SIMD8(repeating: 1 / 24.0).addingProduct(p, r)
        p = SIMD8(repeating: 1 / 6.0).addingProduct(p, r)
        p = SIMD8(repeating: 1 / 2.0).addingProduct(p, r)
        p = SIMD8(repeating: 1.0).addingProduct(p, r)
        p = SIMD8(repeating: 1.0).addingProduct(p, r)
        let exponent = unsafeBitCast(shifted, to: SIMD8<Int64>.self) &- SIMD8(repeating: 0x4338_0000_0000_0000 - 1023)
        return unsafeBitCast(exponent &<< SIMD8(repeating: 52), to: SIMD8<Double>.self) * p
    }
}
