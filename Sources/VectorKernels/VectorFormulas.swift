import CVector

/// The formulas behind `VectorFunctions`, one register at a time.
enum VectorFormulas {
    /// 2ⁿ(1 + q) with n = round(x/ln 2): q by a polynomial on |r| ≤ ln 2/2 that is accurate relative to q.
    ///
    /// Reference: Moshier, *Cephes mathematical library*, expf.
    @inline(__always)
    private static func scaled(_ x: Vector) -> (power: Vector, q: Vector) {
        // Adding 1.5·2²³ rounds to an integer and leaves it in the low bits.
        let magic = Vector(repeating: 12_582_912)
        let shifted = fma(x, Vector(repeating: 1.442_695_04), magic)
        let n = shifted - magic
        var r = fma(n, Vector(repeating: -0.693_359_375), x)
        r = fma(n, Vector(repeating: 2.121_944_4e-4), r)
        var p = fma(r, Vector(repeating: 1.987_569_15e-4), 1.398_199_950_7e-3)
        p = fma(p, r, 8.333_451_907_3e-3)
        p = fma(p, r, 4.166_579_589_4e-2)
        p = fma(p, r, 1.666_666_545_9e-1)
        p = fma(p, r, 5.000_000_120_1e-1)
        let exponent = unsafeBitCast(shifted, to: SIMD16<Int32>.self) &- SIMD16(repeating: 0x4B40_0000 - 127)
        return (unsafeBitCast(exponent &<< SIMD16(repeating: 23), to: Vector.self), fma(p, r * r, r))
    }

    @inline(__always)
    private static func clamped(_ x: Vector, _ low: Float, _ high: Float) -> Vector {
        vector_min(vector_max(x, Vector(repeating: low)), Vector(repeating: high))
    }

    @inline(__always)
    static func exp(_ x: Vector) -> Vector {
        let (power, q) = scaled(clamped(x, -87, 88))
        return fma(power, q, power)
    }

    @inline(__always)
    static func expMinusOne(_ x: Vector) -> Vector {
        let (power, q) = scaled(clamped(x, -87, 88))
        return fma(power, q, power - Vector(repeating: 1))
    }

    /// Reference: Moshier, *Cephes mathematical library*, logf.
    @inline(__always)
    static func log(_ x: Vector) -> Vector {
        let bits = unsafeBitCast(x, to: SIMD16<UInt32>.self)
        // m in [√½, √2): subtracting √½'s bits moves the exponent's border there.
        let offset = bits &- SIMD16(repeating: 0x3F35_04F3)
        let exponent = unsafeBitCast(offset, to: SIMD16<Int32>.self) &>> SIMD16(repeating: 23)
        let m = unsafeBitCast((offset & SIMD16(repeating: 0x007F_FFFF)) &+ SIMD16(repeating: 0x3F35_04F3), to: Vector.self)
        // Exponents are small: added to the bits of 1.5·2²³ they are a float.
        let n =
            unsafeBitCast(exponent &+ SIMD16(repeating: 0x4B40_0000), to: Vector.self) - Vector(repeating: 12_582_912)
        let r = m - Vector(repeating: 1)
        let square = r * r
        var p = fma(r, Vector(repeating: 7.037_683_629_2e-2), -1.151_461_031e-1)
        p = fma(p, r, 1.167_699_874_0e-1)
        p = fma(p, r, -1.242_014_084_6e-1)
        p = fma(p, r, 1.424_932_278_7e-1)
        p = fma(p, r, -1.666_805_766_5e-1)
        p = fma(p, r, 2.000_071_476_5e-1)
        p = fma(p, r, -2.499_999_399_3e-1)
        p = fma(p, r, 3.333_333_117_4e-1)
        var value = fma(n, Vector(repeating: -2.121_944_4e-4), p * square * r)
        value = fma(square, Vector(repeating: -0.5), value)
        return fma(n, Vector(repeating: 0.693_359_375), r + value)
    }

    /// ln(1 + y) = 2 artanh(y/(2 + y)) for 0 ≤ y ≤ 1, by the series.
    @inline(__always)
    private static func logOnePlusUnit(_ y: Vector) -> Vector {
        let s = y / (y + Vector(repeating: 2))
        let square = s * s
        var p = fma(square, Vector(repeating: 2 / 15), 2 / 13)
        p = fma(p, square, 2 / 11)
        p = fma(p, square, 2 / 9)
        p = fma(p, square, 2 / 7)
        p = fma(p, square, 2 / 5)
        p = fma(p, square, 2 / 3)
        return fma(p, square * s, s + s)
    }

