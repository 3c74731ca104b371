import Features
import LinearAlgebra
import Learning

/// A block of paths as a policy's training reads it: everything but the holdings, standardised, in `Float`,
/// sample index innermost. Taken from the seam once; the passes over it touch nothing else.
///
/// Feature columns must not depend on the holdings: they are asked for with none.
struct PolicyBlock: Sendable {
    let samples: Int
    let steps: Int
    /// Standardised features [T, F, B].
    let inputs: [Float]
    /// Analytic holdings [T, H, B].
    let centers: [Float]
    /// What one unit earns from step t to the next, [T, H, B].
    let gains: [Float]
    /// Cost of buying and of selling one unit at step t, [T + 1, H, B]: what quotes say, else rate times |price|. The last
    /// step's are what unwinding costs, zero where none is charged.
    let buyingCosts: [Float]
    let sellingCosts: [Float]
    /// Cost of any trade, per instrument; none where quotes say what trading costs.
    let fixedCosts: [Float]
    let chargesUnwinding: Bool
    /// Profit of the book itself [B].
    let liabilityGains: [Double]

    init(_ paths: any HedgingPaths, policy: HedgePolicy, instruments: [HedgeInstrument]) {
        let samples = paths.count
        let steps = paths.steps
        let features = policy.features.count
        let count = instruments.count
        self.samples = samples
        self.steps = steps
        var inputs = [Float](repeating: 0, count: steps * features * samples)
        var centers = [Float](repeating: 0, count: steps * count * samples)
        var gains = centers
        var buyingCosts = [Float](repeating: 0, count: (steps + 1) * count * samples)
        var sellingCosts = buyingCosts
        var isQuoted = false
        func write(_ costs: UnitCosts?, prices: Matrix<Double>, step t: Int) {
            for j in 0..<count {
                let offset = (t * count + j) * samples
                let rate = instruments[j].cost.proportional
                for i in 0..<samples {
                    let k = i * count + j
                    buyingCosts[offset + i] = Float(costs?.buying.storage[k] ?? rate * prices.storage[k].magnitude)
                    sellingCosts[offset + i] = Float(costs?.selling.storage[k] ?? rate * prices.storage[k].magnitude)
                }
            }
        }
        let none = Matrix<Double>(rows: samples, columns: count)
        for t in 0..<steps {
            let batch = paths.decision(step: t, holdings: none)
            let earned = paths.gains(step: t)
            for (f, name) in policy.features.enumerated() {
                let column = batch.features[name]
                inputs.withUnsafeMutableBufferPointer {
                    policy.standardizer.standardize(column, 0..<samples, at: f, to: $0.baseAddress! + (t * features + f) * samples)
                }
            }
            for j in 0..<count {
                let offset = (t * count + j) * samples
                let column = policy.centers(batch, instrument: j)
                for i in 0..<samples {
                    centers[offset + i] = Float(column[i])
                    gains[offset + i] = Float(earned.storage[i * count + j])
                }
            }
            write(batch.unitCosts, prices: batch.prices, step: t)
            isQuoted = isQuoted || batch.unitCosts != nil
        }
        if paths.chargesUnwinding { write(paths.finalUnitCosts, prices: paths.finalPrices, step: steps) }
        self.inputs = inputs
        self.centers = centers
        self.gains = gains
        self.buyingCosts = buyingCosts
        self.sellingCosts = sellingCosts
        fixedCosts = instruments.map { isQuoted ? 0 : Float($0.cost.fixed) }
        chargesUnwinding = paths.chargesUnwinding
        liabilityGains = paths.liabilityGains
    }
}
