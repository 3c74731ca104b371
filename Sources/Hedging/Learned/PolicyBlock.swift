import Features
import LinearAlgebra
import Learning
import VectorKernels

/// A tile of 64 paths as a policy's training reads it: everything but the holdings, standardised, in `Float`, sample index
/// innermost. Filled from the seam or straight from a simulator; the passes over it touch nothing else.
///
/// Where there are fewer paths than samples the rest is zero, and the passes give it no weight.
final class PolicyBlock {
    /// Samples of a tile: the unit in which gradients are summed.
    static let samples = DenseTile.samples

    /// Paths there are, at most `samples`.
    private(set) var count = 0
    private(set) var steps: Int
    /// Standardised features [T, F, 64].
    let inputs: UnsafeMutablePointer<Float>
    /// Analytic holdings [T, H, 64].
    let centers: UnsafeMutablePointer<Float>
    /// What one unit earns from step t to the next, [T, H, 64].
    let gains: UnsafeMutablePointer<Float>
    /// Cost of buying and of selling one unit at step t, [T + 1, H, 64]: what quotes say, else rate times |price|. The last
    /// step's are what unwinding costs, zero where none is charged.
    let buyingCosts: UnsafeMutablePointer<Float>
    let sellingCosts: UnsafeMutablePointer<Float>
    /// Cost of the square of a trade at step t, [T + 1, H, 64]; nil where no instrument has one.
    private(set) var quadraticCosts: UnsafeMutablePointer<Float>?
    /// Cost of any trade, per instrument; none where quotes say what trading costs.
    private(set) var fixedCosts: [Float]
    private(set) var chargesUnwinding = false
    /// Profit of the book itself [64].
    let liabilityGains: UnsafeMutablePointer<Double>
    /// What trades do to the book's gamma and vega later on; only for policies that read it.
    let book: BookTile?

    /// Room for `steps` steps.
    init(_ policy: HedgePolicy, steps: Int) {
        self.steps = steps
        let heads = policy.copies * policy.headCount
        let row = heads * Self.samples
        func zeros(_ count: Int) -> UnsafeMutablePointer<Float> {
            let memory = UnsafeMutablePointer<Float>.allocate(capacity: count)
            memory.initialize(repeating: 0, count: count)
            return memory
        }
        inputs = zeros(steps * policy.features.count * Self.samples)
        centers = zeros(steps * row)
        gains = zeros(steps * row)
        buyingCosts = zeros((steps + 1) * row)
        sellingCosts = zeros((steps + 1) * row)
        fixedCosts = [Float](repeating: 0, count: heads)
        liabilityGains = .allocate(capacity: Self.samples)
        liabilityGains.initialize(repeating: 0, count: Self.samples)
        book = policy.kind == .book ? BookTile(steps: steps) : nil
    }

    deinit {
        inputs.deallocate()
        centers.deallocate()
        gains.deallocate()
        buyingCosts.deallocate()
        sellingCosts.deallocate()
        quadraticCosts?.deallocate()
        liabilityGains.deallocate()
    }

    /// What a tile filled straight from a simulator holds; the caller fills the rows.
    func begin(count: Int, steps: Int, fixedCosts: [Float], chargesUnwinding: Bool) {
        self.steps = steps
        begin(count: count, fixedCosts: fixedCosts, chargesUnwinding: chargesUnwinding)
    }

    func begin(count: Int, fixedCosts: [Float], chargesUnwinding: Bool) {
        self.count = count
        self.fixedCosts = fixedCosts
        self.chargesUnwinding = chargesUnwinding
    }

    /// Takes paths by the common seam, the first 64 into the first tile and so on.
    ///
    /// Feature columns must not depend on the holdings: they are asked for with none.
    static func fill(
        _ tiles: [PolicyBlock], from paths: any HedgingPaths, policy: HedgePolicy, instruments: [HedgeInstrument]
    ) {
        if policy.kind == .book { return fillBooks(tiles, from: paths, policy: policy, instruments: instruments) }
        let features = policy.features.count
        let steps = paths.steps
        let ranges = tiles.indices.map { $0 * samples..<min(($0 + 1) * samples, paths.count) }
        let none = Matrix<Double>(rows: paths.count, columns: instruments.count)
        let liability = paths.liabilityGains
        for (tile, range) in zip(tiles, ranges) {
            tile.takeQuadraticCosts(instruments)
            tile.steps = steps
            tile.begin(count: range.count, fixedCosts: instruments.map { Float($0.cost.fixed) }, chargesUnwinding: paths.chargesUnwinding)
            for (i, path) in range.enumerated() { tile.liabilityGains[i] = liability[path] }
        }
        for t in 0..<steps {
            let batch = paths.decision(step: t, holdings: none)
            let earned = paths.gains(step: t)
            let columns = policy.features.map { batch.features[$0] }
            let centers = instruments.indices.map { policy.centers(batch, instrument: $0) }
            for (tile, range) in zip(tiles, ranges) {
                for f in columns.indices {
                    policy.standardizer.standardize(columns[f], range, at: f, to: tile.inputs + (t * features + f) * samples)
                }
                for j in instruments.indices {
                    let offset = (t * instruments.count + j) * samples
                    for (i, path) in range.enumerated() {
                        tile.centers[offset + i] = Float(centers[j][path])
                        tile.gains[offset + i] = Float(earned.storage[path * instruments.count + j])
                    }
                }
                tile.write(batch.unitCosts, prices: batch.prices, range, instruments, step: t)
                if batch.unitCosts != nil { tile.fixedCosts = tile.fixedCosts.map { _ in 0 } }
            }
        }
        guard paths.chargesUnwinding else { return }
        for (tile, range) in zip(tiles, ranges) {
            tile.write(paths.finalUnitCosts, prices: paths.finalPrices, range, instruments, step: steps)
        }
    }

    /// Room for quadratic costs where there are any, which takes place once.
    private func takeQuadraticCosts(_ instruments: [HedgeInstrument]) {
        guard quadraticCosts == nil, instruments.contains(where: { $0.cost.quadratic > 0 }) else { return }
        let count = (steps + 1) * instruments.count * Self.samples
        quadraticCosts = .allocate(capacity: count)
        quadraticCosts?.initialize(repeating: 0, count: count)
    }

    private func write(
        _ costs: UnitCosts?, prices: Matrix<Double>, _ range: Range<Int>, _ instruments: [HedgeInstrument], step t: Int
    ) {
        for j in instruments.indices {
            let offset = (t * instruments.count + j) * Self.samples
            let rate = instruments[j].cost.proportional
            for (i, path) in range.enumerated() {
                let k = path * instruments.count + j
                buyingCosts[offset + i] = Float(costs?.buying.storage[k] ?? rate * prices.storage[k].magnitude)
                sellingCosts[offset + i] = Float(costs?.selling.storage[k] ?? rate * prices.storage[k].magnitude)
                if let quadraticCosts {
                    quadraticCosts[offset + i] = costs == nil ? Float(instruments[j].cost.quadratic * prices.storage[k].magnitude) : 0
                }
            }
        }
    }
}
