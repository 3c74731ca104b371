import CVector

/// Black's s = σ√T from prices, eight at a time. Only where `VectorUnit.isAvailable`.
///
/// An option is turned to its time value, V = M φ(δ) B with M the larger and m the smaller of forward and strike, x = ln(M/m), a = x/s,
/// t = s/2, δ = a + t and B = R(a − t) − R(a + t), R the Mills ratio. Its complement m − V = M φ(δ) [R(t − a) + R(a + t)] takes its place
/// in the upper half of prices. A guess good to a few parts in a thousand is improved by one step of Householder's third order on the
/// logarithm, and that by one of Halley's whose residual is computed beyond double precision: moneyness, exponent and price are
/// carried as sums of two doubles.
///
/// References: Jäckel, *Let's be rational*, Wilmott (2015), for the two halves and steps of high order; the guess and the arithmetic are
/// this file's own.
public enum ImpliedDeviationTile {
    /// σ√T of `count` options. NaN where the kernel has none: without time value, outside the bounds, not finite, or beyond its range
    /// (a time value below 1e-280 of the larger of forward and strike, either below 1e-150 or above 1e150).
    ///
    /// - Parameters:
    ///   - signs: +1 call, −1 put.
    ///   - prices: Undiscounted, in the unit of forward and strike.
    ///   - isCoin: Prices are in coin: their products with the forwards are inverted, without rounding them first.
    public static func solve(
        signs: UnsafePointer<Double>, prices: UnsafePointer<Double>, forwards: UnsafePointer<Double>, strikes: UnsafePointer<Double>,
        isCoin: Bool, deviations: UnsafeMutablePointer<Double>, count: Int
    ) {
        var i = 0
        while i + 8 <= count {
            let s = ImpliedDeviation.solve(
                sign: Lanes(signs + i), price: Lanes(prices + i), forward: Lanes(forwards + i), strike: Lanes(strikes + i), isCoin: isCoin)
            s.store(deviations + i)
            i += 8
        }
        guard i < count else { return }
        var (sign, price, forward, strike) = (Lanes(repeating: 1), Lanes(repeating: 0.5), Lanes(repeating: 1), Lanes(repeating: 1))
        for k in i..<count {
            sign[k - i] = signs[k]
            price[k - i] = prices[k]
            forward[k - i] = forwards[k]
            strike[k - i] = strikes[k]
        }
        let s = ImpliedDeviation.solve(sign: sign, price: price, forward: forward, strike: strike, isCoin: isCoin)
        for k in i..<count { deviations[k] = s[k - i] }
    }
}

/// One register of options.
private enum ImpliedDeviation {
    @inline(__always)
    static func solve(sign: Lanes, price: Lanes, forward: Lanes, strike: Lanes, isCoin: Bool) -> Lanes {
        let isCall = sign .> 0
        let large = lanes_max(forward, strike)
        let small = lanes_min(forward, strike)
        var quote = WideLanes(price)
        if isCoin { quote = WideLanes(product: price, forward) }

        let intrinsic = WideLanes(sum: forward, -strike).signed(sign).clearing(where: (forward .> strike) .!= isCall)
        let bound = strike.replacing(with: forward, where: isCall)
        let timeValue = quote - intrinsic
        let missing = WideLanes(bound) - quote
        let isUpper = timeValue.high .> missing.high
        let target = timeValue.replacing(with: missing, where: isUpper)
        let least = large * Lanes(repeating: 1e-280)
        // A comparison with NaN is false.
        let isInside =
            (target.high .>= least) .& (small .>= Lanes(repeating: 1e-150)) .& (large .<= Lanes(repeating: 1e150))
            .& (timeValue.high .<= small)

        let scale = Lanes(repeating: 1) / large
        let x = logRatio(large, small)
        let problem = Problem(x: x.high, xLow: x.low, target: (target * rootTwoPi).quotient(large, reciprocal: scale), isUpper: isUpper)
        var s = problem.guess(price: target.high * scale, ratio: small * scale)
        s = problem.householder(s)
        var step: Lanes
        var rounds = 0
        repeat {
            step = problem.halley(s)
            s += step
            rounds += 1
            // The error of a Halley step is of the order of its cube.
        } while rounds < 4 && !all(lanes_abs(step) .<= s * Lanes(repeating: 1e-6) .| .!isInside)
        let isFound = isInside .& (lanes_abs(step) .<= s * Lanes(repeating: 1e-6))
        return s.replacing(with: Lanes(repeating: .nan), where: .!isFound)
    }

