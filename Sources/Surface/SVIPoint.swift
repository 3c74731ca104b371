import RealModule

/// (v, L, R, m, σ): lowest variance, left and right wing slope, centre and roundness of the vertex, scaled.
struct SVIPoint: Equatable {
    var v: Double
    var l: Double
    var r: Double
    var m: Double
    var s: Double

    init(v: Double, l: Double, r: Double, m: Double, s: Double) {
        self.v = v
        self.l = l
        self.r = r
        self.m = m
        self.s = s
    }

    init(_ x: SIMD8<Double>) { self.init(v: x[0], l: x[1], r: x[2], m: x[3], s: x[4]) }

    /// In the first five lanes.
    var vector: SIMD8<Double> { SIMD8(v, l, r, m, s, 0, 0, 0) }

    func clamped(to lower: SVIPoint, _ upper: SVIPoint) -> SVIPoint {
        SVIPoint(
            v: min(max(v, lower.v), upper.v), l: min(max(l, lower.l), upper.l), r: min(max(r, lower.r), upper.r),
            m: min(max(m, lower.m), upper.m), s: min(max(s, lower.s), upper.s))
    }

    /// Coordinates at a bound that a step against the gradient would leave through.
    func held(gradient: SIMD8<Double>, lower: SVIPoint, upper: SVIPoint) -> SIMDMask<SIMD8<Int64>> {
        let x = vector
        return (x .<= lower.vector .& gradient .> 0) .| (x .>= upper.vector .& gradient .< 0)
    }
}

/// w, w' and w'' of a point and their gradients in (v, L, R, m, σ); the last three lanes are unused.
///
///     w = v − σ√(LR) + (R − L)/2 · y + (L + R)/2 · h,   y = z − m,   h = √(y² + σ²)
struct SVIShape {
    let level: Double
    let half: Double
    let tilt: Double
    let m: Double
    let s: Double
    let geometric: Double
    let byLeft: Double
    let byRight: Double

    init(_ x: SVIPoint) {
        geometric = (x.l * x.r).squareRoot()
        level = x.v - x.s * geometric
        half = (x.l + x.r) / 2
        tilt = (x.r - x.l) / 2
        m = x.m
        s = x.s
        byLeft = -x.s / 2 * (x.r / x.l).squareRoot()
        byRight = -x.s / 2 * (x.l / x.r).squareRoot()
    }

    @inline(__always) private func radius(_ y: Double) -> Double { (y * y + s * s).squareRoot() }

    @inline(__always) func variance(_ z: Double) -> Double {
        let y = z - m
        return level + tilt * y + half * radius(y)
    }

    @inline(__always) func slope(_ z: Double) -> Double {
        let y = z - m
        return tilt + half * y / radius(y)
    }

    @inline(__always) func curvature(_ z: Double) -> Double {
        let h = radius(z - m)
        return half * s * s / (h * h * h)
    }

    @inline(__always) func gradient(_ z: Double) -> SIMD8<Double> {
        let y = z - m
        let h = radius(y)
        return SIMD8(1, byLeft + (h - y) / 2, byRight + (h + y) / 2, -tilt - half * y / h, half * s / h - geometric, 0, 0, 0)
    }

    @inline(__always) func slopeGradient(_ z: Double) -> SIMD8<Double> {
        let y = z - m
        let h = radius(y)
        let cube = h * h * h
        return SIMD8(0, (y / h - 1) / 2, (y / h + 1) / 2, -half * s * s / cube, -half * y * s / cube, 0, 0, 0)
    }

    @inline(__always) func curvatureGradient(_ z: Double) -> SIMD8<Double> {
        let y = z - m
        let h = radius(y)
        let cube = h * h * h
        let each = s * s / (2 * cube)
        return SIMD8(
            0, each, each, 3 * half * s * s * y / (cube * h * h), half * (2 * s / cube - 3 * s * s * s / (cube * h * h)), 0, 0, 0)
    }
}

/// Gradient and Gauss-Newton matrix of a sum of squares in five unknowns.
struct NormalEquations {
    var gradient = SIMD8<Double>.zero
    private var rows: (SIMD8<Double>, SIMD8<Double>, SIMD8<Double>, SIMD8<Double>, SIMD8<Double>) = (.zero, .zero, .zero, .zero, .zero)

    init() {}

    /// A term whose derivative along `direction` is `first` and whose curvature is taken as `second`.
    @inline(__always) mutating func add(_ direction: SIMD8<Double>, first: Double, second: Double) {
        gradient += first * direction
        let weighted = second * direction
        rows.0 += weighted[0] * direction
        rows.1 += weighted[1] * direction
        rows.2 += weighted[2] * direction
        rows.3 += weighted[3] * direction
        rows.4 += weighted[4] * direction
    }

    /// The sums of many terms: gradient, and the matrix's upper triangle by rows.
    @inline(__always) mutating func add(
        gradient terms: (Double, Double, Double, Double, Double),
        upper u: (
            Double, Double, Double, Double, Double, Double, Double, Double, Double, Double, Double, Double, Double, Double, Double
        )
    ) {
        gradient += SIMD8(terms.0, terms.1, terms.2, terms.3, terms.4, 0, 0, 0)
        rows.0 += SIMD8(u.0, u.1, u.2, u.3, u.4, 0, 0, 0)
        rows.1 += SIMD8(u.1, u.5, u.6, u.7, u.8, 0, 0, 0)
        rows.2 += SIMD8(u.2, u.6, u.9, u.10, u.11, 0, 0, 0)
        rows.3 += SIMD8(u.3, u.7, u.10, u.12, u.13, 0, 0, 0)
        rows.4 += SIMD8(u.4, u.8, u.11, u.13, u.14, 0, 0, 0)
    }

    /// −(A + λ diag A)⁻¹ gradient with held coordinates left where they are; nil if not positive definite.
    ///
    /// Gauss elimination of the augmented matrix: lane 5 of each row is its right-hand side.
    func step(damping: Double, held: SIMDMask<SIMD8<Int64>>) -> SIMD8<Double>? {
        let free = SIMD8<Double>(repeating: 1).replacing(with: 0, where: held)
        func row(_ row: SIMD8<Double>, _ i: Int) -> SIMD8<Double> {
            var row = row * free * free[i]
            row[i] = held[i] ? 1 : row[i] * (1 + damping) + 1e-14
            row[5] = held[i] ? 0 : -gradient[i]
            return row
        }
        var (a, b, c, d, e) = (row(rows.0, 0), row(rows.1, 1), row(rows.2, 2), row(rows.3, 3), row(rows.4, 4))
        guard a[0] > 0 else { return nil }
        let first = a / a[0]
        b -= b[0] * first
        c -= c[0] * first
        d -= d[0] * first
        e -= e[0] * first
        guard b[1] > 0 else { return nil }
        let second = b / b[1]
        c -= c[1] * second
        d -= d[1] * second
        e -= e[1] * second
        guard c[2] > 0 else { return nil }
        let third = c / c[2]
        d -= d[2] * third
        e -= e[2] * third
        guard d[3] > 0 else { return nil }
        let fourth = d / d[3]
        e -= e[3] * fourth
        guard e[4] > 0 else { return nil }
        let s = e[5] / e[4]
        let m = fourth[5] - fourth[4] * s
        let r = third[5] - third[4] * s - third[3] * m
        let l = second[5] - second[4] * s - second[3] * m - second[2] * r
        let v = first[5] - first[4] * s - first[3] * m - first[2] * r - first[1] * l
        let sum = v + l + r + m + s
        return sum.isFinite ? SIMD8(v, l, r, m, s, 0, 0, 0) : nil
    }
}
