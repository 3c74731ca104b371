import LinearAlgebra
import Market
import Pricing
import Probability
import RealModule

/// The grid of ln S, of the holding and of the shortfall, and one step back on it.
///
/// Values lie by row (spot), holding and shortfall; each line of shortfalls carries `padding` points more on either side, where the
/// parabola of its last three points goes on.
struct QuadraticLattice: Sendable {
    let problem: ExactQuadraticHedge
    let spots: [Double]
    let holdings: [Double]
    /// Width of the grid of shortfalls.
    let width: Double
    let padding: Int
    /// Probabilities of a step from row i to rows i − reach ... i + reach.
    private let weights: [Double]
    private let reach: Int
    private let deviation: Double
    private let mean: Double

    var nodes: Int { problem.shortfallNodes }
    /// Points of one line.
    private var line: Int { nodes + 2 * padding }

    init(_ problem: ExactQuadraticHedge) {
        self.problem = problem
        let (market, grid) = (problem.market, problem.grid)
        deviation = market.volatility * grid.timeStep.squareRoot()
        mean = (market.drift - market.volatility * market.volatility / 2) * grid.timeStep
        let whole = market.volatility * grid.maturity.squareRoot()
        let step = deviation / Double(problem.nodesPerDeviation)
        reach = Int(((problem.tailDeviations * deviation + mean.magnitude) / step).rounded(.up))
        let half = Int(((problem.tailDeviations * whole + mean.magnitude * Double(grid.steps)) / step).rounded(.up))
        spots = (-half...half).map { market.spot * Double.exp(Double($0) * step) }
        let (low, high) = (problem.holdings.lowerBound, problem.holdings.upperBound)
        let last = Double(max(problem.holdingNodes - 1, 1))
        holdings = (0..<problem.holdingNodes).map { low + (high - low) * Double($0) / last }
        let end = problem.shortfallReach * market.spot * whole * (high - low)
        width = 2 * end / Double(problem.shortfallNodes - 1)
        // The largest move of a wholly wrong hedge within a step, and the cost of turning the holding over.
        let largest = (high - low) * spots[spots.count - 1]
        let move = largest * (Double.exp(Double(reach) * step) - 1 + problem.costRate)
        padding = Int((move / width).rounded(.up)) + 3
        let (mean, deviation) = (mean, deviation)
        let densities = (-reach...reach).map { NormalDistribution.density((Double($0) * step - mean) / deviation) }
        let total = densities.reduce(0, +)
        weights = densities.map { $0 / total }
    }

    func loss(_ spot: Double) -> Double { -problem.claim.payoff(spot) }

    /// c_t(S).
    func modelValue(_ spot: Double, step: Int) -> Double {
        let totalVariance = problem.market.volatility * problem.market.volatility * problem.grid.timeToMaturity(step)
        return problem.claim.legs.reduce(0) {
            $0 - $1.quantity * Black76.price($1.kind, forward: spot, strike: $1.strike, totalVariance: totalVariance)
        }
    }

    /// V at the last decision: what it leaves is a square in w whose moments are sums over a fine grid, kinks and all.
    func lastDecision(workers: Workers) -> [Double] {
        let step = problem.grid.steps - 1
        let rows = workers.map(count: spots.count) { row in
            let spot = spots[row]
            let value = modelValue(spot, step: step)
            let perDeviation = 64.0
            let half = Int(problem.tailDeviations * perDeviation)
            // Moments of (1, a, b, c): a the loss beyond the model's value, b the spot's move, c the cost of unwinding one unit.
            var total = 0.0
            var first = SIMD4<Double>.zero
            var (aa, ab, ac, bb, bc, cc) = (0.0, 0.0, 0.0, 0.0, 0.0, 0.0)
            for node in -half...half {
                let z = Double(node) / perDeviation
                let end = spot * Double.exp(mean + deviation * z)
                let weight = NormalDistribution.density(z)
                let (a, b) = (loss(end) - value, end - spot)
                let c = problem.chargesUnwinding ? problem.costRate * end : 0
                total += weight
                first += weight * SIMD4(a, b, c, 0)
                aa += weight * a * a
                ab += weight * a * b
                ac += weight * a * c
                bb += weight * b * b
                bc += weight * b * c
                cc += weight * c * c
            }
            var kept: [Double] = []
            for y in holdings {
                let size = y.magnitude
                let slope = 2 * (first[0] - y * first[1] + size * first[2]) / total
                let constant = (aa + y * y * bb + y * y * cc - 2 * y * ab + 2 * size * ac - 2 * y * size * bc) / total
                for index in 0..<line {
                    let w = shortfall(index - padding)
                    kept.append(w * w + slope * w + constant)
                }
            }
            return rebalanced(kept, spot: spot)
        }
        return rows.flatMap { $0 }
    }

