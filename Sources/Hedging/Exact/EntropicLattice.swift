import LinearAlgebra
import Probability
import RealModule

extension ExactEntropicHedge {
    /// The grid of ln S (rows) and of the holding (columns), and one step back on it.
    struct Lattice {
        let problem: ExactEntropicHedge
        /// h, in ln S.
        let width: Double
        /// Rows that carry values, and rows on either side of them that only feed the sums.
        let rows: Int
        let padding: Int
        let firstLogSpot: Double
        /// Spots of all rows, padding included.
        let spots: [Double]
        let holdings: [Double]
        /// Weights of a step from row i to rows i − padding ... i + padding.
        let weights: [Double]
        /// Rows that one product brings back.
        let blockRows: Int

        init(_ problem: ExactEntropicHedge) {
            self.problem = problem
            let (market, grid) = (problem.market, problem.grid)
            let deviation = market.volatility * grid.timeStep.squareRoot()
            let whole = market.volatility * grid.maturity.squareRoot()
            width = deviation / Double(problem.nodesPerDeviation)
            // exp(a q S z) moves the weight of a normal law by a q S deviations.
            let slope = problem.riskAversion * (problem.holdings.upperBound - problem.holdings.lowerBound) * market.spot
            let mean = (market.drift - market.volatility * market.volatility / 2) * grid.timeStep
            let reach = (problem.tailDeviations + min(slope * deviation, problem.tailDeviations)) * deviation + mean.magnitude
            padding = Int((reach / width).rounded(.up))
            let range =
                (problem.tailDeviations + min(slope * whole, problem.tailDeviations)) * whole + mean.magnitude * Double(grid.steps)
            let half = Int((range / width).rounded(.up))
            rows = 2 * half + 1
            firstLogSpot = Double.log(market.spot) - Double(half) * width
            let (first, width, padding) = (firstLogSpot, width, padding)
            spots = (0..<rows + 2 * padding).map { Double.exp(first + Double($0 - padding) * width) }
            let (low, high) = (problem.holdings.lowerBound, problem.holdings.upperBound)
            let last = Double(max(problem.holdingNodes - 1, 1))
            holdings = (0..<problem.holdingNodes).map { low + (high - low) * Double($0) / last }
            let densities = (-padding...padding).map { NormalDistribution.density((Double($0) * width - mean) / deviation) }
            let total = densities.reduce(0, +)
            weights = densities.map { $0 / total }
            // Exponents within a block may differ by a q ΔS; doubles hold e^±700.
            let largest = slope * Double.exp(range + reach) * width
            blockRows = min(128, max(1, Int(600 / largest) - 2 * padding))
        }

        func loss(_ spot: Double) -> Double { -problem.claim.payoff(spot) }

        /// V_T on all rows and holdings, row by row, with the Euler-Maclaurin term of each kink put into the rows beside it.
        func terminalValues() -> [Double] {
            let aversion = problem.riskAversion
            func total(_ spot: Double, _ holding: Double) -> Double {
                loss(spot) + (problem.chargesUnwinding ? problem.costRate * spot * holding.magnitude : 0)
            }
            var values = spots.flatMap { spot in holdings.map { total(spot, $0) } }
            for leg in problem.claim.legs {
                let place = (Double.log(leg.strike) - firstLogSpot) / width + Double(padding)
                guard place >= 0, place < Double(spots.count - 1) else { continue }
                let row = Int(place)
                let share = place - Double(row)
                // ∫ = h Σ + h² (1/12 − θ(1 − θ)/2) · jump of the slope, of exp(a (V − y S)) in ln S.
                let term = width * (1.0 / 12 - share * (1 - share) / 2) * aversion * -leg.quantity * leg.strike
                for (row, weight) in [(row, 1 - share), (row + 1, share)] {
                    for (column, holding) in holdings.enumerated() {
                        let here = total(spots[row], holding) - holding * spots[row]
                        let there = total(leg.strike, holding) - holding * leg.strike
                        values[row * holdings.count + column] +=
                            Double.log(onePlus: max(weight * term * Double.exp(aversion * (there - here)), -0.5)) / aversion
                    }
                }
            }
            return values
        }

