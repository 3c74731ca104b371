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

    /// eˣ as 2ⁿ(1 + q), x = high + low with a low part below some units in the last place of the high one; −700 < x < 700.
    @inline(__always)
    static func expParts(_ high: Lanes, low: Lanes) -> (power: Lanes, minusOne: Lanes) {
        let magic = Lanes(repeating: 6_755_399_441_055_744.0)
        let shifted = magic.addingProduct(high, Lanes(repeating: 1.442_695_040_888_963_4))
        let n = shifted - magic
        let r = fma(n, Lanes(repeating: -0x1.62e42fee00000p-1), high) + fma(n, Lanes(repeating: -0x1.a39ef35793c76p-33), low)
        var p = Lanes(repeating: 1 / 6_227_020_800.0)
        p = fma(p, r, 1 / 479_001_600.0)
        p = fma(p, r, 1 / 39_916_800.0)
        p = fma(p, r, 1 / 3_628_800.0)
        p = fma(p, r, 1 / 362_880.0)
        p = fma(p, r, 1 / 40_320.0)
        p = fma(p, r, 1 / 5_040.0)
        p = fma(p, r, 1 / 720.0)
        p = fma(p, r, 1 / 120.0)
        p = fma(p, r, 1 / 24.0)
        p = fma(p, r, 1 / 6.0)
        p = fma(p, r, 1 / 2.0)
        let exponent = unsafeBitCast(shifted, to: SIMD8<Int64>.self) &- SIMD8(repeating: 0x4338_0000_0000_0000 - 1023)
        return (unsafeBitCast(exponent &<< SIMD8(repeating: 52), to: Lanes.self), fma(p, r * r, r))
    }

    /// An integer below 2⁵¹: added to the bits of 1.5·2⁵² it is a double.
    @inline(__always)
    static func double(_ n: SIMD8<Int64>) -> Lanes {
        unsafeBitCast(n &+ SIMD8(repeating: 0x4338_0000_0000_0000), to: Lanes.self) - Lanes(repeating: 6_755_399_441_055_744)
    }

    /// ln y of positive normal numbers, to some 1e-9.
    @inline(__always)
    static func roughLog(_ y: Lanes) -> Lanes {
        let root: Int64 = 0x3FE6_A09E_667F_3BCD
        let bits = unsafeBitCast(y, to: SIMD8<Int64>.self) &- SIMD8(repeating: root)
        let k = double(bits &>> SIMD8(repeating: 52))
        let m = unsafeBitCast((bits & SIMD8(repeating: 0x000F_FFFF_FFFF_FFFF)) &+ SIMD8(repeating: root), to: Lanes.self)
        let u = (m - Lanes(repeating: 1)) / (m + Lanes(repeating: 1))
        let w = u * u
        var p = Lanes(repeating: 2.0 / 9)
        p = fma(p, w, 2.0 / 7)
        p = fma(p, w, 2.0 / 5)
        p = fma(p, w, 2.0 / 3)
        p = fma(p, w, 2)
        return fma(k, Lanes(repeating: 0.693_147_180_559_945_3), p * u)
    }

    /// Mills' ratio R(z) = N(−z)/φ(z) for −0.75 ≤ z < 1e20, and the denominator of the quotient of polynomials that gives it. All their
    /// coefficients are positive, so that rounding stays small; error of the quotient 5e-17, by `Tests/References/mills-quotient.py`.
    @inline(__always)
    static func millsRatio(_ z: Lanes) -> (ratio: Lanes, denominator: Lanes) {
        let y = z + Lanes(repeating: 0.75)
        var p = y + Lanes(repeating: 28.780_307_278_017_76)
        p = fma(p, y, 420.838_667_969_487_86)
        p = fma(p, y, 4_043.864_004_878_529_6)
        p = fma(p, y, 28_068.917_153_873_11)
        p = fma(p, y, 146_904.871_225_471_14)
        p = fma(p, y, 590_128.095_135_798_3)
        p = fma(p, y, 1_820_725.693_370_967)
        p = fma(p, y, 4_245_504.648_470_587)
        p = fma(p, y, 7_186_864.277_020_006)
        p = fma(p, y, 8_073_587.183_836_891)
        p = fma(p, y, 4_697_993.652_417_531)
        var q = y + Lanes(repeating: 28.030_307_278_017_737)
        q = fma(q, y, 400.253_437_510_986_6)
        q = fma(q, y, 3_757.765_311_176_783_6)
        q = fma(q, y, 25_477.005_548_945_064)
        q = fma(q, y, 130_167.226_528_235_43)
        q = fma(q, y, 510_332.498_970_078_8)
        q = fma(q, y, 1_538_688.804_531_285)
        q = fma(q, y, 3_525_772.633_995_909_2)
        q = fma(q, y, 5_966_931.666_005_949_5)
        q = fma(q, y, 7_058_857.902_144_363)
        q = fma(q, y, 5_227_998.021_586_939)
        q = fma(q, y, 1_829_314.430_910_668)
        return (p / q, q)
    }

    /// 1 − zR(z), accurate relative to itself where it is small, from the denominator of `millsRatio`.
    @inline(__always)
    static func millsRest(_ z: Lanes, denominator: Lanes) -> Lanes {
        let y = z + Lanes(repeating: 0.75)
        var n = fma(y, Lanes(repeating: -2.128_49e-14), 1.000_000_000_012_052_6)
        n = fma(n, y, 29.530_307_275_369_672)
        n = fma(n, y, 440.986_398_730_849_4)
        n = fma(n, y, 4_314.043_168_169_118)
        n = fma(n, y, 30_383.057_253_383_926)
        n = fma(n, y, 160_559.182_512_166_88)
        n = fma(n, y, 645_812.255_553_547_5)
        n = fma(n, y, 1_964_195.875_338_882_4)
        n = fma(n, y, 4_375_418.926_072_477)
        n = fma(n, y, 6_585_194.757_047_076)
        n = fma(n, y, 5_352_809.670_223_816)
        return n / denominator
    }

    /// R(z) for −0.8 ≤ z < 1e20 with an error of 1e-8.
    @inline(__always)
    static func roughMillsRatio(_ z: Lanes) -> Lanes {
        var p = fma(z, Lanes(repeating: 0.999_999_989_874_610_4), 13.550_119_761_714_575)
        p = fma(p, z, 84.210_652_527_829_31)
        p = fma(p, z, 297.752_029_000_367_43)
        p = fma(p, z, 604.227_560_001_033)
        p = fma(p, z, 592.174_151_195_773_3)
        var q = z + Lanes(repeating: 13.550_113_650_288_838)
        q = fma(q, z, 85.211_218_348_775_92)
        q = fma(q, z, 311.282_540_871_786_75)
        q = fma(q, z, 686.785_960_471_531_9)
        q = fma(q, z, 859.093_645_818_402_6)
        q = fma(q, z, 472.486_615_025_804_16)
        return p / q
    }
}
