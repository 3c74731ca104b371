public import Probability
import RealModule

/// Rough Bergomi with a flat forward variance ξ:
///
///     dS/S = μ dt + √v dB,   v(t) = ξ exp(η Y(t) − η²/2 Var Y(t)),   Y(t) = √(2H) ∫₀ᵗ (t − s)^{H−½} dW(s),   d⟨W, B⟩ = ρ dt
///
/// Y by the hybrid scheme: the kernel is exact over the newest step, where it is singular, and a step function before. The variance's mean
/// is ξ at every time of the grid, and log-Euler makes the spot a martingale.
///
/// References: Bayer, Friz, Gatheral, *Pricing under rough volatility*, Quantitative Finance 16 (2016); Bennedsen, Lunde, Pakkanen,
/// *Hybrid scheme for Brownian semistationary processes*, Finance and Stochastics 21 (2017), with κ = 1.
public struct RoughBergomiSimulator: DiffusionSimulator, Equatable {
    public var spot: Double
    /// ξ, annual.
    public var forwardVariance: Double
    /// H, above 0 and at most ½.
    public var hurst: Double
    /// η.
    public var eta: Double
    /// ρ.
    public var correlation: Double
    /// μ, a year.
    public var drift: Double

    public init(
        spot: Double = 100, forwardVariance: Double = 0.04, hurst: Double = 0.1, eta: Double = 1.5, correlation: Double = -0.7,
        drift: Double = 0
    ) {
        precondition(spot > 0 && forwardVariance >= 0 && hurst > 0 && hurst <= 0.5 && eta >= 0 && correlation.magnitude <= 1)
        self.spot = spot
        self.forwardVariance = forwardVariance
        self.hurst = hurst
        self.eta = eta
        self.correlation = correlation
        self.drift = drift
    }

    public var name: String { "rough-bergomi" }
    public var hasVariance: Bool { true }
    public var ownNoiseShare: Double { (1 - correlation * correlation).squareRoot() }
    public var noiseGroup: Int { 1 }
    public func referenceVolatility(on grid: TimeGrid) -> Double { forwardVariance.squareRoot() }

    public func paths(_ range: Range<Int>, on grid: TimeGrid, stream: RandomStream) -> PathBlock {
        pathsOfOwnNoise(range, on: grid, stream: stream)
    }

    public func paths(
        _ range: Range<Int>, on grid: TimeGrid, stream: RandomStream, noise: (UnsafeMutableBufferPointer<Double>) -> Void
    ) -> PathBlock {
        let count = range.count
        let kernel = HybridKernel(hurst: hurst, steps: grid.steps, timeStep: grid.timeStep)
        let across = ownNoiseShare
        let rise = drift * grid.timeStep
        var logSpot = [Double](repeating: .log(spot), count: count)
        var integral = [Double](repeating: 0, count: count)
        var variance = [Double](repeating: forwardVariance, count: count)
        var (own, volterra) = (integral, integral)
        // √Δ-scaled increments of W, a column for each step so far.
        var moves: [[Double]] = []
        var block = PathBlock(start: spot, count: count, variance: forwardVariance)
        for step in 0..<grid.steps {
            var first = integral
            first.withUnsafeMutableBufferPointer { first in
                volterra.withUnsafeMutableBufferPointer { stream.fillNormalPairs(first, $0, firstPath: range.lowerBound, step: step) }
            }
            own.withUnsafeMutableBufferPointer { noise($0) }
            for i in 0..<count {
                let deviation = (variance[i] * grid.timeStep).squareRoot()
                logSpot[i] += rise - variance[i] * grid.timeStep / 2 + deviation * (correlation * first[i] + across * own[i])
                integral[i] += variance[i] * grid.timeStep
                volterra[i] = kernel.newestAlong * first[i] + kernel.newestAcross * volterra[i]
            }
            for (lag, older) in moves.reversed().enumerated() {
                let weight = kernel.older[lag]
                volterra.withUnsafeMutableBufferPointer { sum in
                    older.withUnsafeBufferPointer { older in
                        for i in 0..<count { sum[i] += weight * older[i] }
                    }
                }
            }
            moves.append(first)
            let centre = eta * eta / 2 * kernel.variance[step]
            for i in 0..<count { variance[i] = forwardVariance * Double.exp(eta * volterra[i] - centre) }
            block.append(logSpot: logSpot, variance: variance, integral: integral)
        }
        return block
    }
}

/// Y at the end of a step from normal numbers: Y = newestAlong z + newestAcross z̃ + Σ older[l] z(l + 1 steps ago).
struct HybridKernel {
    /// z drives the newest increment of W; z̃ is what √(2H) ∫ (t − s)^{H−½} dW over it has beside.
    let newestAlong: Double
    let newestAcross: Double
    let older: [Double]
    /// Var Y after each step.
    let variance: [Double]

    init(hurst: Double, steps: Int, timeStep: Double) {
        // ∫ (t−s)^a ds over a step l steps old, by its length: (l+1)^{a+1} − l^{a+1} over a + 1, in units of Δ^a.
        let power = hurst + 0.5
        let scale = (2 * hurst).squareRoot() * Double.pow(timeStep, hurst)
        newestAlong = scale / power
        newestAcross = scale * (1 / (2 * hurst) - 1 / (power * power)).squareRoot()
        older = (1..<max(steps, 2)).map { scale * (Double.pow(Double($0 + 1), power) - Double.pow(Double($0), power)) / power }
        var sum = newestAlong * newestAlong + newestAcross * newestAcross
        variance =
            [sum]
            + older.map {
                sum += $0 * $0; return sum
            }
    }
}

extension SimulatorCatalog {
    static let roughBergomi = Entry(
        name: "rough-bergomi", summary: "log-normal variance driven by rough noise",
        parameters: [
            ("spot", 100), ("forwardVariance", 0.04), ("hurst", 0.1), ("eta", 1.5), ("correlation", -0.7), ("drift", 0),
        ]
    ) { arguments throws(SimulatorError) in
        RoughBergomiSimulator(
            spot: try arguments.positive("spot"), forwardVariance: try arguments.positive("forwardVariance"),
            hurst: try arguments.checked("hurst", "above 0 and at most 0.5") { $0 > 0 && $0 <= 0.5 }, eta: try arguments.notNegative("eta"),
            correlation: try arguments.correlation(), drift: arguments["drift"])
    }
}
