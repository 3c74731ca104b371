import RealModule

/// The fit of one slice in scaled variables: z = k/√θ and w/θ, with θ the at-the-money total variance.
///
/// A point x = (v, L, R, m, σ) is lowest variance, wing slopes and vertex, in which every bound is a box:
///
///     w = v − σ√(LR) + (R − L)/2 · (z − m) + (L + R)/2 · h,   h = √((z − m)² + σ²)
struct SVIProblem {
    typealias Point = SVIPoint

    struct Weights {
        var butterfly: Double
        var calendar: Double
    }

    struct Descent {
        var point: Point
        var value: Double
        var steps: Int
        var converged: Bool
    }

    let settings: SVICalibration
    /// θ and √θ.
    let theta: Double
    let scale: Double
    /// Quotes: moneyness z, mid and half-width of √(w/θ).
    let z: [Double]
    let middle: [Double]
    let half: [Double]
    /// Where g is kept positive, and where w is kept above the earlier expiry's.
    let butterflyGrid: [Double]
    let calendarGrid: [Double]
    let calendarFloor: [Double]
    let lower: Point
    let upper: Point

    init?(_ quotes: [SmileQuote], timeToExpiry: Double, earlier: SVICalibration.Floor?, settings: SVICalibration) {
        let usable = quotes.filter {
            $0.logMoneyness.isFinite && $0.askVolatility.isFinite && $0.askVolatility > 0 && $0.bidVolatility >= 0
        }
        guard Set(usable.map(\.strike)).count >= 5 else { return nil }
        // The at-the-money level: the mid volatility of the quotes nearest to the forward, each side's narrower one first.
        let nearest = usable.min {
            $0.logMoneyness.magnitude + $0.halfSpread < $1.logMoneyness.magnitude + $1.halfSpread
        }!
        let level = nearest.midVolatility
        guard level > 0 else { return nil }
        self.settings = settings
        theta = level * level * timeToExpiry
        scale = theta.squareRoot()
        let scale = scale
        z = usable.map { $0.logMoneyness / scale }
        middle = usable.map { $0.midVolatility / level }
        // A quote of no width still tolerates a ten-thousandth of the level.
        half = usable.map { max($0.halfSpread / level, 1e-4) }
        let low = z.min()!
        let high = z.max()!
        let count = max(settings.arbitragePoints, 2)
        butterflyGrid = (0..<count).map { low + (high - low) * Double($0) / Double(count - 1) }
        if let earlier, earlier.range.upperBound > earlier.range.lowerBound {
            let k = (0..<count).map {
                earlier.range.lowerBound + (earlier.range.upperBound - earlier.range.lowerBound) * Double($0) / Double(count - 1)
            }
            calendarGrid = k.map { $0 / scale }
            let theta = theta
            calendarFloor = k.map { earlier.smile.totalVariance(atLogMoneyness: $0) / theta }
        } else {
            calendarGrid = []
            calendarFloor = []
        }
        // Lee's bound of 2 on the slopes of w, in scaled variables.
        let steepest = 2 / scale
        let width = max(high - low, 1)
        lower = Point(v: 1e-4, l: 1e-4, r: 1e-4, m: low - width, s: 5e-3)
        upper = Point(v: 4, l: steepest, r: steepest, m: high + width, s: 4 * width)
    }

    // MARK: Between points and slices

    func slice(_ x: Point) -> SVISlice {
        let b = (x.l + x.r) / 2
        let rho = (x.r - x.l) / (x.r + x.l)
        return SVISlice(
            a: theta * (x.v - x.s * (x.l * x.r).squareRoot()), b: b * scale, rho: rho, m: x.m * scale, sigma: x.s * scale)
    }

    /// The point of a slice; rescaled, of the slice of the same shape whose at-the-money variance is θ.
    func point(_ slice: SVISlice, rescaled: Bool) -> Point {
        let own = rescaled ? max(slice.totalVariance(atLogMoneyness: 0), 1e-12) : theta
        let root = own.squareRoot()
        let wings = slice.wingSlopes
        return clamped(
            Point(v: slice.minimumVariance / own, l: wings.left / root, r: wings.right / root, m: slice.m / root, s: slice.sigma / root))
    }

    func clamped(_ x: Point) -> Point {
        Point(
            v: min(max(x.v, lower.v), upper.v), l: min(max(x.l, lower.l), upper.l), r: min(max(x.r, lower.r), upper.r),
            m: min(max(x.m, lower.m), upper.m), s: min(max(x.s, lower.s), upper.s))
    }

    /// The point repaired of butterflies by the jump-wings rule, or nil where the rule has none.
    func repaired(_ x: Point) -> Point? {
        // The rule is scale-free, so a year of total variance does.
        let wings = slice(x).jumpWings(timeToExpiry: 1).withoutButterflies
        return SVISlice(wings, timeToExpiry: 1).map { point($0, rescaled: false) }
    }

