public import Features
public import LinearAlgebra
public import Probability
public import Stochastics

/// Several simulated assets, each with a claim and its own instruments, hedged as one book.
///
/// The instruments stand asset by asset; theirs and the assets' feature names carry the asset's number, see ``AssetNumber``. The book's
/// profit is the sum over the assets, and so is the column `book-value`.
public struct MultiAssetMarket: HedgingMarket {
    public let simulator: MultiAssetSimulator
    /// Each asset as a market of its own, instruments unnumbered.
    public let assets: [SimulatedMarket]
    public let instruments: [HedgeInstrument]
    /// Where the paths come from; each asset has its own index of it.
    public var stream: RandomStream

    /// - Parameters:
    ///   - claims: One for each asset.
    ///   - instruments: Those of each asset.
    ///   - costs: One for each instrument of an asset, or one for all.
    public init(
        simulator: MultiAssetSimulator, grid: TimeGrid, claims: [SimulatedClaim], instruments: [SimulatedInstrument] = [.spot],
        costs: [TradingCost] = [.init()], chargesUnwinding: Bool = false, stream: RandomStream
    ) throws(SimulatedMarketError) {
        precondition(claims.count == simulator.assets.count, "\(claims.count) claims on \(simulator.assets.count) assets")
        var assets: [SimulatedMarket] = []
        for (law, claim) in zip(simulator.assets, claims) {
            var market = try SimulatedMarket(
                simulator: law, grid: grid, claim: claim, instruments: instruments, costs: costs, chargesUnwinding: chargesUnwinding,
                stream: stream)
            if let twin = assets.first(where: { $0.hasTheLaw(of: market) }) { market.shareSheets(of: twin) }
            assets.append(market)
        }
        self.simulator = simulator
        self.assets = assets
        self.instruments = assets.enumerated().flatMap { index, market in
            market.instruments.map {
                HedgeInstrument(name: AssetNumber.name($0.name, asset: index + 1), kind: $0.kind, cost: $0.cost)
            }
        }
        self.stream = stream
    }

    public var recordedPaths: Int? { nil }

    /// Columns that the assets have in common, or that are sums over them.
    static let common: [FeatureName] = [.timeToExpiry, .bookValue]

    public var availableFeatures: [FeatureName] {
        Self.common + assets.enumerated().flatMap { index, market in market.availableFeatures.map { $0.ofAsset(index + 1) } }
    }

    public func paths(_ range: Range<Int>, features: [FeatureName]) -> any HedgingPaths {
        MultiAssetPaths(market: self, blocks: simulator.paths(range, on: assets[0].grid, stream: stream), features: features)
    }

    /// The same market with paths of another stream.
    public func drawing(from stream: RandomStream) -> MultiAssetMarket {
        var market = self
        market.stream = stream
        return market
    }
}

/// Paths of several assets side by side.
public struct MultiAssetPaths: HedgingPaths {
    private let market: MultiAssetMarket
    private let features: [FeatureName]
    /// What each feature is: a column of one asset, counted from 0, or of all.
    private let sources: [(name: FeatureName, asset: Int?)]
    private let parts: [SimulatedPaths]

    /// - Parameter blocks: One for each asset, of the same paths.
    public init(market: MultiAssetMarket, blocks: [PathBlock], features: [FeatureName]) {
        precondition(blocks.count == market.assets.count, "\(blocks.count) blocks of \(market.assets.count) assets")
        let available = Set(market.availableFeatures)
        for feature in features { precondition(available.contains(feature), "this market has no feature '\(feature)'") }
        self.market = market
        self.features = features
        let sources: [(name: FeatureName, asset: Int?)] = features.map { feature in
            AssetNumber.split(feature.rawValue).map { (FeatureName(rawValue: $0.name), $0.asset - 1) } ?? (feature, nil)
        }
        self.sources = sources
        parts = market.assets.indices.map { index in
            var needed: [FeatureName] = []
            for (name, asset) in sources where (asset == nil || asset == index) && !needed.contains(name) { needed.append(name) }
            return SimulatedPaths(market: market.assets[index], block: blocks[index], features: needed)
        }
    }

    public var count: Int { parts[0].count }
    public var steps: Int { parts[0].steps }
    public var chargesUnwinding: Bool { parts[0].chargesUnwinding }
    public var finalPrices: Matrix<Double> { Matrix(sideBySide: parts.map(\.finalPrices)) }
    public func gains(step: Int) -> Matrix<Double> { Matrix(sideBySide: parts.map { $0.gains(step: step) }) }

    public var liabilityGains: [Double] {
        parts.dropFirst().reduce(parts[0].liabilityGains) { sum, part in zip(sum, part.liabilityGains).map(+) }
    }

    public func decision(step: Int, holdings: Matrix<Double>) -> DecisionBatch {
        var first = 0
        let batches = parts.map { part in
            let columns = first..<first + part.market.instruments.count
            first = columns.upperBound
            return part.decision(step: step, holdings: holdings.columns(columns))
        }
        let columns = sources.map { name, asset in
            if let asset { return batches[asset].features[name] }
            let each = batches.map { $0.features[name] }
            return name == .timeToExpiry ? each[0] : each.dropFirst().reduce(each[0]) { sum, column in zip(sum, column).map(+) }
        }
        return DecisionBatch(
            features: FeatureMatrix(names: features, columns: columns), instruments: market.instruments,
            prices: Matrix(sideBySide: batches.map(\.prices)), deltas: Matrix(sideBySide: batches.map(\.deltas)),
            gammas: Matrix(sideBySide: batches.map(\.gammas)), vegas: Matrix(sideBySide: batches.map(\.vegas)), holdings: holdings)
    }
}

extension Matrix where Scalar == Double {
    /// Matrices of the same rows side by side.
    init(sideBySide parts: [Matrix]) {
        let rows = parts[0].rows
        let width = parts.reduce(0) { $0 + $1.columns }
        var storage = [Double](repeating: 0, count: rows * width)
        var first = 0
        for part in parts {
            precondition(part.rows == rows, "\(part.rows) rows beside \(rows)")
            for i in 0..<rows {
                for j in 0..<part.columns { storage[i * width + first + j] = part.storage[i * part.columns + j] }
            }
            first += part.columns
        }
        self.init(rows: rows, columns: width, storage: storage)
    }

    /// Some neighbouring columns.
    func columns(_ range: Range<Int>) -> Matrix { columns(Array(range)) }

    /// Chosen columns, in that order.
    func columns(_ chosen: [Int]) -> Matrix {
        var storage = [Double](repeating: 0, count: rows * chosen.count)
        for i in 0..<rows {
            for (k, j) in chosen.enumerated() { storage[i * chosen.count + k] = self.storage[i * columns + j] }
        }
        return Matrix(rows: rows, columns: chosen.count, storage: storage)
    }
}
