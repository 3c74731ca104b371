import RealModule

extension SVIProblem {
    /// Points at which arbitrage is penalised, beside the quotes.
    struct Constraints: Equatable {
        /// z at which g falls short of the margin.
        var butterfly: [Double] = []
        var butterflyWeight = 0.0
        /// z, and w/θ of another expiry that this one is to stay above or below.
        var floor: [(z: Double, variance: Double)] = []
        var floorWeight = 0.0
        var ceiling: [(z: Double, variance: Double)] = []
        var ceilingWeight = 0.0

        static func == (a: Self, b: Self) -> Bool {
            a.butterfly == b.butterfly && a.butterflyWeight == b.butterflyWeight && a.floorWeight == b.floorWeight
                && a.ceilingWeight == b.ceilingWeight && a.floor.elementsEqual(b.floor, by: ==)
                && a.ceiling.elementsEqual(b.ceiling, by: ==)
        }
    }

    struct Descent {
        var point: Point
        var value: Double
        var steps: Int
        var converged: Bool
    }

    // MARK: Loss

    /// Loss of the quotes alone.
    func loss(_ x: Point) -> Double {
        var ignored = NormalEquations()
        return quoteLoss(SVIShape(x), &ignored, derivatives: false)
    }

    /// Loss with penalties, its gradient and Gauss-Newton matrix.
    private func value(_ x: Point, _ constraints: Constraints, _ normal: inout NormalEquations) -> Double {
        let shape = SVIShape(x)
        normal = NormalEquations()
        return quoteLoss(shape, &normal, derivatives: true) + penalty(shape, constraints, &normal)
    }

    /// Σ of each quote's loss at r = (√w − mid)/(half-width); logarithms are taken of products of eight factors at a time.
    @inline(__always)
    private func quoteLoss(_ shape: SVIShape, _ normal: inout NormalEquations, derivatives: Bool) -> Double {
        let outlier = settings.misfit.outlierScale * settings.misfit.outlierScale
        let wide = 1 / (25 * outlier)
        let narrow = 1 / outlier
        let tolerance = Lanes(repeating: settings.misfit.tolerance)
        let least = Lanes(repeating: 1e-8)
        let one = Lanes(repeating: 1)
        let (level, tilt, half, s, square) = (shape.level, shape.tilt, shape.half, shape.s, shape.s * shape.s)
        var far = one
        var near = one
        var farLog = 0.0
        var nearLog = 0.0
        var (g0, g1, g2, g3, g4) = (Lanes.zero, Lanes.zero, Lanes.zero, Lanes.zero, Lanes.zero)
        var (a00, a01, a02, a03, a04) = (Lanes.zero, Lanes.zero, Lanes.zero, Lanes.zero, Lanes.zero)
        var (a11, a12, a13, a14, a22) = (Lanes.zero, Lanes.zero, Lanes.zero, Lanes.zero, Lanes.zero)
        var (a23, a24, a33, a34, a44) = (Lanes.zero, Lanes.zero, Lanes.zero, Lanes.zero, Lanes.zero)
        for j in z.indices {
            let y = z[j] - shape.m
            let h = (y * y + square).squareRoot()
            let u = pointwiseMax(level + tilt * y + half * h, least).squareRoot()
            let inverse = self.inverse[j]
            let r = (u - middle[j]) * inverse
            let excess = r - pointwiseMin(pointwiseMax(r, -tolerance), tolerance)
            let farFactor = 1 + r * r * wide
            let nearFactor = 1 + excess * excess * narrow
            far *= farFactor
            near *= nearFactor
            if j % 8 == 7 {
                farLog += Self.logarithm(far)
                nearLog += Self.logarithm(near)
                far = one
                near = one
            }
            guard derivatives else { continue }
            let centring = settings.misfit.centring / farFactor
            let outside = 1 / nearFactor
            let first = centring * r + outside * excess
            let second = centring + outside.replacing(with: 0, where: excess .== 0)
            let perVariance = 0.5 * inverse / u
            let d = first * perVariance
            let q = second * perVariance * perVariance
            let slope = half / h
            let byL = shape.byLeft + 0.5 * (h - y)
            let byR = shape.byRight + 0.5 * (h + y)
            let byM = -tilt - slope * y
            let byS = s * slope - shape.geometric
            g0 += d
            g1 += d * byL
            g2 += d * byR
            g3 += d * byM
            g4 += d * byS
            let (qL, qR, qM, qS) = (q * byL, q * byR, q * byM, q * byS)
            a00 += q
            a01 += qL
            a02 += qR
            a03 += qM
            a04 += qS
            a11 += qL * byL
            a12 += qL * byR
            a13 += qL * byM
            a14 += qL * byS
            a22 += qR * byR
            a23 += qR * byM
            a24 += qR * byS
            a33 += qM * byM
            a34 += qM * byS
            a44 += qS * byS
        }
        farLog += Self.logarithm(far)
        nearLog += Self.logarithm(near)
        if derivatives {
            normal.add(
                gradient: (g0.sum(), g1.sum(), g2.sum(), g3.sum(), g4.sum()),
                upper: (
                    a00.sum(), a01.sum(), a02.sum(), a03.sum(), a04.sum(), a11.sum(), a12.sum(), a13.sum(), a14.sum(), a22.sum(),
                    a23.sum(), a24.sum(), a33.sum(), a34.sum(), a44.sum()
                ))
        }
        return settings.misfit.centring * 25 * outlier / 2 * farLog + outlier / 2 * nearLog
    }

