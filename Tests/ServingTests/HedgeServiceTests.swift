import Features
import Foundation
import FoundationNetworking
import Hummingbird
import Logging
import Market
import Serving
import ServiceLifecycle
import StrictJSON
import Testing

/// The real server on a free port of this machine, asked by URLSession.
@Suite struct HedgeServiceTests {
    struct Reply {
        var status: Int
        var headers: [String: String]
        var text: String

        func json() throws -> JSONValue { try JSONValue.parse(text) }
    }

    struct Client {
        let port: Int

        func send(_ method: String, _ path: String, _ body: String? = nil, headers: [String: String] = [:]) async throws -> Reply {
            var request = URLRequest(url: try #require(URL(string: "http://127.0.0.1:\(port)\(path)")))
            request.httpMethod = method
            request.httpBody = body.map { Data($0.utf8) }
            if body != nil { request.setValue("application/json", forHTTPHeaderField: "Content-Type") }
            for (name, value) in headers { request.setValue(value, forHTTPHeaderField: name) }
            let (data, response) = try await URLSession.shared.data(for: request)
            let http = try #require(response as? HTTPURLResponse)
            var fields: [String: String] = [:]
            for (name, value) in http.allHeaderFields { fields["\(name)".lowercased()] = "\(value)" }
            return Reply(status: http.statusCode, headers: fields, text: String(decoding: data, as: UTF8.self))
        }

        func get(_ path: String) async throws -> Reply { try await send("GET", path) }
        func post(_ path: String, _ body: String) async throws -> Reply { try await send("POST", path, body) }
    }

    private func withService(
        _ change: (inout HedgeService.Configuration) -> Void = { _ in }, _ body: @escaping @Sendable (Client) async throws -> Void
    ) async throws {
        var configuration = HedgeService.Configuration()
        configuration.port = 0
        change(&configuration)
        var logger = Logger(label: "test")
        logger.logLevel = .critical
        let service = try HedgeService(HedgeAdvisor(), configuration: configuration, logger: logger)
        let (ports, continuation) = AsyncStream<Int>.makeStream()
        let group = ServiceGroup(
            configuration: .init(services: [service.application { continuation.yield($0) }], logger: logger))
        try await withThrowingTaskGroup(of: Void.self) { tasks in
            tasks.addTask { try await group.run() }
            for await port in ports {
                do { try await body(Client(port: port)) } catch { Issue.record(error) }
                break
            }
            await group.triggerGracefulShutdown()
            try await tasks.waitForAll()
        }
    }

    @Test("market and inventory posted, a recommendation comes back and adds up")
    func theRoad() async throws {
        try await withService { client in
            let market = try await client.post("/v1/market", ExampleMarket.snapshot().json().text())
            #expect(market.status == 200)
            #expect(try market.json()["expiries"] == 4)
            #expect(try await client.post("/v1/inventory", ExampleMarket.book.json().text()).status == 200)
            let reply = try await client.post("/v1/recommendations", "{}")
            #expect(reply.status == 200)
            let json = try reply.json()
            guard case .array(let hedges)? = json["hedges"], case .number(let target)? = hedges[0]["target"],
                case .number(let trade)? = hedges[0]["trade"]
            else {
                Issue.record("no hedge in \(reply.text)")
                return
            }
            #expect((target - trade - 1.5).magnitude < 1e-12)
            #expect(json["strategy"] == "net-delta" && json["model"] == JSONValue.null)
            #expect(reply.headers["x-request-id"]?.isEmpty == false)
        }
    }

