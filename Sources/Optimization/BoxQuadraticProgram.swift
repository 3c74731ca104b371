public import LinearAlgebra

/// min over x of ½ xᵀH x + gᵀx + Σ cⱼ |xⱼ − pⱼ|, lower ≤ x ≤ upper, with H symmetric and positive semidefinite.
///
/// The quadratic part is a hedger's variance, the kinks are its proportional costs: cⱼ for each unit traded away from the holding pⱼ.
/// Where costs outweigh the variance saved, xⱼ stays at pⱼ exactly, which is the no-trade region.
///
/// Sweeps over single coordinates, each minimised exactly, find which coordinates rest at a bound or a kink; one Cholesky solution over
/// the others then lands on the minimum. Made for some tens of instruments.
public struct BoxQuadraticProgram: Sendable, Equatable {
    public var hessian: Matrix<Double>
    public var linear: [Double]
    public var lower: [Double]
    public var upper: [Double]
    /// c ≥ 0.
    public var kinkCosts: [Double]
    /// p, in the box or not.
    public var kinks: [Double]
    public var maximumSweeps = 10_000
    /// Settled when no coordinate's slope could fall by more than this share of the terms it is made of.
    public var tolerance = 1e-11

    public struct Solution: Sendable, Equatable {
        public var x: [Double]
        /// residual is the least value.
        public var report: FitReport
        /// Largest slope that a feasible move could still follow downhill, in the unit of `linear`.
        public var violation: Double
    }

    /// - Parameters: nil bounds are infinite, nil costs and kinks zero.
    public init(
        hessian: Matrix<Double>, linear: [Double], lower: [Double]? = nil, upper: [Double]? = nil, kinkCosts: [Double]? = nil,
        kinks: [Double]? = nil
    ) {
        let n = linear.count
        precondition(hessian.rows == n && hessian.columns == n, "a \(hessian.rows) x \(hessian.columns) Hessian for \(n) unknowns")
        self.hessian = hessian
        self.linear = linear
        self.lower = lower ?? Array(repeating: -.infinity, count: n)
        self.upper = upper ?? Array(repeating: .infinity, count: n)
        self.kinkCosts = kinkCosts ?? Array(repeating: 0, count: n)
        self.kinks = kinks ?? Array(repeating: 0, count: n)
        for (name, list) in [("lower", self.lower), ("upper", self.upper), ("cost", self.kinkCosts), ("kink", self.kinks)] {
            precondition(list.count == n, "\(list.count) \(name) values for \(n) unknowns")
        }
        for j in 0..<n {
            precondition(self.lower[j] <= self.upper[j], "bounds of unknown \(j) are \(self.lower[j]) and \(self.upper[j])")
            precondition(self.kinkCosts[j] >= 0, "kink cost of unknown \(j) is \(self.kinkCosts[j])")
        }
    }

    public func value(at x: [Double]) -> Double {
        let product = hessian.times(x)
        return x.indices.reduce(0) { $0 + x[$1] * (0.5 * product[$1] + linear[$1]) + kinkCosts[$1] * (x[$1] - kinks[$1]).magnitude }
    }

    /// A program without a minimum (no curvature, a slope and no bound) is reported as not converged.
    public func solve() -> Solution {
        let n = linear.count
        var x = (0..<n).map { min(max(kinks[$0], lower[$0]), upper[$0]) }
        var slope = smoothSlope(at: x)
        func finish(_ converged: Bool, _ sweeps: Int, _ reason: FitReport.Reason) -> Solution {
            Solution(
                x: x,
                report: FitReport(
                    converged: converged, iterations: sweeps, evaluations: sweeps, residual: value(at: x), reason: reason),
                violation: violation(at: x, smoothSlope(at: x)).largest)
        }
        guard x.allSatisfy(\.isFinite), slope.allSatisfy(\.isFinite) else { return finish(false, 0, .notFinite) }
        for sweep in 0..<maximumSweeps {
            if violation(at: x, slope).settled { return finish(true, sweep, .gradient) }
            for j in 0..<n {
                let next = coordinateMinimum(j, x[j], slope[j])
                guard next.isFinite else { return finish(false, sweep, .notFinite) }
                let step = next - x[j]
                guard step != 0 else { continue }
                x[j] = next
                for k in 0..<n { slope[k] += hessian[k, j] * step }
            }
            land(&x, slope)
            slope = smoothSlope(at: x)
        }
        return finish(violation(at: x, slope).settled, maximumSweeps, .iterations)
    }

