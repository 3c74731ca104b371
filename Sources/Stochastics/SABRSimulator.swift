public import Probability
import RealModule

/// SABR, on the forward F = S e^{−μt} relative to its start:
///
///     dF = σ (F/F₀)^{β−1} F dW,   dσ = ν σ dZ,   d⟨W, Z⟩ = ρ dt
///
/// so that σ(0) is the volatility at the money whatever β; α of the usual form is σ(0) F₀^{1−β}. Log-Euler with σ exact at the ends of a
/// step and its square's expectation in between: a martingale on any grid. Where F has fallen to 1e-8 of its start it is absorbed.
///
/// Reference: Hagan, Kumar, Lesniewski, Woodward, *Managing smile risk*, Wilmott (2002).
public struct SABRSimulator: DiffusionSimulator, Equatable {
    public var spot: Double
    /// σ(0), annual decimal.
    public var volatility: Double
    /// β, from 0 (normal) to 1 (log-normal).
    public var beta: Double
    /// ν, a year.
    public var volatilityOfVolatility: Double
    /// ρ.
    public var correlation: Double
    /// μ, a year.
    public var drift: Double
    /// Parts that each step of the grid is simulated in.
    public var substeps: Int

    public init(
        spot: Double = 100, volatility: Double = 0.2, beta: Double = 1, volatilityOfVolatility: Double = 0.5, correlation: Double = -0.5,
        drift: Double = 0, substeps: Int = 1
    ) {
        precondition(spot > 0 && volatility >= 0 && (0...1).contains(beta) && volatilityOfVolatility >= 0)
        precondition(correlation.magnitude <= 1 && substeps >= 1)
        self.spot = spot
        self.volatility = volatility
        self.beta = beta
        self.volatilityOfVolatility = volatilityOfVolatility
        self.correlation = correlation
        self.drift = drift
        self.substeps = substeps
    }

    public var name: String { "sabr" }
    public var hasVariance: Bool { true }
    public var noisesPerStep: Int { substeps }
    public var ownNoiseShare: Double { (1 - correlation * correlation).squareRoot() }
    public var noiseGroup: Int { SharedNoise.group }

    /// Of the forward at its start: √(E ∫σ² dt / T).
    public func referenceVolatility(on grid: TimeGrid) -> Double {
        volatility * (Self.growthTime(volatilityOfVolatility, years: grid.maturity) / grid.maturity).squareRoot()
    }

    /// ∫₀^Δ E σ(t)²/σ(0)² dt = (e^{ν²Δ} − 1)/ν².
    private static func growthTime(_ nu: Double, years: Double) -> Double {
        nu > 0 ? Double.expMinusOne(nu * nu * years) / (nu * nu) : years
    }

    /// ln of the share of F₀ at which the forward is absorbed.
    private static let floor = Double.log(1e-8)

    public func paths(_ range: Range<Int>, on grid: TimeGrid, stream: RandomStream) -> PathBlock {
        paths(range, on: grid, stream: stream, ownNoise: nil)
    }

    public func paths(
        _ range: Range<Int>, on grid: TimeGrid, stream: RandomStream, noise: (UnsafeMutableBufferPointer<Double>) -> Void
    ) -> PathBlock {
        withoutActuallyEscaping(noise) { paths(range, on: grid, stream: stream, ownNoise: $0) }
    }

    /// - Parameter ownNoise: Writes the next column of B's numbers; nil draws W's, of which Z is made with others.
    private func paths(
        _ range: Range<Int>, on grid: TimeGrid, stream: RandomStream, ownNoise: ((UnsafeMutableBufferPointer<Double>) -> Void)?
    ) -> PathBlock {
        let count = range.count
        let years = grid.timeStep / Double(substeps)
        let time = Self.growthTime(volatilityOfVolatility, years: years)
        let (root, rootYears) = (time.squareRoot(), years.squareRoot())
        let (along, across) = (correlation, ownNoiseShare)
        let sinking = -volatilityOfVolatility * volatilityOfVolatility * years / 2
        // x = ln(F/F₀) and ln(σ/σ₀).
        var x = [Double](repeating: 0, count: count)
        var logVolatility = x
        var integral = x
        var (first, second) = (x, x)
        // σ (F/F₀)^{β−1}; absorbed is still.
        func effective(_ i: Int) -> Double {
            x[i] > Self.floor ? volatility * Double.exp(logVolatility[i] + (beta - 1) * x[i]) : 0
        }
        var block = PathBlock(start: spot, count: count, variance: volatility * volatility)
        for step in 0..<grid.steps {
            for part in 0..<substeps {
                first.withUnsafeMutableBufferPointer { first in
                    second.withUnsafeMutableBufferPointer {
                        stream.fillNormalPairs(first, $0, firstPath: range.lowerBound, step: step * substeps + part)
                    }
                }
                // Z in place of what it was mixed with, W in place of what it is.
                for i in 0..<count { second[i] = along * first[i] + across * second[i] }
                if let ownNoise {
                    first.withUnsafeMutableBufferPointer { ownNoise($0) }
                    for i in 0..<count { first[i] = along * second[i] + across * first[i] }
                }
                for i in 0..<count {
                    let s = effective(i)
                    x[i] = max(x[i] - s * s * time / 2 + s * root * first[i], Self.floor)
                    integral[i] += s * s * time
                    logVolatility[i] += sinking + volatilityOfVolatility * rootYears * second[i]
                }
            }
            let forward = Double.log(spot) + drift * grid.time(step + 1)
            block.append(logSpot: x.map { forward + $0 }, variance: (0..<count).map { effective($0) * effective($0) }, integral: integral)
        }
        return block
    }
}

extension SimulatorCatalog {
    static let sabr = Entry(
        name: "sabr", summary: "log-normal volatility and a power of the forward",
        parameters: [
            ("spot", 100), ("volatility", 0.2), ("beta", 1), ("volatilityOfVolatility", 0.5), ("correlation", -0.5), ("drift", 0),
            ("substeps", 1),
        ]
    ) { arguments throws(SimulatorError) in
        SABRSimulator(
            spot: try arguments.positive("spot"), volatility: try arguments.positive("volatility"),
            beta: try arguments.checked("beta", "a number from 0 to 1") { (0...1).contains($0) },
            volatilityOfVolatility: try arguments.notNegative("volatilityOfVolatility"), correlation: try arguments.correlation(),
            drift: arguments["drift"], substeps: try arguments.count("substeps"))
    }
}
