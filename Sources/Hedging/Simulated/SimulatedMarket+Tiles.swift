import Features
import VectorKernels

/// The fast road of training: a tile's rows straight from the simulator, in `Float`, by vector kernels.
///
/// For books hedged with the spot and the variance swap; what it writes is what `SimulatedPaths` gives, to the rounding of `Float`.
/// Everything else takes the common seam.
extension SimulatedMarket {
    /// Whether tiles can hold the claim, the instruments and those columns, in their own names.
    func hasFastTiles(features: [FeatureName]) -> Bool {
        VectorUnit.isAvailable && hedges.allSatisfy { $0 == .spot || $0 == .varianceSwap } && (heston != nil || referenceVolatility > 0)
            && claim.isEuropean && settlement == .linear && instruments.allSatisfy { $0.cost.quadratic == 0 }
            && TileColumns.features.isSuperset(of: features) && Set(availableFeatures).isSuperset(of: features)
    }

    /// Fills the rows of `tile` that are this market's from the paths in `memory`, and adds its claim's profit to the book's.
    ///
    /// - Parameters:
    ///   - features: Rows of the policy's inputs, and what belongs there in this market's own names.
    ///   - first: Where its instruments begin among the policy's.
    func fill(
        _ tile: PolicyBlock, policy: HedgePolicy, features: [(row: Int, name: FeatureName)], firstInstrument first: Int,
        memory: AssetMemory
    ) {
        let n = PolicyBlock.samples
        let steps = grid.steps
        let width = policy.instrumentCount
        VectorFunctions.exp(memory.logReturns, to: memory.spots, count: (steps + 1) * n)
        let start = Float(simulator.spot)
        for i in 0..<(steps + 1) * n { memory.spots[i] *= start }
        for i in 0..<n { tile.liabilityGains[i] += claim.payoff(Double(memory.spots[steps * n + i])) }

        for (j, hedge) in hedges.enumerated() {
            let rate = Float(instruments[j].cost.proportional)
            let prices = hedge == .spot ? memory.spots : memory.swaps
            if hedge == .varianceSwap { fillSwapPrices(memory) }
            for t in 0..<steps {
                let row = (t * width + first + j) * n
                let now = prices + t * n
                for i in 0..<n { tile.gains[row + i] = now[n + i] - now[i] }
            }
            for t in 0..<(chargesUnwinding ? steps + 1 : steps) {
                let row = (t * width + first + j) * n
                let now = prices + t * n
                for i in 0..<n { tile.buyingCosts[row + i] = rate * now[i].magnitude }
                for i in 0..<n { tile.sellingCosts[row + i] = tile.buyingCosts[row + i] }
            }
        }

        let underlying = hedges.firstIndex(of: .spot)
        let columns = TileColumns(self, memory)
        for t in 0..<steps {
            columns.begin(step: t)
            for (f, feature) in features {
                let row = tile.inputs + (t * policy.features.count + f) * n
                columns.fill(feature, row)
                policy.standardizer.standardize(row, count: n, at: f)
            }
            for j in hedges.indices {
                let row = tile.centers + (t * width + first + j) * n
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
    private func fillSwapPrices(_ memory: AssetMemory) {
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
