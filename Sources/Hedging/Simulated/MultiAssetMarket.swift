public import Features
public import LinearAlgebra
public import Market
public import Probability
import RealModule
public import Stochastics

/// Several simulated assets, each with a claim and its own instruments, hedged as one book.
///
/// The instruments stand asset by asset; theirs and the assets' feature names carry the asset's number, see ``AssetNumber``. The book's
/// profit is the sum over the assets and the baskets, and so is the column `book-value`; `log-moneyness` is that of the first basket.
public struct MultiAssetMarket: HedgingMarket {
    public let simulator: MultiAssetSimulator
    /// Each asset as a market of its own, instruments unnumbered.
    public let assets: [SimulatedMarket]
    public let instruments: [HedgeInstrument]
    public let baskets: [BasketOption]
    /// Where the paths come from; each asset has its own index of it.
    public var stream: RandomStream

    /// - Parameters:
    ///   - claims: One for each asset.
    ///   - instruments: Those of each asset.
    ///   - costs: One for each instrument of an asset, or one for all.
    ///   - baskets: Claims on all assets together, which pay at the end of the grid.
    public init(
        simulator: MultiAssetSimulator, grid: TimeGrid, claims: [SimulatedClaim], instruments: [SimulatedInstrument] = [.spot],
        costs: [TradingCost] = [.init()], chargesUnwinding: Bool = false, settlement: Settlement = .linear, baskets: [BasketOption] = [],
        stream: RandomStream
    ) throws(SimulatedMarketError) {
        precondition(claims.count == simulator.assets.count, "\(claims.count) claims on \(simulator.assets.count) assets")
        for basket in baskets {
            guard basket.weights.count == claims.count else {
                throw .badClaim("a basket of \(basket.weights.count) assets in a market of \(claims.count)")
            }
            guard settlement == .linear else { throw .badClaim("a basket settled in coin, of which there are several") }
        }
        var assets: [SimulatedMarket] = []
        for (law, claim) in zip(simulator.assets, claims) {
            var market = try SimulatedMarket(
                simulator: law, grid: grid, claim: claim, instruments: instruments, costs: costs, chargesUnwinding: chargesUnwinding,
                settlement: settlement, stream: stream)
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
        self.baskets = baskets
        self.stream = stream
    }

    public var recordedPaths: Int? { nil }

    /// Columns that the assets have in common, or that are sums over them.
    static let common: [FeatureName] = [.timeToExpiry, .bookValue]

    /// Columns that a basket takes part in, or has no part in.
    private static let besideBaskets: Set<FeatureName> = [
        .timeToExpiry, .impliedVolatility, .forward, .variance, .logMoneyness, .bookDelta, .bookGamma, .bookValue, .fundingRate,
        .runningMaximum, .runningMinimum, .runningAverage, .isKnocked, .startingSpot, .realisedVariance,
    ]

    public var availableFeatures: [FeatureName] {
        let own = assets.enumerated().flatMap { index, market in
            market.availableFeatures.filter { baskets.isEmpty || Self.besideBaskets.contains($0) }.map { $0.ofAsset(index + 1) }
        }
        return Self.common + (baskets.isEmpty ? [] : [.logMoneyness]) + own
    }

    /// ρ σ σ τ of the assets' log prices from a step to the end.
    func covariances(step: Int) -> Matrix<Double> {
        let time = assets[0].grid.timeToMaturity(step)
        let volatilities = assets.map(\.referenceVolatility)
        return Matrix(rows: assets.count, columns: assets.count) { a, b in
            (simulator.correlations?[a, b] ?? (a == b ? 1 : 0)) * volatilities[a] * volatilities[b] * time
        }
    }

    public func paths(_ range: Range<Int>, features: [FeatureName]) -> any HedgingPaths {
        let blocks = simulator.paths(range, on: assets[0].grid, stream: stream).enumerated().map { index, block in
            assets[index].withFunding(block, range, stream: stream.numbered(index))
        }
        return MultiAssetPaths(market: self, blocks: blocks, features: features)
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
            for (name, asset) in sources where asset == index || asset == nil && MultiAssetMarket.common.contains(name) {
                if !needed.contains(name) { needed.append(name) }
            }
            return SimulatedPaths(market: market.assets[index], block: blocks[index], features: needed)
        }
    }

    public var count: Int { parts[0].count }
    public var steps: Int { parts[0].steps }
    public var chargesUnwinding: Bool { parts[0].chargesUnwinding }
    public var finalPrices: Matrix<Double> { Matrix(sideBySide: parts.map(\.finalPrices)) }
    public func gains(step: Int) -> Matrix<Double> { Matrix(sideBySide: parts.map { $0.gains(step: step) }) }

    public var liabilityGains: [Double] {
        let own = parts.dropFirst().reduce(parts[0].liabilityGains) { sum, part in zip(sum, part.liabilityGains).map(+) }
        guard !market.baskets.isEmpty else { return own }
        return own.indices.map { i in
            market.baskets.reduce(own[i]) { $0 + $1.quantity * $1.payoff(spots(steps, path: i)) }
        }
    }

    private func spots(_ step: Int, path i: Int) -> [Double] { parts.map { $0.block.spot[step][i] } }

    /// What the baskets add to a column: of one asset, or of all.
    private func addBaskets(_ column: inout [Double], _ name: FeatureName, asset: Int?, step: Int) {
        let covariances = market.covariances(step: step)
        for basket in market.baskets {
            for i in 0..<count {
                var spots = spots(step, path: i)
                switch (name, asset) {
                case (.bookValue, nil): column[i] += basket.quantity * basket.figures(spots, covariances: covariances).value
                case (.bookDelta, let asset?): column[i] += basket.quantity * basket.figures(spots, covariances: covariances).deltas[asset]
                case (.bookGamma, let asset?):
                    // The difference of the delta: its own formula is long and nothing needs its last digits.
                    let (spot, width) = (spots[asset], 1e-4 * spots[asset])
                    spots[asset] = spot + width
                    let up = basket.figures(spots, covariances: covariances).deltas[asset]
                    spots[asset] = spot - width
                    column[i] += basket.quantity * (up - basket.figures(spots, covariances: covariances).deltas[asset]) / (2 * width)
                default: return
                }
            }
        }
    }

    public func decision(step: Int, holdings: Matrix<Double>) -> DecisionBatch {
        var first = 0
        let batches = parts.map { part in
            let columns = first..<first + part.market.instruments.count
            first = columns.upperBound
            return part.decision(step: step, holdings: holdings.columns(columns))
        }
        let columns = sources.map { name, asset in
            var column: [Double]
            if let asset {
                column = batches[asset].features[name]
            } else if name == .logMoneyness {
                let basket = market.baskets[0]
                column = (0..<count).map { Double.log(basket.strike / basket.level(spots(step, path: $0))) }
            } else {
                let each = batches.map { $0.features[name] }
                column = name == .timeToExpiry ? each[0] : each.dropFirst().reduce(each[0]) { sum, column in zip(sum, column).map(+) }
            }
            addBaskets(&column, name, asset: asset, step: step)
            return column
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
