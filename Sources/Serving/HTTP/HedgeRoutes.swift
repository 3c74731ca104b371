import Features
import HTTPTypes
import Hummingbird
import Market
import NIOCore
import StrictJSON

/// The routes and what they do; each is a few lines over `HedgeAdvisor` and `MarketSlot`.
struct HedgeRoutes {
    let advisor: HedgeAdvisor
    let configuration: HedgeService.Configuration
    let slot = MarketSlot()
    let counts = RequestCounts()

    func router() -> Router<BasicRequestContext> {
        let router = Router(context: BasicRequestContext.self)
        router.add(middleware: EdgeMiddleware(counts: counts))
        router.get("/healthz") { _, _ in Response.json(["live": true]) }
        router.get("/readyz") { _, _ in await ready() }
        router.get("/metrics") { _, _ in Response.text(counts.exposition(), type: "text/plain; version=0.0.4; charset=utf-8") }
        router.get("/openapi.json") { _, _ in Response.json(OpenAPI.document) }
        router.post("/v1/market") { request, _ in try await market(request) }
        router.post("/v1/inventory") { request, _ in try await inventory(request) }
        router.post("/v1/history") { request, _ in try await history(request) }
        router.post("/v1/account") { request, _ in try await account(request) }
        router.post("/v1/recommendations") { request, _ in try await recommendation(request) }
        router.post("/v1/features") { request, _ in try await features(request) }
        return router
    }

    private func ready() async -> Response {
        let currencies = await slot.currencies
        let body: JSONValue = [
            "ready": true, "model": advisor.model.map { .string("\($0.reference.name)@\($0.reference.version)") } ?? .null,
            "markets": .array(currencies.map { .string($0.rawValue) }),
        ]
        return .json(body)
    }

    private func market(_ request: Request) async throws -> Response {
        let posted = try MarketSnapshot(json: try await body(of: request))
        let fitted = advisor.fit(posted, previous: await slot.market(posted.currency)?.market.posted)
        try await slot.publish(fitted)
        return .json([
            "currency": .string(fitted.snapshot.currency.rawValue), "time": .string(String(fitted.snapshot.time.nanoseconds)),
            "options": .number(Double(fitted.snapshot.options.count)), "expiries": .number(Double(fitted.surface?.slices.count ?? 0)),
            "warnings": .array(fitted.warnings.map(JSONValue.string)),
        ])
    }

    private func inventory(_ request: Request) async throws -> Response {
        let book = try Book(json: try await body(of: request))
        await slot.publish(book)
        return .json(["positions": .number(Double(book.positions.count))])
    }

    /// Counts of what is known of the currency from then on.
    private func history(_ request: Request) async throws -> Response {
        let (posted, currency) = try MarketHistory.read(json: try await body(of: request), now: .now)
        try await slot.record(posted, of: currency)
        let known = await slot.history(currency)
        let counts = [
            ("prices", known.prices.bars.count), ("funding", known.funding.elements.count),
            ("volatilityIndex", known.volatilityIndex.elements.count), ("quotes", known.quotes.elements.count),
            ("trades", known.trades.elements.count), ("stablecoin", known.stablecoin.elements.count),
        ]
        return .json(
            .object([.init("currency", .string(currency.rawValue))] + counts.map { .init($0.0, .number(Double($0.1))) }))
    }

    private func account(_ request: Request) async throws -> Response {
        let (posted, currency) = try Account.read(json: try await body(of: request))
        await slot.publish(posted, of: currency)
        return .json([
            "currency": .string(currency.rawValue), "venues": .number(Double(posted.venues.count)),
            "fills": .number(Double(posted.fills.elements.count)),
        ])
    }

    private func recommendation(_ request: Request) async throws -> Response {
        let object = try JSONField(try await body(of: request)).object(["currency", "market", "inventory"])
        let (market, _, book) = try await marketAndBook(object)
        return .json(try advisor.recommend(market, book, now: .now).json())
    }

    private func features(_ request: Request) async throws -> Response {
        let object = try JSONField(try await body(of: request)).object(["currency", "market", "inventory", "account"])
        let (market, past, book) = try await marketAndBook(object)
        let currency = market.snapshot.currency
        var account = await slot.account(currency)
        if let field = object["account"] {
            let (given, its) = try Account.read(field)
            guard its == currency else {
                throw WireError(path: "account.currency", found: "\"\(its.rawValue)\"", expected: "\"\(currency.rawValue)\", the market's")
            }
            account = given
        }
        return .json(try FeatureReply(market, past: past, book: book, account: account).json())
    }

    /// `{"currency"?, "market"?, "inventory"?}`: what is left out is taken from the last posted. A market that comes with the request has
    /// no past.
    private func marketAndBook(_ object: JSONObject) async throws -> (market: FittedMarket, past: MarketHistory, book: Book) {
        let market: FittedMarket
        var past = MarketHistory()
        if let field = object["market"] {
            market = advisor.fit(try MarketSnapshot(field))
        } else {
            let last = try await lastMarket(try object["currency"]?.string())
            (market, past) = (last.market, last.past)
        }
        if let field = object["inventory"] { return (market, past, try Book(field)) }
        if let book = await slot.inventory() { return (market, past, book) }
        throw Problem(.serviceUnavailable, "no inventory: send one with the request, or to /v1/inventory first", retryAfter: 1)
    }

    private func lastMarket(_ currency: String?) async throws -> MarketSlot.Entry {
        let known = await slot.currencies
        guard let wanted = currency.map(Currency.init(rawValue:)) ?? (known.count == 1 ? known[0] : nil) else {
            let expected =
                known.isEmpty
                ? "send a market with the request, or to /v1/market first" : "name one of \(known.map(\.rawValue)) as \"currency\""
            throw Problem(
                known.isEmpty ? .serviceUnavailable : .unprocessableContent, "no market chosen: \(expected)",
                retryAfter: known.isEmpty ? 1 : nil)
        }
        guard let entry = await slot.market(wanted) else {
            throw Problem(.serviceUnavailable, "no market for \(wanted.rawValue): send it to /v1/market first", retryAfter: 1)
        }
        let age = (ContinuousClock.now - entry.received) / .seconds(1)
        guard age <= configuration.marketLifetime else {
            throw Problem(
                .serviceUnavailable,
                "the market of \(wanted.rawValue) came in \(Int(age)) s ago, the limit is \(Int(configuration.marketLifetime)) s: advice on it is withheld",
                retryAfter: 1)
        }
        return entry
    }

    private func body(of request: Request) async throws -> JSONValue {
        if let type = request.headers[.contentType], !type.lowercased().hasPrefix("application/json") {
            throw Problem(.unsupportedMediaType, "Content-Type: found \(type.prefix(60)), expected application/json")
        }
        var request = request
        do {
            let buffer = try await request.collectBody(upTo: configuration.bodyLimit)
            return try JSONValue.parse(buffer.readableBytesView)
        } catch is NIOTooManyBytesError {
            throw Problem(.contentTooLarge, "the body is larger than \(configuration.bodyLimit) bytes")
        }
    }
}
