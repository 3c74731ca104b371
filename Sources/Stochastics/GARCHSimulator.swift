public import Probability
import RealModule

/// Heston and Nandi's GARCH(1, 1), under the measure that makes the spot a martingale. A step of the grid is a period of the model:
///
///     ln S(t) = ln S(t−1) + μΔ − h(t)/2 + √h(t) z,   h(t+1) = ω + β h(t) + α (z − γ √h(t))²
///
/// h is known a period ahead; reported as variance a year, h(t+1)/Δ, it is what the next step will have.
///
/// Reference: Heston, Nandi, *A closed-form GARCH option valuation model*, Review of Financial Studies 13 (2000).
public struct GARCHSimulator: DiffusionSimulator, Equatable {
    public var spot: Double
    /// h(1)/Δ, annual.
    public var initialVariance: Double
    /// ω, of one period like the other coefficients.
    public var omega: Double
    /// α.
    public var alpha: Double
    /// β.
    public var beta: Double
    /// γ, under the pricing measure: positive where falls raise the variance.
    public var gamma: Double
    /// μ, a year.
    public var drift: Double

    /// The standard coefficients are those of days of 365, 20 % volatility in the long run and a persistence of 0.95.
    public init(
        spot: Double = 100, initialVariance: Double = 0.04, omega: Double = 4.8e-7, alpha: Double = 5e-6, beta: Double = 0.75,
        gamma: Double = 200, drift: Double = 0
    ) {
        precondition(spot > 0 && initialVariance >= 0 && omega >= 0 && alpha >= 0 && beta >= 0)
        precondition(beta + alpha * gamma * gamma < 1, "persistence \(beta + alpha * gamma * gamma), must be below 1")
        self.spot = spot
        self.initialVariance = initialVariance
        self.omega = omega
        self.alpha = alpha
        self.beta = beta
        self.gamma = gamma
        self.drift = drift
    }

    public var name: String { "garch" }
    public var hasVariance: Bool { true }

    /// β + αγ²: what a period leaves of the variance's distance from its mean.
    public var persistence: Double { beta + alpha * gamma * gamma }
    /// The mean of h in the long run, of one period.
    public var longRunVariance: Double { (omega + alpha) / (1 - persistence) }

    public func referenceVolatility(on grid: TimeGrid) -> Double {
        let remembered = (1 - Double.pow(persistence, grid.steps)) / (1 - persistence)
        let total = Double(grid.steps) * longRunVariance + (initialVariance * grid.timeStep - longRunVariance) * remembered
        return (total / grid.maturity).squareRoot()
    }

    public func paths(_ range: Range<Int>, on grid: TimeGrid, stream: RandomStream) -> PathBlock {
        pathsOfOwnNoise(range, on: grid, stream: stream)
    }

    public func paths(
        _ range: Range<Int>, on grid: TimeGrid, stream: RandomStream, noise: (UnsafeMutableBufferPointer<Double>) -> Void
    ) -> PathBlock {
        let count = range.count
        let rise = drift * grid.timeStep
        var logSpot = [Double](repeating: .log(spot), count: count)
        var h = [Double](repeating: initialVariance * grid.timeStep, count: count)
        var integral = [Double](repeating: 0, count: count)
        var normals = integral
        var block = PathBlock(start: spot, count: count, variance: initialVariance)
        for _ in 0..<grid.steps {
            normals.withUnsafeMutableBufferPointer { noise($0) }
            for i in 0..<count {
                let deviation = h[i].squareRoot()
                logSpot[i] += rise - h[i] / 2 + deviation * normals[i]
                integral[i] += h[i]
                let shock = normals[i] - gamma * deviation
                h[i] = omega + beta * h[i] + alpha * shock * shock
            }
            block.append(logSpot: logSpot, variance: h.map { $0 / grid.timeStep }, integral: integral)
        }
        return block
    }
}

extension SimulatorCatalog {
    static let garch = Entry(
        name: "garch", summary: "Heston and Nandi's GARCH(1, 1), a period for each step",
        parameters: [
            ("spot", 100), ("initialVariance", 0.04), ("omega", 4.8e-7), ("alpha", 5e-6), ("beta", 0.75), ("gamma", 200), ("drift", 0),
        ]
    ) { arguments throws(SimulatorError) in
        let (alpha, gamma) = (try arguments.notNegative("alpha"), arguments["gamma"])
        return GARCHSimulator(
            spot: try arguments.positive("spot"), initialVariance: try arguments.notNegative("initialVariance"),
            omega: try arguments.notNegative("omega"), alpha: alpha,
            beta: try arguments.checked("beta", "zero or positive, with beta + alpha gamma^2 below 1") {
                $0 >= 0 && $0 + alpha * gamma * gamma < 1
            },
            gamma: gamma, drift: arguments["drift"])
    }
}
