/// The prices a venue accepts: multiples of a tick that depends on the price.
public struct TickRule: Sendable, Hashable, Codable {
    /// From that price on, that tick holds.
    public struct Step: Sendable, Hashable, Codable {
        public var from: Double
        public var tick: Double

        public init(from: Double, tick: Double) {
            self.from = from
            self.tick = tick
        }
    }

    /// Rising in `from`; the first holds below the second.
    public let steps: [Step]

    public init(_ steps: [Step]) {
        precondition(!steps.isEmpty && steps.allSatisfy { $0.tick >= 0 }, "a tick rule needs ticks, none negative")
        precondition(zip(steps, steps.dropFirst()).allSatisfy { $0.from < $1.from }, "tick steps must rise")
        self.steps = steps
    }

    /// The same tick at every price; 0 takes any price.
    public init(tick: Double) { self.init([Step(from: 0, tick: tick)]) }

    /// Deribit's inverse options on BTC and ETH: 0.0001 coin below 0.005, 0.0005 from there on.
    public static let deribitInverse = TickRule([Step(from: 0, tick: 0.0001), Step(from: 0.005, tick: 0.0005)])

    /// The tick at a price, which counts as above a step where it misses it by rounding only.
    public func tick(at price: Double) -> Double { (steps.last { $0.from <= price * (1 + 1e-9) } ?? steps[0]).tick }

    /// The nearest price the venue accepts, at or below (`.down`), at or above (`.up`), or `.toNearestOrEven`.
    public func rounded(_ price: Double, _ rule: FloatingPointRoundingRule) -> Double {
        let tick = tick(at: price)
        guard tick > 0 else { return price }
        // A price that is a multiple but for rounding stays where it is.
        let ticks = price / tick
        let whole = ticks.rounded()
        return ((ticks - whole).magnitude < 1e-9 * max(1, whole.magnitude) ? whole : ticks.rounded(rule)) * tick
    }

    /// Whether the price is a multiple of its tick, to a millionth of one.
    public func accepts(_ price: Double) -> Bool {
        let tick = tick(at: price)
        guard tick > 0 else { return true }
        let ticks = price / tick
        // Price and tick are decimals rounded to binary: each is off by half a spacing at most.
        return (ticks - ticks.rounded()).magnitude < max(1e-6, 4 * ticks.magnitude.ulp)
    }
}