    /// (e²ˣ − 1)/(e²ˣ + 1).
    @inline(__always)
    static func tanh(_ x: Vector) -> Vector {
        let growth = expMinusOne(clamped(x + x, -20, 20))
        return growth / (growth + Vector(repeating: 2))
    }

    @inline(__always)
    static func logistic(_ x: Vector) -> Vector { Vector(repeating: 1) / (exp(-x) + Vector(repeating: 1)) }

    /// max(x, 0) + ln(1 + e^−|x|): neither overflows nor loses the left tail.
    @inline(__always)
    static func softplus(_ x: Vector) -> Vector {
        vector_max(x, Vector()) + logOnePlusUnit(exp(vector_min(x, -x)))
    }

    /// N(x), absolute error below 3e-7.
    ///
    /// Reference: Abramowitz, Stegun, *Handbook of mathematical functions* (1964), 26.2.17.
    @inline(__always)
    static func normalCDF(_ x: Vector) -> Vector {
        let size = vector_max(x, -x)
        let t = Vector(repeating: 1) / fma(size, Vector(repeating: 0.231_641_9), 1)
        var p = fma(t, Vector(repeating: 1.330_274_429), -1.821_255_978)
        p = fma(p, t, 1.781_477_937)
        p = fma(p, t, -0.356_563_782)
        p = fma(p, t, 0.319_381_530)
        let tail = p * t * exp(size * size * Vector(repeating: -0.5)) * Vector(repeating: 0.398_942_28)
        return tail.replacing(with: Vector(repeating: 1) - tail, where: x .> Vector())
    }

    /// N⁻¹(1 − p) for 0 < p ≤ 1/2: never negative.
    ///
    /// - Parameter reachesFar: Whether any p may be below e⁻²⁵, beyond 6.7 deviations.
    ///
    /// Reference: Wichura, *Algorithm AS 241*, Applied Statistics 37 (1988), routine PPND7.
    @inline(__always)
    static func upperNormalQuantile(_ p: Vector, reachesFar: Bool = true) -> Vector {
        let q = Vector(repeating: 0.5) - p
        let central = fma(-q, q, 0.180625)
        var n = fma(central, Vector(repeating: 5.910_937_472_0e1), 1.592_911_320_2e2)
        n = fma(n, central, 5.043_427_193_8e1)
        n = fma(n, central, 3.387_132_717_9)
        var d = fma(central, Vector(repeating: 6.718_756_360_0e1), 7.875_775_766_4e1)
        d = fma(d, central, 1.789_516_946_9e1)
        d = fma(d, central, 1)
        let root = vector_sqrt(-log(p))
        let tail = root - Vector(repeating: 1.6)
        var tailN = fma(tail, Vector(repeating: 1.702_382_110_3e-1), 1.306_728_481_6)
        tailN = fma(tailN, tail, 2.756_815_390_0)
        tailN = fma(tailN, tail, 1.423_437_277_7)
        var tailD = fma(tail, Vector(repeating: 1.202_113_297_5e-1), 7.370_016_425_0e-1)
        tailD = fma(tailD, tail, 1)
        // One draw in 10¹¹: mostly no lane asks for it.
        if reachesFar && vector_any_positive(root - Vector(repeating: 5)) {
            let far = root - Vector(repeating: 5)
            var farN = fma(far, Vector(repeating: 1.733_720_399_7e-2), 4.286_829_433_7e-1)
            farN = fma(farN, far, 3.081_226_386_0)
            farN = fma(farN, far, 6.657_905_115_0)
            var farD = fma(far, Vector(repeating: 1.225_820_263_5e-2), 2.419_789_422_5e-1)
            farD = fma(farD, far, 1)
            let isFar = root .> Vector(repeating: 5)
            tailN = tailN.replacing(with: farN, where: isFar)
            tailD = tailD.replacing(with: farD, where: isFar)
        }
        let isCentral = q .<= Vector(repeating: 0.425)
        n = (q * n).replacing(with: tailN, where: .!isCentral)
        d = d.replacing(with: tailD, where: .!isCentral)
        return n / d
    }

    /// N⁻¹(p), accurate relative to the tail's own probability on the left; the right one ends at 1 − 2⁻²⁴.
    @inline(__always)
    static func normalQuantile(_ p: Vector) -> Vector {
        let isRight = p .> Vector(repeating: 0.5)
        let size = upperNormalQuantile(p.replacing(with: Vector(repeating: 1) - p, where: isRight))
        return (-size).replacing(with: size, where: isRight)
    }
}
