import Market
import Serving
import StrictJSON
import Testing

@Suite struct WireTests {
    @Test("a snapshot survives its JSON text")
    func snapshotRoundTrip() throws {
        let snapshot = ExampleMarket.snapshot()
        #expect(try MarketSnapshot(json: JSONValue.parse(snapshot.json().text())) == snapshot)
    }

    @Test("a book survives its JSON text")
    func bookRoundTrip() throws {
        #expect(try Book(json: JSONValue.parse(ExampleMarket.book.json().text(indented: true))) == ExampleMarket.book)
    }

    static let option = "{\"instrument\":\"BTC-27FEB26-100000-C\",\"forward\":95500,\"bid\":0.01}"

    private func snapshot(_ options: String, index: String = "95000", more: String = "") -> String {
        "{\"time\":\"2026-01-15T21:20:00Z\",\"currency\":\"BTC\",\"index\":\(index),\"options\":[\(options)]\(more)}"
    }

    @Test(
        "what is wrong is named with its path",
        arguments: [
            ("{\"instrument\":\"BTC-27FEB26--5-C\",\"forward\":95500}", "options[0].instrument"),
            ("{\"instrument\":\"BTC-27FEB26-100000-C\",\"forward\":-1}", "options[0].forward"),
            ("{\"instrument\":\"BTC-27FEB26-100000-C\",\"forward\":1e308}", "options[0].forward"),
            ("{\"instrument\":\"BTC-27FEB26-100000-C\"}", "options[0]"),
            ("{\"instrument\":\"ETH-27FEB26-3000-C\",\"forward\":95500}", "options[0].instrument"),
            ("{\"instrument\":\"BTC-PERPETUAL\",\"forward\":95500}", "options[0].instrument"),
            ("{\"instrument\":\"BTC-27FEB26-100000-C\",\"forward\":95500,\"bid\":-0.01}", "options[0].bid"),
            ("{\"instrument\":\"BTC-27FEB26-100000-C\",\"forward\":95500,\"bid\":\"0.01\"}", "options[0].bid"),
            ("{\"instrument\":\"BTC-27FEB26-100000-C\",\"forward\":95500,\"markVolatility\":55}", "options[0].markVolatility"),
            ("{\"instrument\":\"BTC-27FEB26-100000-C\",\"forward\":95500,\"iv\":0.5}", "options[0]"),
            ("\(option),\(option)", "options[1].instrument"),
            ("7", "options[0]"),
        ])
    func wrongOption(options: String, path: String) throws {
        let json = try JSONValue.parse(snapshot(options))
        let error = #expect(throws: WireError.self) { try MarketSnapshot(json: json) }
        #expect(error?.path == path)
    }

    @Test(
        "the head of a snapshot is checked as well",
        arguments: [
            ("{\"time\":\"yesterday\",\"currency\":\"BTC\",\"index\":1,\"options\":[]}", "time"),
            ("{\"time\":\"2026-01-15T21:20:00Z\",\"currency\":\"BTC\",\"index\":0,\"options\":[]}", "index"),
            ("{\"time\":\"2026-01-15T21:20:00Z\",\"currency\":\"BTC\",\"options\":[]}", ""),
            ("{\"time\":\"2026-01-15T21:20:00Z\",\"currency\":\"BTC\",\"index\":1,\"options\":{}}", "options"),
            ("[]", ""),
        ])
    func wrongHead(text: String, path: String) throws {
        let json = try JSONValue.parse(text)
        let error = #expect(throws: WireError.self) { try MarketSnapshot(json: json) }
        #expect(error?.path == path)
    }

    @Test("a quote of 0 is no quote")
    func zeroIsNoQuote() throws {
        let json = try JSONValue.parse(snapshot("{\"instrument\":\"BTC-27FEB26-100000-C\",\"forward\":95500,\"bid\":0,\"ask\":0.01}"))
        #expect(try MarketSnapshot(json: json).options[0].quote == Quote(ask: 0.01))
    }

    @Test(
        "an inventory with a quantity that is no size, or an instrument twice at one venue, is refused",
        arguments: [
            ("{\"positions\":[{\"instrument\":\"BTC-PERPETUAL\",\"quantity\":1e18}]}", "positions[0].quantity"),
            ("{\"positions\":[{\"instrument\":\"BTC-PERPETUAL\"}]}", "positions[0]"),
            (
                "{\"positions\":[{\"instrument\":\"BTC-PERPETUAL\",\"quantity\":1},{\"instrument\":\"BTC-PERPETUAL\",\"quantity\":1}]}",
                "positions[1].instrument"
            ),
            ("{\"position\":[]}", ""),
        ])
    func wrongBook(text: String, path: String) throws {
        let json = try JSONValue.parse(text)
        let error = #expect(throws: WireError.self) { try Book(json: json) }
        #expect(error?.path == path)
    }
}
