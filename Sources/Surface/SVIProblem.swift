import RealModule

/// The fit of one slice in scaled variables: z = k/√θ and w/θ, with θ the at-the-money total variance.
///
/// A point x = (v, L, R, m, σ) is lowest variance, wing slopes and vertex, in which every bound is a box.
struct SVIProblem {
    typealias Point = SVIPoint
    /// Quotes are summed four at a time.
    typealias Lanes = SIMD4<Double>

    let settings: SVICalibration
    /// θ and √θ.
    let theta: Double
    let scale: Double
    let quotes: Int
    /// Quotes: moneyness z, mid of √(w/θ) and one over its half-width; the last group is filled up with quotes of no weight.
    let z: [Lanes]
    let middle: [Lanes]
    let inverse: [Lanes]
    /// Lowest and highest z.
    let low: Double
    let high: Double
    let lower: Point
    let upper: Point

    init?(_ quotes: [SmileQuote], timeToExpiry: Double, settings: SVICalibration) {
        let usable = quotes.filter {
            $0.logMoneyness.isFinite && $0.askVolatility.isFinite && $0.askVolatility > 0 && $0.bidVolatility >= 0
        }
        // The at-the-money level: the mid volatility of the quotes nearest to the forward, each side's narrower one first.
        guard Self.hasStrikes(5, usable),
            let nearest = usable.min(by: {
                $0.logMoneyness.magnitude + $0.halfSpread < $1.logMoneyness.magnitude + $1.halfSpread
            }), nearest.midVolatility > 0
        else { return nil }
        let level = nearest.midVolatility
        self.settings = settings
        self.quotes = usable.count
        theta = level * level * timeToExpiry
        scale = theta.squareRoot()
        let inverseScale = 1 / scale
        let groups = (usable.count + 3) / 4
        var z = [Lanes](repeating: .zero, count: groups)
        var middle = [Lanes](repeating: Lanes(repeating: 1), count: groups)
        var inverse = z
        var low = Double.infinity
        var high = -Double.infinity
        for (i, quote) in usable.enumerated() {
            let moneyness = quote.logMoneyness * inverseScale
            z[i / 4][i % 4] = moneyness
            middle[i / 4][i % 4] = quote.midVolatility / level
            // A quote of no width still tolerates a ten-thousandth of the level.
            inverse[i / 4][i % 4] = 1 / max(quote.halfSpread / level, 1e-4)
            low = min(low, moneyness)
            high = max(high, moneyness)
        }
        self.z = z
        self.middle = middle
        self.inverse = inverse
        self.low = low
        self.high = high
        // Lee's bound of 2 on the slopes of w, in scaled variables.
        let steepest = 2 / scale
        let width = max(high - low, 1)
        lower = Point(v: 1e-4, l: 1e-4, r: 1e-4, m: low - width, s: 5e-3)
        upper = Point(v: 4, l: steepest, r: steepest, m: high + width, s: 4 * width)
    }

    private static func hasStrikes(_ count: Int, _ quotes: [SmileQuote]) -> Bool {
        var found: [Double] = []
        for quote in quotes where !found.contains(quote.strike) {
            found.append(quote.strike)
            if found.count == count { return true }
        }
        return false
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

    func clamped(_ x: Point) -> Point { x.clamped(to: lower, upper) }

    /// `count` moneynesses from the lowest quoted to the highest.
    func grid(_ count: Int) -> [Double] { (0..<count).map { low + (high - low) * Double($0) / Double(count - 1) } }

    // MARK: Starts

    /// The best points of a grid of vertices (m, σ): level and slopes by weighted linear least squares, ranked by the fit's loss.
    func gridStarts(count: Int) -> [Point] {
        var best: [(loss: Double, point: Point)] = []
        let spread = inverse.indices.map { 2 * middle[$0] / pointwiseMin(inverse[$0], Lanes(repeating: 500)) }
        let weight = inverse.indices.map { i in
            (1 / (spread[i] * spread[i])).replacing(with: 0, where: inverse[i] .== 0)
        }
        let target = middle.map { $0 * $0 }
        for i in 0..<7 {
            let m = low + (high - low) * (Double(i) + 0.5) / 7
            for s in [0.1, 0.3, 0.7, 1.5, 3] {
                // w = a + d y + c √(1 + y²), y = (z − m)/σ: normal equations of three unknowns.
                var (aa, ad, ac, dd) = (Lanes.zero, Lanes.zero, Lanes.zero, Lanes.zero)
                var (dc, cc, a, d, c) = (Lanes.zero, Lanes.zero, Lanes.zero, Lanes.zero, Lanes.zero)
                for j in z.indices {
                    let y = (z[j] - m) / s
                    let root = (1 + y * y).squareRoot()
                    let tilted = weight[j] * y
                    let curved = weight[j] * root
                    aa += weight[j]
                    ad += tilted
                    ac += curved
                    dd += tilted * y
                    dc += tilted * root
                    cc += curved * root
                    a += weight[j] * target[j]
                    d += tilted * target[j]
                    c += curved * target[j]
                }
                guard
                    let (level, tilt, bend) = Self.solve(
                        (aa.sum(), ad.sum(), ac.sum(), dd.sum(), dc.sum(), cc.sum(), a.sum(), d.sum(), c.sum()))
                else { continue }
                let slope = max(bend, 0) / s
                let lean = min(max(tilt / s, -slope), slope)
                let l = slope - lean
                let r = slope + lean
                let point = clamped(Point(v: level + s * (l * r).squareRoot(), l: l, r: r, m: m, s: s))
                let loss = loss(point)
                guard loss.isFinite, best.count < count || loss < best[best.count - 1].loss else { continue }
                if best.count == count { best.removeLast() }
                best.insert((loss, point), at: best.firstIndex { loss < $0.loss } ?? best.count)
            }
        }
        return best.map(\.point)
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
        for j in z.indices {
            for lane in 0..<4 where inverse[j][lane] > 0 && z[j][lane].magnitude < 1.5 {
                let x = z[j][lane]
                let half = 1 / inverse[j][lane]
                let weight = 1 / (half * half + 1e-4)
                let y = middle[j][lane] * middle[j][lane]
                s.n += weight
                s.x += weight * x
                s.x2 += weight * x * x
                s.x3 += weight * x * x * x
                s.x4 += weight * x * x * x * x
                s.y += weight * y
                s.xy += weight * x * y
                s.x2y += weight * x * x * y
            }
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
}