    /// H x + g.
    private func smoothSlope(at x: [Double]) -> [Double] {
        let product = hessian.times(x)
        return linear.indices.map { product[$0] + linear[$0] }
    }

    /// The minimum along coordinate j with the others held: the free parabola's, drawn towards the kink, clipped to the box.
    private func coordinateMinimum(_ j: Int, _ x: Double, _ slope: Double) -> Double {
        let curvature = hessian[j, j]
        let cost = kinkCosts[j]
        let kink = kinks[j]
        let unbounded: Double
        if curvature > 0 {
            let free = x - slope / curvature
            let pull = cost / curvature
            unbounded = free > kink + pull ? free - pull : free < kink - pull ? free + pull : kink
        } else if slope.magnitude > cost {
            unbounded = slope > 0 ? -.infinity : .infinity
        } else {
            unbounded = slope.magnitude < cost ? kink : x
        }
        return min(max(unbounded, lower[j]), upper[j])
    }

    /// Solves for the coordinates that are off bounds and kinks, and goes towards the solution as far as the first of those.
    private func land(_ x: inout [Double], _ slope: [Double]) {
        let free = x.indices.filter { x[$0] > lower[$0] && x[$0] < upper[$0] && (kinkCosts[$0] == 0 || x[$0] != kinks[$0]) }
        guard !free.isEmpty else { return }
        let block = Matrix(rows: free.count, columns: free.count) { hessian[free[$0], free[$1]] }
        guard let factor = try? Cholesky(block) else { return }  // flat directions are left to the sweeps
        let step = factor.solve(free.map { j in -(slope[j] + (x[j] > kinks[j] ? kinkCosts[j] : -kinkCosts[j])) })
        var reach = 1.0
        var stop: (index: Int, place: Double)?
        for (k, j) in free.enumerated() where step[k] != 0 {
            var walls = [step[k] > 0 ? upper[j] : lower[j]]
            if kinkCosts[j] > 0 { walls.append(kinks[j]) }
            for wall in walls where wall.isFinite && (wall - x[j]) / step[k] > 0 && (wall - x[j]) / step[k] < reach {
                reach = (wall - x[j]) / step[k]
                stop = (j, wall)
            }
        }
        for (k, j) in free.enumerated() { x[j] = min(max(x[j] + reach * step[k], lower[j]), upper[j]) }
        if let stop { x[stop.index] = stop.place }
    }

    private func violation(at x: [Double], _ slope: [Double]) -> (largest: Double, settled: Bool) {
        var largest = 0.0
        var settled = true
        for j in x.indices {
            // The subdifferential along j is [slope − c, slope + c] at the kink; downhill means its near end has the wrong sign.
            let cost = kinkCosts[j]
            let up = slope[j] + (x[j] >= kinks[j] ? cost : -cost)  // to the right
            let down = slope[j] + (x[j] > kinks[j] ? cost : -cost)  // to the left
            var gap = 0.0
            if x[j] < upper[j] { gap = max(gap, -up) }
            if x[j] > lower[j] { gap = max(gap, down) }
            var scale = linear[j].magnitude + cost
            for k in x.indices { scale += (hessian[j, k] * x[k]).magnitude }
            if !(gap <= tolerance * scale) { settled = false }
            largest = max(largest, gap)
        }
        return (largest, settled)
    }
}