    private static func logarithm(_ x: Lanes) -> Double {
        Double.log(x[0]) + Double.log(x[1]) + Double.log(x[2]) + Double.log(x[3])
    }

    /// Squares of what g and the distances to the neighbours fall short of the margin.
    private func penalty(_ shape: SVIShape, _ constraints: Constraints, _ normal: inout NormalEquations) -> Double {
        var total = 0.0
        for point in constraints.butterfly {
            let w = max(shape.variance(point), 1e-8)
            let w1 = shape.slope(point)
            let w2 = shape.curvature(point)
            let moved = 1 - point * w1 / (2 * w)
            let g = moved * moved - w1 * w1 / (4 * w) - theta * w1 * w1 / 16 + w2 / 2
            let short = g - settings.margin
            guard short < 0 else { continue }
            total += constraints.butterflyWeight * short * short / 2
            let byVariance = (moved * point * w1 + w1 * w1 / 4) / (w * w)
            let bySlope = -moved * point / w - w1 / (2 * w) - theta * w1 / 8
            let gradient =
                byVariance * shape.gradient(point) + bySlope * shape.slopeGradient(point) + 0.5 * shape.curvatureGradient(point)
            normal.add(gradient, first: constraints.butterflyWeight * short, second: constraints.butterflyWeight)
        }
        for (sign, weight, points) in [
            (1.0, constraints.floorWeight, constraints.floor), (-1.0, constraints.ceilingWeight, constraints.ceiling),
        ] {
            for point in points {
                let short = sign * (shape.variance(point.z) - point.variance) - settings.margin
                guard short < 0 else { continue }
                total += weight * short * short / 2
                normal.add(shape.gradient(point.z), first: weight * sign * short, second: weight)
            }
        }
        return total
    }

    // MARK: Descent

    /// Levenberg-Marquardt in the box: a coordinate at its bound whose descent points outward is held for the step.
    func descend(from start: Point, _ constraints: Constraints, maximumSteps: Int) -> Descent {
        var x = clamped(start)
        var normal = NormalEquations()
        var value = self.value(x, constraints, &normal)
        var damping = 1e-3
        var steps = 0
        var small = 0
        // Of a loss per quote of a thousandth, which is a misfit of a seventh of a half-spread, a step that gains less changes nothing.
        let negligible = 1e-3 * Double(quotes)
        while steps < maximumSteps, value.isFinite {
            steps += 1
            let held = x.held(gradient: normal.gradient, lower: lower, upper: upper)
            guard let move = normal.step(damping: damping, held: held) else {
                damping *= 10
                if damping > 1e12 { break }
                continue
            }
            let next = clamped(Point(x.vector + move))
            var trialNormal = NormalEquations()
            let trial = self.value(next, constraints, &trialNormal)
            if trial < value {
                let gained = value - trial
                x = next
                value = trial
                normal = trialNormal
                damping = max(damping * 0.1, 1e-12)
                small = gained <= settings.negligibleGain * (value + negligible) ? small + 1 : 0
                if small >= 2 { return Descent(point: x, value: value, steps: steps, converged: true) }
            } else {
                damping *= 8
                if damping > 1e10 { return Descent(point: x, value: value, steps: steps, converged: true) }
            }
        }
        return Descent(point: x, value: value, steps: steps, converged: false)
    }
}
