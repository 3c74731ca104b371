import Market
import Pricing
import RealModule
import Surface
import Testing

@Suite struct SmileFamilyTests {
    @Test(
        "eSSVI finds the SSVI slices that made the quotes; the power law comes as near as its shape allows",
        arguments: [SmileFamily.essvi, .ssvi])
    func recovery(family: SmileFamily) throws {
        let chain = SimulatedChain()
        let fit = SurfaceCalibration(family: family).fit(chain.snapshot)
        let surface = try #require(fit.surface)
        #expect(surface.slices.count == chain.days.count)
        #expect(fit.report.insideBidAsk == 1)
        // Of a half-spread of 0.6 points.
        let tolerance = family == .essvi ? 6e-4 : 3e-3
        for (days, slice) in zip(chain.days, surface.slices) {
            for k in stride(from: slice.quoted.lowerBound, through: slice.quoted.upperBound, by: 0.02) {
                let found = (slice.smile.totalVariance(atLogMoneyness: k) / slice.timeToExpiry).squareRoot()
                let expected = (chain.slice(days: days).totalVariance(atLogMoneyness: k) / slice.timeToExpiry).squareRoot()
                #expect((found - expected).magnitude < tolerance, "days \(days), k \(k): \(found), expected \(expected)")
            }
        }
    }

    @Test(
        "SSVI and eSSVI are free of arbitrage at every strike, quoted or not, whatever the quotes", arguments: [SmileFamily.essvi, .ssvi])
    func arbitrageFree(family: SmileFamily) throws {
        // The second expiry is quoted at a variance below the first's, the quotes are noisy.
        let chain = SimulatedChain(days: [20, 21, 40], noise: 1)
        var snapshot = chain.snapshot
        for i in snapshot.options.indices where snapshot.options[i].contract.expiry == SimulatedChain.expiry(days: 21) {
            snapshot.options[i].quote.bid! *= 0.85
            snapshot.options[i].quote.ask! *= 0.85
        }
        let slices = try #require(SurfaceCalibration(family: family).fit(snapshot).surface).slices
        #expect(slices.count == 3)
        for slice in slices {
            #expect(slice.smile.minimumButterflyDensity(over: -4...4, gridPoints: 801).density >= 0)
            #expect(slice.smile.respectsLeeBounds)
        }
        for (near, far) in zip(slices, slices.dropFirst()) {
            #expect(far.smile.minimumCalendarGap(after: near.smile, over: -4...4, gridPoints: 801).gap > -1e-12)
        }
    }

    /// A smile with two humps, which no hyperbola has, and less variance in it than arbitrage allows.
    static func humps(_ snapshot: inout MarketSnapshot, height: Double) {
        for i in snapshot.options.indices {
            let option = snapshot.options[i]
            let years = snapshot.time.years(to: option.contract.expiry)
            let k = Double.log(option.contract.strike / option.forward)
            let scale = option.markVolatility! * years.squareRoot()
            let volatility = option.markVolatility! + height * Double.cos(3 * k / scale)
            func price(_ v: Double) -> Double {
                Black76.price(option.contract.kind, forward: option.forward, strike: option.contract.strike, totalVariance: v * v * years)
                    / option.forward
            }
            snapshot.options[i].quote = Quote(bid: price(volatility - 0.006), ask: price(volatility + 0.006), mark: price(volatility))
        }
    }

    @Test("The spline meets quotes that no hyperbola meets, and stays free of arbitrage")
    func spline() throws {
        var snapshot = SimulatedChain(days: [31, 94]).snapshot
        Self.humps(&snapshot, height: 0.02)
        let hyperbola = SurfaceCalibration(family: .svi).fit(snapshot).report
        let spline = SurfaceCalibration(family: .spline).fit(snapshot)
        let (rigid, bent) = (try #require(hyperbola.insideBidAsk), try #require(spline.report.insideBidAsk))
        #expect(rigid < 0.9 && bent > rigid + 0.05)
        for height in [0.02, 0.05] {
            Self.humps(&snapshot, height: height)
            let fit = SurfaceCalibration(family: .spline).fit(snapshot)
            let slices = try #require(fit.surface).slices
            #expect(slices.count == 2 && fit.report.butterflyViolations == 0 && fit.report.calendarViolations == 0)
            for slice in slices { #expect(slice.smile.minimumButterflyDensity(over: slice.quoted, gridPoints: 2001).density > -1e-3) }
        }
    }

    @Test("An expiry with few quotes is flat in the spline family and skipped in the others")
    func sparse() throws {
        var snapshot = SimulatedChain(days: [10, 31, 94]).snapshot
        let sparse = SimulatedChain.expiry(days: 31)
        let forward = try #require(snapshot.options.first { $0.contract.expiry == sparse }).forward
        snapshot.options.removeAll { $0.contract.expiry == sparse && (Double.log($0.contract.strike / forward)).magnitude > 0.03 }
        #expect(SurfaceCalibration(family: .svi).fit(snapshot).surface?.slices.count == 2)
        let slice = try #require(SurfaceCalibration(family: .spline).fit(snapshot).surface?.slice(expiry: sparse))
        #expect(slice.smile.slope(atLogMoneyness: 0.3) == 0 && slice.smile.curvature(atLogMoneyness: 0) == 0)
        let volatility = (slice.smile.totalVariance(atLogMoneyness: 0) / slice.timeToExpiry).squareRoot()
        let truth = SimulatedChain().slice(days: 31).totalVariance(atLogMoneyness: 0)
        #expect((volatility - (truth / slice.timeToExpiry).squareRoot()).magnitude < 0.005)
    }

    @Test("Whole expiries held back: slices linear in time between neighbours are met, one quoted apart is not")
    func heldBackExpiries() {
        // Between 94 and 182 days variance is nearly linear.
        var snapshot = SimulatedChain(days: [94, 138, 182], halfSpread: 0.01).snapshot
        let (plain, _) = SurfaceStudy.run(snapshots: [snapshot], seconds: { 0 })
        #expect(plain.insideBidAskHeldBackExpiries == 1)
        for i in snapshot.options.indices where snapshot.options[i].contract.expiry == SimulatedChain.expiry(days: 138) {
            snapshot.options[i].quote.bid! *= 1.08
            snapshot.options[i].quote.ask! *= 1.08
        }
        let (moved, _) = SurfaceStudy.run(snapshots: [snapshot], seconds: { 0 })
        #expect(moved.insideBidAskHeldBackExpiries < 0.5 && moved.lost == 0)
    }
}
