import Features
import Hedging
import LinearAlgebra
import Market
import Pricing
import RealModule
import Testing

/// What the recorded table proves on real chains, proved on simulated ones.
@Suite("Every option of a recording")
struct RecordedOptionMarketTests {
    static let snapshots = HedgeRegressionTests.snapshots
    static let market = RecordedOptionMarket(snapshots: snapshots, currency: "ETH")

    static func rootMeanSquare(_ x: [Double]) -> Double { (x.reduce(0) { $0 + $1 * $1 } / Double(x.count)).squareRoot() }

    @Test("net delta leaves less risk than plain delta in coin, and plain delta less than none")
    func netDeltaWins() {
        let all = 0..<Self.market.contracts.count
        let none = Self.rootMeanSquare(Rollout.run(NoHedge(), on: Self.market, paths: all).profit)
        let plain = Self.rootMeanSquare(Rollout.run(DeltaHedge(.plain), on: Self.market, paths: all).profit)
        let net = Self.rootMeanSquare(Rollout.run(DeltaHedge(.net), on: Self.market, paths: all).profit)
        #expect(net < plain && plain < none)
        #expect(1 - net / none > 0.8)
    }

    @Test("a path's profit is −(v₁ − v₀) + h (1 − F₀/F₁), taken row by row from the snapshots")
    func profit() throws {
        let market = Self.market
        for path in stride(from: 0, to: market.contracts.count, by: 97) {
            let start = try #require(Self.snapshots.first { $0.time == market.starts[path] })
            let end = try #require(Self.snapshots.first { $0.time == market.ends[path] })
            let before = try #require(start.options.first { $0.contract == market.contracts[path] })
            let after = try #require(end.options.first { $0.contract == market.contracts[path] })
            #expect(Self.snapshots.first { $0.time > start.time }?.time == end.time)
            let hedge = try #require(before.delta) - (try #require(before.quote.mark))
            let gain = before.forward * (1 / before.forward - 1 / after.forward)
            let expected = -((after.quote.mark ?? 0) - (before.quote.mark ?? 0)) + hedge * gain
            let found = Rollout.run(DeltaHedge(.net), on: market, paths: path..<path + 1).profit[0]
            #expect((found - expected).magnitude < 1e-15)
            #expect(market.liquidityHolds(before, at: start.time))
        }
    }

    @Test("every path passes the liquidity filter, and every liquid quote with a next one is a path")
    func completeness() {
        var expected = 0
        for (start, end) in zip(Self.snapshots, Self.snapshots.dropFirst()) {
            let later = Set(end.options.map(\.contract))
            let liquidity = Self.market.settings.liquidity
            expected += start.options.count { liquidity.accepts($0, at: start.time) && later.contains($0.contract) }
        }
        #expect(Self.market.contracts.count == expected)
        #expect(Self.market.liquidQuotes > expected)
    }

    @Test("the first neighbour out: each bound of the filter decides")
    func bounds() {
        let time = Timestamp(milliseconds: 1_767_000_000_000)
        func quote(
            bid: Double? = 0.05, ask: Double? = 0.051, days: Double = 1, interest: Double = 1, vega: Double? = 1, name: String = "SYN.X",
            moneyness: Double = 1
        ) -> OptionQuote {
            OptionQuote(
                contract: .init(
                    underlying: "ETH", kind: .call, strike: 1000 * moneyness, expiry: time.adding(days: days), settlement: .inverse),
                quote: .init(bid: bid, ask: ask, mark: 0.0505), markVolatility: 0.5, delta: 0.5, vega: vega, openInterest: interest,
                volume: 0, forward: 1000, forwardName: name, index: 1000)
        }
        let filter = LiquidityFilter()
        func accepts(_ quote: OptionQuote) -> Bool { filter.accepts(quote, at: time) }
        #expect(accepts(quote()) && accepts(quote(moneyness: 0.5)) && accepts(quote(moneyness: 2)) && accepts(quote(ask: 0.05)))
        for bad in [
            quote(bid: nil), quote(ask: nil), quote(ask: 0.0495), quote(ask: 0.0845), quote(days: 0.999), quote(interest: 0.9),
            quote(vega: 0),
            quote(vega: nil), quote(name: "INDEX"), quote(moneyness: 0.499), quote(moneyness: 2.001),
        ] {
            #expect(!accepts(bad))
        }
    }

    @Test("the perpetual and mids are used where both ends have them")
    func perpetualAndMids() {
        let perpetual = RecordedOptionMarket(snapshots: Self.snapshots, currency: "ETH", settings: .init(hedge: .perpetual, prices: .mid))
        let future = Self.market
        #expect(perpetual.contracts.count > 0 && perpetual.contracts.count <= future.contracts.count)
        #expect(perpetual.instruments[0].name == "perpetual")
        var without = Self.snapshots
        for index in without.indices { without[index].perpetual = nil }
        #expect(RecordedOptionMarket(snapshots: without, currency: "ETH", settings: .init(hedge: .perpetual)).contracts.isEmpty)
    }

    @Test("an interval that is too long is left out, and the numbering of the rest has no holes")
    func longIntervals() {
        var gappy = Self.snapshots
        gappy.removeSubrange(20..<23)
        let market = RecordedOptionMarket(snapshots: gappy, currency: "ETH")
        #expect(!market.starts.contains(gappy[19].time))
        #expect(Set(market.intervals) == Set(0..<(gappy.count - 2)))
        #expect(RecordedOptionMarket(snapshots: [], currency: "ETH").contracts.isEmpty)
        #expect(RecordedOptionMarket(snapshots: gappy, currency: "BTC").contracts.isEmpty)
    }

    @Test("the smile's slope at a strike is that of the simulated smile")
    func slopes() {
        // A call and a put straddle the slope by differences of neighbouring strikes: compare where the smile is smooth.
        let market = Self.market
        let (slope, vega) = (market.column(.bookSmileVega), market.column(.bookVega))
        let (k, t) = (market.column(.logMoneyness), market.column(.timeToExpiry))
        var byExpiry: [Timestamp: [Timestamp: [(k: Double, volatility: Double)]]] = [:]
        for snapshot in Self.snapshots.prefix(8) {
            for option in snapshot.options where option.contract.kind == .call {
                byExpiry[snapshot.time, default: [:]][option.contract.expiry, default: []].append(
                    (.log(option.contract.strike / option.forward), option.markVolatility ?? 0))
            }
        }
        var checked = 0
        for path in 0..<market.contracts.count where t[path] > 0.05 && market.starts[path] <= Self.snapshots[7].time {
            let smile = (byExpiry[market.starts[path]]?[market.contracts[path].expiry] ?? []).sorted { $0.k < $1.k }
            guard let upper = smile.firstIndex(where: { $0.k > k[path] + 1e-3 }), upper + 1 < smile.count, upper >= 3 else { continue }
            let (a, b) = (smile[upper - 2], smile[upper])
            let chord = (b.volatility - a.volatility) / (b.k - a.k)
            #expect((slope[path] / vega[path] - chord).magnitude < 0.12, "k \(k[path]) found \(slope[path] / vega[path]), chord \(chord)")
            checked += 1
        }
        #expect(checked > 100)
    }
}

extension RecordedOptionMarket {
    fileprivate func liquidityHolds(_ option: OptionQuote, at time: Timestamp) -> Bool { settings.liquidity.accepts(option, at: time) }
}
