import Features
public import LinearAlgebra
import Market
import RealModule

extension HedgeRegression {
    /// The hedge fitted to all decisions of some paths.
    ///
    /// The target of a decision is the change of the book's value to the next, so paths of several steps must fill `book-value`; their
    /// last step, which ends in the payoff, is left out.
    ///
    /// - Returns: Coefficients that hold at all times: judge them on other paths.
    public func fit(
        on market: any HedgingMarket, paths: Range<Int>, blockSize: Int = 4096, workers: Workers = Workers()
    ) -> RegressionHedge {
        let blocks = stride(from: paths.lowerBound, to: paths.upperBound, by: blockSize).map { $0..<min($0 + blockSize, paths.upperBound) }
        let parts = workers.map(count: blocks.count) { index in
            let names = inputs + (inputs.contains(.bookValue) || !market.availableFeatures.contains(.bookValue) ? [] : [.bookValue])
            return samples(market.paths(blocks[index], features: names))
        }
        var total = NormalEquations(terms: terms.count)
        for part in parts { total.add(part, weight: 1) }
        return RegressionHedge(self, coefficients: total.solution(penalty: penalty))
    }

    private func samples(_ paths: any HedgingPaths) -> NormalEquations {
        var equations = NormalEquations(terms: terms.count)
        let steps = paths.steps
        var batch: DecisionBatch?
        for step in 0..<max(steps - 1, 1) {
            let holdings = Matrix<Double>(rows: paths.count, columns: paths.finalPrices.columns)
            let now = batch ?? paths.decision(step: step, holdings: holdings)
            guard let underlying = now.underlyingIndex else { return equations }
            let gains = paths.gains(step: step)
            var profits = paths.liabilityGains
            if steps > 1 {
                precondition(now.features.contains(.bookValue), "a fit over \(steps) steps needs the feature \(FeatureName.bookValue)")
                let next = paths.decision(step: step + 1, holdings: holdings)
                profits = zip(next.features[.bookValue], now.features[.bookValue]).map { $0 - $1 }
                batch = next
            }
            let exposure = now.features[delta.feature]
            let columns = columns(now.features)
            for i in 0..<now.count {
                let gain = gains[i, underlying] / now.deltas[i, underlying]
                equations.add(profits[i] - exposure[i] * gain, gain, columns, i)
            }
        }
        return equations
    }

    /// The hedge that fits itself again as time goes on: every decision is taken with coefficients from intervals that had ended.
    ///
    /// The fit never reads an interval before its end, nor a decision's features after it: what a row holds when time comes to it does
    /// not depend on any later row.
    public func walkForward(on market: RecordedOptionMarket) -> RegressionHedge {
        let count = market.contracts.count
        let paths = market.paths(0..<count, features: inputs)
        let features = paths.decision(step: 0, holdings: Matrix(rows: count, columns: 1)).features
        let exposure = features[delta.feature]
        let columns = columns(features)
        let (profits, gains) = (market.unhedged, market.hedgeGains)

        var total = NormalEquations(terms: terms.count)
        var absorbed = 0
        var lastEnd: Double?
        // Intervals whose end has not come yet, in order.
        var waiting: [(end: Double, equations: NormalEquations, predicted: Double, product: Double)] = []
        var trust = (product: 0.0, square: 0.0)
        var schedule: [RegressionHedge.Coefficients] = []
        var raw = [Double](repeating: 0, count: terms.count)
        var month = ""

        var row = 0
        while row < count {
            let interval = market.intervals[row]
            let start = market.starts[row]
            let now = Double(start.nanoseconds) / 1e9
            // First what has ended by now, then a fit, then the interval itself goes to wait for its own end.
            while let first = waiting.first, first.end <= now {
                waiting.removeFirst()
                let days = lastEnd.map { (first.end - $0) / 86_400 } ?? 0
                if let halfLifeDays { total.scale(by: Double.exp2(-days / halfLifeDays)) }
                if let trustHalfLifeDays {
                    let factor = Double.exp2(-days / trustHalfLifeDays)
                    trust = (trust.product * factor + first.product, trust.square * factor + first.predicted)
                }
                total.add(first.equations, weight: 1)
                lastEnd = first.end
                absorbed += 1
            }
            let due = refit == .always || start.month != month
            month = start.month
            if due, absorbed >= minimumIntervals {
                raw = total.solution(penalty: penalty)
            }
            if absorbed >= minimumIntervals, due || trustHalfLifeDays != nil {
                let share = trustHalfLifeDays == nil ? 1 : trust.square > 0 ? min(max(trust.product / trust.square, 0), 1) : 0
                let values = raw.map { $0 * share }
                if schedule.last?.values != values { schedule.append(.init(from: now, values: values)) }
            }
            var equations = NormalEquations(terms: terms.count)
            var (predicted, product) = (0.0, 0.0)
            let end = Double(market.ends[row].nanoseconds) / 1e9
            while row < count, market.intervals[row] == interval {
                let residual = profits[row] - exposure[row] * gains[row]
                equations.add(residual, gains[row], columns, row)
                var correction = 0.0
                for term in raw.indices { correction += raw[term] * columns[term][row] }
                correction *= gains[row]
                predicted += correction * correction
                product += correction * residual
                row += 1
            }
            waiting.append((end, equations, predicted, product))
        }
        return RegressionHedge(self, schedule: schedule)
    }
}

/// Sums of squares and products of z = x · gain and the target: all that least squares needs to know of its rows.
struct NormalEquations: Sendable {
    private let terms: Int
    private var squares: [Double]
    private var products: [Double]

    init(terms: Int) {
        self.terms = terms
        squares = Array(repeating: 0, count: terms * terms)
        products = Array(repeating: 0, count: terms)
    }

    /// One row: target and terms, each term multiplied by the gain.
    @inline(__always)
    mutating func add(_ target: Double, _ gain: Double, _ columns: [[Double]], _ row: Int) {
        for i in 0..<terms {
            let z = columns[i][row] * gain
            products[i] += z * target
            for j in 0...i { squares[i * terms + j] += z * columns[j][row] * gain }
        }
    }

    mutating func add(_ other: NormalEquations, weight: Double) {
        for index in squares.indices { squares[index] += weight * other.squares[index] }
        for index in products.indices { products[index] += weight * other.products[index] }
    }

    mutating func scale(by factor: Double) {
        for index in squares.indices { squares[index] *= factor }
        for index in products.indices { products[index] *= factor }
    }

    /// The coefficients; a term that never moved gets 0, and so do all where the terms can't be told apart.
    ///
    /// - Parameter penalty: Added to each diagonal element as a share of it.
    func solution(penalty: Double) -> [Double] {
        let live = (0..<terms).filter { squares[$0 * terms + $0] > 0 }
        guard !live.isEmpty else { return Array(repeating: 0, count: terms) }
        // Scaled to a unit diagonal, so that terms of different size are solved alike.
        let scales = live.map { squares[$0 * terms + $0].squareRoot() }
        let matrix = Matrix<Double>(rows: live.count, columns: live.count) { i, j in
            let (low, high) = (min(live[i], live[j]), max(live[i], live[j]))
            return squares[high * terms + low] / (scales[i] * scales[j]) + (i == j ? penalty : 0)
        }
        var values = [Double](repeating: 0, count: terms)
        guard let factor = try? Cholesky(matrix) else { return values }
        let solved = factor.solve(live.indices.map { products[live[$0]] / scales[$0] })
        for (index, term) in live.enumerated() { values[term] = solved[index] / scales[index] }
        return values
    }
}
