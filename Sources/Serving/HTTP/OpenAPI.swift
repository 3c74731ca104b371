import StrictJSON

/// The description of the service that `/openapi.json` gives (OpenAPI 3.1).
enum OpenAPI {
    static let document: JSONValue = [
        "openapi": "3.1.0",
        "info": [
            "title": "hedge", "version": "1",
            "description":
                "Hedge recommendations for an option inventory. Sold is negative; volatilities are decimals; times are nanoseconds since 1970 as strings.",
        ],
        "paths": [
            "/v1/market": post(
                "Posts a market snapshot; its volatility surface is fitted at once.", body: "Market",
                reply: ["currency": string, "time": string, "options": number, "expiries": number, "warnings": strings],
                errors: [400, 409, 413, 415, 422]),
            "/v1/inventory": post(
                "Posts the whole inventory; it replaces the last one.", body: "Inventory", reply: ["positions": number],
                errors: [400, 413, 415, 422]),
            "/v1/history": post(
                "Adds what happened beside a currency's markets; every list is in order of time and later than what is known of it.",
                body: "History",
                reply: [
                    "currency": string, "prices": number, "funding": number, "volatilityIndex": number, "quotes": number,
                    "trades": number, "stablecoin": number,
                ],
                errors: [400, 409, 413, 415, 422]),
            "/v1/account": post(
                "Posts a currency's account; it replaces the last one.", body: "Account",
                reply: ["currency": string, "venues": number, "fills": number], errors: [400, 413, 415, 422]),
            "/v1/recommendations": post(
                "Recommends hedges for a market and an inventory, in the request or as last posted.", body: "Request",
                reply: recommendation,
                errors: [400, 413, 415, 422, 503]),
            "/v1/features": post(
                "Every feature of a market, an inventory and an account, in the request or as last posted, by name; \"absent\" names "
                    + "those that found nothing to measure and stand at their neutral value.",
                body: "FeatureRequest",
                reply: [
                    "currency": string, "marketTime": string, "features": ["type": "object", "additionalProperties": number],
                    "absent": strings,
                ],
                errors: [400, 413, 415, 422, 503]),
            "/healthz": get("The process answers.", reply: ["live": boolean]),
            "/readyz": get("The service can advise.", reply: ["ready": boolean, "model": nullable("string"), "markets": strings]),
            "/metrics": ["get": ["summary": "Prometheus text.", "responses": ["200": ["description": "Counters and latencies."]]]],
            "/openapi.json": ["get": ["summary": "This document.", "responses": ["200": ["description": "OpenAPI 3.1."]]]],
        ],
        "components": [
            "schemas": [
                "Market": object(
                    [
                        "time": string, "currency": string, "index": number, "perpetual": quote, "fundingRate": nullable("number"),
                        "futures": array(of: priced(with: [:])),
                        "options": array(
                            of: priced(with: [
                                "markVolatility": number, "delta": number, "vega": number, "openInterest": number, "volume": number,
                                "forward": number,
                                "forwardName": string, "index": number,
                            ])),
                    ], required: ["time", "currency", "index", "options"]),
                "Inventory": object(
                    [
                        "positions": array(
                            of: object(["instrument": string, "quantity": number, "venue": string], required: ["instrument", "quantity"]))
                    ],
                    required: ["positions"]),
                "History": object(
                    [
                        "currency": string, "prices": dated(["open", "high", "low", "close"]), "funding": dated(["rate"]),
                        "volatilityIndex": dated(["volatility"]), "quotes": dated(["bid", "bidSize", "ask", "askSize"]),
                        "trades": dated(["quantity"], of: ["instrument"]), "stablecoin": dated(["price"]),
                    ], required: ["currency"]),
                "Account": object(
                    [
                        "currency": string, "equity": nullable("number"), "initialMargin": nullable("number"),
                        "maintenanceMargin": nullable("number"), "venues": array(of: venue),
                        "fills": array(
                            of: object(
                                [
                                    "time": string, "instrument": string, "quantity": number, "venue": string,
                                    "netDelta": nullable("number"),
                                ], required: ["time", "instrument", "quantity"])),
                    ], required: ["currency"]),
                "Request": object(
                    ["currency": string, "market": reference("Market"), "inventory": reference("Inventory")], required: []),
                "FeatureRequest": object(
                    [
                        "currency": string, "market": reference("Market"), "inventory": reference("Inventory"),
                        "account": reference("Account"),
                    ], required: []),
                "Problem": object(["type": string, "title": string, "status": number, "detail": string], required: ["status", "detail"]),
            ]
        ],
    ]

