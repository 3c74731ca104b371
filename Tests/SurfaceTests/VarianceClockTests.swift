import Market
import RealModule
import Surface
import Testing

@Suite struct VarianceClockTests {
    static let quiet = VarianceClock(weekendWeight: 0.4)

    static func moment(_ text: String) throws -> Timestamp { try Timestamp(iso8601: text) }

    @Test(
        "days of the week count one, of the weekend their weight; 3 January 2026 is a Saturday",
        arguments: [
            ("2026-01-05T08:00:00Z", "2026-01-09T08:00:00Z", 4.0), ("2026-01-02T08:00:00Z", "2026-01-05T08:00:00Z", 1 + 2 * 0.4),
            ("2026-01-03T00:00:00Z", "2026-01-03T12:00:00Z", 0.2), ("2026-01-01T00:00:00Z", "2026-01-29T00:00:00Z", 4 * 5.8),
            ("2026-01-04T18:00:00Z", "2026-01-05T06:00:00Z", 0.25 * 0.4 + 0.25), ("2026-01-05T00:00:00Z", "2026-01-02T00:00:00Z", -1.8),
            // Before 1970 weeks go on as they are: 27 December 1969 is a Saturday.
            ("1969-12-27T00:00:00Z", "1969-12-30T00:00:00Z", 1.8),
        ] as [(String, String, Double)])
    func days(from: String, to: String, expected: Double) throws {
        let found = Self.quiet.years(from: try Self.moment(from), to: try Self.moment(to)) * 365
        #expect((found - expected).magnitude < 1e-9, "\(found)")
        let plain = VarianceClock.calendar.years(from: try Self.moment(from), to: try Self.moment(to))
        #expect((plain - (try Self.moment(from)).years(to: try Self.moment(to))).magnitude < 1e-12)
    }

    /// From Thursday 1 January 2026: expiries on Friday 2 and Monday 5.
    private func surface(_ clock: VarianceClock) throws -> VolatilitySurface {
        let time = try Self.moment("2026-01-01T08:00:00Z")
        return VolatilitySurface(
            time: time, currency: "BTC", index: 100,
            slices: [1.0, 4, 11].map { days in
                SurfaceSlice(
                    expiry: time.adding(days: days), timeToExpiry: days / 365, forward: 100,
                    smile: .svi(SVISlice(atTheMoney: 0.25 * days / 365, rho: -0.3, phi: 5)), quoted: -0.3...0.3)
            }, clock: clock)
    }

    @Test("expiries keep their smiles; between them variance runs with the clock and never stands still")
    func interpolation() throws {
        let (quiet, plain) = (try surface(Self.quiet), try surface(.calendar))
        for slice in quiet.slices {
            for k in [-0.2, 0, 0.1] {
                let found = quiet.totalVariance(logMoneyness: k, timeToExpiry: slice.timeToExpiry)
                #expect((found / slice.smile.totalVariance(atLogMoneyness: k) - 1).magnitude < 1e-12)
            }
        }
        // Saturday 3 January 00:00: 16 of 16 + 2 · 24 · 0.4 + 8 weighted hours since Friday 08:00.
        let saturday = (40.0 / 24) / 365
        let share = 16 / (24 + 48 * 0.4)
        let (near, far) = (0.25 / 365, 0.25 * 4 / 365)
        #expect((quiet.totalVariance(logMoneyness: 0, timeToExpiry: saturday) / (near + share * (far - near)) - 1).magnitude < 1e-9)
        var last = 0.0
        for hour in 1...300 {
            let w = quiet.totalVariance(logMoneyness: 0.05, timeToExpiry: Double(hour) / 24 / 365)
            #expect(w > last, "hour \(hour)")
            last = w
        }
        #expect(quiet.without(expiry: quiet.slices[1].expiry)?.clock == Self.quiet)
        #expect((plain.totalVariance(logMoneyness: 0, timeToExpiry: 2.0 / 365) - (2 * near + far) / 3).magnitude < 1e-15)
    }

    @Test(
        "local variance is the clock's: the derivative of total variance over the density, on a weekday and a weekend's day",
        arguments: [1.5, 2.7, 8])
    func localVariance(days: Double) throws {
        let surface = try surface(Self.quiet)
        let (years, h, k) = (days / 365, 1e-6, 0.02)
        let slope =
            (surface.totalVariance(logMoneyness: k, timeToExpiry: years + h)
                - surface.totalVariance(logMoneyness: k, timeToExpiry: years - h))
            / (2 * h)
        let density = surface.smile(timeToExpiry: years).butterflyDensity(atLogMoneyness: k)
        #expect((surface.localVariance(logMoneyness: k, timeToExpiry: years) / (slope / density) - 1).magnitude < 1e-6)
    }
}
