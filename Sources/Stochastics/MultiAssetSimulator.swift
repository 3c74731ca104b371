public import LinearAlgebra
public import Probability

/// Several assets drawn together, each by its own law.
///
/// Asset a draws from the stream of index a, so that independent assets have the paths they have alone. Correlated ones share noise of
/// their prices: with d⟨W(a), W(b)⟩ = R(a, b) dt and dW = ρ dZ + √(1 − ρ²) dB in each, where the variances' noises Z are independent,
///
///     d⟨B(a), B(b)⟩ = R(a, b) / (√(1 − ρ(a)²) √(1 − ρ(b)²)) dt = (L Lᵀ)(a, b) dt,   normals of B(a): Σ L(a, b) ε(b),
///
/// with ε(b) from stream b. Laws without variance of its own noise have ρ = 0. Each asset's law is the one it has alone.
public struct MultiAssetSimulator: Sendable {
    public let assets: [any PathSimulator]
    /// R, [A, A]; nil where the assets are independent.
    public let correlations: Matrix<Double>?
    /// How they move together; nil where they do not.
    private let together: Together?

    private struct Together: Sendable {
        let laws: [any DiffusionSimulator]
        /// L.
        let factor: Matrix<Double>
    }

    /// Independent assets.
    public init(_ assets: [any PathSimulator]) {
        precondition(!assets.isEmpty, "no asset")
        self.assets = assets
        correlations = nil
        together = nil
    }

    /// Assets that move together. With R the identity their paths are those of independent ones, to the last bit.
    public init(_ assets: [any PathSimulator], correlations: Matrix<Double>) throws(MultiAssetError) {
        let count = assets.count
        guard correlations.rows == count, correlations.columns == count else {
            throw .shape(rows: correlations.rows, columns: correlations.columns, assets: count)
        }
        for i in 0..<count {
            guard correlations[i, i] == 1 else { throw .diagonal(row: i, found: correlations[i, i]) }
            for j in 0..<i where correlations[i, j] != correlations[j, i] {
                throw .asymmetric(row: i, column: j, found: correlations[i, j], mirrored: correlations[j, i])
            }
        }
        var laws: [any DiffusionSimulator] = []
        for asset in assets {
            guard let law = asset as? any DiffusionSimulator else { throw .correlatedLaw(simulator: asset.name) }
            laws.append(law)
        }
        for (index, law) in laws.enumerated() where law.noisesPerStep != laws[0].noisesPerStep {
            throw .substeps(asset: index, found: law.noisesPerStep, first: laws[0].noisesPerStep)
        }
        guard (try? Cholesky(correlations)) != nil else { throw .notPositiveDefinite }
        let own = Matrix(rows: count, columns: count) { a, b in
            a == b || correlations[a, b] == 0 ? correlations[a, b] : correlations[a, b] / (laws[a].ownNoiseShare * laws[b].ownNoiseShare)
        }
        guard own.storage.allSatisfy(\.isFinite), let factor = try? Cholesky(own).lower else { throw .variancesLeaveTooLittle }
        self.assets = assets
        self.correlations = correlations
        together = correlations == .identity(count) ? nil : Together(laws: laws, factor: factor)
    }

    /// The paths of `range`, a block for each asset.
    public func paths(_ range: Range<Int>, on grid: TimeGrid, stream: RandomStream) -> [PathBlock] {
        guard let together else {
            return assets.indices.map { assets[$0].paths(range, on: grid, stream: stream.numbered($0)) }
        }
        let (laws, factor) = (together.laws, together.factor)
        let count = range.count
        let rows = grid.steps * laws[0].noisesPerStep
        // ε of every asset, a column of rows·N numbers each.
        let independent = laws.enumerated().map { index, law in
            var columns = NormalColumns(stream.numbered(index), paths: range, group: law.noiseGroup)
            var normals = [Double](repeating: 0, count: rows * count)
            normals.withUnsafeMutableBufferPointer { normals in
                for row in 0..<rows { columns.next(.init(rebasing: normals[row * count..<(row + 1) * count])) }
            }
            return normals
        }
        return laws.enumerated().map { asset, law in
            var row = 0
            return law.paths(range, on: grid, stream: stream.numbered(asset)) { target in
                for i in 0..<count { target[i] = factor[asset, 0] * independent[0][row * count + i] }
                for other in 0..<asset where factor[asset, other + 1] != 0 {
                    let weight = factor[asset, other + 1]
                    for i in 0..<count { target[i] += weight * independent[other + 1][row * count + i] }
                }
                row += 1
            }
        }
    }

