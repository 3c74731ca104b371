public import Features
public import Market
public import StrictJSON

extension Account {
    /// Reads who holds the book as `POST /v1/account` takes it, in the coin of its currency. Only `currency` must be there.
    ///
    ///     {"currency": "BTC", "equity": 18.2, "initialMargin": 9.1, "maintenanceMargin": 7.3,
    ///      "venues": [{"venue": "deribit", "balance": 20, "defaultProbability": 0.02, "lossGivenDefault": 0.6, "exposureLimit": 30}],
    ///      "fills": [{"time": "2026-01-15T21:20:00Z", "instrument": "BTC-27MAR26-95000-C", "quantity": -2.5, "netDelta": 0.31}]}
    ///
    /// A venue's members are those of `VenueAccount`; shares, probabilities and losses are fractions, limits and amounts coin.
    ///
    /// - Returns: The account and the currency it is of.
    /// - Throws: `WireError` with the path of what is wrong; a venue named twice.
    public static func read(json: JSONValue) throws(WireError) -> (account: Account, currency: Currency) { try read(JSONField(json)) }

    static func read(_ field: JSONField) throws(WireError) -> (account: Account, currency: Currency) {
        let object = try field.object(["currency", "equity", "initialMargin", "maintenanceMargin", "venues", "fills"])
        let currency = Currency(rawValue: try object.required("currency", "such as \"BTC\"").string())
        var venues: [VenueAccount] = []
        for element in try object["venues"]?.array() ?? [] {
            let venue = try VenueAccount(element)
            guard !venues.contains(where: { $0.venue == venue.venue }) else {
                throw element.error("\"\(venue.venue.rawValue)\" a second time", expected: "each venue once")
            }
            venues.append(venue)
        }
        var fills: [Fill] = []
        for element in try object["fills"]?.array() ?? [] {
            let fill = try element.object(["time", "instrument", "quantity", "venue", "netDelta"])
            var unseen: Set<String> = []
            fills.append(
                Fill(
                    time: try Timestamp(fill.required("time", "ISO 8601 in UTC, or nanoseconds since 1970 as a string")),
                    instrument: try Instrument(fill.required("instrument", "a Deribit name"), of: nil, unseenIn: &unseen),
                    quantity: try fill.number("quantity", .quantity), venue: VenueName(rawValue: try fill["venue"]?.string() ?? "deribit"),
                    netDelta: try fill.optionalNumber("netDelta", .quantity)))
        }
        let account = Account(
            equity: try object.optionalNumber("equity", .quantity), initialMargin: try object.optionalNumber("initialMargin", .amount),
            maintenanceMargin: try object.optionalNumber("maintenanceMargin", .amount), venues: venues, fills: fills)
        return (account, currency)
    }

    /// The account as `read(json:)` reads it.
    public func json(currency: Currency) throws(DeribitNameError) -> JSONValue {
        var fills: [JSONValue] = []
        for fill in self.fills.elements {
            fills.append(
                .object(
                    [
                        .init("time", .string(String(fill.time.nanoseconds))),
                        .init("instrument", .string(try DeribitName.format(fill.instrument))),
                        .init("quantity", .number(fill.quantity)), .init("venue", .string(fill.venue.rawValue)),
                    ] + present([("netDelta", fill.netDelta)])))
        }
        return .object(
            [.init("currency", .string(currency.rawValue))]
                + present([("equity", equity), ("initialMargin", initialMargin), ("maintenanceMargin", maintenanceMargin)])
                + [.init("venues", .array(venues.map(\.json))), .init("fills", .array(fills))])
    }
}

extension VenueAccount {
    private static let amounts: [(String, any WritableKeyPath<VenueAccount, Double> & Sendable, WireRange)] = [
        ("balance", \.balance, .quantity), ("unsettled", \.unsettled, .quantity), ("borrowed", \.borrowed, .amount),
        ("stablecoinShare", \.stablecoinShare, .fraction), ("locked", \.locked, .amount),
        ("defaultProbability", \.defaultProbability, .fraction),
        ("stressedDefaultProbability", \.stressedDefaultProbability, .fraction), ("lossGivenDefault", \.lossGivenDefault, .fraction),
        ("haircut", \.haircut, .fraction), ("offExchangeShare", \.offExchangeShare, .fraction),
        ("offExchangeLossGivenDefault", \.offExchangeLossGivenDefault, .fraction),
    ]
    private static let limits: [(String, any WritableKeyPath<VenueAccount, Double?> & Sendable, WireRange)] = [
        ("exposureLimit", \.exposureLimit, .amount), ("lockedLimit", \.lockedLimit, .amount), ("shareLimit", \.shareLimit, .fraction),
        ("insuranceFund", \.insuranceFund, .amount),
    ]

    fileprivate init(_ field: JSONField) throws(WireError) {
        let object = try field.object(
            ["venue"] + Self.amounts.map(\.0) + Self.limits.map(\.0) + ["withdrawalMinutes", "isPaused"])
        self.init(venue: VenueName(rawValue: try object.required("venue", "a name").string()), balance: 0)
        _ = try object.required("balance", "coin")
        for (name, path, range) in Self.amounts {
            if let value = try object.optionalNumber(name, range) { self[keyPath: path] = value }
        }
        for (name, path, range) in Self.limits { self[keyPath: path] = try object.optionalNumber(name, range) }
        for element in try object["withdrawalMinutes"]?.array() ?? [] { withdrawalMinutes.append(try element.number(.amount)) }
        isPaused = try object["isPaused"]?.boolean() ?? false
    }

    fileprivate var json: JSONValue {
        .object(
            [.init("venue", .string(venue.rawValue))] + present(Self.amounts.map { ($0.0, self[keyPath: $0.1]) })
                + present(Self.limits.map { ($0.0, self[keyPath: $0.1]) })
                + [.init("withdrawalMinutes", .array(withdrawalMinutes.map(JSONValue.number))), .init("isPaused", .bool(isPaused))])
    }
}
