import Optimization
import RealModule
import Stochastics

/// A surface SVI with the power law: one smile shape for all expiries, scaled by at-the-money variance.
///
///     w(k, θ) = θ/2 (1 + ρφk + √((φk + ρ)² + 1 − ρ²)),      φ(θ) = η / (θ^γ (1 + θ)^{1−γ})
///
/// With 0 < γ ≤ ½ and η (1 + |ρ|) ≤ 2 and θ rising it is free of butterfly and calendar arbitrage at every strike: the fit moves inside
/// these bounds, and needs no penalty. Each θ is fitted in turn with the three shape parameters; losses are those of ``QuoteLoss``.
///
/// Reference: Gatheral, Jacquier (2014), sections 4.1 and 4.3.
struct SSVIFit {
    /// SSVI slices in order of expiry; empty where a fit is not possible.
    static func slices(_ expiries: [[SmileQuote]], timesToExpiry: [Double], loss: QuoteLoss) -> [SVISlice] {
        let problems = zip(expiries, timesToExpiry).compactMap { ScaledQuotes($0, timeToExpiry: $1) }
        guard problems.count == expiries.count, !problems.isEmpty else { return [] }
        var thetas = rising(problems.map(\.theta))
        // ρ, η as a share of its bound, γ.
        var shape = [-0.2, 0.5, 0.4]
        func phi(_ theta: Double, _ x: UnsafePointer<Double>) -> Double {
            SSVISmile.powerLaw(theta: theta, curvature: x[1] * 2 / (1 + x[0].magnitude), power: x[2])
        }
        let total = problems.reduce(0) { $0 + $1.count }
        var workspace = LevenbergMarquardt.Workspace(parameters: 3, residuals: total)
        var method = LevenbergMarquardt()
        method.maximumIterations = 40
        method.valueTolerance = 1e-6
        for _ in 0..<3 {
            _ = method.minimise(&shape, lower: [-0.98, 1e-3, 0.01], upper: [0.98, 1, 0.5], workspace: &workspace) { x, residuals in
                var next = residuals
                for (problem, theta) in zip(problems, thetas) {
                    problem.fill(next, SVISlice(atTheMoney: theta, rho: x[0], phi: phi(theta, x)), loss)
                    next += problem.count
                }
            }
            shape.withUnsafeBufferPointer { shape in
                let x = shape.baseAddress!
                for (i, problem) in problems.enumerated() {
                    // Between the neighbours, which keeps the order.
                    let low = i > 0 ? thetas[i - 1] : thetas[i] / 4
                    let high = i + 1 < thetas.count ? thetas[i + 1] : thetas[i] * 4
                    thetas[i] = goldenSection(from: max(low, thetas[i] / 1.3), to: min(high, thetas[i] * 1.3)) { theta in
                        problem.loss(SVISlice(atTheMoney: theta, rho: x[0], phi: phi(theta, x)), loss)
                    }
                }
            }
        }
        return thetas.map { theta in
            shape.withUnsafeBufferPointer { SVISlice(atTheMoney: theta, rho: $0[0], phi: phi(theta, $0.baseAddress!)) }
        }
    }

    /// Where a function of one valley is lowest, to 1e-4 of the interval.
    private static func goldenSection(from: Double, to: Double, _ value: (Double) -> Double) -> Double {
        let ratio = 0.6180339887498949
        var (low, high) = (from, to)
        for _ in 0..<20 {
            let left = high - ratio * (high - low)
            let right = low + ratio * (high - low)
            if value(left) < value(right) { high = right } else { low = left }
        }
        return (low + high) / 2
    }

    /// The same numbers, none below the one before.
    static func rising(_ values: [Double]) -> [Double] {
        var highest = 0.0
        return values.map { value in
            highest = max(highest * (1 + 1e-9), value)
            return highest
        }
    }
}

/// An extended surface SVI: each expiry with its own θ, ρ and ψ = θφ, fitted from the first to the last.
///
/// Free of butterflies at every strike with ψ (1 + |ρ|) ≤ 4 and ψ² (1 + |ρ|) ≤ 4θ; of calendar arbitrage against the expiry before
/// (index 0) with
///
///     θ ≥ θ₀,     ψ₀ max((1 + ρ₀)/(1 + ρ), (1 − ρ₀)/(1 − ρ)) ≤ ψ ≤ ψ₀ θ/θ₀
///
/// All bounds are a box in the coordinates that are fitted: ln θ, the place of ρ in the range that θ leaves, that of ψ in the range that
/// θ and ρ leave.
///
/// References: Hendriks, Martini, *The extended SSVI volatility surface*, J. Computational Finance 22 (2019); Mingone, *No arbitrage global
/// parametrization for the eSSVI volatility surface*, Quantitative Finance 22 (2022).
struct ESSVIFit {
    struct Parameters: Equatable {
        var theta: Double
        var rho: Double
        var psi: Double