    private static let string: JSONValue = ["type": "string"]
    private static let number: JSONValue = ["type": "number"]
    private static let boolean: JSONValue = ["type": "boolean"]
    private static let strings: JSONValue = array(of: string)
    private static let quote: JSONValue = object(
        ["bid": nullable("number"), "ask": nullable("number"), "mark": nullable("number")], required: [])

    private static let venue: JSONValue = {
        let numbers = [
            "balance", "unsettled", "borrowed", "stablecoinShare", "locked", "defaultProbability", "stressedDefaultProbability",
            "lossGivenDefault", "haircut",
            "offExchangeShare", "offExchangeLossGivenDefault", "exposureLimit", "lockedLimit", "shareLimit", "insuranceFund",
        ]
        return object(
            [("venue", string)] + numbers.map { ($0, nullable("number")) }
                + [("withdrawalMinutes", array(of: number)), ("isPaused", boolean)], required: ["venue", "balance"])
    }()

    /// Objects with a time, these texts and these numbers.
    private static func dated(_ numbers: [String], of texts: [String] = []) -> JSONValue {
        array(
            of: object(
                (["time"] + texts).map { ($0, string) } + numbers.map { ($0, number) }, required: ["time"] + texts + numbers))
    }

    private static let recommendation: [(String, JSONValue)] = [
        ("id", string), ("currency", string), ("marketTime", string), ("dataAgeSeconds", number), ("strategy", string),
        ("analyticStrategy", string),
        ("model", object(["name": string, "version": string], required: [])),
        (
            "exposure",
            object(
                ["value": number, "delta": number, "netDelta": number, "dollarGamma": number, "vega": number, "theta": number],
                required: ["value", "delta", "netDelta", "dollarGamma", "vega", "theta"])
        ),
        (
            "hedges",
            array(
                of: object(
                    [
                        "instrument": string, "held": number, "analytic": number, "learned": nullable("number"), "target": number,
                        "trade": number,
                    ],
                    required: ["instrument", "held", "analytic", "target", "trade"]))
        ),
        ("reasons", strings), ("warnings", strings),
    ]

    private static func nullable(_ type: String) -> JSONValue { ["type": [.string(type), "null"]] }

    private static func array(of items: JSONValue) -> JSONValue { ["type": "array", "items": items] }

    private static func reference(_ schema: String) -> JSONValue { ["$ref": .string("#/components/schemas/\(schema)")] }

    private static func object(_ properties: KeyValuePairs<String, JSONValue>, required: [String]) -> JSONValue {
        object(properties.map { ($0.key, $0.value) }, required: required)
    }

    private static func object(_ properties: [(String, JSONValue)], required: [String]) -> JSONValue {
        [
            "type": "object", "properties": .object(properties.map { JSONValue.Member($0.0, $0.1) }),
            "required": .array(required.map(JSONValue.string)),
            "additionalProperties": false,
        ]
    }

    /// An instrument with its prices, and further members.
    private static func priced(with more: KeyValuePairs<String, JSONValue>) -> JSONValue {
        let prices: [(String, JSONValue)] = ["bid", "ask", "mark"].map { ($0, nullable("number")) }
        return object(
            [("instrument", string)] + prices + more.map { ($0.key, $0.value) },
            required: ["instrument"] + (more.isEmpty ? [] : ["forward"]))
    }

    private static func get(_ summary: String, reply: KeyValuePairs<String, JSONValue>) -> JSONValue {
        ["get": ["summary": .string(summary), "responses": ["200": content("The answer.", object(reply, required: reply.map(\.key)))]]]
    }

    private static func post(_ summary: String, body: String, reply: KeyValuePairs<String, JSONValue>, errors: [Int]) -> JSONValue {
        post(summary, body: body, reply: reply.map { ($0.key, $0.value) }, errors: errors)
    }

    private static func post(_ summary: String, body: String, reply: [(String, JSONValue)], errors: [Int]) -> JSONValue {
        let answers = [JSONValue.Member("200", content("The answer.", object(reply, required: reply.map(\.0).filter { $0 != "model" })))]
        let problems = errors.map { code in
            JSONValue.Member(
                String(code), ["description": "Refused.", "content": ["application/problem+json": ["schema": reference("Problem")]]])
        }
        return [
            "post": [
                "summary": .string(summary),
                "requestBody": ["required": true, "content": ["application/json": ["schema": reference(body)]]],
                "responses": .object(answers + problems),
            ]
        ]
    }

    private static func content(_ description: String, _ schema: JSONValue) -> JSONValue {
        ["description": .string(description), "content": ["application/json": ["schema": schema]]]
    }
}
