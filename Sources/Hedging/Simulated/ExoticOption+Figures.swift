import Market
import Pricing
import RealModule
import Stochastics

extension ExoticOption {
    /// Black-Scholes price, delta and gamma of one unit on path `i` at a decision, the past as it was; only where `hasFormula`.
    ///
    /// Extremes are those of all times with the correction for discrete monitoring: right to a few 1e-3 of the price for daily steps,
    /// less so beside a barrier in the last ones. All else is exact.
    func figures(_ record: PathRecord, path i: Int, step: Int, volatility: Double, on grid: TimeGrid) -> SpotFigures {
        let spot = record.block.spot[step][i]
        let deviation = volatility * grid.timeToMaturity(step).squareRoot()
        let stepDeviation = volatility * grid.timeStep.squareRoot()
        switch self {
        case .digital(let kind, let strike, let cash):
            return cash * SteppedPayoff.digital(kind, strike: strike).figures(spot: spot, deviation: deviation)
        case .barrier(let kind, let strike, let barrier, let knock):
            let option = SteppedPayoff.option(kind, strike: strike)
            if record.isKnocked(knock, barrier: barrier, step: step, path: i) {
                return knock.isIn ? option.figures(spot: spot, deviation: deviation) : SpotFigures(value: 0)
            }
            let shift = DiscreteMonitoring.shift(stepDeviation: stepDeviation)
            let level = knock.side == .up ? barrier * shift : barrier / shift
            return knock.isIn
                ? BarrierOption.knockIn(option, knock.side, barrier: level, spot: spot, deviation: deviation)
                : BarrierOption.knockOut(option, knock.side, barrier: level, spot: spot, deviation: deviation)
        case .lookback(let kind, let strike):
            let shift = DiscreteMonitoring.shift(stepDeviation: stepDeviation)
            let itself = SpotFigures(value: spot, delta: 1)
            func largest(_ maximum: Double) -> SpotFigures {
                1 / shift * ExtremeValue.largest(spot: spot, maximum: maximum * shift, deviation: deviation)
            }
            func smallest(_ minimum: Double) -> SpotFigures {
                shift * ExtremeValue.smallest(spot: spot, minimum: minimum / shift, deviation: deviation)
            }
            switch (kind, strike) {
            case (.call, let strike?): return largest(max(record.maximum[step][i], strike)) - SpotFigures(value: strike)
            case (.put, let strike?): return SpotFigures(value: strike) - smallest(min(record.minimum[step][i], strike))
            case (.call, nil): return itself - smallest(record.minimum[step][i])
            case (.put, nil): return largest(record.maximum[step][i]) - itself
            }
        case .asian(let kind, let strike, _):
            precondition(hasFormula, "no formula for the arithmetic mean")
            return GeometricAverage.option(
                kind, strike: strike, spot: spot, logSum: record.logSum[step][i], left: grid.steps - step, of: grid.steps,
                stepDeviation: stepDeviation)
        case .forwardStart(let kind, let moneyness, let start):
            guard step < start else {
                return SteppedPayoff.option(kind, strike: moneyness * record.block.spot[start][i]).figures(spot: spot, deviation: deviation)
            }
            // Proportional to the spot until the strike is fixed.
            let unit = SteppedPayoff.option(kind, strike: moneyness).figures(
                spot: 1, deviation: volatility * grid.timeToMaturity(start).squareRoot())
            return SpotFigures(value: spot * unit.value, delta: unit.value)
        case .varianceSwap(let strike):
            // E (ln(S/S_t) + σ√Δt z − σ²Δt/2)² of the next step, of which S moves the first, and of all others as they come.
            let variance = stepDeviation * stepDeviation
            let years = grid.maturity
            let expected = Double(grid.steps - step) * (variance + variance * variance / 4)
            return SpotFigures(
                value: (record.squares[step][i] + expected) / years - strike, delta: -variance / (spot * years),
                gamma: (2 + variance) / (spot * spot * years))
        }
    }

    /// ∂/∂σ of the price, per 1.00: the central difference, so that a barrier's shift moves along.
    func vega(_ record: PathRecord, path i: Int, step: Int, volatility: Double, on grid: TimeGrid) -> Double {
        let width = 1e-4 * volatility
        let (up, down) = (volatility + width, volatility - width)
        return
            (figures(record, path: i, step: step, volatility: up, on: grid).value
            - figures(record, path: i, step: step, volatility: down, on: grid).value) / (2 * width)
    }
}
