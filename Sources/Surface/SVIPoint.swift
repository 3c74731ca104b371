/// (v, L, R, m, σ): lowest variance, left and right wing slope, centre and roundness of the vertex, scaled.
struct SVIPoint {
    var v: Double
    var l: Double
    var r: Double
    var m: Double
    var s: Double

    static func + (a: SVIPoint, b: SVIPoint) -> SVIPoint {
        SVIPoint(v: a.v + b.v, l: a.l + b.l, r: a.r + b.r, m: a.m + b.m, s: a.s + b.s)
    }

    /// Coordinates at a bound that a step against the gradient would leave through.
    func held(gradient: SIMD8<Double>, lower: SVIPoint, upper: SVIPoint) -> SIMD8<Double>.MaskStorage.Mask {
        let x = vector
        return (x .<= lower.vector .& gradient .> 0) .| (x .>= upper.vector .& gradient .< 0)
    }

    var vector: SIMD8<Double> { SIMD8(v, l, r, m, s, 0, 0, 0) }
}

extension SIMD8<Double>.MaskStorage {
    typealias Mask = SIMDMask<SIMD8<Int64>>
}

/// w, w' and w'' of a point and their gradients in (v, L, R, m, σ); the last three lanes are unused.
struct Shape {
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

    /// −(A + λ diag A)⁻¹ gradient with held coordinates left where they are; nil if not positive definite.
    func step(damping: Double, held: SIMDMask<SIMD8<Int64>>) -> SVIPoint? {
        let matrix = [rows.0, rows.1, rows.2, rows.3, rows.4]
        let free = (0..<5).filter { !held[$0] }
        let n = free.count
        guard n > 0 else { return SVIPoint(v: 0, l: 0, r: 0, m: 0, s: 0) }
        var lower = [Double](repeating: 0, count: n * n)
        for i in 0..<n {
            for j in 0...i {
                var sum = matrix[free[i]][free[j]]
                if i == j { sum += damping * sum + 1e-14 }
                for k in 0..<j { sum -= lower[i * n + k] * lower[j * n + k] }
                if i == j {
                    guard sum > 0, sum.isFinite else { return nil }
                    lower[i * n + i] = sum.squareRoot()
                } else {
                    lower[i * n + j] = sum / lower[j * n + j]
                }
            }
        }
        var solution = free.map { -gradient[$0] }
        for i in 0..<n {
            for k in 0..<i { solution[i] -= lower[i * n + k] * solution[k] }
            solution[i] /= lower[i * n + i]
        }
        for i in (0..<n).reversed() {
            for k in i + 1..<n { solution[i] -= lower[k * n + i] * solution[k] }
            solution[i] /= lower[i * n + i]
        }
        guard solution.allSatisfy(\.isFinite) else { return nil }
        var move = SIMD8<Double>.zero
        for i in 0..<n { move[free[i]] = solution[i] }
        return SVIPoint(v: move[0], l: move[1], r: move[2], m: move[3], s: move[4])
    }
}
