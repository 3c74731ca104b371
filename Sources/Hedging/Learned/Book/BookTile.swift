import Features
import LinearAlgebra

/// What trades do to the gamma and vega of a growing book later on, for 64 paths, in units of the day's own option.
///
/// With γ_st the gamma at date t of an option bought at date s and Γ_t the clients', the book's gamma at t after the trades n is
///
///     x_t = exposures_t + Σ_{s<t} n_s carried_ts,   exposures_t = Γ_t/γ_tt,   carried_ts = γ_st/γ_tt
///
/// and its vega likewise.
final class BookTile {
    /// Gamma and vega.
    static let exposures = 2
    /// Columns that a market must fill, whatever the network reads.
    static let inputs: [FeatureName] = [.todaysOption, .bookGamma, .bookVega]

    let steps: Int
    /// [T, 2, 64].
    let exposures: UnsafeMutablePointer<Float>
    /// [T, T, 2, 64]: date t, date s of the trade, zero from s = t on.
    let carried: UnsafeMutablePointer<Float>

    init(steps: Int) {
        self.steps = steps
        let row = Self.exposures * PolicyBlock.samples
        exposures = .allocate(capacity: steps * row)
        exposures.initialize(repeating: 0, count: steps * row)
        carried = .allocate(capacity: steps * steps * row)
        carried.initialize(repeating: 0, count: steps * steps * row)
    }

    deinit {
        exposures.deallocate()
        carried.deallocate()
    }

    /// Gamma, or vega, at date `t` of what was bought at date `s`.
    func carried(_ t: Int, _ s: Int) -> UnsafeMutablePointer<Float> {
        carried + (t * steps + s) * Self.exposures * PolicyBlock.samples
    }

    /// Date t's figures of the paths of `range`.
    func fill(_ batch: DecisionBatch, _ range: Range<Int>, step t: Int) {
        let n = PolicyBlock.samples
        for (k, (book, own)) in batch.exposures.enumerated() {
            let width = own.columns
            for (i, path) in range.enumerated() {
                let line = path * width
                let unit = own.storage[line + t]
                exposures[(t * Self.exposures + k) * n + i] = Float(book[path] / unit)
                for s in 0..<t { carried(t, s)[k * n + i] = Float(own.storage[line + s] / unit) }
            }
        }
    }

    /// s of every instrument: root mean square of the clients' gamma in options of the day.
    static func scales(of market: any HedgingMarket, paths: Range<Int>) -> [Double] {
        let paths = market.paths(paths, features: inputs)
        let none = Matrix<Double>(rows: paths.count, columns: market.instruments.count)
        var square = 0.0
        for t in 0..<paths.steps {
            let (gamma, own) = paths.decision(step: t, holdings: none).exposures[0]
            for i in gamma.indices { square += (gamma[i] / own[i, t]) * (gamma[i] / own[i, t]) }
        }
        let scale = (square / Double(paths.count * paths.steps)).squareRoot()
        return [Double](repeating: scale > 0 ? scale : 1, count: market.instruments.count)
    }
}

extension DecisionBatch {
    /// Gamma and vega: of the clients' book [N], and of one unit of each option [N, T].
    fileprivate var exposures: [([Double], Matrix<Double>)] { [(features[.bookGamma], gammas), (features[.bookVega], vegas)] }
}

extension PolicyBlock {
    /// Takes growing books by the common seam.
    static func fillBooks(
        _ tiles: [PolicyBlock], from paths: any HedgingPaths, policy: HedgePolicy, instruments: [HedgeInstrument]
    ) {
        let steps = paths.steps
        let ranges = tiles.indices.map { $0 * samples..<min(($0 + 1) * samples, paths.count) }
        let none = Matrix<Double>(rows: paths.count, columns: instruments.count)
        let liability = paths.liabilityGains
        for (tile, range) in zip(tiles, ranges) {
            tile.begin(count: range.count, steps: steps, fixedCosts: [Float(instruments[0].cost.fixed)], chargesUnwinding: false)
            for (i, path) in range.enumerated() { tile.liabilityGains[i] = liability[path] }
            tile.gains.update(repeating: 0, count: steps * samples)
        }
        for t in 0..<steps {
            let batch = paths.decision(step: t, holdings: none)
            let gains = paths.gains(step: t)
            let rate = instruments[t].cost.proportional
            let columns = policy.features.map { batch.features[$0] }
            for (tile, range) in zip(tiles, ranges) {
                for f in columns.indices {
                    policy.standardizer.standardize(columns[f], range, at: f, to: tile.inputs + (t * columns.count + f) * samples)
                }
                tile.book?.fill(batch, range, step: t)
                for (i, path) in range.enumerated() {
                    let line = path * instruments.count
                    let cost = Float(rate * batch.prices.storage[line + t])
                    tile.buyingCosts[t * samples + i] = cost
                    tile.sellingCosts[t * samples + i] = cost
                    // An option's gain is all it makes from its own date to the end.
                    for s in 0...t { tile.gains[s * samples + i] += Float(gains.storage[line + s]) }
                }
            }
        }
    }
}
