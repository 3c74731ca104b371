public import LinearAlgebra
public import Probability

/// Several assets drawn together, each by its own law.
///
/// Asset a draws from the stream of index a, so that the first one's paths are those it has alone. Black-Scholes assets may be
/// correlated: with ρ = L Lᵀ the normals of asset a are Σ L(a, b) ε(b), ε(b) those of stream b.
public struct MultiAssetSimulator: Sendable {
    public let assets: [any PathSimulator]
    /// ρ of the log returns, [A, A]; nil where the assets are independent.
    public let correlations: Matrix<Double>?
    /// L.
    private let factor: Matrix<Double>?

    /// Independent assets.
    public init(_ assets: [any PathSimulator]) {
        precondition(!assets.isEmpty, "no asset")
        self.assets = assets
        correlations = nil
        factor = nil
    }

    /// Black-Scholes assets that move together.
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
        if let other = assets.first(where: { !($0 is BlackScholesSimulator) }) { throw .correlatedLaw(simulator: other.name) }
        do {
            factor = try Cholesky(correlations).lower
        } catch {
            throw .notPositiveDefinite
        }
        self.assets = assets
        self.correlations = correlations
    }

    /// The paths of `range`, a block for each asset.
    public func paths(_ range: Range<Int>, on grid: TimeGrid, stream: RandomStream) -> [PathBlock] {
        guard let factor else {
            return assets.indices.map { assets[$0].paths(range, on: grid, stream: stream.numbered($0)) }
        }
        let count = range.count
        // ε of every asset, a column of T·N numbers each.
        let independent = assets.indices.map { asset in
            var columns = NormalColumns(stream.numbered(asset), paths: range)
            var normals = [Double](repeating: 0, count: grid.steps * count)
            normals.withUnsafeMutableBufferPointer { normals in
                for step in 0..<grid.steps { columns.next(.init(rebasing: normals[step * count..<(step + 1) * count])) }
            }
            return normals
        }
        return assets.indices.map { asset in
            guard let law = assets[asset] as? BlackScholesSimulator else {
                preconditionFailure("'\(assets[asset].name)' cannot be correlated")
            }
            var step = 0
            return law.paths(count, on: grid) { target in
                for i in 0..<count { target[i] = factor[asset, 0] * independent[0][step * count + i] }
                for other in 0..<asset where factor[asset, other + 1] != 0 {
                    let weight = factor[asset, other + 1]
                    for i in 0..<count { target[i] += weight * independent[other + 1][step * count + i] }
                }
                step += 1
            }
        }
    }

    /// The same paths to the rounding of `Float`, a tile for each asset: what training reads.
    public func fill(_ tiles: [PathTile], firstPath: Int, on grid: TimeGrid, stream: RandomStream) {
        precondition(tiles.count == assets.count, "\(tiles.count) tiles for \(assets.count) assets")
        guard let factor else {
            for (index, asset) in assets.enumerated() {
                asset.fill(tiles[index], firstPath: firstPath, on: grid, stream: stream.numbered(index))
            }
            return
        }
        for (index, tile) in tiles.enumerated() {
            Self.brownianMotion.fill(tile, firstPath: firstPath, on: grid, stream: stream.numbered(index))
        }
        // ln S = (μ − σ²/2)t + σ Σ L(a, b) W(b), from the last asset down: what those above it still read is not yet written over.
        for index in assets.indices.reversed() {
            guard let law = assets[index] as? BlackScholesSimulator else {
                preconditionFailure("'\(assets[index].name)' cannot be correlated")
            }
            let weights = (0...index).map { Float(law.volatility * factor[index, $0]) }
            for t in 0...grid.steps {
                let mean = Float((law.drift - law.volatility * law.volatility / 2) * grid.time(t))
                let row = tiles[index].row(t)
                for i in 0..<tiles[index].count { row[i] = mean + weights[index] * row[i] }
                for other in 0..<index where weights[other] != 0 {
                    let motion = tiles[other].row(t)
                    for i in 0..<tiles[index].count { row[i] += weights[other] * motion[i] }
                }
            }
        }
    }

    /// The law whose log return is a Brownian motion.
    private static let brownianMotion = BlackScholesSimulator(spot: 1, volatility: 1, drift: 0.5)
}

/// What is wrong with assets that were to be simulated together.
public enum MultiAssetError: Error, Equatable, CustomStringConvertible {
    case shape(rows: Int, columns: Int, assets: Int)
    case diagonal(row: Int, found: Double)
    case asymmetric(row: Int, column: Int, found: Double, mirrored: Double)
    case notPositiveDefinite
    case correlatedLaw(simulator: String)

    public var description: String {
        switch self {
        case .shape(let rows, let columns, let assets): "\(rows) x \(columns) correlations of \(assets) assets"
        case .diagonal(let row, let found): "asset \(row + 1) has correlation \(found) with itself, expected 1"
        case .asymmetric(let row, let column, let found, let mirrored):
            "assets \(row + 1) and \(column + 1) have correlation \(found), and \(mirrored) the other way round"
        case .notPositiveDefinite: "the correlations are not positive definite: no assets move together like that"
        case .correlatedLaw(let simulator): "assets of the \(simulator) market are independent here; correlations need black-scholes"
        }
    }
}
