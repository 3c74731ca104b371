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
            let names = fitInputs + (fitInputs.contains(.bookValue) || !market.availableFeatures.contains(.bookValue) ? [] : [.bookValue])
            return samples(market.paths(blocks[index], features: names))
        }
        var total = NormalEquations(self)
        for part in parts { total.add(part) }
        return RegressionHedge(self, coefficients: total.solution(penalty: penalty))
    }

    private func samples(_ paths: any HedgingPaths) -> NormalEquations {
        var equations = NormalEquations(self)
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
            let (columns, convexity) = (columns(now.features), convexityColumns(now.features))
            for i in 0..<now.count {
                let gain = gains[i, underlying] / now.deltas[i, underlying]
                equations.add(profits[i] - exposure[i] * gain, gain, columns, convexity, time: 1, row: i)
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
        let paths = market.paths(0..<count, features: fitInputs)
        let features = paths.decision(step: 0, holdings: Matrix(rows: count, columns: 1)).features
        let exposure = features[delta.feature]
        let (columns, convexity) = (columns(features), convexityColumns(features))
        let (profits, gains) = (market.unhedged, market.hedgeGains)

        var total = NormalEquations(self)
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
                total.add(first.equations)
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
            var equations = NormalEquations(self)
            var (predicted, product) = (0.0, 0.0)
            let end = Double(market.ends[row].nanoseconds) / 1e9
            let years = start.years(to: market.ends[row])
            while row < count, market.intervals[row] == interval {
                let residual = profits[row] - exposure[row] * gains[row]
                equations.add(residual, gains[row], columns, convexity, time: years, row: row)
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

/// Sums of squares and products of z = x · gain, the convexity's columns and the target: all that least squares needs to know of its rows.
struct NormalEquations: Sendable {
    /// Terms, and then the columns of convexity.
    private let terms: Int
    private let width: Int
    private var squares: [Double]
    private var products: [Double]
    private var z: [Double]

    init(_ settings: HedgeRegression) {
        terms = settings.terms.count
        width = terms + (settings.convexity == .separated ? 2 : 0)
        squares = Array(repeating: 0, count: width * width)
        products = Array(repeating: 0, count: width)
        z = products
    }

    /// One row.
    ///
    /// - Parameter time: How long the decision held, in any unit that is the same for all rows.
    mutating func add(_ target: Double, _ gain: Double, _ columns: [[Double]], _ convexity: [[Double]], time: Double, row: Int) {
        for i in 0..<terms { z[i] = columns[i][row] * gain }
        if width > terms {
            z[terms] = convexity[0][row] * gain * gain
            z[terms + 1] = convexity[1][row] * time
        }
        for i in 0..<width {
            products[i] += z[i] * target
            for j in 0...i { squares[i * width + j] += z[i] * z[j] }
        }
    }

    mutating func add(_ other: NormalEquations) {
        for index in squares.indices { squares[index] += other.squares[index] }
        for index in products.indices { products[index] += other.products[index] }
    }

    mutating func scale(by factor: Double) {
        for index in squares.indices { squares[index] *= factor }
        for index in products.indices { products[index] *= factor }
    }

    /// The terms' coefficients; one that never moved gets 0, and so do all where they can't be told apart.
    ///
    /// - Parameter penalty: Added to each diagonal element as a share of it.
    func solution(penalty: Double) -> [Double] {
        let live = (0..<width).filter { squares[$0 * width + $0] > 0 }
        guard !live.isEmpty else { return Array(repeating: 0, count: terms) }
        // Scaled to a unit diagonal, so that terms of different size are solved alike.
        let scales = live.map { squares[$0 * width + $0].squareRoot() }
        let matrix = Matrix<Double>(rows: live.count, columns: live.count) { i, j in
            let (low, high) = (min(live[i], live[j]), max(live[i], live[j]))
            return squares[high * width + low] / (scales[i] * scales[j]) + (i == j ? penalty : 0)
        }
        var values = [Double](repeating: 0, count: width)
        guard let factor = try? Cholesky(matrix) else { return Array(repeating: 0, count: terms) }
        let solved = factor.solve(live.indices.map { products[live[$0]] / scales[$0] })
        for (index, column) in live.enumerated() { values[column] = solved[index] / scales[index] }
        return Array(values.prefix(terms))
    }
}
