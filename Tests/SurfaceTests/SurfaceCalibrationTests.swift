import Market
import Pricing
import RealModule
import Surface
import Testing

@Suite struct SurfaceCalibrationTests {
    @Test("The fit finds the slices that made the quotes, coin or dollar settled", arguments: [Settlement.inverse, .linear])
    func recovery(settlement: Settlement) throws {
        let chain = SimulatedChain(settlement: settlement)
        let fit = SurfaceCalibration().fit(chain.snapshot)
        let surface = try #require(fit.surface)
        #expect(surface.slices.count == chain.days.count)
        for (days, slice) in zip(chain.days, surface.slices) {
            let truth = chain.slice(days: days)
            #expect((slice.forward / chain.forward(days: days) - 1).magnitude < 1e-12)
            for k in stride(from: slice.quoted.lowerBound, through: slice.quoted.upperBound, by: 0.02) {
                let found = (slice.smile.totalVariance(atLogMoneyness: k) / slice.timeToExpiry).squareRoot()
                let expected = (truth.totalVariance(atLogMoneyness: k) / slice.timeToExpiry).squareRoot()
                // A tenth of the half-spread of 0.6 points.
                #expect((found - expected).magnitude < 6e-4, "days \(days), k \(k): \(found), expected \(expected)")
            }
        }
        #expect(fit.report.insideBidAsk == 1)
        #expect(fit.report.butterflyViolations == 0 && fit.report.calendarViolations == 0 && fit.report.lost == 0)
    }

    @Test("Chains do not depend on the order of a snapshot's rows, and an expiry that has passed has none")
    func rowOrder() {
        let snapshot = SimulatedChain(noise: 0.4).snapshot
        let chains = ExpiryChain.chains(of: snapshot)
        var dealt = snapshot
        dealt.options = (0..<7).flatMap { first in stride(from: first, to: snapshot.options.count, by: 7).map { snapshot.options[$0] } }
        #expect(ExpiryChain.chains(of: dealt) == chains && chains.count > 1)
        var late = snapshot
        late.time = chains[0].expiry
        #expect(ExpiryChain.chains(of: late).map(\.expiry) == chains.dropFirst().map(\.expiry))
    }

    @Test("With noisy quotes most fitted prices lie inside, held-back strikes too, and there is no arbitrage")
    func noisy() throws {
        let chain = SimulatedChain(noise: 0.4)
        let (study, fits) = SurfaceStudy.run(snapshots: [chain.snapshot], seconds: { 0 })
        #expect(study.snapshots == 1 && study.slices == 5 && study.lost == 0 && fits.count == 1)
        #expect(study.insideBidAsk > 0.95 && study.insideBidAskHeldBack > 0.9)
        // Of one snapshot the median is the whole.
        #expect(study.pooled.insideBidAsk == study.insideBidAsk && study.pooled.insideBidAskHeldBack == study.insideBidAskHeldBack)
        #expect(study.pooled.insideBidAskHeldBackExpiries == study.insideBidAskHeldBackExpiries)
        #expect(study.butterflyViolations == 0 && study.calendarViolations == 0)
    }