    /// V_t from V_{t+1}.
    func stepBack(_ values: [Double], to step: Int, workers: Workers) -> [Double] {
        let size = holdings.count * line
        let after = spots.map { modelValue($0, step: step + 1) }
        let rows = workers.map(count: spots.count) { row in
            let spot = spots[row]
            let before = modelValue(spot, step: step)
            var kept = [Double](repeating: 0, count: size)
            values.withUnsafeBufferPointer { values in
                kept.withUnsafeMutableBufferPointer { kept in
                    for (offset, weight) in weights.enumerated() {
                        // Beyond the grid a row is like the last.
                        let other = row + offset - reach
                        let known = min(max(other, 0), spots.count - 1)
                        let move = spots[known] - spot
                        for (column, holding) in holdings.enumerated() {
                            let shift = (after[known] - before - holding * move) / width
                            let from = values.baseAddress! + known * size + column * line + padding
                            add(weight, from, shift: shift, to: kept.baseAddress! + column * line + padding)
                        }
                    }
                }
            }
            extend(&kept)
            return rebalanced(kept, spot: spot)
        }
        return rows.flatMap { $0 }
    }

    /// V₀(S₀, 0, ·) without the padding, linear between holdings.
    func start(_ values: [Double]) -> [Double] {
        let spread = holdings[holdings.count - 1] - holdings[0]
        let place = spread > 0 ? -holdings[0] / spread * Double(holdings.count - 1) : 0
        let column = min(max(Int(place), 0), max(holdings.count - 2, 0))
        let share = place - Double(column)
        let first = (spots.count / 2 * holdings.count + column) * line + padding
        return (0..<nodes).map { index in
            let here = values[first + index]
            return share > 0 ? here * (1 - share) + values[first + line + index] * share : here
        }
    }

    // MARK: One row

    private func shortfall(_ index: Int) -> Double { (Double(index) - Double(nodes - 1) / 2) * width }

    /// Adds weight · values(w + shift) to a line, from its first point without padding.
    @inline(__always)
    private func add(_ weight: Double, _ from: UnsafePointer<Double>, shift: Double, to: UnsafeMutablePointer<Double>) {
        let base = Int(shift.rounded(.down))
        let w = FourPoint.weights(shift - Double(base))
        let (a, b, c, d) = (weight * w.0, weight * w.1, weight * w.2, weight * w.3)
        let start = from + base
        for i in 0..<nodes { to[i] += a * start[i - 1] + b * start[i] + c * start[i + 1] + d * start[i + 2] }
    }

    /// Fills the padding of each line.
    private func extend(_ lines: inout [Double]) {
        for column in holdings.indices {
            let first = column * line + padding
            for (edge, direction) in [(first, -1), (first + nodes - 1, 1)] {
                let (c, b, a) = (lines[edge], lines[edge - direction], lines[edge - 2 * direction])
                for k in 1...padding {
                    let t = Double(k + 1)
                    lines[edge + k * direction] = b + t * (c - a) / 2 + t * t * (a - 2 * b + c) / 2
                }
            }
        }
    }

    /// V of one row from its G: for each holding the best of buying, selling and keeping.
    private func rebalanced(_ kept: [Double], spot: Double) -> [Double] {
        let count = holdings.count
        let width = holdings.count > 1 ? holdings[1] - holdings[0] : 0
        let unit = problem.costRate * spot * width / self.width
        var result = [Double](repeating: 0, count: kept.count)
        kept.withUnsafeBufferPointer { kept in
            for column in 0..<count {
                var best = [Double](repeating: .infinity, count: nodes)
                for isBuying in [true, false] {
                    // From the holding outwards; one point on its other side, so that a parabola can tell on which side the best lies.
                    let direction = isBuying ? 1 : -1
                    let far = isBuying ? count - 1 - column : column
                    var tries: [[Double]] = []
                    let start = isBuying ? (column > 0 ? -1 : 0) : (column < count - 1 ? -1 : 0)
                    for k in start...far {
                        var line = [Double](repeating: 0, count: nodes)
                        let from = kept.baseAddress! + (column + k * direction) * self.line + padding
                        line.withUnsafeMutableBufferPointer { add(1, from, shift: Double(k) * unit, to: $0.baseAddress!) }
                        tries.append(line)
                    }
                    for i in 0..<nodes { best[i] = min(best[i], lowest(tries, at: i, from: -start)) }
                }
                for i in 0..<nodes { result[column * self.line + padding + i] = best[i] }
            }
        }
        extend(&result)
        return result
    }

    /// The minimum over lines `from` and later of their values at one shortfall, by the parabola about the lowest of them.
    private func lowest(_ lines: [[Double]], at i: Int, from: Int) -> Double {
        var best = from
        for index in from..<lines.count where lines[index][i] < lines[best][i] { best = index }
        let lowest = lines[best][i]
        guard lines.count > 2 else { return lowest }
        let middle = min(max(best, 1), lines.count - 2)
        let (before, here, after) = (lines[middle - 1][i], lines[middle][i], lines[middle + 1][i])
        let bend = before - 2 * here + after
        guard bend > 0 else { return lowest }
        // Not beyond the first line that may be taken, nor beyond the last.
        let place = min(max((before - after) / (2 * bend), Double(max(from - middle, -1))), 1)
        return min(lowest, here + place * (after - before) / 2 + place * place * bend / 2)
    }
}
