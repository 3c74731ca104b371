import Features
import LinearAlgebra
import RealModule
import Stochastics

/// Sums along a path whose means are zero by the law, so that what they come to by chance can be taken off an estimate.
///
///     Σ Δₜ (S' − S),   Σ ½ Γₜ ((S' − S)² − S² (e^{σ²Δt} − 1)),   payoff − price
///
/// with the book's delta and gamma at each decision. The first is a gain of trading a martingale, whatever the delta; the second one of
/// its square, where the law is Black-Scholes; the third needs an exact price too.
extension SimulatedMarket {
    /// Whether such sums are known: a spot without drift, book and hedges in its currency, a claim with a formula.
    public var hasControls: Bool {
        let drift = (simulator as? BlackScholesSimulator)?.drift ?? (simulator as? HestonSimulator)?.drift
        return drift == 0 && settlement == .linear && claim.hasFormula
    }

    /// K columns, a number for each path of the range.
    public func controls(_ range: Range<Int>) -> [[Double]] {
        precondition(hasControls, "no sums of zero mean are known for \(simulator.name)")
        let block = simulator.paths(range, on: grid, stream: stream)
        let paths = SimulatedPaths(market: self, block: block, features: [.bookDelta, .bookGamma, .bookValue])
        let none = Matrix<Double>(rows: range.count, columns: hedges.count)
        let volatility = (simulator as? BlackScholesSimulator)?.volatility
        let growth = volatility.map { Double.expMinusOne($0 * $0 * grid.timeStep) } ?? 0
        var gains = [Double](repeating: 0, count: range.count)
        var squares = gains
        var payoffs = paths.liabilityGains
        for step in 0..<grid.steps {
            let features = paths.decision(step: step, holdings: none).features
            let (deltas, gammas) = (features[.bookDelta], features[.bookGamma])
            if step == 0 { payoffs = zip(payoffs, features[.bookValue]).map { $0 - $1 } }
            for i in 0..<range.count {
                let spot = block.spot[step][i]
                let move = block.spot[step + 1][i] - spot
                gains[i] += deltas[i] * move
                squares[i] += 0.5 * gammas[i] * (move * move - spot * spot * growth)
            }
        }
        guard volatility != nil else { return [gains] }
        return claim.isEuropean ? [gains, squares, payoffs] : [gains, squares]
    }
}
