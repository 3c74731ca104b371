public import Probability
import RealModule
import Synchronization

/// Paths made of recorded log returns, drawn in blocks of random length so that what follows what is kept: the stationary bootstrap.
///
///     the next return is its follower in the record with probability 1 − 1/L, else any one; the record is a circle
///
/// Each step's sum is shifted by a constant, so that the mean of S(t) over all that can be drawn is exactly S(0) e^{μt}. The shift leaves
/// alone what the record itself foretells: within a block one who knew the record would know the next return.
///
/// Reference: Politis, Romano, *The stationary bootstrap*, J. American Statistical Association 89 (1994).
public struct BootstrapSimulator: PathSimulator {
    public let spot: Double
    /// Log returns in order of time.
    public let returns: [Double]
    /// L, the mean length of a block, in returns.
    public let blockLength: Double
    /// Returns that make up a step of the grid.
    public let returnsPerStep: Int
    /// μ, a year.
    public let drift: Double
    private let growth: MeanGrowth

    public init(spot: Double = 100, returns: [Double], blockLength: Double = 10, returnsPerStep: Int = 1, drift: Double = 0) {
        precondition(spot > 0 && blockLength >= 1 && returnsPerStep >= 1, "blocks of \(blockLength), \(returnsPerStep) returns a step")
        precondition(returns.count >= Self.fewestReturns, "\(returns.count) returns, at least \(Self.fewestReturns) are needed")
        self.spot = spot
        self.returns = returns
        self.blockLength = blockLength
        self.returnsPerStep = returnsPerStep
        self.drift = drift
        growth = MeanGrowth(returns: returns, blockLength: blockLength)
    }

    public static let fewestReturns = 2

    public var name: String { "bootstrap" }

    public func referenceVolatility(on grid: TimeGrid) -> Double {
        let mean = returns.reduce(0, +) / Double(returns.count)
        let variance = returns.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / Double(returns.count)
        return (variance * Double(returnsPerStep) / grid.timeStep).squareRoot()
    }

    public func paths(_ range: Range<Int>, on grid: TimeGrid, stream: RandomStream) -> PathBlock {
        let count = range.count
        let growth = growth.logarithms(to: grid.steps * returnsPerStep)
        let size = Double(returns.count)
        var place = [Int](repeating: 0, count: count)
        var sum = [Double](repeating: 0, count: count)
        var (ends, starts) = (sum, sum)
        var block = PathBlock(start: spot, count: count)
        for step in 0..<grid.steps {
            for part in 0..<returnsPerStep {
                let address = step * returnsPerStep + part
                ends.withUnsafeMutableBufferPointer { ends in
                    starts.withUnsafeMutableBufferPointer {
                        stream.fillUniformPairs(ends, $0, firstPath: range.lowerBound, step: address)
                    }
                }
                for i in 0..<count {
                    let begins = address == 0 || ends[i] * blockLength < 1
                    let next = place[i] + 1 == returns.count ? 0 : place[i] + 1
                    place[i] = begins ? min(Int(starts[i] * size), returns.count - 1) : next
                    sum[i] += returns[place[i]]
                }
            }
            let shift = Double.log(spot) + drift * grid.time(step + 1) - growth[(step + 1) * returnsPerStep - 1]
            block.append(logSpot: sum.map { $0 + shift })
        }
        return block
    }

    /// ln E exp(Σ r) over 1, 2, ... drawn returns, worked out once for as many as are asked for.
    ///
    /// With g(l) the mean growth over l consecutive returns of the circle and p = 1/L, by the first block's length:
    ///
    ///     f(t) = (1−p)^{t−1} g(t) + Σ_{l<t} p (1−p)^{l−1} g(l) f(t−l)
    private final class MeanGrowth: Sendable {
        private let returns: [Double]
        private let blockLength: Double
        private let known = Mutex<[Double]>([])

        init(returns: [Double], blockLength: Double) {
            self.returns = returns
            self.blockLength = blockLength
        }

        func logarithms(to count: Int) -> [Double] {
            known.withLock { known in
                if known.count < count { known = computed(count) }
                return known
            }
        }

        private func computed(_ count: Int) -> [Double] {
            let factors = returns.map { Double.exp($0) }
            let size = factors.count
            var products = [Double](repeating: 1, count: size)
            let blocks = (0..<count).map { length in
                var total = 0.0
                for start in 0..<size {
                    products[start] *= factors[(start + length) % size]
                    total += products[start]
                }
                return total / Double(size)
            }
            let p = 1 / blockLength
            var growth: [Double] = []
            for t in 0..<count {
                var (sum, weight) = (0.0, 1.0)
                for l in 0..<t {
                    sum += p * weight * blocks[l] * growth[t - l - 1]
                    weight *= 1 - p
                }
                growth.append(sum + weight * blocks[t])
            }
            return growth.map { Double.log($0) }
        }
    }
}

extension SimulatorCatalog {
    static let bootstrap = Entry(
        name: "bootstrap", summary: "recorded returns drawn again in blocks",
        parameters: [("spot", 100), ("blockLength", 10), ("returnsPerStep", 1), ("drift", 0)], needsReturns: true
    ) { arguments throws(SimulatorError) in
        let (spot, length) = (
            try arguments.positive("spot"), try arguments.checked("blockLength", "a number of at least 1") { $0 >= 1 }
        )
        let perStep = try arguments.count("returnsPerStep")
        guard arguments.returns.count >= BootstrapSimulator.fewestReturns else {
            throw .tooFewReturns(found: arguments.returns.count, needed: BootstrapSimulator.fewestReturns)
        }
        return BootstrapSimulator(
            spot: spot, returns: arguments.returns, blockLength: length, returnsPerStep: perStep, drift: arguments["drift"])
    }
}