    @Test("One wrong quote leaves the slice inside all others' bid and ask")
    func outlier() throws {
        let chain = SimulatedChain()
        var snapshot = chain.snapshot
        let wrong = try #require(
            snapshot.options.firstIndex { $0.contract.expiry == SimulatedChain.expiry(days: 31) && $0.contract.kind == .call })
        snapshot.options[wrong + 20].quote.bid! *= 1.5
        snapshot.options[wrong + 20].quote.ask! *= 1.5
        let surface = try #require(SurfaceCalibration().fit(snapshot).surface)
        let slice = try #require(surface.slice(expiry: SimulatedChain.expiry(days: 31)))
        let truth = chain.slice(days: 31)
        for k in [-0.2, -0.1, 0, 0.1, 0.2] {
            let gap = slice.smile.totalVariance(atLogMoneyness: k).squareRoot() - truth.totalVariance(atLogMoneyness: k).squareRoot()
            #expect(gap.magnitude / slice.timeToExpiry.squareRoot() < chain.halfSpread)
        }
    }

    @Test("Slices that cross are kept in order where both are quoted")
    func calendar() throws {
        // The second expiry is quoted at a variance below the first's.
        let chain = SimulatedChain(days: [30, 31])
        var snapshot = chain.snapshot
        let far = SimulatedChain.expiry(days: 31)
        for i in snapshot.options.indices where snapshot.options[i].contract.expiry == far {
            snapshot.options[i].quote.bid! *= 0.9
            snapshot.options[i].quote.ask! *= 0.9
        }
        let fit = SurfaceCalibration().fit(snapshot)
        #expect(fit.report.fitted == 2)
        #expect(fit.report.calendarViolations == 0)
    }

    @Test("Where wide quotes leave a wing free, it gives way to the next expiry whose wing is quoted")
    func freeWing() throws {
        // Five days: a parabola near the money; further out only options in the money whose bid is below intrinsic value.
        let chain = SimulatedChain(days: [5, 7], spacing: 0.375)
        var snapshot = chain.snapshot
        let forward = chain.forward(days: 5)
        let theta = chain.slice(days: 5).totalVariance(atLogMoneyness: 0)
        for i in snapshot.options.indices where snapshot.options[i].contract.expiry == SimulatedChain.expiry(days: 5) {
            let contract = snapshot.options[i].contract
            let z = Double.log(contract.strike / forward) / theta.squareRoot()
            func price(_ w: Double) -> Double {
                Black76.price(contract.kind, forward: forward, strike: contract.strike, totalVariance: w) / forward
            }
            if z.magnitude < 0.8 {
                let w = theta * (1 + 0.15 * z * z)
                snapshot.options[i].quote = Quote(bid: price(w * 0.98), ask: price(w * 1.02), mark: price(w))
            } else {
                let isInTheMoney = contract.kind.sign * z < 0
                snapshot.options[i].quote = Quote(bid: isInTheMoney ? price(0) * 0.99 : nil, ask: price(9 * theta), mark: price(theta))
            }
        }
        let (surface, report) = try {
            let fit = SurfaceCalibration().fit(snapshot)
            return (try #require(fit.surface), fit.report)
        }()
        #expect(surface.slices.count == 2)
        #expect(report.calendarViolations == 0 && report.butterflyViolations == 0)
        for expiry in report.expiries { #expect(expiry.inside == expiry.quotes, "\(expiry.expiry): \(expiry.inside) of \(expiry.quotes)") }
        // Alone, the near slice rises far above the later one.
        let alone = try #require(
            SVICalibration().fit(ExpiryChain.chains(of: snapshot)[0].quotes, timeToExpiry: surface.slices[0].timeToExpiry))
        let common = surface.slices[0].quoted
        #expect(surface.slices[1].smile.minimumCalendarGap(after: alone.slice, over: common).gap < -0.05 * theta)
    }

    @Test("Arbitrageable quotes give a slice without: by penalties, or by the repair alone, which says what it moved", arguments: [5, 0])
    func arbitrageableQuotes(rounds: Int) throws {
        // The slice of Vogt has negative density between 0.64 and 1.26.
        let vogt = SVISlice(a: -0.0410, b: 0.1331, rho: 0.3060, m: 0.3586, sigma: 0.4153)
        let quotes = (0...60).map { i in
            let k = -1.5 + 0.05 * Double(i)
            let volatility = vogt.totalVariance(atLogMoneyness: k).squareRoot()
            return SmileQuote(
                kind: .call, strike: Double.exp(k), logMoneyness: k, bid: 0, ask: 0, bidVolatility: volatility - 0.002,
                askVolatility: volatility + 0.002)
        }
        var calibration = SVICalibration()
        calibration.penaltyRounds = rounds
        let fit = try #require(calibration.fit(quotes, timeToExpiry: 1))
        #expect(fit.slice.minimumButterflyDensity(over: -1.5...1.5, gridPoints: 2001).density > -1e-9)
        let inside = quotes.count { $0.contains(volatility: fit.slice.totalVariance(atLogMoneyness: $0.logMoneyness).squareRoot()) }
        if rounds > 0 {
            #expect(!fit.isRepaired && inside > 20, "\(inside) of 61")
        } else {
            // At least as far as the quotes go, at most as far as the whole jump-wings repair.
            let whole = try #require(vogt.withoutButterflies)
            let free = try #require(fit.free)
            #expect(fit.isRepaired && fit.slice.largestDifference(from: free) > 0.002)
            #expect(fit.slice.largestDifference(from: free) < vogt.largestDifference(from: whole))
        }
    }

    @Test("The same snapshot gives the same bits with one and two workers, and after another surface")
    func determinism() throws {
        let snapshots = [SimulatedChain(noise: 0.4).snapshot, SimulatedChain(spot: 80_000, noise: 0.2).snapshot]
        let one = SurfaceStudy.run(snapshots: snapshots, workers: .init(threads: 1), seconds: { 0 })
        let two = SurfaceStudy.run(snapshots: snapshots, workers: .init(threads: 2), seconds: { 0 })
        #expect(one.study == two.study && one.fits == two.fits)
    }

    @Test("Bad input loses an expiry with a reason, never the process", arguments: BadChain.allCases)
    func badInput(kind: BadChain) {
        var snapshot = SimulatedChain().snapshot
        kind.spoil(&snapshot)
        let fit = SurfaceCalibration().fit(snapshot)
        #expect((fit.surface?.slices.count ?? 0) == kind.survivors)
        for expiry in fit.report.expiries where expiry.outcome != .fitted {
            guard case .skipped(let reason) = expiry.outcome else { continue }
            #expect(!reason.isEmpty && reason != "not tried")
        }
        if let surface = fit.surface {
            for k in [-3.0, -0.5, 0, 0.5, 3] {
                for years in [1e-6, 0.01, 0.3, 5] {
                    let volatility = surface.volatility(logMoneyness: k, timeToExpiry: years)
                    #expect(volatility.isFinite && volatility >= 0)
                }
            }
        }
    }
}