    func violates(_ x: Point) -> (butterfly: Bool, calendar: Bool) {
        let slice = slice(x)
        let butterfly = butterflyGrid.contains { slice.butterflyDensity(atLogMoneyness: $0 * scale) < 0 }
        let calendar = zip(calendarGrid, calendarFloor).contains { slice.totalVariance(atLogMoneyness: $0 * scale) < $1 * theta }
        return (butterfly, calendar)
    }

    // MARK: Starts

    /// The best points of a grid of vertices (m, σ): level and slopes by weighted linear least squares, ranked by the fit's loss.
    func gridStarts(count: Int) -> [Point] {
        let low = z.min()!
        let high = z.max()!
        var ranked: [(loss: Double, point: Point)] = []
        for i in 0..<7 {
            let m = low + (high - low) * (Double(i) + 0.5) / 7
            for s in [0.1, 0.3, 0.7, 1.5, 3] {
                // w = a + d y + c √(1 + y²), y = (z − m)/σ: normal equations of three unknowns.
                var n = (aa: 0.0, ad: 0.0, ac: 0.0, dd: 0.0, dc: 0.0, cc: 0.0, a: 0.0, d: 0.0, c: 0.0)
                for j in z.indices {
                    let y = (z[j] - m) / s
                    let root = (1 + y * y).squareRoot()
                    let spread = 2 * middle[j] * max(half[j], 2e-3)
                    let weight = 1 / (spread * spread)
                    let target = middle[j] * middle[j]
                    n.aa += weight
                    n.ad += weight * y
                    n.ac += weight * root
                    n.dd += weight * y * y
                    n.dc += weight * y * root
                    n.cc += weight * root * root
                    n.a += weight * target
                    n.d += weight * y * target
                    n.c += weight * root * target
                }
                guard let (a, d, c) = Self.solve(n) else { continue }
                let slope = max(c, 0) / s
                let tilt = min(max(d / s, -slope), slope)
                let l = slope - tilt
                let r = slope + tilt
                let point = clamped(Point(v: a + s * (l * r).squareRoot(), l: l, r: r, m: m, s: s))
                ranked.append((loss(point), point))
            }
        }
        return ranked.filter { $0.loss.isFinite }.sorted { $0.loss < $1.loss }.prefix(count).map(\.point)
    }

    private static func solve(
        _ n: (aa: Double, ad: Double, ac: Double, dd: Double, dc: Double, cc: Double, a: Double, d: Double, c: Double)
    ) -> (Double, Double, Double)? {
        let minorA = n.dd * n.cc - n.dc * n.dc
        let minorD = n.ad * n.cc - n.dc * n.ac
        let minorC = n.ad * n.dc - n.dd * n.ac
        let determinant = n.aa * minorA - n.ad * minorD + n.ac * minorC
        guard determinant.magnitude > 1e-14 * n.aa * n.dd * n.cc else { return nil }
        let a = n.a * minorA - n.ad * (n.d * n.cc - n.dc * n.c) + n.ac * (n.d * n.dc - n.dd * n.c)
        let d = n.aa * (n.d * n.cc - n.dc * n.c) - n.a * minorD + n.ac * (n.ad * n.c - n.d * n.ac)
        let c = n.aa * (n.dd * n.c - n.d * n.dc) - n.ad * (n.ad * n.c - n.d * n.ac) + n.a * minorC
        return (a / determinant, d / determinant, c / determinant)
    }

    /// The SSVI slice w = θ/2 (1 + ρφk + √((φk + ρ)² + 1 − ρ²)) through skew and curvature of a parabola about the money.
    func hyperbolaStart() -> Point? {
        var s = (n: 0.0, x: 0.0, x2: 0.0, x3: 0.0, x4: 0.0, y: 0.0, xy: 0.0, x2y: 0.0)
        for j in z.indices where z[j].magnitude < 1.5 {
            let x = z[j]
            let weight = 1 / (half[j] * half[j] + 1e-4)
            let y = middle[j] * middle[j]
            s.n += weight
            s.x += weight * x
            s.x2 += weight * x * x
            s.x3 += weight * x * x * x
            s.x4 += weight * x * x * x * x
            s.y += weight * y
            s.xy += weight * x * y
            s.x2y += weight * x * x * y
        }
        guard s.n > 0, let (level, tilt, bend) = Self.solve((s.n, s.x, s.x2, s.x2, s.x3, s.x4, s.y, s.xy, s.x2y)), level > 0 else {
            return nil
        }
        // w(0) = θ, w'(0) = θρφ, w''(0) = θφ²(1 − ρ²)/2; so φ² = (4 bend/θ) + (tilt/θ)².
        let skew = tilt / level
        let phi = max(4 * bend / level + skew * skew, 0.01).squareRoot()
        let rho = min(max(skew / phi, -0.95), 0.95)
        let slope = level * phi / 2
        return clamped(
            Point(
                v: level * (1 - rho * rho), l: slope * (1 - rho), r: slope * (1 + rho), m: -rho / phi, s: (1 - rho * rho).squareRoot() / phi
            ))
    }

