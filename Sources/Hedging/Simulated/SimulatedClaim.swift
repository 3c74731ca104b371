import Features
public import Market

/// The book that is hedged: European options on the simulated spot that expire with the grid, and other claims on its path.
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

    /// A claim beyond the European option, so many units of it.
    public struct ExoticLeg: Sendable, Equatable, Codable {
        public var option: ExoticOption
        /// Sold is negative.
        public var quantity: Double

        public init(_ option: ExoticOption, quantity: Double = -1) {
            self.option = option
            self.quantity = quantity
        }
    }

    public var legs: [Leg]
    public var exotics: [ExoticLeg]

    public init(legs: [Leg] = [], exotics: [ExoticLeg] = []) {
        precondition(!legs.isEmpty || !exotics.isEmpty, "a claim without legs")
        self.legs = legs
        self.exotics = exotics
    }

    /// Nothing: an asset that only a basket depends on.
    public static let none: Self = {
        var claim = Self.call(strike: 1)
        claim.legs = []
        return claim
    }()

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

    public static func exotic(_ option: ExoticOption, quantity: Double = -1) -> Self {
        Self(exotics: [ExoticLeg(option, quantity: quantity)])
    }

    public var isEuropean: Bool { exotics.isEmpty }

    /// Whether every part has a Black-Scholes formula here.
    public var hasFormula: Bool { exotics.allSatisfy(\.option.hasFormula) }

    /// The strike that moneyness is measured from: the first there is.
    var firstStrike: Double? { legs.first?.strike ?? exotics.lazy.compactMap(\.option.strike).first }

    /// The features that tell what the past has made of it.
    var pathFeatures: [FeatureName] {
        exotics.flatMap(\.option.pathFeatures).reduce(into: []) { if !$0.contains($1) { $0.append($1) } }
    }

    /// Σ q (ω (S − K))⁺: what the European options receive at expiry.
    public func payoff(_ spot: Double) -> Double {
        var sum = 0.0
        for leg in legs { sum += leg.quantity * max(leg.kind.sign * (spot - leg.strike), 0) }
        return sum
    }
}
