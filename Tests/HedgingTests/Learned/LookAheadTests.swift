import Features
import Hedging
import Learning
import LinearAlgebra
import Market
import Probability
import RealModule
import Stochastics
import Testing

/// No decision knows what comes after it: with the future of every path exchanged for another's, decisions stay as they were to the bit.
@Suite("Look-ahead") struct LookAheadTests {
    struct Kind: Sendable, CustomTestStringConvertible {
        let kind: PolicyKind
        var cell: RecurrentCell?
        var normalization: Normalization?
        var testDescription: String { "\(kind.rawValue) \(cell?.kind.rawValue ?? "")\(normalization?.rawValue ?? "")" }
    }

    static let kinds = [
        Kind(kind: .feedForward), Kind(kind: .feedForward, normalization: .layer), Kind(kind: .noTransactionBand), Kind(kind: .linear),
        Kind(kind: .perStep), Kind(kind: .recurrent, cell: RecurrentCell(.gru, units: 6)),
        Kind(kind: .recurrent, cell: RecurrentCell(.lstm, units: 6)),
    ]

    /// A policy with random weights that reads every column the market has, its own holdings too.
    ///
    /// - Parameter paths: What the columns are scaled by; their times to expiry are those of a per-step policy.
    static func hedge(_ kind: Kind, on market: any HedgingMarket, scaledBy paths: any HedgingPaths, features: [FeatureName]) -> LearnedHedge
    {
        let instruments = market.instruments
        var moments = Standardizer.Moments(count: features.count)
        var times: [Double] = []
        for step in 0..<paths.steps {
            let columns = paths.decision(step: step, holdings: Matrix(rows: paths.count, columns: instruments.count)).features
            for (index, name) in features.enumerated() { moments.add(columns[name], at: index) }
            if kind.kind == .perStep { times.append(columns[.timeToExpiry][0]) }
        }
        let center: PolicyCenter = features.contains(.bookDelta) ? .delta : .netDelta
        let policy = HedgePolicy(
            kind: kind.kind, center: center, features: features, standardizer: moments.standardizer, instruments: instruments.map(\.name),
            holdingScales: instruments.map { _ in 0.5 }, seesHoldings: true, learnsShift: kind.kind.drawsBand,
            hidden: kind.kind == .linear ? [] : [8], activation: .tanh, normalization: kind.normalization, cell: kind.cell,
            decisionTimes: kind.kind == .perStep ? times : nil)
        var network = Network(policy.architecture, from: RandomStream(seed: 6, purpose: .weights))
        if kind.kind.drawsBand, let last = policy.architecture.layers.last {
            // Narrow, so that every step trades.
            for o in 0..<2 * instruments.count { network.parameters[last.biases + o] = -5 }
        }
        return LearnedHedge(policy, network: network)
    }

    /// The bits of what a strategy chose along paths, step by step.
    static func decisions(of strategy: any HedgingStrategy, on paths: any HedgingPaths) -> [[UInt64]] {
        var chosen: [[UInt64]] = []
        _ = Rollout.run(strategy, on: paths) { _, _, target in chosen.append(target.storage.map(\.bitPattern)) }
        return chosen
    }

    /// The paths up to and with time t, and after it the other's.
    static func spliced(_ block: PathBlock, after t: Int, with other: PathBlock) -> PathBlock {
        func splice(_ past: [[Double]], _ future: [[Double]]) -> [[Double]] { Array(past.prefix(t + 1) + future.dropFirst(t + 1)) }
        return PathBlock(
            logSpot: splice(block.logSpot, other.logSpot), spot: splice(block.spot, other.spot),
            variance: splice(block.variance, other.variance), integratedVariance: splice(block.integratedVariance, other.integratedVariance)
        )
    }

    static func market(_ law: String, instruments: [SimulatedInstrument]) throws -> SimulatedMarket {
        let entry = try #require(SimulatorCatalog.entry(named: law))
        let draws = RandomStream(seed: 9, purpose: .data)
        let returns = entry.needsReturns ? (0..<300).map { 0.02 * draws.normal(path: $0, step: 0) } : []
        return try SimulatedMarket(
            simulator: try SimulatorCatalog.simulator(named: law, returns: returns), grid: TimeGrid(maturityDays: 20, steps: 5),
            claim: .call(strike: 100), instruments: instruments, costs: [TradingCost(proportional: 1e-3)],
            stream: RandomStream(seed: 2, purpose: .data))
    }