    // MARK: Loss

    /// Loss of the quotes alone.
    func loss(_ x: Point) -> Double {
        let shape = Shape(x)
        var total = 0.0
        for j in z.indices {
            let u = max(shape.variance(z[j]), 1e-8).squareRoot()
            total += misfit((u - middle[j]) / half[j]).value
        }
        return total
    }

    /// Loss of one misfit of r half-spreads, its derivative, and the positive curvature used in its place.
    @inline(__always)
    private func misfit(_ r: Double) -> (value: Double, first: Double, second: Double) {
        let scale = settings.outlierScale * settings.outlierScale
        // Centring, which also levels off.
        let far = 1 / (1 + r * r / (25 * scale))
        var value = settings.centring * 25 * scale * Double.log(onePlus: r * r / (25 * scale)) / 2
        var first = settings.centring * r * far
        var second = settings.centring * far
        let excess = r.magnitude - settings.tolerance
        if excess > 0 {
            let weight = 1 / (1 + excess * excess / scale)
            value += scale * Double.log(onePlus: excess * excess / scale) / 2
            first += weight * (r < 0 ? -excess : excess)
            second += weight
        }
        return (value, first, second)
    }

    /// Loss with penalties; and gradient and Gauss-Newton matrix into `normal`, where given.
    private func value(_ x: Point, weights: Weights, normal: inout NormalEquations, derivatives: Bool) -> Double {
        let shape = Shape(x)
        var total = 0.0
        if derivatives { normal = NormalEquations() }
        for j in z.indices {
            let w = max(shape.variance(z[j]), 1e-8)
            let u = w.squareRoot()
            let (value, first, second) = misfit((u - middle[j]) / half[j])
            total += value
            if derivatives {
                let perVariance = 1 / (2 * u * half[j])
                normal.add(shape.gradient(z[j]), first: first * perVariance, second: second * perVariance * perVariance)
            }
        }
        for point in butterflyGrid {
            let w = max(shape.variance(point), 1e-8)
            let w1 = shape.slope(point)
            let w2 = shape.curvature(point)
            let moved = 1 - point * w1 / (2 * w)
            let g = moved * moved - w1 * w1 / (4 * w) - theta * w1 * w1 / 16 + w2 / 2
            let short = g - settings.margin
            guard short < 0 else { continue }
            total += weights.butterfly * short * short / 2
            if derivatives {
                let byVariance = (moved * point * w1 + w1 * w1 / 4) / (w * w)
                let bySlope = -moved * point / w - w1 / (2 * w) - theta * w1 / 8
                let gradient =
                    byVariance * shape.gradient(point) + bySlope * shape.slopeGradient(point) + 0.5 * shape.curvatureGradient(point)
                normal.add(gradient, first: weights.butterfly * short, second: weights.butterfly)
            }
        }
        for j in calendarGrid.indices {
            let short = shape.variance(calendarGrid[j]) - calendarFloor[j] - settings.margin
            guard short < 0 else { continue }
            total += weights.calendar * short * short / 2
            if derivatives {
                normal.add(shape.gradient(calendarGrid[j]), first: weights.calendar * short, second: weights.calendar)
            }
        }
        return total
    }

    // MARK: Descent

    /// Levenberg-Marquardt in the box: a coordinate at its bound whose descent points outward is held for the step.
    func descend(from start: Point, weights: Weights, maximumSteps: Int) -> Descent {
        var x = clamped(start)
        var normal = NormalEquations()
        var value = self.value(x, weights: weights, normal: &normal, derivatives: true)
        var damping = 1e-3
        var steps = 0
        var converged = false
        var small = 0
        while steps < maximumSteps, value.isFinite {
            steps += 1
            let held = x.held(gradient: normal.gradient, lower: lower, upper: upper)
            guard let move = normal.step(damping: damping, held: held) else {
                damping *= 10
                if damping > 1e12 { break }
                continue
            }
            let next = clamped(x + move)
            var ignored = NormalEquations()
            let trial = self.value(next, weights: weights, normal: &ignored, derivatives: false)
            if trial < value {
                let gained = value - trial
                x = next
                value = self.value(x, weights: weights, normal: &normal, derivatives: true)
                damping = max(damping * 0.2, 1e-12)
                small = gained <= 1e-5 * (value + 1e-3) ? small + 1 : 0
                if gained <= 1e-9 * value || small >= 3 {
                    converged = true
                    break
                }
            } else {
                damping *= 6
                if damping > 1e10 {
                    converged = true
                    break
                }
            }
        }
        return Descent(point: x, value: value, steps: steps, converged: converged)
    }
}
