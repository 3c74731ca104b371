import Market
import Pricing
import Serving
import Testing

@Suite struct HedgeAdvisorTests {
    private let now = Timestamp(nanoseconds: ExampleMarket.time.nanoseconds + 2_000_000_000)

    @Test("the formula holds minus the net delta of options and futures, and the trade closes the gap to what is held")
    func netDelta() throws {
        let advisor = HedgeAdvisor()
        let market = advisor.fit(ExampleMarket.snapshot())
        let answer = try advisor.recommend(market, ExampleMarket.book, now: now)
        var netDelta = 0.0
        for position in ExampleMarket.book.positions {
            guard case .option(let contract) = position.instrument, let slice = market.surface?.slice(expiry: contract.expiry) else {
                continue
            }
            netDelta +=
                position.quantity
                * InverseOption.netDelta(
                    contract.kind, forward: slice.forward, strike: contract.strike,
                    totalVariance: slice.smile.totalVariance(atLogMoneyness: .log(contract.strike / slice.forward)))
        }
        #expect(answer.strategy == "net-delta" && answer.lines.count == 1)
        #expect((answer.lines[0].target + netDelta).magnitude < 1e-12)
        #expect((answer.lines[0].trade - (answer.lines[0].target - 1.5)).magnitude < 1e-12)
        #expect((answer.exposure.netDelta - (netDelta + 1.5)).magnitude < 1e-12)
        #expect(answer.dataAge == 2)
        #expect(answer.model == nil && answer.lines[0].learned == nil)
    }

    @Test("doubling the book doubles the hedge; an empty book holds nothing")
    func linearity() throws {
        let advisor = HedgeAdvisor()
        let market = advisor.fit(ExampleMarket.snapshot())
        let options = Array(ExampleMarket.book.positions.prefix(2))
        let once = try advisor.recommend(market, Book(options), now: now).lines[0].target
        let doubled = options.map { Position($0.instrument, quantity: 2 * $0.quantity) }
        #expect((try advisor.recommend(market, Book(doubled), now: now).lines[0].target - 2 * once).magnitude < 1e-12)
        #expect(try advisor.recommend(market, Book([]), now: now).lines[0].target == 0)
    }

    @Test("expired, foreign and unlisted positions are said, linear options refused")
    func unusual() throws {
        let advisor = HedgeAdvisor()
        let market = advisor.fit(ExampleMarket.snapshot())
        func warnings(_ name: String) throws -> String {
            let position = Position(try DeribitName.parse(name), quantity: -1)
            return try advisor.recommend(market, Book([position]), now: now).warnings.joined(separator: "\n")
        }
        #expect(try warnings("BTC-9JAN26-90000-C").contains("has expired"))
        #expect(try warnings("ETH-27FEB26-3000-C").contains("not on BTC"))
        #expect(try warnings("BTC-20FEB26-90000-C").contains("interpolated"))
        #expect(throws: AdviceError.linearOption("BTC_USDC-27FEB26-90000-C")) { try warnings("BTC_USDC-27FEB26-90000-C") }
    }

    @Test("an old market is used with a warning that says how old")
    func age() throws {
        let advisor = HedgeAdvisor()
        let late = Timestamp(nanoseconds: ExampleMarket.time.nanoseconds + 3 * Timestamp.nanosecondsPerDay)
        let answer = try advisor.recommend(advisor.fit(ExampleMarket.snapshot()), ExampleMarket.book, now: late)
        #expect(answer.warnings.contains("the market is 3 days old"))
    }

    @Test("without a surface the venue's marks price the book")
    func marksOnly() throws {
        var snapshot = ExampleMarket.snapshot()
        snapshot.options = snapshot.options.filter { $0.contract.strike == 100_000 }
        let advisor = HedgeAdvisor()
        let market = advisor.fit(snapshot)
        #expect(market.surface == nil)
        let book = Book([ExampleMarket.book.positions[0]])
        #expect(try advisor.recommend(market, book, now: now).lines[0].target > 0)
        #expect(throws: AdviceError.unpriced("BTC-27MAR26-85000-P")) { try advisor.recommend(market, ExampleMarket.book, now: now) }
    }
}