    private static let rootTwoPi = WideLanes(high: Lanes(repeating: 0x1.40d931ff62706p+1), low: Lanes(repeating: -1.832857998045916_7e-16))

    /// ln(M/m) of M ≥ m: with 2ᵏm near M it is k ln 2 + 2 artanh((M − 2ᵏm)/(M + 2ᵏm)), whose difference is exact.
    @inline(__always)
    private static func logRatio(_ large: Lanes, _ small: Lanes) -> WideLanes {
        let root = SIMD8<Int64>(repeating: 0x3FE6_A09E_667F_3BCD)
        let offset = unsafeBitCast(small / large, to: SIMD8<Int64>.self) &- root
        let power = SIMD8<Int64>(repeating: 0) &- (offset &>> SIMD8(repeating: 52))
        let near = small * unsafeBitCast((power &+ SIMD8(repeating: 1023)) &<< SIMD8(repeating: 52), to: Lanes.self)
        let k = VectorFormulas.double(power)
        let difference = large - near
        let sum = WideLanes(sum: large, near)
        let inverse = Lanes(repeating: 1) / sum.high
        let u = difference * inverse
        let rest = (difference.subtractingProduct(u, sum.high) - u * sum.low) * inverse
        let w = u * u
        var p = Lanes(repeating: 0.059_417_261_970_539_3)
        p = fma(p, w, 0.058_439_814_987_710_78)
        p = fma(p, w, 0.066_678_229_209_746_89)
        p = fma(p, w, 0.076_922_874_832_304_53)
        p = fma(p, w, 0.090_909_092_978_845_32)
        p = fma(p, w, 0.111_111_111_099_221_16)
        p = fma(p, w, 0.142_857_142_857_177_04)
        p = fma(p, w, 0.2)
        p = fma(p, w, 1.0 / 3)
        let tail = fma(p * w, u, rest)
        let whole = WideLanes(sum: k * Lanes(repeating: 0x1.62e42fee00000p-1), u + u)
        return WideLanes(ordered: whole.high, whole.low + (tail + tail) + k * Lanes(repeating: 0x1.a39ef35793c76p-33))
    }
}

/// The s with √(2π) φ(δ) B = τ.
private struct Problem {
    let x: Lanes
    let xLow: Lanes
    /// τ, √(2π) times time value or complement over the larger of forward and strike.
    let target: WideLanes
    let isUpper: LanesMask
    let inverseTarget: Lanes

    @inline(__always)
    init(x: Lanes, xLow: Lanes, target: WideLanes, isUpper: LanesMask) {
        self.x = x
        self.xLow = xLow
        self.target = target
        self.isUpper = isUpper
        inverseTarget = Lanes(repeating: 1) / target.high
    }

    /// - Parameters:
    ///   - price: Time value or complement over the larger of forward and strike.
    ///   - ratio: The smaller of forward and strike over the larger.
    @inline(__always)
    func guess(price: Lanes, ratio: Lanes) -> Lanes {
        let lower = lowerGuess(price / lanes_sqrt(ratio))
        guard any(isUpper) else { return lower }
        return lower.replacing(with: upperGuess(price * Lanes(repeating: 0.5) / ratio), where: isUpper)
    }

