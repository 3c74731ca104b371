/// Which numbers a member may be, and how a message says it.
struct WireRange: Sendable {
    let range: ClosedRange<Double>
    let expected: String

    /// Largest price taken, in quote currency or coin: far above any market, far below what overflows a product.
    private static let largestPrice = 1e12

    static let price = WireRange(range: 0...largestPrice, expected: "a price of 0 to 1e12 (0 or null: no quote)")
    static let positivePrice = WireRange(range: Double.leastNormalMagnitude...largestPrice, expected: "a price above 0, at most 1e12")
    static let amount = WireRange(range: 0...1e15, expected: "an amount of 0 to 1e15")
    static let size = WireRange(range: Double.leastNormalMagnitude...1e15, expected: "a size above 0, at most 1e15")
    static let quantity = WireRange(range: -1e9...1e9, expected: "a quantity of -1e9 to 1e9")
    static let volatility = WireRange(range: 1e-4...20, expected: "a decimal of 0.0001 to 20 (0.55 is 55 %)")
    static let delta = WireRange(range: -1...1, expected: "a Black delta of -1 to 1")
    static let fraction = WireRange(range: 0...1, expected: "a fraction of 0 to 1")
    static let fundingRate = WireRange(range: -0.04...0.04, expected: "a fraction for eight hours of -0.04 to 0.04")
}

extension JSONField {
    func number(_ allowed: WireRange) throws(WireError) -> Double { try number(allowed.range, allowed.expected) }
}

extension JSONObject {
    func number(_ name: String, _ allowed: WireRange) throws(WireError) -> Double {
        try required(name, allowed.expected).number(allowed)
    }

    /// nil where the member is absent or null.
    func optionalNumber(_ name: String, _ allowed: WireRange) throws(WireError) -> Double? { try self[name]?.number(allowed) }
}
