public import Features
public import Hedging
public import LinearAlgebra
public import Probability

/// A comparison's report, and what its pictures are drawn from.
public struct ComparisonOutcome: Sendable {
    public var report: ComparisonReport
    /// All that ran, in the report's order.
    public var strategies: [any HedgingStrategy]
    /// Profits of the first paths, strategy by strategy; value i of each is the same path.
    public var profits: [[Double]]
    /// What costs and risk come to at other settings of a rule that has one.
    public var frontier: [FrontierPoint] = []

    /// A rule at one setting.
    public struct FrontierPoint: Sendable, Equatable {
        public var strategy: String
        public var setting: String
        public var tradingCost: Double
        public var standardDeviation: Double
    }

    /// Enough for a smooth histogram, small enough for a file.
    static let sampledPaths = 5000
}

/// Runs strategies side by side: each block of paths is made once, and every strategy hedges that block.
public struct Comparison: Sendable {
    public var market: any HedgingMarket
    public var strategies: [any HedgingStrategy]
    public var blockSize = 4096

    public init(market: any HedgingMarket, strategies: [any HedgingStrategy]) {
        self.market = market
        self.strategies = strategies
    }

    /// The columns that any of the strategies reads, each once.
    public var features: [FeatureName] {
        var names: [FeatureName] = []
        for name in strategies.flatMap(\.inputs) where !names.contains(name) { names.append(name) }
        return names
    }

    /// The outcome of each strategy on the paths of a range, in path order; its bits do not depend on the threads.
    ///
    /// - Parameter progress: Told the number of finished paths now and then; false stops the run.
    /// - Returns: Nil where `progress` stopped it.
    public func outcomes(
        paths: Range<Int>, workers: Workers, progress: (Int) -> Bool = { _ in true }
    ) -> [HedgingOutcome]? {
        var gathered = strategies.map { _ in HedgingOutcome() }
        let blocks = stride(from: paths.lowerBound, to: paths.upperBound, by: blockSize).map { $0..<min($0 + blockSize, paths.upperBound) }
        let (market, strategies, features) = (market, strategies, features)
        // As many blocks at a time as keep every thread busy, so that progress can be told between them.
        let round = max(workers.threads * 4, 1)
        for start in stride(from: 0, to: blocks.count, by: round) {
            let some = blocks[start..<min(start + round, blocks.count)]
            let outcomes = workers.map(count: some.count) { index in
                let block = market.paths(some[start + index], features: features)
                return strategies.map { Rollout.run($0, on: block) }
            }
            for block in outcomes {
                for (index, outcome) in block.enumerated() { gathered[index].append(outcome) }
            }
            guard progress((some.last?.upperBound ?? paths.lowerBound) - paths.lowerBound) else { return nil }
        }
        return gathered
    }

    /// Summaries of all, and the first strategy that is called `learned` less each other one.
    ///
    /// - Parameters:
    ///   - premium: Taken off every loss before the objective is applied.
    ///   - run: Neighbouring paths that may depend on one another.
    public static func figures(
        names: [String], outcomes: [HedgingOutcome], objective: RiskMeasure, premium: Double = 0, run: Int = 1, bootstrap: Bootstrap
    ) throws(RiskError) -> (strategies: [StrategySummary], paired: [PairedDifference]) {
        var summaries: [StrategySummary] = []
        for (name, outcome) in zip(names, outcomes) {
            summaries.append(try StrategySummary(name: name, outcome: outcome, objective: objective, premium: premium, run: run))
        }
        guard let learned = names.firstIndex(of: "learned") else { return (summaries, []) }
        let losses = outcomes.map { outcome in outcome.profit.map { -$0 - premium } }
        var paired: [PairedDifference] = []
        for (index, name) in names.enumerated() where index != learned {
            paired.append(try .price(objective, of: losses[learned], less: losses[index], against: name, bootstrap: bootstrap))
        }
        return (summaries, paired)
    }
}
