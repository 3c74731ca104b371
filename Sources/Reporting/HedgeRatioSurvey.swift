import Features
public import Hedging
import LinearAlgebra
import Market
import RealModule
import Stochastics

/// What strategies hold over states of a market: the grid behind "hedge ratio against moneyness and time".
///
/// A rule with a no-trade band has no one ratio; what stands here is the middle of its band, the mean of the targets of one who holds
/// nothing and of one who holds the whole option. A rule that remembers the path so far has none in a state alone: it is left out.
public enum HedgeRatioSurvey {
    /// On a simulated market with one sold or bought option: states of a fixed spot at every time of the grid.
    ///
    /// - Parameter logMoneyness: ln(K/F), ascending.
    /// - Returns: One grid per strategy; empty where the claim is no single option, whose hedge ratio is not defined.
    public static func grids(
        of all: [any HedgingStrategy], on market: SimulatedMarket,
        logMoneyness: [Double] = (-20...20).map { Double($0) / 100 }
    ) -> [ComparisonTables.HedgeRatios] {
        guard market.claim.isEuropean, market.claim.legs.count == 1, let leg = market.claim.legs.first,
            let underlying = market.instruments.firstIndex(where: { $0.kind == .underlying })
        else { return [] }
        let strategies = all.filter { !$0.remembers }
        let grid = market.grid
        let sample = market.simulator.paths(0..<1, on: grid, stream: market.stream)
        let logSpot = logMoneyness.map { Double.log(leg.strike) - $0 }
        let count = logSpot.count
        // A law with variance is surveyed at its first one.
        let variance = sample.variance.first?.first
        let block = PathBlock(
            logSpot: Array(repeating: logSpot, count: grid.steps + 1),
            spot: Array(repeating: logSpot.map(Double.exp), count: grid.steps + 1),
            variance: variance.map { v in Array(repeating: Array(repeating: v, count: count), count: grid.steps + 1) } ?? [],
            integratedVariance: variance.map { v in (0...grid.steps).map { Array(repeating: v * grid.time($0), count: count) } } ?? [])
        let features = names(of: strategies)
        let paths = SimulatedPaths(market: market, block: block, features: features)
        let times = Array((0..<grid.steps).reversed())
        let ratios = times.map { step in middle(paths, step: step, underlying: underlying, sold: -leg.quantity, kind: leg.kind) }
        return strategies.map { strategy in
            ComparisonTables.HedgeRatios(
                strategy.name, logMoneyness: logMoneyness, timeToExpiry: times.map(grid.timeToMaturity),
                ratios: ratios.map { $0(strategy) })
        }
    }

    /// On recorded options: the medians of what was held, over calls in bins of moneyness and life.
    public static func grids(
        of all: [any HedgingStrategy], on market: RecordedOptionMarket, paths range: Range<Int>
    ) -> [ComparisonTables.HedgeRatios] {
        let strategies = all.filter { !$0.remembers }
        let lives: [ClosedRange<Double>] = [0...4, 4...14, 14...45, 45...120, 120...400]
        let edges = (-15...15).map { Double($0) / 50 - 0.01 }
        guard !range.isEmpty else { return [] }
        let paths = market.paths(range, features: names(of: strategies) + [.logMoneyness, .timeToExpiry])
        let ratios = middle(paths, step: 0, underlying: 0, sold: 1, kind: .call)
        let (moneyness, time) = (market.column(.logMoneyness), market.column(.timeToExpiry))
        var bins = Array(repeating: Array(repeating: [Int](), count: edges.count - 1), count: lives.count)
        for (row, path) in range.enumerated() where market.contracts[path].kind == .call {
            guard let life = lives.firstIndex(where: { $0.contains(time[path] * 365) }),
                let bin = edges.lastIndex(where: { $0 <= moneyness[path] }), bin < edges.count - 1
            else { continue }
            bins[life][bin].append(row)
        }
        let filled = lives.indices.filter { life in bins[life].contains { $0.count > 2 } }
        guard !filled.isEmpty else { return [] }
        return strategies.map { strategy in
            let held = ratios(strategy)
            return ComparisonTables.HedgeRatios(
                strategy.name, logMoneyness: edges.dropLast().map { $0 + 0.01 },
                timeToExpiry: filled.map { life in median(bins[life].joined().map { time[range.lowerBound + $0] }) },
                ratios: filled.map { life in bins[life].map { rows in rows.count > 2 ? median(rows.map { held[$0] }) : .nan } })
        }
    }

    private static func names(of strategies: [any HedgingStrategy]) -> [FeatureName] {
        var names: [FeatureName] = []
        for name in strategies.flatMap(\.inputs) where !names.contains(name) { names.append(name) }
        return names
    }

    /// Ratio per sold unit of every path of a step: what a strategy targets from nothing held and from the whole held, averaged.
    ///
    /// - Parameter sold: Units of the option, negative if bought.
    private static func middle(
        _ paths: any HedgingPaths, step: Int, underlying: Int, sold: Double, kind: OptionKind
    ) -> (any HedgingStrategy) -> [Double] {
        let columns = paths.finalPrices.columns
        // What hedges the option once it is sure to be exercised.
        let whole = sold * kind.sign
        let batches = [0, whole].map { held in
            paths.decision(step: step, holdings: Matrix(rows: paths.count, columns: columns) { $1 == underlying ? held : 0 })
        }
        return { strategy in
            let targets = batches.map(strategy.targetHoldings)
            return (0..<paths.count).map { (targets[0][$0, underlying] + targets[1][$0, underlying]) / 2 / sold }
        }
    }

    private static func median(_ values: [Double]) -> Double {
        let sorted = values.sorted()
        let middle = sorted.count / 2
        return sorted.count % 2 == 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2
    }
}
