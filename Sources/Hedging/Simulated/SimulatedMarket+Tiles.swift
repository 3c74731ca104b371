import Stochastics
import VectorKernels

/// The fast road of training: a tile's rows straight from the simulator, in `Float`, by vector kernels.
///
/// For books hedged with the spot and the variance swap; what it writes is what `SimulatedPaths` gives, to the rounding of `Float`.
/// Everything else takes the common seam.
extension SimulatedMarket {
    func hasFastTiles(_ policy: HedgePolicy) -> Bool {
        VectorUnit.isAvailable && hedges.allSatisfy { $0 == .spot || $0 == .varianceSwap } && (heston != nil || referenceVolatility > 0)
            && stream.sampling == .independent && claim.isEuropean && settlement == .linear
            && instruments.allSatisfy { $0.cost.quadratic == 0 }
            && TileColumns.features.isSuperset(of: policy.inputs) && Set(availableFeatures).isSuperset(of: policy.inputs)
    }

    /// Fills `tile` with the paths of `range`, at most 64, for a policy that `hasFastTiles`.
    func fill(_ tile: PolicyBlock, paths range: Range<Int>, policy: HedgePolicy, memory: TileMemory) {
        let n = PolicyBlock.samples
        let steps = grid.steps
        let instruments = hedges.count
        tile.begin(
            count: range.count, fixedCosts: self.instruments.map { Float($0.cost.fixed) }, chargesUnwinding: chargesUnwinding)
        simulator.fill(memory.paths, firstPath: range.lowerBound, on: grid, stream: stream)
        VectorFunctions.exp(memory.logReturns, to: memory.spots, count: (steps + 1) * n)
        let start = Float(simulator.spot)
        for i in 0..<(steps + 1) * n { memory.spots[i] *= start }
        for i in 0..<n { tile.liabilityGains[i] = claim.payoff(Double(memory.spots[steps * n + i])) }

        for (j, hedge) in hedges.enumerated() {
            let rate = Float(self.instruments[j].cost.proportional)
            let prices = hedge == .spot ? memory.spots : memory.swaps
            if hedge == .varianceSwap { fillSwapPrices(memory) }
            for t in 0..<steps {
                let row = (t * instruments + j) * n
                let now = prices + t * n
                for i in 0..<n { tile.gains[row + i] = now[n + i] - now[i] }
            }
            for t in 0..<(chargesUnwinding ? steps + 1 : steps) {
                let row = (t * instruments + j) * n
                let now = prices + t * n
                for i in 0..<n { tile.buyingCosts[row + i] = rate * now[i].magnitude }
                for i in 0..<n { tile.sellingCosts[row + i] = tile.buyingCosts[row + i] }
            }
        }

        let underlying = hedges.firstIndex(of: .spot)
        let columns = TileColumns(self, memory)
        for t in 0..<steps {
            columns.begin(step: t)
            for (f, feature) in policy.features.enumerated() {
                let row = tile.inputs + (t * policy.features.count + f) * n
                columns.fill(feature, row)
                policy.standardizer.standardize(row, count: n, at: f)
            }
            for j in 0..<instruments {
                let row = tile.centers + (t * instruments + j) * n
                if let feature = policy.center.feature, j == underlying {
                    // One unit of spot has delta 1.
                    columns.fill(feature, row)
                    for i in 0..<n { row[i] = -row[i] }
                } else {
                    row.update(repeating: 0, count: n)
                }
            }
        }
    }

    /// ∫v + (v − θ)·memory + θτ at every time.
    private func fillSwapPrices(_ memory: TileMemory) {
        guard let heston else { preconditionFailure("a variance swap on '\(simulator.name)'") }
        let n = PolicyBlock.samples
        for t in 0...grid.steps {
            let years = grid.timeToMaturity(t)
            let slope = Float(heston.memory(years))
            let level = Float(heston.expectedTotalVariance(from: 0, years: years))
            let row = t * n
            for i in row..<row + n { memory.swaps[i] = memory.integrals[i] + (slope * memory.variances[i] + level) }
        }
    }
}

/// A tile's paths and what is made of them on the way to a policy's inputs: one per worker, used for every tile.
final class TileMemory {
    private let memory: UnsafeMutablePointer<Float>
    /// Rows [T + 1, 64] each.
    let logReturns: UnsafeMutablePointer<Float>
    let variances: UnsafeMutablePointer<Float>
    let integrals: UnsafeMutablePointer<Float>
    let spots: UnsafeMutablePointer<Float>
    let swaps: UnsafeMutablePointer<Float>
    /// Rows of 64.
    let scratch: UnsafeMutablePointer<Float>

    private static let scratchRows = 3 + SheetTile.Places.size / PolicyBlock.samples

    init(steps: Int) {
        let size = (steps + 1) * PolicyBlock.samples
        let whole = 5 * size + Self.scratchRows * PolicyBlock.samples
        memory = UnsafeMutableRawPointer.allocate(byteCount: whole * MemoryLayout<Float>.stride, alignment: 64)
            .bindMemory(to: Float.self, capacity: whole)
        memory.initialize(repeating: 0, count: whole)
        logReturns = memory
        variances = memory + size
        integrals = memory + 2 * size
        spots = memory + 3 * size
        swaps = memory + 4 * size
        scratch = memory + 5 * size
    }

    deinit { memory.deallocate() }

    var paths: PathTile {
        PathTile(logReturns: logReturns, variance: variances, integratedVariance: integrals, count: PolicyBlock.samples)
    }
}