    /// Bachelier's a(β/x) by a rational function of √(1 + ln(1 + x/(2β))) − 1, then a polynomial in its t² and 1/(1 + a). Relative
    /// error below 2e-3 for x ≤ 10; `Tests/References/implied-volatility-guess.py`.
    ///
    /// - Parameter beta: Time value over √(FK).
    @inline(__always)
    private func lowerGuess(_ beta: Lanes) -> Lanes {
        let one = Lanes(repeating: 1)
        // Below 1e-5 the limit at the money is near enough.
        let v = lanes_max(x / (beta + beta), Lanes(repeating: 1e-5))
        let eta = VectorFormulas.roughLog(one + v)
        let root = one + lanes_sqrt(one + eta)
        let m = eta / root
        var p = fma(m, Lanes(repeating: 0.14971987), 1.19204827)
        p = fma(p, m, 0.527028601)
        p = fma(p, m, 2.37464975)
        p = fma(p, m, 1.59579132)
        var q = fma(m, Lanes(repeating: 0.105908612), 0.738492919)
        q = fma(q, m, 0.334122091)
        q = fma(q, m, 1.99257159)
        q = fma(q, m, 1)
        let a = m * p / q
        let s = (beta + beta) * v * root * q / (eta * p)
        let y = one / (one + a)
        let u = s * s * Lanes(repeating: 0.25)
        var c0 = fma(y, Lanes(repeating: 0.183973176), -0.0855086204)
        c0 = fma(c0, y, -0.265794085)
        c0 = fma(c0, y, 0.0261400369)
        var c1 = fma(y, Lanes(repeating: -0.0605942763), -0.231609713)
        c1 = fma(c1, y, 0.109560423)
        c1 = fma(c1, y, -0.00785239751)
        var c2 = fma(y, Lanes(repeating: 0.926996418), -0.933928661)
        c2 = fma(c2, y, 0.270892333)
        c2 = fma(c2, y, -0.0262453487)
        let correction = fma(fma(c2, u, c1), u, c0) * u
        return s / (one + correction)
    }

    /// From −N⁻¹ of half the complement's share of its bound, which is d₁ at the money, a polynomial moves d₁ to the right x;
    /// then s = d₁ + √(d₁² + 2x). Relative error below 3e-3 for x ≤ 10, by the same script.
    ///
    /// - Parameter half: Half the complement over the smaller of forward and strike.
    @inline(__always)
    private func upperGuess(_ half: Lanes) -> Lanes {
        let one = Lanes(repeating: 1)
        let r = lanes_sqrt(VectorFormulas.roughLog(half) * Lanes(repeating: -2))
        let p = fma(fma(r, Lanes(repeating: 0.00139790743), 0.459015791), r, 2.31449875)
        let q = fma(fma(r, Lanes(repeating: 0.0955052849), 1.1105843), r, 1)
        let z = r - p / q
        let twice = x + x
        let v = z / lanes_sqrt(fma(z, z, twice))
        let y = one / (one + z)
        let c0 = fma(y, Lanes(repeating: 0.339402163), 0.923143206)
        let c1 = fma(y, Lanes(repeating: -2.98379087), 0.155504669)
        let c2 = fma(y, Lanes(repeating: 1.84488302), -0.295039768)
        let shift = (one - v) * y * fma(fma(c2, v, c1), v, c0)
        let d1 = z - shift
        return d1 + lanes_sqrt(fma(d1, d1, twice))
    }

    /// A step of Householder's third order, with B to some 1e-8.
    @inline(__always)
    func householder(_ s: Lanes) -> Lanes {
        let at = Place(x: x, s: s)
        let b = bracket(at, isRough: true)
        let edge = at.a + at.t
        let value = VectorFormulas.exp(edge * edge * Lanes(repeating: -0.5)) * b
        let r = logOnePlus((value - target.high) * inverseTarget)
        let newton = r * b.replacing(with: -b, where: .!isUpper)
        // f″/f′ and f‴/f′ of f = ln(φ(δ) B), times the step and its square.
        let bend = at.bend * newton
        let twist =
            (at.bend * at.bend - at.a * at.a * at.inverse * at.inverse * Lanes(repeating: 3) - Lanes(repeating: 0.25)) * newton * newton
        let second = bend + r
        let third = twist + r * (bend * Lanes(repeating: 3) + r + r)
        return s + newton * fma(second, Lanes(repeating: 0.5), 1) / (Lanes(repeating: 1) + second + third * Lanes(repeating: 1.0 / 6))
    }

