/// A minimum of a function of a few numbers without derivatives: a simplex that reflects, stretches and shrinks.
///
/// For rough functions and starts; where residuals are known `LevenbergMarquardt` is far faster. Points are clipped to the box, and a
/// value that is not finite counts as worst. The coefficients depend on the dimension as Gao and Han (2012) advise.
public struct NelderMead: Sendable, Equatable {
    public var maximumEvaluations = 2000
    /// Settled when the simplex spans less than this in every parameter, relative to itself, and its values less than `valueTolerance`.
    public var stepTolerance = 1e-8
    public var valueTolerance = 1e-12

    public init() {}

    /// - Parameters:
    ///   - x: The start; on return the best point found.
    ///   - steps: Size of the first simplex by parameter; nil takes 5 % of each, or 0.00025 of a zero.
    public func minimise(
        _ x: inout [Double], steps: [Double]? = nil, lower: [Double]? = nil, upper: [Double]? = nil, _ f: ([Double]) -> Double
    ) -> FitReport {
        let n = x.count
        precondition(n >= 1, "nothing to minimise over")
        precondition(steps.map { $0.count == n } ?? true, "\(steps!.count) steps for \(n) parameters")
        precondition(lower.map { $0.count == n } ?? true, "\(lower!.count) lower bounds for \(n) parameters")
        precondition(upper.map { $0.count == n } ?? true, "\(upper!.count) upper bounds for \(n) parameters")
        func clipped(_ point: [Double]) -> [Double] {
            point.indices.map { min(max(point[$0], lower?[$0] ?? -.infinity), upper?[$0] ?? .infinity) }
        }
        var evaluations = 0
        func value(_ point: [Double]) -> Double {
            evaluations += 1
            let value = f(point)
            return value.isFinite ? value : .infinity
        }
        let size = Double(n)
        let (expansion, contraction, shrinkage) = (1 + 2 / size, 0.75 - 0.5 / size, n == 1 ? 0.5 : 1 - 1 / size)
        var simplex: [(x: [Double], f: Double)] = []
        let start = clipped(x)
        simplex.append((start, value(start)))
        for j in 0..<n {
            var corner = start
            let step = steps?[j] ?? (start[j] == 0 ? 0.00025 : 0.05 * start[j])
            corner[j] += step
            if clipped(corner)[j] == start[j] { corner[j] = start[j] - step }
            corner = clipped(corner)
            simplex.append((corner, value(corner)))
        }
        func report(_ converged: Bool, _ iterations: Int, _ reason: FitReport.Reason) -> FitReport {
            FitReport(converged: converged, iterations: iterations, evaluations: evaluations, residual: simplex[0].f, reason: reason)
        }
        var iteration = 0
        while true {
            simplex.sort { $0.f < $1.f }
            x = simplex[0].x
            guard simplex[0].f.isFinite else { return report(false, iteration, .notFinite) }
            let spread = simplex[n].f - simplex[0].f
            let narrow = (0..<n).allSatisfy { j in
                simplex.allSatisfy { ($0.x[j] - x[j]).magnitude <= stepTolerance * max(x[j].magnitude, stepTolerance) }
            }
            if narrow && spread <= valueTolerance * max(simplex[0].f.magnitude, 1) { return report(true, iteration, .step) }
            guard evaluations < maximumEvaluations else { return report(false, iteration, .iterations) }
            iteration += 1
            let centre = (0..<n).map { j in simplex[..<n].reduce(0) { $0 + $1.x[j] } / size }
            func along(_ factor: Double) -> (x: [Double], f: Double) {
                let point = clipped((0..<n).map { centre[$0] + factor * (simplex[n].x[$0] - centre[$0]) })
                return (point, value(point))
            }
            let reflected = along(-1)
            if reflected.f < simplex[0].f {
                let expanded = along(-expansion)
                simplex[n] = expanded.f < reflected.f ? expanded : reflected
            } else if reflected.f < simplex[n - 1].f {
                simplex[n] = reflected
            } else {
                let outside = reflected.f < simplex[n].f
                let contracted = along(outside ? -contraction : contraction)
                if contracted.f < min(reflected.f, simplex[n].f) {
                    simplex[n] = contracted
                } else {
                    for k in 1...n {
                        let point = (0..<n).map { x[$0] + shrinkage * (simplex[k].x[$0] - x[$0]) }
                        simplex[k] = (point, value(point))
                    }
                }
            }
        }
    }
}
