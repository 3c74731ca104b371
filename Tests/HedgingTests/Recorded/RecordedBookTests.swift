import Features
import Hedging
import LinearAlgebra
import Market
import RealModule
import Surface
import Testing

@Suite struct RecordedBookTests {
    /// Thirty-five days of a simulated venue.
    static let snapshots: [MarketSnapshot] = {
        var chain = SimulatedChain()
        chain.days = 35
        chain.fatFingers = 0
        return chain.snapshots().snapshots
    }()
    static let settings: RecordedBookMarket.Settings = {
        var settings = RecordedBookMarket.Settings()
        settings.holdSnapshots = 12
        settings.startEvery = 4
        settings.scenarios?.window = 40
        settings.scenarios?.minimumIntervals = 10
        return settings
    }()
    static let market: RecordedBookMarket? = try? RecordedBookMarket(
        snapshots: snapshots, currency: "ETH", claim: .random(options: 20, count: 60), settings: settings)

    func quote(_ contract: OptionContract, at time: Timestamp, in snapshots: [MarketSnapshot] = snapshots) -> OptionQuote? {
        snapshots.first { $0.time == time }?.options.first { $0.contract == contract }
    }

    @Test("Twenty different options and two hedges of different expiries, in sizes of both signs")
    func choice() throws {
        let market = try #require(Self.market)
        #expect(market.paths.count == 60 && market.recordedPaths == 60)
        for path in market.paths {
            #expect(Set(path.book.positions.map(\.instrument)).count == 20)
            #expect(path.hedges.count == 2 && path.hedges[0].expiry < path.hedges[1].expiry)
            for hedge in path.hedges {
                let option = try #require(quote(hedge, at: path.start))
                #expect(Self.settings.liquidity.accepts(option, at: path.start))
                #expect(Double.log(hedge.strike / option.forward).magnitude < 0.1)
            }
        }
        let sizes = market.paths.flatMap { $0.book.positions.map(\.quantity) }
        let mean = sizes.reduce(0, +) / Double(sizes.count)
        let square = sizes.reduce(0) { $0 + $1 * $1 } / Double(sizes.count)
        #expect(mean.magnitude < 0.1 && (square - 1).magnitude < 0.15)
    }

    @Test("Unhedged, a book of options that outlive the hold earns what its marks moved")
    func unhedged() throws {
        var settings = Self.settings
        settings.liquidity.minimumDays = 4
        settings.scenarios = nil
        let market = try RecordedBookMarket(
            snapshots: Self.snapshots, currency: "ETH", claim: .random(options: 20, count: 20), settings: settings)
        let study = try RecordedBookStudy.run([NoHedge()], on: market)
        var checked = 0
        for (path, profit) in zip(market.paths, study.strategies[0].profits) {
            let start = try #require(Self.snapshots.firstIndex { $0.time == path.start })
            let end = Self.snapshots[start + Self.settings.holdSnapshots].time
            var expected = 0.0
            var whole = true
            for position in path.book.positions {
                guard case .option(let contract) = position.instrument else { continue }
                guard contract.expiry > end, let before = quote(contract, at: path.start)?.quote.mark,
                    let after = quote(contract, at: end)?.quote.mark
                else {
                    whole = false
                    break
                }
                expected += position.quantity * (after - before)
            }
            guard whole else { continue }
            checked += 1
            #expect((profit - expected).magnitude < 1e-12)
        }
        #expect(checked > 0)
        #expect(study.strategies[0].optionCost == 0 && study.strategies[0].futureCost == 0)
    }