    /// The first step whose decisions another future changed, and whether the last step's, which it may, did change.
    static func check(_ strategy: any HedgingStrategy, on market: SimulatedMarket, view: (any HedgingPaths) -> any HedgingPaths = { $0 })
        -> (seen: Int?, isAwake: Bool)
    {
        let count = 70
        let features = strategy.inputs
        let block = market.simulator.paths(0..<count, on: market.grid, stream: market.stream)
        let other = market.simulator.paths(count..<2 * count, on: market.grid, stream: market.stream)
        func chosen(_ block: PathBlock) -> [[UInt64]] {
            decisions(of: strategy, on: view(SimulatedPaths(market: market, block: block, features: features)))
        }
        let before = chosen(block)
        var seen: Int?
        var isAwake = true
        for t in 0..<market.grid.steps {
            let after = chosen(spliced(block, after: t, with: other))
            if seen == nil { seen = (0...t).first { after[$0] != before[$0] } }
            if t + 1 < market.grid.steps, after[t + 1] == before[t + 1] { isAwake = false }
        }
        return (seen, isAwake)
    }

    @Test("every kind of policy, reading every column, on every law of the catalogue", arguments: kinds, SimulatorCatalog.all.map(\.name))
    func simulated(_ kind: Kind, law: String) throws {
        var venues: [[SimulatedInstrument]] = [[.spot], [.spot, .option(.call, strike: 102, maturityDays: 40)]]
        if law == "heston" { venues.append([.spot, .varianceSwap]) }
        for instruments in venues {
            let market = try Self.market(law, instruments: instruments)
            let features = market.availableFeatures
            let hedge = Self.hedge(kind, on: market, scaledBy: market.paths(500..<564, features: features), features: features)
            let (seen, isAwake) = Self.check(hedge, on: market)
            #expect(seen == nil && isAwake, "\(law), \(instruments.map(\.name)): step \(seen ?? -1)")
        }
    }

