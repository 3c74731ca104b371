public import Features
public import LinearAlgebra

/// A rule for one asset, applied to each of several by itself.
public struct EachAssetHedge: HedgingStrategy {
    public let strategy: any HedgingStrategy
    /// Number of assets.
    public let assets: Int

    public init(_ strategy: any HedgingStrategy, assets: Int) {
        precondition(assets >= 1, "\(assets) assets")
        self.strategy = strategy
        self.assets = assets
    }

    public var name: String { strategy.name }
    public var inputs: [FeatureName] { (1...assets).flatMap { number in strategy.inputs.map { $0.ofAsset(number) } } }

    public func targetHoldings(_ batch: DecisionBatch) -> Matrix<Double> {
        var holdings = Matrix<Double>(rows: batch.count, columns: batch.instruments.count)
        for number in 1...assets {
            let own = batch.instruments.indices.filter { batch.instruments[$0].asset == number }
            let one = DecisionBatch(
                features: FeatureMatrix(
                    names: strategy.inputs, columns: strategy.inputs.map { batch.features[$0.ofAsset(number)] }),
                instruments: own.map { batch.instruments[$0] }, prices: batch.prices.columns(own), deltas: batch.deltas.columns(own),
                gammas: batch.gammas.columns(own), vegas: batch.vegas.columns(own), holdings: batch.holdings.columns(own))
            let target = strategy.targetHoldings(one)
            for (k, j) in own.enumerated() {
                for i in 0..<batch.count { holdings[i, j] = target[i, k] }
            }
        }
        return holdings
    }
}
