public import Probability
import RealModule

/// Geometric Brownian motion, sampled exactly.
///
///     ln S(t+Δt) = ln S(t) + (μ − σ²/2) Δt + σ √Δt z
public struct BlackScholesSimulator: DiffusionSimulator, Equatable {
    public var spot: Double
    /// Annual decimal.
    public var volatility: Double
    /// μ, a year. Rates are zero, so zero makes the spot a martingale.
    public var drift: Double

    public init(spot: Double = 100, volatility: Double = 0.2, drift: Double = 0) {
        precondition(spot > 0 && volatility >= 0, "spot \(spot), volatility \(volatility)")
        self.spot = spot
        self.volatility = volatility
        self.drift = drift
    }

    public var name: String { "black-scholes" }
    public func referenceVolatility(on grid: TimeGrid) -> Double { volatility }

    public func paths(_ range: Range<Int>, on grid: TimeGrid, stream: RandomStream) -> PathBlock {
        if stream.sampling == .sobol {
            var normals = NormalColumns(stream, paths: range)
            let columns = (0..<grid.steps).map { _ in
                [Double](unsafeUninitializedCapacity: range.count) { column, initialized in
                    normals.next(.init(rebasing: column[..<range.count]))
                    initialized = range.count
                }
            }
            var increments = BrownianBridge(steps: grid.steps).increments(columns).makeIterator()
            return paths(range, on: grid, stream: stream) { column in
                if let next = increments.next() { _ = column.update(fromContentsOf: next) }
            }
        }
        return pathsOfOwnNoise(range, on: grid, stream: stream)
    }

    public func paths(
        _ range: Range<Int>, on grid: TimeGrid, stream: RandomStream, noise: (UnsafeMutableBufferPointer<Double>) -> Void
    ) -> PathBlock {
        let count = range.count
        let mean = (drift - volatility * volatility / 2) * grid.timeStep
        let deviation = volatility * grid.timeStep.squareRoot()
        var block = PathBlock(start: spot, count: count)
        for step in 0..<grid.steps {
            let before = block.logSpot[step]
            block.append(
                logSpot: [Double](unsafeUninitializedCapacity: count) { now, initialized in
                    let now = UnsafeMutableBufferPointer(rebasing: now[..<count])
                    noise(now)
                    for i in 0..<count { now[i] = before[i] + mean + deviation * now[i] }
                    initialized = count
                })
        }
        return block
    }
}

extension SimulatorCatalog {
    static let blackScholes = Entry(
        name: "black-scholes", summary: "geometric Brownian motion",
        parameters: [("spot", 100), ("volatility", 0.2), ("drift", 0)]
    ) { arguments throws(SimulatorError) in try BlackScholesSimulator(arguments) }
}

extension BlackScholesSimulator {
    init(_ arguments: SimulatorArguments) throws(SimulatorError) {
        self.init(spot: try arguments.positive("spot"), volatility: try arguments.notNegative("volatility"), drift: arguments["drift"])
    }
}
