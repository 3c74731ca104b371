public import LinearAlgebra
import Pricing
public import Stochastics

/// The best hedge there is of a claim in the Black-Scholes market under a mean square and proportional cost, by backward recursion
/// over the spot, the holding and the shortfall.
///
/// What the cost has taken decides how much risk is worth running, so that the shortfall is a state of its own. With the model value c
/// of the seller's loss and x gained so far, net of cost,
///
///     w  = c_t(S) − x − q                                      shortfall below the target q
///     V_T(S, y, w)  = (w + λ S |y| where unwinding is charged)²
///     G_t(S, y', w) = E V_{t+1}(S', y', w + c_{t+1}(S') − c_t(S) − y' (S' − S))
///     V_t(S, y, w)  = min over y' of  G_t(S, y', w + λ S |y' − y|)
///
/// V₀(S₀, 0, c₀ − q) = min E (L − q)² for every target q at once, from which the optima of quadratic, variance and mean-deviation
/// follow: see ``ExactQuadraticSolution``. Rates are zero; the spot may drift.
///
/// Numerics: a trapezium sum on an even grid of ln S; four-point interpolation in w, exact for squares, which go on beyond the grid;
/// the best holding by parabolas through the grid's points.
///
/// Reference: Schweizer, *Variance-optimal hedging in discrete time*, Mathematics of Operations Research 20 (1995), for the case
/// without cost.
public struct ExactQuadraticHedge: Sendable, Equatable {
    public var market: BlackScholesSimulator
    public var grid: TimeGrid
    public var claim: SimulatedClaim
    /// λ, fraction of the traded value.
    public var costRate: Double
    public var chargesUnwinding: Bool
    /// Holdings allowed: what a riskless hedge can need, from the payoff's slopes, unless set.
    public var holdings: ClosedRange<Double>

    /// Grid points to one standard deviation of a step.
    public var nodesPerDeviation = 4
    /// Grid points of the holding.
    public var holdingNodes = 41
    /// Grid points of the shortfall.
    public var shortfallNodes = 97
    /// Where the grid of the shortfall ends on either side, in units of S₀ σ √T times the width of `holdings`.
    public var shortfallReach = 1.25
    /// Where the law of one step, and of the whole path, is cut.
    public var tailDeviations = 5.5

    public init(
        market: BlackScholesSimulator, grid: TimeGrid, claim: SimulatedClaim, costRate: Double = 0, chargesUnwinding: Bool = false,
        holdings: ClosedRange<Double>? = nil
    ) {
        precondition(costRate >= 0 && market.volatility > 0, "cost rate \(costRate), volatility \(market.volatility)")
        self.market = market
        self.grid = grid
        self.claim = claim
        self.costRate = costRate
        self.chargesUnwinding = chargesUnwinding
        self.holdings = holdings ?? claim.hedgeRange
    }

    /// The exact hedge of a simulated market; nil where the recursion does not apply: another law than Black-Scholes, other
    /// instruments than the spot, a fixed cost.
    public init?(_ simulated: SimulatedMarket) {
        guard let market = simulated.simulator as? BlackScholesSimulator, market.volatility > 0, simulated.hedges == [.spot],
            simulated.instruments[0].cost.fixed == 0, simulated.instruments[0].cost.quadratic == 0, simulated.claim.isEuropean
        else { return nil }
        self.init(
            market: market, grid: simulated.grid, claim: simulated.claim, costRate: simulated.instruments[0].cost.proportional,
            chargesUnwinding: simulated.chargesUnwinding)
    }

    /// min E (L − q)² over all hedges, for every target q.
    public func solve(workers: Workers = Workers()) -> ExactQuadraticSolution {
        let lattice = QuadraticLattice(self)
        var values = lattice.lastDecision(workers: workers)
        for step in (0..<grid.steps - 1).reversed() { values = lattice.stepBack(values, to: step, workers: workers) }
        return ExactQuadraticSolution(
            modelValue: lattice.modelValue(market.spot, step: 0), meanSquares: lattice.start(values), width: lattice.width)
    }
}
