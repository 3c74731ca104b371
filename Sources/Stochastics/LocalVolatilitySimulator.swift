public import Probability
import RealModule

/// Dupire's local volatility of a surface: the one diffusion that prices every option of the surface at it.
///
///     d ln S = (μ − v/2) dt + √v dW,   v = v(ln(S/F(t)), t)
///
/// Log-Euler with v at the middle of the step's time: a martingale on any grid, whose option prices come to the surface's as the steps
/// shrink.
///
/// Reference: Dupire, *Pricing with a smile*, Risk 7 (1994); Gatheral, *The Volatility Surface* (2006), chapter 1.
public struct LocalVolatilitySimulator: DiffusionSimulator, Equatable {
    public var spot: Double
    public var local: LocalVariance
    /// μ, a year.
    public var drift: Double
    /// Parts that each step of the grid is simulated in.
    public var substeps: Int

    public init(spot: Double = 100, smile: SSVISmile = SSVISmile(), drift: Double = 0, substeps: Int = 4) {
        self.init(spot: spot, local: .ssvi(smile), drift: drift, substeps: substeps)
    }

    public init(spot: Double, local: LocalVariance, drift: Double = 0, substeps: Int = 4) {
        precondition(spot > 0 && substeps >= 1, "spot \(spot), \(substeps) substeps")
        self.spot = spot
        self.local = local
        self.drift = drift
        self.substeps = substeps
    }

    public var name: String { "local-volatility" }
    public var hasVariance: Bool { true }
    public var noisesPerStep: Int { substeps }

    public func referenceVolatility(on grid: TimeGrid) -> Double {
        (local.varianceSwap(years: grid.maturity) / grid.maturity).squareRoot()
    }

    public func paths(_ range: Range<Int>, on grid: TimeGrid, stream: RandomStream) -> PathBlock {
        pathsOfOwnNoise(range, on: grid, stream: stream)
    }

    public func paths(
        _ range: Range<Int>, on grid: TimeGrid, stream: RandomStream, noise: (UnsafeMutableBufferPointer<Double>) -> Void
    ) -> PathBlock {
        let count = range.count
        let years = grid.timeStep / Double(substeps)
        // ln(S/F).
        var x = [Double](repeating: 0, count: count)
        var (integral, normals) = (x, x)
        let start = local.level(years: years / 2)
        var block = PathBlock(start: spot, count: count, variance: start.variance(0))
        for step in 0..<grid.steps {
            for part in 0..<substeps {
                let level = local.level(years: grid.time(step) + (Double(part) + 0.5) * years)
                normals.withUnsafeMutableBufferPointer { noise($0) }
                for i in 0..<count {
                    let v = level.variance(x[i]) * years
                    x[i] += v.squareRoot() * normals[i] - v / 2
                    integral[i] += v
                }
            }
            let forward = Double.log(spot) + drift * grid.time(step + 1)
            let level = local.level(years: grid.time(step + 1))
            block.append(logSpot: x.map { forward + $0 }, variance: x.map(level.variance), integral: integral)
        }
        return block
    }
}

extension SimulatorCatalog {
    static let localVolatility = Entry(
        name: "local-volatility", summary: "the diffusion that prices a whole SSVI surface",
        parameters: [
            ("spot", 100), ("volatility", 0.2), ("correlation", -0.4), ("curvature", 1), ("power", 0.4), ("drift", 0), ("substeps", 4),
        ]
    ) { arguments throws(SimulatorError) in
        let correlation = try arguments.correlation()
        let largest = 2 / (1 + correlation.magnitude)
        return LocalVolatilitySimulator(
            spot: try arguments.positive("spot"),
            smile: SSVISmile(
                volatility: try arguments.positive("volatility"), correlation: correlation,
                curvature: try arguments.checked("curvature", "from 0 to 2 / (1 + |correlation|), beyond which there is arbitrage") {
                    $0 >= 0 && $0 <= largest
                },
                power: try arguments.checked("power", "a number from 0 to 0.5") { (0...0.5).contains($0) }),
            drift: arguments["drift"], substeps: try arguments.count("substeps"))
    }
}
