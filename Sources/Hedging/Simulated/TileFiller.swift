import Features
import Probability
import Stochastics
import VectorKernels

/// How a simulated market's tiles are filled for a policy, asset by asset: laid out once for many tiles.
struct TileFiller: Sendable {
    /// One asset among the policy's rows.
    private struct Part: Sendable {
        let market: SimulatedMarket
        let firstInstrument: Int
        /// Rows of the policy's inputs that the asset fills, and its own names of what belongs there.
        var features: [(row: Int, name: FeatureName)]
    }

    private let parts: [Part]
    /// What draws several assets; nil for one alone.
    private let simulator: MultiAssetSimulator?
    private let stream: RandomStream
    private let policy: HedgePolicy
    private let fixedCosts: [Float]

    /// nil where the market or the policy asks for what only the common seam gives.
    init?(_ market: any HedgingMarket, _ policy: HedgePolicy) {
        switch market {
        case let market as SimulatedMarket: self.init([market], simulator: nil, market.stream, policy)
        case let market as MultiAssetMarket where market.baskets.isEmpty:
            self.init(market.assets, simulator: market.simulator, market.stream, policy)
        default: return nil
        }
    }

    private init?(_ assets: [SimulatedMarket], simulator: MultiAssetSimulator?, _ stream: RandomStream, _ policy: HedgePolicy) {
        guard stream.sampling == .independent else { return nil }
        // What has no number is, among several assets, the same for all of them: the first one fills it.
        func source(_ feature: FeatureName) -> (asset: Int, name: FeatureName)? {
            guard simulator != nil else { return (0, feature) }
            if let (name, asset) = AssetNumber.split(feature.rawValue) { return (asset - 1, FeatureName(rawValue: name)) }
            return feature == .timeToExpiry ? (0, feature) : nil
        }
        var features = [[(row: Int, name: FeatureName)]](repeating: [], count: assets.count)
        for (row, feature) in policy.features.enumerated() {
            guard let (asset, name) = source(feature), assets.indices.contains(asset) else { return nil }
            features[asset].append((row, name))
        }
        var needed = features.map { $0.map(\.name) }
        for feature in policy.inputs.dropFirst(policy.features.count) {
            guard let (asset, name) = source(feature), assets.indices.contains(asset) else { return nil }
            needed[asset].append(name)
        }
        guard zip(assets, needed).allSatisfy({ $0.hasFastTiles(features: $1) }) else { return nil }
        var first = 0
        parts = assets.indices.map { index in
            defer { first += assets[index].instruments.count }
            return Part(market: assets[index], firstInstrument: first, features: features[index])
        }
        fixedCosts = assets.flatMap { $0.instruments.map { Float($0.cost.fixed) } }
        self.simulator = simulator
        self.stream = stream
        self.policy = policy
    }

    var assetCount: Int { parts.count }

    /// Fills `tile` with the paths of `range`, at most 64.
    func fill(_ tile: PolicyBlock, paths range: Range<Int>, memory: TileMemory) {
        let market = parts[0].market
        tile.begin(count: range.count, steps: market.grid.steps, fixedCosts: fixedCosts, chargesUnwinding: market.chargesUnwinding)
        tile.liabilityGains.update(repeating: 0, count: PolicyBlock.samples)
        if let simulator {
            simulator.fill(memory.paths, firstPath: range.lowerBound, on: market.grid, stream: stream)
        } else {
            market.simulator.fill(memory.paths[0], firstPath: range.lowerBound, on: market.grid, stream: stream)
        }
        for (part, memory) in zip(parts, memory.assets) {
            part.market.fill(tile, policy: policy, features: part.features, firstInstrument: part.firstInstrument, memory: memory)
        }
    }
}

/// The paths of a tile and what is made of them: one per worker, used for every tile.
final class TileMemory {
    let assets: [AssetMemory]
    /// Where simulators write.
    let paths: [PathTile]

    init(assets count: Int, steps: Int) {
        assets = (0..<count).map { _ in AssetMemory(steps: steps) }
        paths = assets.map(\.paths)
    }
}

/// One asset's paths in a tile and what is made of them on the way to a policy's inputs.
final class AssetMemory {
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
