public import Market

/// European options on the simulated spot that expire with the grid: the book that is hedged.
public struct SimulatedClaim: Sendable, Equatable, Codable {
    public struct Leg: Sendable, Equatable, Codable {
        public var kind: OptionKind
        /// Quote currency per unit of spot.
        public var strike: Double
        /// Units of underlying; sold is negative.
        public var quantity: Double

        public init(_ kind: OptionKind, strike: Double, quantity: Double) {
            precondition(strike > 0, "strike \(strike)")
            self.kind = kind
            self.strike = strike
            self.quantity = quantity
        }
    }

    public var legs: [Leg]

    public init(legs: [Leg]) {
        precondition(!legs.isEmpty, "a claim without legs")
        self.legs = legs
    }

    public static func call(strike: Double, quantity: Double = -1) -> Self {
        Self(legs: [Leg(.call, strike: strike, quantity: quantity)])
    }

    public static func put(strike: Double, quantity: Double = -1) -> Self {
        Self(legs: [Leg(.put, strike: strike, quantity: quantity)])
    }

    /// (S − K₁)⁺ − (S − K₂)⁺ for each unit.
    public static func callSpread(strikes: (Double, Double), quantity: Double = -1) -> Self {
        Self(legs: [Leg(.call, strike: strikes.0, quantity: quantity), Leg(.call, strike: strikes.1, quantity: -quantity)])
    }

    /// Σ q ω (S − ωK)⁺: what the book receives at expiry.
    public func payoff(_ spot: Double) -> Double {
        var sum = 0.0
        for leg in legs { sum += leg.quantity * max(leg.kind.sign * (spot - leg.strike), 0) }
        return sum
    }
}
