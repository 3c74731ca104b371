public import LinearAlgebra
import Probability
import RealModule
public import Stochastics

/// The best hedge there is of a claim in the Black-Scholes market under entropic risk and proportional cost, by backward
/// recursion over the spot and the holding:
///
///     V_T(S, y)  = loss(S)  (+ λ S |y| where unwinding is charged)
///     G_t(S, y') = 1/a · ln E exp(a (V_{t+1}(S', y') − y' (S' − S)))
///     V_t(S, y)  = min over y' of  λ S |y' − y| + G_t(S, y')
///
/// G is convex in y', so that the minimum buys up to a lower boundary, sells down to an upper one and leaves the rest
/// alone. The price is V₀(S₀, 0); it is what a comparison calls `exact`. Rates are zero.
///
/// Numerics: the expectation is a trapezium sum on an even grid of ln S, which converges faster than any power of its
/// width on smooth values; the kinks of the payoff get their Euler-Maclaurin term. The law is cut at
/// `tailDeviations`: a sold call that is not fully hedged has no exponential moment under an untruncated lognormal law.
public struct ExactEntropicHedge: Sendable, Equatable {
    public var market: BlackScholesSimulator
    public var grid: TimeGrid
    public var claim: SimulatedClaim
    /// a, per unit of quote currency.
    public var riskAversion: Double
    /// λ, fraction of the traded value.
    public var costRate: Double
    public var chargesUnwinding: Bool
    /// Holdings allowed. What a riskless hedge can need without drift, from the payoff's slopes, unless set.
    public var holdings: ClosedRange<Double>

    /// Grid points to one standard deviation of a step.
    public var nodesPerDeviation = 8
    /// Grid points of the holding.
    public var holdingNodes = 201
    /// Where the law of one step, and of the whole path, is cut, before the tilt of the exponential is added.
    public var tailDeviations = 8.0

    public init(
        market: BlackScholesSimulator, grid: TimeGrid, claim: SimulatedClaim, riskAversion: Double, costRate: Double = 0,
        chargesUnwinding: Bool = false, holdings: ClosedRange<Double>? = nil
    ) {
        precondition(riskAversion > 0 && costRate >= 0, "aversion \(riskAversion), cost rate \(costRate)")
        precondition(market.volatility > 0, "volatility \(market.volatility)")
        self.market = market
        self.grid = grid
        self.claim = claim
        self.riskAversion = riskAversion
        self.costRate = costRate
        self.chargesUnwinding = chargesUnwinding
        self.holdings = holdings ?? claim.hedgeRange
    }

    /// The exact hedge of a simulated market; nil where the recursion does not apply: another law than Black-Scholes, other
    /// instruments than the spot, a fixed cost, claims on more than the last spot.
    public init?(_ simulated: SimulatedMarket, riskAversion: Double) {
        guard let market = simulated.simulator as? BlackScholesSimulator, market.volatility > 0, simulated.hedges == [.spot],
            simulated.instruments[0].cost.fixed == 0, simulated.instruments[0].cost.quadratic == 0, simulated.claim.isEuropean
        else { return nil }
        self.init(
            market: market, grid: simulated.grid, claim: simulated.claim, riskAversion: riskAversion,
            costRate: simulated.instruments[0].cost.proportional, chargesUnwinding: simulated.chargesUnwinding)
    }

    /// Price and bands of every step.
    public func solve(workers: Workers = Workers()) -> ExactEntropicSolution {
        let lattice = Lattice(self)
        var values = lattice.terminalValues()
        var lower: [[Double]] = []
        var upper: [[Double]] = []
        for _ in 0..<grid.steps {
            let step = lattice.stepBack(&values, workers: workers)
            lower.append(step.lower)
            upper.append(step.upper)
        }
        return ExactEntropicSolution(
            price: lattice.price(values), firstLogSpot: lattice.firstLogSpot, width: lattice.width, lower: lower.reversed(),
            upper: upper.reversed())
    }
}

extension SimulatedClaim {
    /// Holdings between which the claim's replication lies, zero included: −(the smallest and largest slope of the payoff).
    public var hedgeRange: ClosedRange<Double> {
        let strikes = legs.map(\.strike).sorted()
        let places = [strikes[0] / 2] + zip(strikes, strikes.dropFirst()).map { ($0 + $1) / 2 } + [strikes[strikes.count - 1] * 2]
        let slopes = places.map { place in
            legs.reduce(0) { sum, leg in
                sum + (leg.kind.sign * (place - leg.strike) > 0 ? leg.kind.sign * leg.quantity : 0)
            }
        }
        let needed = slopes.map { -$0 } + [0]
        return needed.min()!...needed.max()!
    }
}