    /// The same paths to the rounding of `Float`, a tile for each asset: what training reads.
    public func fill(_ tiles: [PathTile], firstPath: Int, on grid: TimeGrid, stream: RandomStream) {
        precondition(tiles.count == assets.count, "\(tiles.count) tiles for \(assets.count) assets")
        guard let together else {
            for (index, asset) in assets.enumerated() {
                asset.fill(tiles[index], firstPath: firstPath, on: grid, stream: stream.numbered(index))
            }
            return
        }
        let (laws, factor) = (together.laws, together.factor)
        let count = tiles[0].count
        let rows = grid.steps * laws[0].noisesPerStep
        // An address holds the numbers of two rows: an odd last one writes into a row of nobody's.
        let size = (rows + rows % 2) * count
        withUnsafeTemporaryAllocation(of: Float.self, capacity: laws.count * size) { memory in
            guard let noise = memory.baseAddress else { return }
            for (index, law) in laws.enumerated() {
                for row in stride(from: 0, to: rows, by: 2) {
                    let first = noise + index * size + row * count
                    stream.numbered(index).fillNormalPairs(
                        first, first + count, count: count, firstPath: firstPath, step: row / 2, group: law.noiseGroup)
                }
            }
            // From the last asset down: what those above it still read is not yet written over.
            for index in laws.indices.reversed() {
                let own = noise + index * size
                let weight = Float(factor[index, index])
                for i in 0..<rows * count { own[i] *= weight }
                for other in 0..<index where factor[index, other] != 0 {
                    let (weight, motion) = (Float(factor[index, other]), noise + other * size)
                    for i in 0..<rows * count { own[i] += weight * motion[i] }
                }
                laws[index].fill(tiles[index], firstPath: firstPath, on: grid, stream: stream.numbered(index), noise: own)
            }
        }
    }
}

/// What is wrong with assets that were to be simulated together.
public enum MultiAssetError: Error, Equatable, CustomStringConvertible {
    case shape(rows: Int, columns: Int, assets: Int)
    case diagonal(row: Int, found: Double)
    case asymmetric(row: Int, column: Int, found: Double, mirrored: Double)
    case notPositiveDefinite
    case correlatedLaw(simulator: String)
    case substeps(asset: Int, found: Int, first: Int)
    /// The prices' correlations are those of no own noises.
    case variancesLeaveTooLittle

    public var description: String {
        switch self {
        case .shape(let rows, let columns, let assets): "\(rows) x \(columns) correlations of \(assets) assets"
        case .diagonal(let row, let found): "asset \(row + 1) has correlation \(found) with itself, expected 1"
        case .asymmetric(let row, let column, let found, let mirrored):
            "assets \(row + 1) and \(column + 1) have correlation \(found), and \(mirrored) the other way round"
        case .notPositiveDefinite: "the correlations are not positive definite: no assets move together like that"
        case .correlatedLaw(let simulator):
            "assets of the \(simulator) market are independent here: its paths have no normal noise that another asset's could share"
        case .substeps(let asset, let found, let first):
            "asset \(asset + 1) moves in \(found) parts a step and asset 1 in \(first): correlated assets need as many"
        case .variancesLeaveTooLittle:
            "prices that move together more than the variances' noises leave them to: correlations divided by √(1 − ρ²) of both assets, "
                + "ρ each one's own correlation of price and variance, must be positive definite too"
        }
    }
}