    @Test("funding, history and account posted are in the features that come back, as the batch has them to the bit")
    func featuresOfEverything() async throws {
        try await withService { client in
            let (snapshots, pieces) = FeatureParityTests.tape(withPrices: true)
            for (snapshot, piece) in zip(snapshots, pieces).prefix(3) {
                let history = try await client.post("/v1/history", try piece.json(currency: "ETH").text())
                #expect(history.status == 200, "\(history.text)")
                #expect(try await client.post("/v1/market", try snapshot.json().text()).status == 200)
            }
            let again = try await client.post("/v1/history", try pieces[0].json(currency: "ETH").text())
            #expect(again.status == 409 && again.text.contains("prices[0].time"), "\(again.text)")
            let (book, account) = (FeatureParityTests.books(1)[0].book, FeatureParityTests.account(at: snapshots[2].time))
            #expect(try await client.post("/v1/inventory", try book.json().text()).status == 200)
            let posted = try await client.post("/v1/account", try account.json(currency: "ETH").text())
            #expect(try posted.json()["fills"] == .number(5))
            let reply = try await client.post("/v1/features", "{}")
            #expect(reply.status == 200, "\(reply.text)")
            var past = MarketHistory()
            past.volatilityIndex = TimeSeries(pieces.flatMap(\.volatilityIndex.elements))
            past.quotes = TimeSeries(pieces.flatMap(\.quotes.elements))
            past.trades = TimeSeries(pieces.flatMap(\.trades.elements))
            past.stablecoin = TimeSeries(pieces.flatMap(\.stablecoin.elements))
            past.prices = PriceHistory(pieces.flatMap(\.prices.bars))
            past.funding = TimeSeries(pieces.flatMap(\.funding.elements))
            let state = SnapshotPipeline().states(of: Array(snapshots.prefix(3)), past: past)[2].holding(book, account: account)
            let features = try reply.json()["features"]
            let pipeline = FeaturePipeline()
            for (name, value) in zip(pipeline.names, pipeline.row(state)) { #expect(features?[name.rawValue] == .number(value), "\(name)") }
            // An account in the request comes before the one posted, and must be of the market's currency.
            let poor = try await client.post("/v1/features", "{\"account\":{\"currency\":\"ETH\",\"equity\":100,\"initialMargin\":99}}")
            #expect(try poor.json()["features"]?["initial-margin-use"] == .number(0.99))
            let other = try await client.post("/v1/features", "{\"account\":{\"currency\":\"BTC\"}}")
            #expect(other.status == 422 && other.text.contains("account.currency"), "\(other.text)")
        }
    }

    @Test("a fat finger is dropped with a warning, its option's other side stays, and the advice is that without it")
    func fatFinger() async throws {
        try await withService { client in
            var snapshot = ExampleMarket.snapshot()
            let index = try #require(snapshot.options.firstIndex { $0.contract.strike == 95_000 })
            let name = try DeribitName.format(.option(snapshot.options[index].contract))
            snapshot.options[index].quote.ask = nil
            let inventory = try ExampleMarket.book.json().text()
            func advice(_ snapshot: MarketSnapshot) async throws -> JSONValue {
                let market = try snapshot.json().text()
                let reply = try await client.post("/v1/recommendations", "{\"market\":\(market),\"inventory\":\(inventory)}")
                return try #require(try reply.json()["hedges"])
            }
            let clean = try await advice(snapshot)
            snapshot.options[index].quote.ask = 8.9285
            #expect(try await advice(snapshot) == clean)
            let reply = try await client.post("/v1/market", try snapshot.json().text()).json()
            #expect(reply["options"] == .number(Double(snapshot.options.count)))
            guard case .array(let warnings)? = reply["warnings"], case .string(let warning)? = warnings.first else {
                Issue.record("no warning in \(reply)")
                return
            }
            #expect(warning.hasPrefix("bad quotes are not used (1 far-from-mark), the first: "), "\(warning)")
            #expect(warning.contains(name) && warning.contains("8.9285"), "\(warning)")
        }
    }

    @Test("a mark that stood still while the forward moved by two per cent is stale, and said to be")
    func staleMark() async throws {
        try await withService { client in
            var first = ExampleMarket.snapshot()
            for index in first.options.indices { first.options[index].delta = 0.5 }
            _ = try await client.post("/v1/market", try first.json().text())
            var second = first
            second.time = Timestamp(nanoseconds: first.time.nanoseconds + 60_000_000_000)
            for index in second.options.indices { second.options[index].forward *= 1.02 }
            let reply = try await client.post("/v1/market", try second.json().text())
            #expect(reply.text.contains("\(first.options.count) stale"), "\(reply.text)")
        }
    }

    @Test("a request that brings its own market and inventory needs nothing posted, and gives the same answer")
    func selfContained() async throws {
        try await withService { client in
            let (market, inventory) = (try ExampleMarket.snapshot().json().text(), try ExampleMarket.book.json().text())
            let own = try await client.post("/v1/recommendations", "{\"market\":\(market),\"inventory\":\(inventory)}")
            #expect(own.status == 200)
            _ = try await client.post("/v1/market", market)
            _ = try await client.post("/v1/inventory", inventory)
            let posted = try await client.post("/v1/recommendations", "{\"currency\":\"BTC\"}")
            #expect(try own.json()["hedges"] == posted.json()["hedges"])
        }
    }

    @Test("features of the last posted market and inventory come back by name; a second market gives the first as its past")
    func features() async throws {
        try await withService { client in
            #expect(try await client.post("/v1/features", "{}").status == 503)
            let day = 86_400_000_000_000 as Int64
            for days in [0, 1] as [Int64] {
                let time = Timestamp(nanoseconds: ExampleMarket.time.nanoseconds + days * day)
                #expect(try await client.post("/v1/market", ExampleMarket.snapshot(time: time).json().text()).status == 200)
            }
            _ = try await client.post("/v1/inventory", ExampleMarket.book.json().text())
            let json = try await client.post("/v1/features", "{}").json()
            guard case .number(let vega)? = json["features"]?["book-vega"], case .array(let absent)? = json["absent"] else {
                Issue.record("no features in \(json.text())")
                return
            }
            #expect(vega < 0)
            #expect(!absent.contains("surface-level-change") && absent.contains("skew-stickiness-30d"))
        }
    }

    @Test("what is missing is a 503 that says what to do and when to come back")
    func nothingPosted() async throws {
        try await withService { client in
            let reply = try await client.post("/v1/recommendations", "{}")
            #expect(reply.status == 503)
            #expect(reply.headers["retry-after"] == "1")
            #expect(reply.headers["content-type"] == "application/problem+json")
            #expect(try reply.json()["detail"] == "no market chosen: send a market with the request, or to /v1/market first")
        }
    }

    @Test(
        "bad input gets its status and a reason, and the next good request is answered",
        arguments: [
            ("{\"a\":NaN}", 400, "malformed JSON: line 1, column 6: found 'N', expected a value"),
            ("{\"inventory\":{},}", 400, "malformed JSON: line 1, column 17: found '}', expected a name in double quotes"),
            ("", 400, "malformed JSON: line 1, column 1: the text ends where a value should be"),
            ("[]", 422, "document: found an array, expected an object"),
            ("{\"markt\":{}}", 422, "document: found the unknown name \"markt\", expected only currency, market, inventory"),
            ("{\"market\":{\"currency\":5}}", 422, "market.currency: found a number, expected a string"),
        ])
    func badInput(body: String, status: Int, detail: String) async throws {
        try await withService { client in
            let reply = try await client.post("/v1/recommendations", body)
            #expect(reply.status == status)
            #expect(try reply.json()["detail"] == .string(detail))
            #expect(try await client.get("/healthz").status == 200)
        }
    }

    @Test("an older or repeated market never replaces a newer one: 409")
    func sequence() async throws {
        try await withService { client in
            let market = try ExampleMarket.snapshot().json().text()
            #expect(try await client.post("/v1/market", market).status == 200)
            #expect(try await client.post("/v1/market", market).status == 409)
            let older = try ExampleMarket.snapshot(time: Timestamp(nanoseconds: ExampleMarket.time.nanoseconds - 1)).json().text()
            #expect(try await client.post("/v1/market", older).status == 409)
        }
    }

    @Test("advice on a market that came in too long ago is withheld")
    func stale() async throws {
        try await withService({ $0.marketLifetime = 0 }) { client in
            _ = try await client.post("/v1/market", ExampleMarket.snapshot().json().text())
            _ = try await client.post("/v1/inventory", ExampleMarket.book.json().text())
            let reply = try await client.post("/v1/recommendations", "{}")
            #expect(reply.status == 503)
            #expect(reply.text.contains("advice on it is withheld"))
        }
    }

    @Test("a body over the limit is 413, another content type 415, an unknown path 404")
    func edges() async throws {
        try await withService({ $0.bodyLimit = 1000 }) { client in
            let large = try await client.post("/v1/inventory", String(repeating: " ", count: 2000))
            #expect(large.status == 413)
            let text = try await client.send("POST", "/v1/inventory", "{}", headers: ["Content-Type": "text/csv"])
            #expect(text.status == 415)
            let missing = try await client.get("/v1/nothing")
            #expect(missing.status == 404)
            #expect(missing.headers["content-type"] == "application/problem+json")
            #expect(missing.headers["x-request-id"]?.isEmpty == false)
        }
    }

    @Test("probes, metrics and description are there")
    func operations() async throws {
        try await withService { client in
            #expect(try await client.get("/healthz").json()["live"] == true)
            #expect(try await client.get("/readyz").json()["ready"] == true)
            let metrics = try await client.get("/metrics").text
            #expect(metrics.contains("hedge_http_requests_total{route=\"/healthz\",status=\"200\"} 1\n"))
            let description = try await client.get("/openapi.json").json()
            #expect(description["openapi"] == "3.1.0")
            #expect(description["paths"]?["/v1/recommendations"]?["post"] != nil)
            let named = try await client.send("GET", "/healthz", headers: ["X-Request-Id": "mine-7"])
            #expect(named.headers["x-request-id"] == "mine-7")
        }
    }

    @Test("a bind that others can reach is refused: there is no authentication yet")
    func openBind() {
        var configuration = HedgeService.Configuration()
        configuration.host = "0.0.0.0"
        #expect(throws: HedgeService.StartError.openBind(host: "0.0.0.0")) {
            try HedgeService(HedgeAdvisor(), configuration: configuration)
        }
    }
}