        var slice: SVISlice { SVISlice(atTheMoney: theta, rho: rho, phi: psi / theta) }

        /// From the box: x = (ln θ, place of ρ, place of ψ); nil where no ψ is left.
        init?(_ x: UnsafePointer<Double>, after earlier: Parameters?) {
            theta = Double.exp(x[0])
            var (low, high) = (-0.98, 0.98)
            if let earlier {
                let ratio = earlier.theta / theta
                low = max(low, (1 + earlier.rho) * ratio - 1)
                high = min(high, 1 - (1 - earlier.rho) * ratio)
            }
            guard low <= high else { return nil }
            rho = low + x[1] * (high - low)
            let side = 1 + rho.magnitude
            var least = 1e-4
            var most = min(4 / side, 2 * (theta / side).squareRoot())
            if let earlier {
                least = earlier.psi * max((1 + earlier.rho) / (1 + rho), (1 - earlier.rho) / (1 - rho))
                most = min(most, earlier.psi * theta / earlier.theta)
            }
            guard least <= most * (1 + 1e-12) else { return nil }
            psi = least + x[2] * max(most - least, 0)
        }
    }

    /// eSSVI slices in order of expiry; empty where a fit is not possible.
    static func slices(_ expiries: [[SmileQuote]], timesToExpiry: [Double], loss: QuoteLoss) -> [SVISlice] {
        let problems = zip(expiries, timesToExpiry).compactMap { ScaledQuotes($0, timeToExpiry: $1) }
        guard problems.count == expiries.count else { return [] }
        var method = LevenbergMarquardt()
        method.maximumIterations = 40
        method.valueTolerance = 1e-6
        var fitted: [Parameters] = []
        for problem in problems {
            let earlier = fitted.last
            let least = max(Double.log(problem.theta) - 0.7, earlier.map { Double.log($0.theta) + 1e-9 } ?? -.infinity)
            let most = max(Double.log(problem.theta) + 0.7, least + 0.1)
            var workspace = LevenbergMarquardt.Workspace(parameters: 3, residuals: problem.count)
            var best: (loss: Double, parameters: Parameters)?
            for (rho, psi) in [(0.5, 0.5), (0.3, 0.2), (0.3, 0.8), (0.7, 0.5)] {
                var x = [min(max(Double.log(problem.theta), least), most), rho, psi]
                _ = method.minimise(&x, lower: [least, 0, 0], upper: [most, 1, 1], workspace: &workspace) { x, residuals in
                    guard let parameters = Parameters(x, after: earlier) else {
                        for i in 0..<problem.count { residuals[i] = .nan }
                        return
                    }
                    problem.fill(residuals, parameters.slice, loss)
                }
                guard let parameters = x.withUnsafeBufferPointer({ Parameters($0.baseAddress!, after: earlier) }) else { continue }
                let total = problem.loss(parameters.slice, loss)
                if total < best?.loss ?? .infinity { best = (total, parameters) }
            }
            guard let best else { return [] }
            fitted.append(best.parameters)
        }
        return fitted.map(\.slice)
    }
}

/// One expiry's quotes as total volatilities: √w at mid and half-width.
struct ScaledQuotes {
    let k: [Double]
    let middle: [Double]
    let half: [Double]
    /// At-the-money total variance of the quote nearest to the money.
    let theta: Double

    var count: Int { k.count }

    init?(_ quotes: [SmileQuote], timeToExpiry: Double) {
        let usable = quotes.filter {
            $0.logMoneyness.isFinite && $0.askVolatility.isFinite && $0.askVolatility > 0 && $0.bidVolatility >= 0
        }
        guard timeToExpiry > 0,
            let nearest = usable.min(by: { $0.logMoneyness.magnitude + $0.halfSpread < $1.logMoneyness.magnitude + $1.halfSpread }),
            nearest.midVolatility > 0
        else { return nil }
        let root = timeToExpiry.squareRoot()
        k = usable.map(\.logMoneyness)
        middle = usable.map { $0.midVolatility * root }
        half = usable.map { max($0.halfSpread, 1e-4 * nearest.midVolatility) * root }
        theta = nearest.midVolatility * nearest.midVolatility * timeToExpiry
    }

    func loss(_ slice: SVISlice, _ loss: QuoteLoss) -> Double {
        k.indices.reduce(0) { $0 + loss.value(misfit($1, slice)) }
    }

    /// Residuals whose squares are twice the losses, signed like the misfits.
    func fill(_ residuals: UnsafeMutablePointer<Double>, _ slice: SVISlice, _ loss: QuoteLoss) {
        for i in k.indices {
            let misfit = misfit(i, slice)
            let size = (2 * loss.value(misfit)).squareRoot()
            residuals[i] = misfit < 0 ? -size : size
        }
    }

    private func misfit(_ i: Int, _ slice: SVISlice) -> Double {
        (slice.totalVariance(atLogMoneyness: k[i]).squareRoot() - middle[i]) / half[i]
    }
}
