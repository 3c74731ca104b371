import RealModule
import Surface
import Testing

/// The arbitrageable slice of Vogt, Gatheral and Jacquier (2014), example 3.1; one year.
private let vogt = SVISlice(a: -0.0410, b: 0.1331, rho: 0.3060, m: 0.3586, sigma: 0.4153)

@Suite struct SVISliceTests {
    @Test("Slope and curvature are the derivatives of total variance", arguments: [-1.5, -0.3, 0, 0.3586, 0.9, 2])
    func derivatives(k: Double) {
        let h = 1e-5
        let w = { vogt.totalVariance(atLogMoneyness: $0) }
        let slope = (w(k + h) - w(k - h)) / (2 * h)
        let curvature = (vogt.slope(atLogMoneyness: k + h) - vogt.slope(atLogMoneyness: k - h)) / (2 * h)
        #expect((vogt.slope(atLogMoneyness: k) - slope).magnitude < 1e-9)
        #expect((vogt.curvature(atLogMoneyness: k) - curvature).magnitude < 1e-9)
    }

    @Test("Vogt's slice has the published jump wings")
    func vogtJumpWings() {
        let wings = vogt.jumpWings(timeToExpiry: 1)
        #expect((wings.variance - 0.01742625).magnitude < 5e-9)
        #expect((wings.skew + 0.1752111).magnitude < 5e-8)
        #expect((wings.putSlope - 0.6997381).magnitude < 5e-8)
        #expect((wings.callSlope - 1.316798).magnitude < 5e-7)
        #expect((wings.minimumVariance - 0.0116249).magnitude < 5e-8)
    }

    @Test("Vogt's slice has negative density between 0.64241 and 1.25691, lowest −0.0328636 at 0.87926")
    func vogtButterfly() {
        let lowest = vogt.minimumButterflyDensity(over: -1.5...1.5)
        #expect((lowest.density + 0.0328636).magnitude < 5e-8)
        #expect((lowest.logMoneyness - 0.87926).magnitude < 5e-6)
        #expect(vogt.butterflyDensity(atLogMoneyness: 0.642405) > 0 && vogt.butterflyDensity(atLogMoneyness: 0.642415) < 0)
        #expect(vogt.butterflyDensity(atLogMoneyness: 1.256905) < 0 && vogt.butterflyDensity(atLogMoneyness: 1.256915) > 0)
        #expect(vogt.respectsLeeBounds)
    }

    @Test("The repaired slice has c' = 0.3493158, ṽ' = 0.01548182 and no butterflies; the published optimum has none either")
    func vogtRepair() throws {
        let repaired = vogt.jumpWings(timeToExpiry: 1).withoutButterflies
        #expect((repaired.callSlope - 0.3493158).magnitude < 5e-8)
        #expect((repaired.minimumVariance - 0.01548182).magnitude < 5e-9)
        let slice = try #require(SVISlice(repaired, timeToExpiry: 1))
        #expect(slice.minimumButterflyDensity(over: -3...3, gridPoints: 2001).density > 0)
        var optimum = vogt.jumpWings(timeToExpiry: 1)
        optimum.callSlope = 0.8564763
        let best = try #require(SVISlice(optimum, timeToExpiry: 1))
        // The optimum touches zero: to the digits it is published with.
        #expect(best.minimumButterflyDensity(over: -3...3, gridPoints: 2001).density > -1e-5)
    }

    @Test("Raw to jump wings and back is the identity", arguments: [0.02, 0.25, 1, 3])
    func roundTrip(timeToExpiry: Double) throws {
        for slice in [
            vogt, SVISlice(a: 0.01, b: 0.2, rho: -0.4, m: 0.05, sigma: 0.1), SVISlice(a: 0.02, b: 0.1, rho: -0.3, m: 0, sigma: 0.2),
        ] {
            let back = try #require(SVISlice(slice.jumpWings(timeToExpiry: timeToExpiry), timeToExpiry: timeToExpiry))
            for (found, expected) in [
                (back.a, slice.a), (back.b, slice.b), (back.rho, slice.rho), (back.m, slice.m), (back.sigma, slice.sigma),
            ] {
                #expect((found - expected).magnitude < 1e-12)
            }
        }
    }

    @Test("Vogt's slice in natural form and back; the hyperbola is the same at every strike")
    func natural() throws {
        let natural = try #require(vogt.natural)
        for k in [-1.5, -0.2, 0, 0.4, 2] {
            let y = natural.opening * (k - natural.centre)
            let root = ((y + natural.rho) * (y + natural.rho) + 1 - natural.rho * natural.rho).squareRoot()
            let w = natural.level + natural.scale / 2 * (1 + natural.rho * y + root)
            #expect((w - vogt.totalVariance(atLogMoneyness: k)).magnitude < 1e-15)
        }
        let back = SVISlice(natural)
        for (found, expected) in zip([back.a, back.b, back.rho, back.m, back.sigma], [vogt.a, vogt.b, vogt.rho, vogt.m, vogt.sigma]) {
            #expect((found - expected).magnitude < 1e-15)
        }
        // A slice of a surface SVI has neither level nor centre of its own.
        let surface = try #require(SVISlice(atTheMoney: 0.04, rho: -0.3, phi: 5).natural)
        #expect(surface.level.magnitude < 1e-16 && surface.centre.magnitude < 1e-16)
        #expect((surface.scale - 0.04).magnitude < 1e-16 && (surface.opening - 5).magnitude < 1e-14)
        #expect(SVISlice(a: 0.1, b: 0.2, rho: 1, m: 0, sigma: 0.1).natural == nil)
    }

    @Test("Jump wings that no slice has give nil")
    func impossibleWings() {
        // Skew steeper than the wings allow; lowest variance above the at-the-money one; no wings.
        #expect(
            SVISlice(SVIJumpWings(variance: 0.04, skew: 2, putSlope: 0.5, callSlope: 0.5, minimumVariance: 0.03), timeToExpiry: 1) == nil)
        #expect(
            SVISlice(SVIJumpWings(variance: 0.04, skew: 0, putSlope: 0.5, callSlope: 0.4, minimumVariance: 0.05), timeToExpiry: 1) == nil)
        #expect(SVISlice(SVIJumpWings(variance: 0.04, skew: 0, putSlope: 0, callSlope: 0, minimumVariance: 0.04), timeToExpiry: 1) == nil)
    }

    @Test("A flat smile is free of butterflies: g = 1 at every strike")
    func flatSmile() {
        let flat = SVISlice(flat: 0.09)
        for k in [-2.0, 0, 1.5] { #expect(flat.butterflyDensity(atLogMoneyness: k) == 1) }
    }
}
