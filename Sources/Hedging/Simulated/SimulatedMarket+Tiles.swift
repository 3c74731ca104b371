import Features
import RealModule
import Stochastics
import VectorKernels

/// The fast road of training: a tile's rows straight from the simulator, in `Float`, by vector kernels.
///
/// For markets of one volatility that are hedged with the spot; what it writes is what `SimulatedPaths` gives, to the
/// rounding of `Float`. Everything else takes the common seam.
extension SimulatedMarket {
    private static let fastFeatures: Set<FeatureName> = [
        .logMoneyness, .timeToExpiry, .impliedVolatility, .forward, .bookDelta, .bookNetDelta, .bookGamma, .bookQuantity,
    ]

    func hasFastTiles(_ policy: HedgePolicy) -> Bool {
        VectorUnit.isAvailable && simulator is any TileSimulator && hedges == [.spot] && heston == nil && claim.isEuropean
            && settlement == .linear && instruments[0].cost.quadratic == 0
            && referenceVolatility > 0 && Self.fastFeatures.isSuperset(of: policy.inputs)
    }

    /// Fills `tile` with the paths of `range`, at most 64, for a policy that `hasFastTiles`.
    func fill(_ tile: PolicyBlock, paths range: Range<Int>, policy: HedgePolicy) {
        guard let simulator = simulator as? any TileSimulator else { preconditionFailure("'\(simulator.name)' has no tiles") }
        let n = PolicyBlock.samples
        let steps = grid.steps
        let cost = instruments[0].cost
        let rate = Float(cost.proportional)
        let volatility = referenceVolatility
        tile.begin(count: range.count, fixedCosts: [Float(cost.fixed)], chargesUnwinding: chargesUnwinding)
        withUnsafeTemporaryAllocation(of: Float.self, capacity: (2 * (steps + 1) + 1) * n) { memory in
            let logReturns = memory.baseAddress!
            let spots = logReturns + (steps + 1) * n
            let scratch = spots + (steps + 1) * n
            simulator.fillLogReturns(logReturns, count: n, firstPath: range.lowerBound, on: grid, stream: stream)
            VectorFunctions.exp(logReturns, to: spots, count: (steps + 1) * n)
            let start = Float(simulator.spot)
            for i in 0..<(steps + 1) * n { spots[i] *= start }
            for i in 0..<steps * n { tile.gains[i] = spots[i + n] - spots[i] }
            let costed = chargesUnwinding ? steps + 1 : steps
            for i in 0..<costed * n {
                tile.buyingCosts[i] = rate * spots[i]
                tile.sellingCosts[i] = tile.buyingCosts[i]
            }
            for i in 0..<n { tile.liabilityGains[i] = claim.payoff(Double(spots[steps * n + i])) }
            for t in 0..<steps {
                let view = FastView(
                    market: self, volatility: volatility, step: t, logReturns: logReturns + t * n, spots: spots + t * n, scratch: scratch)
                for (f, feature) in policy.features.enumerated() {
                    let row = tile.inputs + (t * policy.features.count + f) * n
                    view.fill(feature, row)
                    policy.standardizer.standardize(row, count: n, at: f)
                }
                if let feature = policy.center.feature {
                    // One unit of spot has delta 1.
                    let row = tile.centers + t * n
                    view.fill(feature, row)
                    for i in 0..<n { row[i] = -row[i] }
                }
            }
        }
    }
}

/// Columns of one step of a tile.
private struct FastView {
    let market: SimulatedMarket
    let volatility: Double
    let step: Int
    let logReturns: UnsafePointer<Float>
    let spots: UnsafePointer<Float>
    /// One row.
    let scratch: UnsafeMutablePointer<Float>

    func fill(_ feature: FeatureName, _ row: UnsafeMutablePointer<Float>) {
        let n = PolicyBlock.samples
        let legs = market.claim.legs
        switch feature {
        case .logMoneyness:
            let logStrike = Float(Double.log(legs[0].strike / market.simulator.spot))
            for i in 0..<n { row[i] = logStrike - logReturns[i] }
        case .timeToExpiry: row.update(repeating: Float(market.grid.timeToMaturity(step)), count: n)
        case .impliedVolatility: row.update(repeating: Float(volatility), count: n)
        case .forward: row.update(from: spots, count: n)
        case .bookQuantity: row.update(repeating: Float(legs[0].quantity), count: n)
        case .bookDelta: fillDelta(row, isNet: false)
        case .bookNetDelta: fillDelta(row, isNet: true)
        case .bookGamma: fillGamma(row)
        default: preconditionFailure("the fast road has no feature '\(feature)'")
        }
    }

    /// Σ q ω N(ω d₁), or net of the premium in coin, Σ q ω (K/S) N(ω d₂).
    private func fillDelta(_ row: UnsafeMutablePointer<Float>, isNet: Bool) {
        let n = PolicyBlock.samples
        let deviation = volatility * market.grid.timeToMaturity(step).squareRoot()
        let tails = scratch
        row.update(repeating: 0, count: n)
        for leg in market.claim.legs {
            let omega = Float(leg.kind.sign)
            let quantity = Float(leg.quantity) * omega
            let slope = omega / Float(deviation)
            let shift = isNet ? -deviation / 2 : deviation / 2
            let start = omega * Float(Double.log(market.simulator.spot / leg.strike) / deviation + shift)
            for i in 0..<n { tails[i] = start + slope * logReturns[i] }
            VectorFunctions.normalCDF(tails, to: tails, count: n)
            if isNet {
                let strike = Float(leg.strike)
                for i in 0..<n { row[i] += quantity * tails[i] * (strike / spots[i]) }
            } else {
                for i in 0..<n { row[i] += quantity * tails[i] }
            }
        }
    }

    /// Σ q φ(d₁)/(S σ√τ).
    private func fillGamma(_ row: UnsafeMutablePointer<Float>) {
        let n = PolicyBlock.samples
        let deviation = volatility * market.grid.timeToMaturity(step).squareRoot()
        let densities = scratch
        row.update(repeating: 0, count: n)
        for leg in market.claim.legs {
            let quantity = Float(leg.quantity / (deviation * (2 * Double.pi).squareRoot()))
            let start = Float(Double.log(market.simulator.spot / leg.strike) / deviation + deviation / 2)
            let slope = 1 / Float(deviation)
            for i in 0..<n {
                let d1 = start + slope * logReturns[i]
                densities[i] = -0.5 * d1 * d1
            }
            VectorFunctions.exp(densities, to: densities, count: n)
            for i in 0..<n { row[i] += quantity * densities[i] / spots[i] }
        }
    }
}