extension SVISlice {
    /// In volatility at one year, on −1.5...1.5.
    fileprivate func largestDifference(from other: SVISlice) -> Double {
        stride(from: -1.5, through: 1.5, by: 0.03).reduce(0) {
            max($0, (totalVariance(atLogMoneyness: $1).squareRoot() - other.totalVariance(atLogMoneyness: $1).squareRoot()).magnitude)
        }
    }
}

enum BadChain: CaseIterable {
    case empty, oneStrike, oneExpiry, equalQuotes, notANumber, infinite, allZero, negative, crossed, intrinsicOnly, hugeForward, expired
    case indexNaN, noIndex

    /// Expiries of five that can still be fitted.
    var survivors: Int {
        switch self {
        case .empty, .oneStrike, .notANumber, .infinite, .allZero, .negative, .crossed, .hugeForward, .expired, .indexNaN, .noIndex: 0
        case .oneExpiry: 1
        case .equalQuotes, .intrinsicOnly: 5
        }
    }

    func spoil(_ snapshot: inout MarketSnapshot) {
        switch self {
        case .empty: snapshot.options = []
        case .oneStrike:
            let strike = snapshot.options[4].contract.strike
            for i in snapshot.options.indices { snapshot.options[i].contract.strike = strike }
        case .oneExpiry:
            let expiry = snapshot.options[0].contract.expiry
            snapshot.options = snapshot.options.filter { $0.contract.expiry == expiry }
        case .equalQuotes:
            for i in snapshot.options.indices {
                snapshot.options[i].quote.bid = snapshot.options[i].quote.mark
                snapshot.options[i].quote.ask = snapshot.options[i].quote.mark
            }
        case .notANumber: for i in snapshot.options.indices { snapshot.options[i].quote.ask = .nan }
        case .infinite: for i in snapshot.options.indices { snapshot.options[i].quote.ask = .infinity }
        case .allZero: for i in snapshot.options.indices { snapshot.options[i].quote = Quote(bid: 0, ask: 0, mark: 0) }
        case .negative: for i in snapshot.options.indices { snapshot.options[i].quote.bid = -1 }
        case .crossed:
            for i in snapshot.options.indices {
                let quote = snapshot.options[i].quote
                snapshot.options[i].quote = Quote(bid: quote.ask, ask: quote.bid, mark: quote.mark)
            }
        case .intrinsicOnly:
            // In-the-money bids below intrinsic value say nothing of volatility, but are no error.
            for i in snapshot.options.indices where snapshot.options[i].quote.mark! > 0.15 { snapshot.options[i].quote.bid! *= 0.8 }
        case .hugeForward: for i in snapshot.options.indices { snapshot.options[i].forward = 1e300 }
        case .expired:
            for i in snapshot.options.indices {
                snapshot.options[i].contract.expiry = Timestamp(nanoseconds: snapshot.time.nanoseconds - 1)
            }
        case .indexNaN: snapshot.index = .nan
        case .noIndex: snapshot.index = 0
        }
    }
}
