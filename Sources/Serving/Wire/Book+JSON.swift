public import Market
public import StrictJSON

extension Book {
    /// Reads an inventory as `POST /v1/inventory` takes it. Sold is negative; inverse futures and perpetuals count coin notional.
    ///
    ///     {"positions": [{"instrument": "BTC-27MAR26-95000-C", "quantity": -2.5, "venue": "deribit"}]}
    ///
    /// - Throws: `WireError` with the path of what is wrong. One instrument may stand once for each venue.
    public init(json: JSONValue) throws(WireError) {
        try self.init(JSONField(json))
    }

    init(_ field: JSONField) throws(WireError) {
        var seen: [VenueName: Set<String>] = [:]
        var positions: [Position] = []
        for element in try field.object(["positions"]).required("positions", "an array").array() {
            let position = try element.object(["instrument", "quantity", "venue"])
            let venue = VenueName(rawValue: try position["venue"]?.string() ?? "deribit")
            positions.append(
                Position(
                    try Instrument(position.required("instrument", "a Deribit name"), of: nil, unseenIn: &seen[venue, default: []]),
                    quantity: try position.required("quantity", "signed, sold is negative").number(.quantity),
                    venue: venue))
        }
        self.init(positions)
    }

    /// The inventory as `init(json:)` reads it.
    public func json() throws(DeribitNameError) -> JSONValue {
        var list: [JSONValue] = []
        for position in positions {
            list.append([
                "instrument": .string(try DeribitName.format(position.instrument)), "quantity": .number(position.quantity),
                "venue": .string(position.venue.rawValue),
            ])
        }
        return ["positions": .array(list)]
    }
}
