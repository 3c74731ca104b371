import Features
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

    @Test("funding, what happened between snapshots and an account survive their JSON text")
    func pastRoundTrip() throws {
        var snapshot = ExampleMarket.snapshot()
        snapshot.fundingRate = -1.0 / 30_000
        #expect(try MarketSnapshot(json: JSONValue.parse(snapshot.json().text())) == snapshot)
        let piece = FeatureParityTests.tape(withPrices: true).pieces[2]
        let (history, currency) = try MarketHistory.read(
            json: JSONValue.parse(piece.json(currency: "ETH").text()), now: ExampleMarket.time)
        #expect(history == piece && currency == "ETH")
        let account = FeatureParityTests.account(at: ExampleMarket.time)
        let read = try Account.read(json: JSONValue.parse(account.json(currency: "ETH").text(indented: true)))
        #expect(read.account == account && read.currency == "ETH")
    }

    @Test(
        "what is wrong with a history is named with its path",
        arguments: [
            (#"{"trades":[]}"#, ""), (#"{"currency":"BTC","trade":[]}"#, ""), (#"{"currency":"BTC","funding":{}}"#, "funding"),
            (#"{"currency":"BTC","funding":[{"time":"2026-01-15T21:00:00Z","rate":0.05}]}"#, "funding[0].rate"),
            (#"{"currency":"BTC","funding":[{"time":"2026-01-15T21:00:00Z"}]}"#, "funding[0]"),
            (#"{"currency":"BTC","funding":[{"rate":0.0001}]}"#, "funding[0]"),
            (#"{"currency":"BTC","volatilityIndex":[{"time":"2026-01-15T21:00:00Z","volatility":43.1}]}"#, "volatilityIndex[0].volatility"),
            (#"{"currency":"BTC","stablecoin":[{"time":"2026-01-15T21:00:01Z","price":0}]}"#, "stablecoin[0].price"),
            // Later than now, and out of order.
            (#"{"currency":"BTC","stablecoin":[{"time":"2026-01-15T22:00:00Z","price":1}]}"#, "stablecoin[0].time"),
            (
                #"{"currency":"BTC","stablecoin":[{"time":"2026-01-15T21:00:00Z","price":1},{"time":"2026-01-15T20:00:00Z","price":1}]}"#,
                "stablecoin[1].time"
            ),
            (#"{"currency":"BTC","quotes":[{"time":"2026-01-15T21:00:00Z","bid":2,"bidSize":1,"ask":2,"askSize":1}]}"#, "quotes[0]"),
            (
                #"{"currency":"BTC","quotes":[{"time":"2026-01-15T21:00:00Z","bid":1,"bidSize":0,"ask":2,"askSize":1}]}"#,
                "quotes[0].bidSize"
            ),
            (#"{"currency":"BTC","prices":[{"time":"2026-01-15T21:00:00Z","open":2,"high":3,"low":2.5,"close":3}]}"#, "prices[0]"),
            (
                #"{"currency":"BTC","trades":[{"time":"2026-01-15T21:00:00Z","instrument":"ETH-PERPETUAL","quantity":1}]}"#,
                "trades[0].instrument"
            ),
            (
                #"{"currency":"BTC","trades":[{"time":"2026-01-15T21:00:00Z","instrument":"BTC-PERPETUAL","quantity":1,"side":"buy"}]}"#,
                "trades[0]"
            ),
        ])
    func wrongHistory(text: String, path: String) throws {
        let json = try JSONValue.parse(text)
        let error = #expect(throws: WireError.self) { try MarketHistory.read(json: json, now: ExampleMarket.time) }
        #expect(error?.path == path)
    }

    @Test(
        "what is wrong with an account is named with its path",
        arguments: [
            ("{}", ""), (#"{"currency":"BTC","equity":"1"}"#, "equity"), (#"{"currency":"BTC","initialMargin":-1}"#, "initialMargin"),
            (#"{"currency":"BTC","margin":1}"#, ""), (#"{"currency":"BTC","venues":[{"venue":"deribit"}]}"#, "venues[0]"),
            (#"{"currency":"BTC","venues":[{"venue":"deribit","balance":1,"haircut":1.5}]}"#, "venues[0].haircut"),
            (#"{"currency":"BTC","venues":[{"venue":"deribit","balance":1,"isPaused":1}]}"#, "venues[0].isPaused"),
            (#"{"currency":"BTC","venues":[{"venue":"deribit","balance":1},{"venue":"deribit","balance":2}]}"#, "venues[1]"),
            (#"{"currency":"BTC","fills":[{"time":"now","instrument":"BTC-PERPETUAL","quantity":1}]}"#, "fills[0].time"),
            (#"{"currency":"BTC","fills":[{"time":"2026-01-15T21:00:00Z","instrument":"BTC-PERPETUAL"}]}"#, "fills[0]"),
        ])
    func wrongAccount(text: String, path: String) throws {
        let json = try JSONValue.parse(text)
        let error = #expect(throws: WireError.self) { try Account.read(json: json) }
        #expect(error?.path == path)
    }

    @Test("options that pay in dollars do not mix with options that pay in coin; alone they are the other market")
    func settlements() throws {
        let linear = "{\"instrument\":\"BTC_USDC-27FEB26-100000-C\",\"forward\":95500,\"bid\":955}"
        let mixed = try JSONValue.parse(snapshot("\(Self.option),\(linear)"))
        let error = #expect(throws: WireError.self) { try MarketSnapshot(json: mixed) }
        #expect(error?.path == "options[1].instrument" && error?.description.contains("dollars") == true)
        let alone = try MarketSnapshot(
            json: JSONValue.parse(snapshot(linear, more: ",\"futures\":[{\"instrument\":\"BTC_USDC-27FEB26\",\"mark\":95500}]")))
        #expect(alone.settlement == .linear)
        #expect(try MarketSnapshot(json: JSONValue.parse(alone.json().text())) == alone)
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
