import Market
import Testing

@Suite struct TimestampTests {
    @Test("days since 1970 count without a hole from 1600 to 2400")
    func civilDays() {
        var expected = CivilDate(year: 1600, month: 1, day: 1)!.daysSinceEpoch
        #expect(expected == -135_140)
        for year in 1600...2400 {
            for month in 1...12 {
                for day in 1...CivilDate.days(inMonth: month, of: year) {
                    let date = CivilDate(year: year, month: month, day: day)!
                    guard date.daysSinceEpoch == expected, CivilDate(daysSinceEpoch: expected) == date else {
                        Issue.record("\(date): \(date.daysSinceEpoch), expected \(expected)")
                        return
                    }
                    expected += 1
                }
            }
        }
        #expect(CivilDate(year: 1900, month: 2, day: 29) == nil)
        #expect(CivilDate(year: 2000, month: 2, day: 29) != nil)
    }

    @Test("ISO 8601 reads with offsets and fractions, and writes the shortest form")
    func iso() throws {
        #expect(try Timestamp(iso8601: "2026-01-15T21:21:56.012012+00:00").nanoseconds == 1_768_512_116_012_012_000)
        #expect(try Timestamp(iso8601: "2026-01-15T21:21:56.012012+00:00").iso8601 == "2026-01-15T21:21:56.012012Z")
        #expect(try Timestamp(iso8601: "2026-01-16T02:51:56+05:30") == Timestamp(iso8601: "2026-01-15T21:21:56Z"))
        #expect(try Timestamp(iso8601: "1969-12-31T23:59:59.999999999Z").nanoseconds == -1)
        #expect(Timestamp(nanoseconds: -1).iso8601 == "1969-12-31T23:59:59.999999999Z")
        #expect(Timestamp(milliseconds: 1_735_286_400_500).iso8601 == "2024-12-27T08:00:00.500Z")
        #expect(try Timestamp(compact: "20260115T212156Z") == Timestamp(iso8601: "2026-01-15T21:21:56Z"))
        #expect(try Timestamp(compact: "20260224T094323Z").compact == "20260224T094323Z")
        #expect(try CivilDate(iso8601: "2026-04-15").description == "2026-04-15")
    }

    @Test("random moments survive writing and reading")
    func roundTrip() throws {
        var state: UInt64 = 1
        for _ in 0..<2000 {
            state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
            let time = Timestamp(nanoseconds: Int64(bitPattern: state) / 2)
            #expect(try Timestamp(iso8601: time.iso8601) == time)
        }
    }

    @Test(
        "anything else is refused",
        arguments: [
            "", "2026-01-15", "2026-01-15T21:21:56", "2026-01-15 21:21:56Z", "2026-13-15T21:21:56Z", "2026-02-30T21:21:56Z",
            "2026-01-15T24:00:00Z", "2026-01-15T21:60:56Z", "2026-01-15T21:21:60Z", "2026-01-15T21:21:56.Z", "2026-01-15T21:21:56ZZ",
            "2026-01-15T21:21:56.1234567890Z", "2026-01-15T21:21:56+0000", "0026-01-15T21:21:56Z", "+2026-01-15T21:21:56Z",
        ])
    func refused(text: String) {
        #expect(throws: TimeFormatError.self) { try Timestamp(iso8601: text) }
        #expect(throws: TimeFormatError.self) { try Timestamp(compact: text) }
    }
}
