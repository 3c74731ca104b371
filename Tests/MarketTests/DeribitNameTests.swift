import Market
import Testing

@Suite struct DeribitNameTests {
    static let december = Timestamp(milliseconds: 1_735_286_400_000)  // 2024-12-27T08:00:00Z

    @Test("known names read as what they are and write back")
    func knownNames() throws {
        let known: [(String, Instrument)] = [
            (
                "BTC-27DEC24-100000-C",
                .option(.init(underlying: "BTC", kind: .call, strike: 100_000, expiry: Self.december, settlement: .inverse))
            ),
            (
                "XRP_USDC-27DEC24-0d55-P",
                .option(.init(underlying: "XRP", kind: .put, strike: 0.55, expiry: Self.december, settlement: .linear))
            ),
            ("BTC-27DEC24", .future(underlying: "BTC", expiry: Self.december, settlement: .inverse)),
            ("BTC_USDC-27DEC24", .future(underlying: "BTC", expiry: Self.december, settlement: .linear)),
            ("BTC-PERPETUAL", .perpetual(underlying: "BTC", settlement: .inverse)),
            ("ETH_USDC-PERPETUAL", .perpetual(underlying: "ETH", settlement: .linear)),
            ("BTC_USDC", .spot("BTC")),
        ]
        for (name, instrument) in known {
            #expect(try DeribitName.parse(name) == instrument)
            #expect(try Array(name.utf8).withUnsafeBufferPointer { try DeribitName.parse($0) } == instrument)
            #expect(try DeribitName.format(instrument) == name)
        }
        #expect(try DeribitName.parse("ETH-5JAN26-3100-P").expiry?.iso8601 == "2026-01-05T08:00:00Z")
    }

    @Test("every kind of instrument on every day of four years and over strikes survives writing and reading")
    func roundTrip() throws {
        let strikes = [0.00005, 0.055, 0.55, 1, 1.5, 17, 199.95, 2500, 100_000, 12_345_678.25, 999_999_999_999_999]
        var day = CivilDate(year: 2023, month: 12, day: 1)!.daysSinceEpoch
        for count in 0..<(4 * 365) {
            let expiry = Timestamp(CivilDate(daysSinceEpoch: day), hour: 8)
            let settlement: Settlement = count % 3 == 0 ? .linear : .inverse
            let kind: OptionKind = count % 2 == 0 ? .call : .put
            let instruments: [Instrument] = [
                .option(
                    .init(
                        underlying: "ETH", kind: kind, strike: strikes[count % strikes.count], expiry: expiry, settlement: settlement)),
                .future(underlying: "BTC", expiry: expiry, settlement: settlement),
                .perpetual(underlying: "SOL", settlement: settlement),
                .spot("TRX"),
            ]
            for instrument in instruments { #expect(try DeribitName.parse(DeribitName.format(instrument)) == instrument) }
            day += 1
        }
    }

    @Test(
        "a wrong name is refused with what was found and what was expected",
        arguments: [
            ("", "underlying"), ("BTC", "no part after 'BTC'"), ("btc-27DEC24", "'btc' as the underlying"),
            ("BTC-", "'' as the expiry"), ("BTC-27DEZ24-100000-C", "'DEZ' as the month"), ("BTC-31FEB26-1-C", "'31FEB26' as the expiry"),
            ("BTC-29FEB26-1-C", "1 to 28"), ("BTC-05JAN26-1-C", "'05JAN26' as the expiry"), ("BTC-0JAN26-1-C", "'0JAN26'"),
            ("BTC-5JAN2026-1-C", "'5JAN2026'"), ("BTC-5JAN26-0-C", "'0' as the strike"), ("BTC-5JAN26-0d0-C", "'0d0' as the strike"),
            ("BTC-5JAN26--5-C", "5 parts"), ("BTC-5JAN26-1d-C", "'1d' as the strike"), ("BTC-5JAN26-d5-C", "'d5' as the strike"),
            ("BTC-5JAN26-1.5-C", "'1.5' as the strike"), ("BTC-5JAN26-1e5-C", "'1e5' as the strike"),
            ("BTC-5JAN26-007-C", "'007' as the strike"), ("BTC-5JAN26-1-X", "'X' as the kind"), ("BTC-5JAN26-1-", "'' as the kind"),
            ("BTC-5JAN26-1", "3 parts"), ("BTC_EUR-PERPETUAL", "'EUR' as the quote currency"), ("BTC_USDC_X", "'USDC_X'"),
            ("BTC-FS-25DEC26_PERP", "3 parts"), ("BTC-PERPETUAL ", "'PERPETUAL ' as the expiry"),
            ("BTC-5JAN26-12345678901234567890-C", "at most 15 digits"),
        ])
    func refused(name: String, part: String) {
        let unread = Array(name.utf8).withUnsafeBufferPointer { bytes in
            #expect(throws: DeribitNameError.self) { try DeribitName.parse(bytes) }
        }
        #expect(unread?.description.contains("instrument '\(name)'") == true)
        let error = #expect(throws: DeribitNameError.self) { try DeribitName.parse(name) }
        #expect(error?.description.contains(part) == true, "\(error?.description ?? "")")
    }

    @Test("an instrument Deribit cannot list has no name")
    func unnameable() {
        let noon = Timestamp(CivilDate(year: 2026, month: 1, day: 5)!, hour: 12)
        #expect(throws: DeribitNameError.expiryWithoutName(noon)) {
            try DeribitName.format(.future(underlying: "BTC", expiry: noon, settlement: .inverse))
        }
        let negative = OptionContract(underlying: "BTC", kind: .call, strike: -1, expiry: Self.december, settlement: .inverse)
        #expect(throws: DeribitNameError.strikeNotPositive(-1)) { try DeribitName.format(.option(negative)) }
    }
}
