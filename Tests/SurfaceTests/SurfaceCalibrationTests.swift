import Market
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

    @Test("With noisy quotes most fitted prices lie inside, held-back strikes too, and there is no arbitrage")
    func noisy() throws {
        let chain = SimulatedChain(noise: 0.4)
        let (study, reports) = SurfaceStudy.run(snapshots: [chain.snapshot], seconds: { 0 })
        #expect(study.snapshots == 1 && study.slices == 5 && study.lost == 0 && reports.count == 1)
        #expect(study.insideBidAsk > 0.95 && study.insideBidAskHeldBack > 0.9)
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

    @Test("The same snapshot gives the same bits with one and two workers, and after another surface")
    func determinism() throws {
        let snapshots = [SimulatedChain(noise: 0.4).snapshot, SimulatedChain(spot: 80_000, noise: 0.2).snapshot]
        let one = SurfaceStudy.run(snapshots: snapshots, workers: .init(threads: 1), seconds: { 0 })
        let two = SurfaceStudy.run(snapshots: snapshots, workers: .init(threads: 2), seconds: { 0 })
        #expect(one.study == two.study && one.reports == two.reports)
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