        /// Values at t from values at t + 1, in place, and the bands of the decision at t.
        func stepBack(_ values: inout [Double], workers: Workers) -> (lower: [Double], upper: [Double]) {
            let columns = holdings.count
            let blocks = (rows + blockRows - 1) / blockRows
            let known = values
            let parts = workers.map(count: blocks) { block in
                stepBack(known, rows: block * blockRows..<min((block + 1) * blockRows, rows))
            }
            var lower: [Double] = []
            var upper: [Double] = []
            for (block, part) in parts.enumerated() {
                let start = (padding + block * blockRows) * columns
                values.replaceSubrange(start..<start + part.values.count, with: part.values)
                lower += part.lower
                upper += part.upper
            }
            // Beyond the grid the value keeps its distance from the bare loss.
            for side in [(edge: padding, rows: 0..<padding), (edge: padding + rows - 1, rows: padding + rows..<spots.count)] {
                let bare = loss(spots[side.edge])
                for row in side.rows {
                    let change = loss(spots[row]) - bare
                    for column in 0..<columns { values[row * columns + column] = values[side.edge * columns + column] + change }
                }
            }
            return (lower, upper)
        }

        private func stepBack(_ known: [Double], rows: Range<Int>) -> (values: [Double], lower: [Double], upper: [Double]) {
            let columns = holdings.count
            let aversion = problem.riskAversion
            let inputs = rows.count + 2 * padding
            // exp(a (V − y S)), each holding scaled by its largest.
            var exponentials = [Double](repeating: 0, count: inputs * columns)
            var shifts = [Double](repeating: -.infinity, count: columns)
            for row in 0..<inputs {
                let (from, spot) = ((rows.lowerBound + row) * columns, spots[rows.lowerBound + row])
                for column in 0..<columns {
                    let exponent = aversion * (known[from + column] - holdings[column] * spot)
                    exponentials[row * columns + column] = exponent
                    shifts[column] = max(shifts[column], exponent)
                }
            }
            for row in 0..<inputs {
                for column in 0..<columns {
                    let index = row * columns + column
                    exponentials[index] = Double.exp(exponentials[index] - shifts[column])
                }
            }
            var band = [Double](repeating: 0, count: rows.count * inputs)
            for row in 0..<rows.count {
                for offset in weights.indices { band[row * inputs + row + offset] = weights[offset] }
            }
            var result = [Double](repeating: 0, count: rows.count * columns)
            Double.gemm(
                transposeA: false, transposeB: false, m: rows.count, n: columns, k: inputs, alpha: 1, band, lda: inputs, exponentials,
                ldb: columns, beta: 0, &result, ldc: columns)
            var lower: [Double] = []
            var upper: [Double] = []
            for row in 0..<rows.count {
                let spot = spots[rows.lowerBound + padding + row]
                let line = row * columns..<(row + 1) * columns
                for column in 0..<columns {
                    result[line.lowerBound + column] =
                        (Double.log(result[line.lowerBound + column]) + shifts[column]) / aversion + holdings[column] * spot
                }
                let cost = problem.costRate * spot
                let buy = minimum(result[line], slope: cost)
                let sell = minimum(result[line], slope: -cost)
                for column in 0..<columns {
                    let holding = holdings[column]
                    if holding <= buy.holding {
                        result[line.lowerBound + column] = buy.value - cost * holding
                    } else if holding >= sell.holding {
                        result[line.lowerBound + column] = sell.value + cost * holding
                    }
                }
                lower.append(buy.holding)
                upper.append(max(sell.holding, buy.holding))
            }
            return (result, lower, upper)
        }

        /// The minimum of a convex column plus slope · holding, by a parabola through the three lowest points.
        private func minimum(_ column: ArraySlice<Double>, slope: Double) -> (holding: Double, value: Double) {
            let first = column.startIndex
            func value(_ index: Int) -> Double { column[first + index] + slope * holdings[index] }
            var best = 0
            for index in 1..<max(holdings.count, 1) where value(index) < value(best) { best = index }
            guard best > 0, best < holdings.count - 1 else { return (holdings[best], value(best)) }
            let (before, here, after) = (value(best - 1), value(best), value(best + 1))
            let bend = before - 2 * here + after
            guard bend > 0 else { return (holdings[best], here) }
            let offset = (before - after) / (2 * bend)
            return (
                holdings[best] + offset * (holdings[best + 1] - holdings[best]), here - (after - before) * (after - before) / (8 * bend)
            )
        }

        /// V₀(S₀, 0).
        func price(_ values: [Double]) -> Double {
            let line = (padding + rows / 2) * holdings.count
            let place = -holdings[0] / ((holdings[holdings.count - 1] - holdings[0]) / Double(holdings.count - 1))
            let index = min(max(Int(place), 0), holdings.count - 2)
            let share = place - Double(index)
            return values[line + index] * (1 - share) + values[line + index + 1] * share
        }
    }
}