    @Test("every formula on every law of the catalogue", arguments: SimulatorCatalog.all.map(\.name))
    func formulas(law: String) throws {
        let market = try Self.market(law, instruments: [.spot])
        for entry in StrategyCatalog.all {
            let strategy = try #require(
                StrategyCatalog.strategy(named: entry.name, settings: StrategySettings(timeStep: market.grid.timeStep)))
            guard strategy.inputs.allSatisfy(market.availableFeatures.contains) else { continue }
            #expect(Self.check(strategy, on: market).seen == nil, "\(entry.name)")
        }
    }

    /// Paths whose spot column is the next step's.
    struct Peeking: HedgingPaths {
        let paths: any HedgingPaths
        var count: Int { paths.count }
        var steps: Int { paths.steps }
        var liabilityGains: [Double] { paths.liabilityGains }
        var finalPrices: Matrix<Double> { paths.finalPrices }
        var chargesUnwinding: Bool { paths.chargesUnwinding }
        func gains(step: Int) -> Matrix<Double> { paths.gains(step: step) }
        func decision(step: Int, holdings: Matrix<Double>) -> DecisionBatch {
            var batch = paths.decision(step: step, holdings: holdings)
            let next = paths.decision(step: min(step + 1, steps - 1), holdings: holdings).features
            batch.features = FeatureMatrix(
                names: batch.features.names, columns: batch.features.names.map { $0 == .forward ? next[$0] : batch.features[$0] })
            return batch
        }
    }

    @Test("a column that peeks one step ahead is found out", arguments: kinds)
    func planted(_ kind: Kind) throws {
        let market = try Self.market("black-scholes", instruments: [.spot])
        let features: [FeatureName] = [.forward, .timeToExpiry]
        let hedge = Self.hedge(kind, on: market, scaledBy: market.paths(500..<564, features: features), features: features)
        #expect(Self.check(hedge, on: market).seen == nil)
        #expect(Self.check(hedge, on: market, view: { Peeking(paths: $0) }).seen == 0)
    }

    // MARK: Recorded markets

    /// A recording with everything after snapshot `last` told otherwise: every price, forward and volatility.
    static func rewritten(_ snapshots: [MarketSnapshot], after last: Int) -> [MarketSnapshot] {
        snapshots.enumerated().map { index, snapshot in
            guard index > last else { return snapshot }
            var other = snapshot
            for k in other.options.indices {
                func moved(_ price: Double?) -> Double? { price.map { 0.9 * $0 + 0.002 } }
                other.options[k].quote = Quote(
                    bid: moved(other.options[k].quote.bid), ask: moved(other.options[k].quote.ask), mark: moved(other.options[k].quote.mark)
                )
                other.options[k].markVolatility = other.options[k].markVolatility.map { 1.2 * $0 }
                other.options[k].delta = other.options[k].delta.map { 0.8 * $0 }
                other.options[k].forward *= 1.03
                other.options[k].index *= 1.03
            }
            return other
        }
    }

    @Test("every kind of policy on recorded options", arguments: kinds)
    func recordedOptions(_ kind: Kind) throws {
        let snapshots = HedgeRegressionTests.snapshots
        let last = snapshots.count / 2
        let market = RecordedOptionMarket(snapshots: snapshots, currency: "ETH")
        let other = RecordedOptionMarket(snapshots: Self.rewritten(snapshots, after: last), currency: "ETH")
        let known = market.starts.indices.prefix { market.starts[$0] <= snapshots[last].time }
        #expect(!known.isEmpty && known.count < market.contracts.count)
        #expect(Array(market.contracts[known]) == Array(other.contracts.prefix(known.count)))
        let features = market.availableFeatures
        // Decisions of a recorded interval come at any time to expiry: a per-step policy's dates are those of the first options.
        let hedge = Self.hedge(kind, on: market, scaledBy: market.paths(known, features: features), features: features)
        let range = 0..<known.count
        let (before, after) = (
            Self.decisions(of: hedge, on: market.paths(range, features: features)),
            Self.decisions(of: hedge, on: other.paths(range, features: features))
        )
        #expect(before == after && before[0].allSatisfy { Double(bitPattern: $0).isFinite })
        let gains = (market.paths(range, features: features).gains(step: 0), other.paths(range, features: features).gains(step: 0))
        #expect(gains.0 != gains.1)
    }

    /// The books of `RecordedBookTests`, the second half of the recording rewritten.
    static let otherBooks: RecordedBookMarket? = try? RecordedBookMarket(
        snapshots: rewritten(RecordedBookTests.snapshots, after: RecordedBookTests.snapshots.count / 2), currency: "ETH",
        claim: .random(options: 20, count: 60), settings: RecordedBookTests.settings)

    @Test("every kind of policy on recorded books", arguments: kinds)
    func recordedBooks(_ kind: Kind) throws {
        let snapshots = RecordedBookTests.snapshots
        let market = try #require(RecordedBookTests.market)
        let last = snapshots.count / 2
        let other = try #require(Self.otherBooks)
        let features = market.availableFeatures.filter { $0 != .timeToExpiry }
        guard kind.kind != .perStep else {
            // A book has no time to expiry of its own to tell the step by.
            #expect(!market.availableFeatures.contains(.timeToExpiry))
            return
        }
        let hedge = Self.hedge(kind, on: market, scaledBy: market.paths(0..<30, features: features), features: features)
        var changed = 0
        for (path, (one, two)) in zip(market.paths, other.paths).enumerated() {
            let start = try #require(snapshots.firstIndex { $0.time == one.start })
            guard start <= last else { continue }
            #expect(one == two)
            let before = Self.decisions(of: hedge, on: market.paths(path..<path + 1, features: features))
            let after = Self.decisions(of: hedge, on: other.paths(path..<path + 1, features: features))
            let known = min(last - start + 1, before.count)
            #expect(Array(before.prefix(known)) == Array(after.prefix(known)), "book \(path) from snapshot \(start)")
            if known < before.count, before[known] != after[known] { changed += 1 }
        }
        #expect(changed > 0)
    }
}