    @Test("An option that expires on the way pays its payoff at the index")
    func expiry() throws {
        let first = Self.snapshots[0]
        // Expires within the hold of three days.
        let option = try #require(
            first.options.first {
                let days = first.time.years(to: $0.contract.expiry) * 365
                return days > 1 && days < 2.5 && $0.contract.kind == .call && $0.contract.strike < 0.97 * $0.forward && $0.quote.mark != nil
            })
        let claim = BookClaim.positions([Position(.option(option.contract), quantity: 2)])
        let market = try RecordedBookMarket(snapshots: Self.snapshots, currency: "ETH", claim: claim, settings: Self.settings)
        let study = try RecordedBookStudy.run([NoHedge()], on: market)
        #expect(market.paths[0].start == first.time)
        let after = try #require(Self.snapshots.firstIndex { $0.time >= option.contract.expiry })
        let indices = [Self.snapshots[after - 1].index, Self.snapshots[after].index]
        let bounds = indices.map { max(1 - option.contract.strike / $0, 0) }
        let paid = study.strategies[0].profits[0] / 2 + (option.quote.mark ?? 0)
        #expect(paid >= bounds.min()! - 1e-12 && paid <= bounds.max()! + 1e-12)
        // After its expiry the book has no delta left.
        var last: DecisionBatch?
        _ = Rollout.run(DeltaHedge(.net), on: market.paths(0..<1, features: DeltaHedge(.net).inputs)) { _, batch, _ in last = batch }
        #expect(try #require(last).features[.bookNetDelta][0] == 0)
    }

    @Test("Net delta leaves a fraction of the risk, vega too a smaller one; the optimiser pays less for options than the ridge")
    func strategies() throws {
        let market = try #require(Self.market)
        let all = try RecordedBookStudy.strategyNames.map { try #require(RecordedBookStudy.strategy(named: $0)) }
        #expect(all.map(\.name) == RecordedBookStudy.strategyNames)
        let study = try RecordedBookStudy.run(all, on: market)
        let byName = Dictionary(uniqueKeysWithValues: study.strategies.map { ($0.name, $0) })
        let none = try #require(byName["none"])
        let net = try #require(byName["net-delta"])
        let optimizer = try #require(byName["optimizer"])
        #expect(net.standardDeviation < 0.5 * none.standardDeviation)
        #expect(net.optionCost == 0 && net.futureCost > 0 && net.expectedShortfall95 == net.unwoundExpectedShortfall95)
        #expect(try #require(byName["delta-vega"]).standardDeviation < net.standardDeviation)
        #expect(try #require(byName["ridge"]).optionCost > 2 * optimizer.optionCost)
        #expect(optimizer.optionCost > 0 && optimizer.unwoundExpectedShortfall95 >= optimizer.expectedShortfall95)
        for result in study.strategies {
            #expect(result.profits.count == 60 && result.profits.allSatisfy(\.isFinite), "\(result.name)")
        }
    }

    @Test("Trades cost the quotes' half-spread or distance to the mark, and the fee; the perpetual 5.5 basis points")
    func costs() throws {
        let market = try #require(Self.market)
        let path = market.paths[7]
        let paths = market.paths(7..<8, features: [.bookNetDelta])
        let batch = paths.decision(step: 0, holdings: Matrix(rows: 1, columns: 3))
        let costs = try #require(batch.unitCosts)
        #expect(costs.buying[0, 0] == 0.00055 && costs.selling[0, 0] == 0.00055)
        for (column, hedge) in zip([1, 2], path.hedges) {
            let found = try #require(quote(hedge, at: path.start)).quote
            let (bid, ask, mark) = (try #require(found.bid), try #require(found.ask), try #require(found.mark))
            let fee = min(0.0003, 0.125 * mark)
            #expect((costs.buying[0, column] - max((ask - bid) / 2, ask - mark) - fee).magnitude < 1e-15)
            #expect((costs.selling[0, column] - max((ask - bid) / 2, mark - bid) - fee).magnitude < 1e-15)
            #expect(batch.prices[0, column] == mark)
        }
        // The rollout charges them: buy one of each and hold.
        struct One: HedgingStrategy {
            let name = "one"
            let inputs: [FeatureName] = []
            func targetHoldings(_ batch: DecisionBatch) -> Matrix<Double> { Matrix(rows: batch.count, columns: 3, repeating: 1) }
        }
        let outcome = Rollout.run(One(), on: market.paths(7..<8, features: []))
        #expect((outcome.tradingCost[0] - (0..<3).reduce(0) { $0 + costs.buying[0, $1] }).magnitude < 1e-15)
    }

    @Test("No decision sees past its time: a poisoned future leaves holdings up to then as they were")
    func pointInTime() throws {
        let market = try #require(Self.market)
        let optimizer = ScenarioOptimizer()
        // A path that begins late enough for scenarios, and the moment after its fifth decision.
        let late = market.paths.count - 1
        let start = try #require(Self.snapshots.firstIndex { $0.time == market.paths[late].start })
        var poisoned = Self.snapshots
        for i in start + 5..<poisoned.count {
            poisoned[i].index *= 1.4
            for j in poisoned[i].options.indices {
                poisoned[i].options[j].forward *= 1.4
                poisoned[i].options[j].quote.mark? *= 3
                poisoned[i].options[j].markVolatility? *= 2
            }
        }
        let claim = BookClaim.positions(market.paths[late].book.positions)
        let holdings = { (snapshots: [MarketSnapshot]) throws -> [[Double]] in
            let market = try RecordedBookMarket(snapshots: snapshots, currency: "ETH", claim: claim, settings: Self.settings)
            let path = try #require(market.paths.firstIndex { $0.start == Self.snapshots[start].time })
            var holdings: [[Double]] = []
            _ = Rollout.run(optimizer, on: market.paths(path..<path + 1, features: optimizer.inputs)) { _, _, target in
                holdings.append(target.storage)
            }
            return holdings
        }
        let clean = try holdings(Self.snapshots)
        let dirty = try holdings(poisoned)
        #expect(clean[0].contains { $0 != 0 })
        #expect(Array(clean.prefix(5)) == Array(dirty.prefix(5)))
        #expect(clean[5] != dirty[5])
    }

    @Test("The same seed gives the same bits with one and two workers; another seed another book")
    func determinism() throws {
        let run = { (seed: UInt64, threads: Int) in
            try RecordedBookStudy.run(
                snapshots: Self.snapshots, currency: "ETH", claim: .random(options: 20, count: 10), strategies: [ScenarioOptimizer()],
                settings: Self.settings, seed: seed, workers: Workers(threads: threads))
        }
        let one = try run(5, 1)
        #expect(try run(5, 2) == one)
        #expect(try run(6, 1) != one)
    }

    @Test("A claim that the recording has no path for is an error that says so")
    func errors() throws {
        let market = { (snapshots: [MarketSnapshot], claim: BookClaim) in
            _ = try RecordedBookMarket(snapshots: snapshots, currency: "ETH", claim: claim, settings: Self.settings)
        }
        #expect(throws: BookClaimError.tooFewSnapshots(found: 5, needed: 13)) {
            try market(Array(Self.snapshots.prefix(5)), .random(options: 20, count: 1))
        }
        #expect(throws: BookClaimError.noStart(options: 5000, snapshots: Self.snapshots.count)) {
            try market(Self.snapshots, .random(options: 5000, count: 1))
        }
        #expect(throws: BookClaimError.noOptions) {
            try market(Self.snapshots, .positions([Position(.perpetual(underlying: "ETH", settlement: .inverse), quantity: 1)]))
        }
        let strange = OptionContract(
            underlying: "ETH", kind: .call, strike: 1, expiry: Timestamp(nanoseconds: Self.snapshots[0].time.nanoseconds * 2),
            settlement: .inverse)
        #expect(throws: BookClaimError.notListed(strange)) {
            try market(Self.snapshots, .positions([Position(.option(strange), quantity: 1)]))
        }
        #expect(throws: BookClaimError.self) { try market(Self.snapshots.reversed(), .random(options: 20, count: 1)) }
    }
}