    /// Halley's step, its residual to a unit in the last place of τ.
    @inline(__always)
    func halley(_ s: Lanes) -> Lanes {
        let at = Place(x: x, s: s)
        let b = bracket(at, isRough: false)
        let aLow = (x.subtractingProduct(at.a, s) + xLow) * at.inverse
        let edge = WideLanes(sum: at.a, at.t)
        let square = WideLanes(product: edge.high, edge.high)
        let squareLow = fma(edge.high + edge.high, edge.low + aLow, square.low)
        let exp = VectorFormulas.expParts(square.high * Lanes(repeating: -0.5), low: squareLow * Lanes(repeating: -0.5))
        let scaled = b * exp.power
        let r = logOnePlus((fma(scaled, exp.minusOne, scaled - target.high) - target.low) * inverseTarget)
        let newton = r * b.replacing(with: -b, where: .!isUpper)
        let second = fma(at.bend, newton, r)
        return newton / fma(second, Lanes(repeating: 0.5), 1)
    }

    /// ln(1 + ρ) by Padé's quotient: exact to the third order, near enough to a tenth where |ρ| < 1.
    @inline(__always)
    private func logOnePlus(_ rho: Lanes) -> Lanes {
        rho * (rho + Lanes(repeating: 6)) / fma(rho, Lanes(repeating: 4), 6)
    }

    /// R(a − t) − R(a + t), or R(t − a) + R(a + t) for complements.
    ///
    /// Where the difference cancels it is 2 Σ M_k tᵏ/k! over odd k with M_k = ∫₀^∞ uᵏ e^{−au − u²/2} du: M₀ = R(a), M₁ = 1 − aR(a),
    /// M_{k+1} = kM_{k−1} − aM_k. Errors of that recursion grow like aᵏ, but x = 2at ≤ 4 keeps them small beside the first term.
    @inline(__always)
    private func bracket(_ at: Place, isRough: Bool) -> Lanes {
        let isNear = .!isUpper .& (x .<= 4) .& (at.t .<= 0.72)
        let difference = at.a - at.t
        let first = difference.replacing(with: -difference, where: isUpper).replacing(with: at.a, where: isNear)
        let z = lanes_max(first, Lanes(repeating: -0.75))
        let r1: Lanes
        var rest = Lanes()
        if isRough {
            r1 = VectorFormulas.roughMillsRatio(z)
        } else {
            let (ratio, denominator) = VectorFormulas.millsRatio(z)
            r1 = ratio
            rest = VectorFormulas.millsRest(z, denominator: denominator)
        }
        var result = r1
        if !all(isNear) {
            let edge = at.a + at.t
            let r2 = isRough ? VectorFormulas.roughMillsRatio(edge) : VectorFormulas.millsRatio(edge).ratio
            result = r1 + r2.replacing(with: -r2, where: .!isUpper)
        }
        guard any(isNear) else { return result }
        var even = r1
        var odd = Lanes(repeating: 1).subtractingProduct(at.a, r1)
        if !isRough { odd.replace(with: rest, where: at.a .> 0.75) }
        let square = at.t * at.t
        var power = at.t + at.t
        let lead = power * odd
        var sum = Lanes()
        var k = 1.0
        while k < (isRough ? 13 : 25) {
            even = (even * Lanes(repeating: k)).subtractingProduct(at.a, odd)
            odd = (odd * Lanes(repeating: k + 1)).subtractingProduct(at.a, even)
            power *= square * Lanes(repeating: 1 / ((k + 1) * (k + 2)))
            sum = sum.addingProduct(odd, power)
            k += 2
        }
        return result.replacing(with: lead + sum, where: isNear)
    }

    /// a, t and what steps need beside them.
    private struct Place {
        let inverse: Lanes
        let a: Lanes
        let t: Lanes
        /// Second over first derivative of φ(δ) B in s: a²/s − s/4.
        let bend: Lanes

        @inline(__always)
        init(x: Lanes, s: Lanes) {
            inverse = Lanes(repeating: 1) / s
            a = x * inverse
            t = s * Lanes(repeating: 0.5)
            bend = (a * a * inverse).subtractingProduct(t, Lanes(repeating: 0.5))
        }
    }
}
