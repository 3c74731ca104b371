import RealModule

/// An estimate and the interval that holds the truth with the stated confidence.
public struct ConfidenceInterval: Sendable, Equatable, Codable {
    public let estimate: Double
    public let low: Double
    public let high: Double
    public let standardError: Double
    public let confidence: Double

    public func contains(_ value: Double) -> Bool { low <= value && value <= high }
}

/// Intervals by drawing the rows of a sample again, with replacement. Whole rows are drawn, so what is paired stays paired.
///
/// Three doors, from the general to the fast:
/// - `interval(rows:statistic:)`: any function of the drawn rows; time resamples × (N + statistic).
/// - `interval(ofMeans:_:)`: any smooth function of column means: a difference of means, a ratio of mean squares, a correlation. Above
///   4096 rows, independent rows are first summed in 4096 runs of neighbours and the runs are drawn: the same interval to the 1 % that
///   4096 runs know of it, for a hundredth of the draws.
/// - `interval(ofDifferenceIn:_:_:)`: a difference of risk measures of the same paths, by their influences.
///
/// Rows that follow each other in time are drawn in blocks of random, geometric length (`meanBlock` > 1), the stationary bootstrap. Rows
/// that share a shock (options of one recorded snapshot) are given as groups, and whole groups are drawn.
///
/// References: Efron, Tibshirani, *An introduction to the bootstrap* (1993); Politis, Romano, *The stationary bootstrap*, JASA 89 (1994).
public struct Bootstrap: Sendable, Equatable {
    public var resamples = 2000
    public var confidence = 0.95
    /// Mean length of a block of consecutive rows, at least 1; 1 for independent rows.
    public var meanBlock = 1.0
    public var seed: UInt64

    public init(seed: UInt64) { self.seed = seed }

    /// The percentile interval of any function of rows.
    ///
    /// - Parameter statistic: Of a list of N row numbers; called first with 0..<N in order, which gives the estimate.
    public func interval(rows: Int, statistic: (UnsafeBufferPointer<Int32>) -> Double) -> ConfidenceInterval {
        check(rows)
        var indices = (0..<Int32(rows)).map { $0 }
        let estimate = indices.withUnsafeBufferPointer(statistic)
        var values: [Double] = []
        values.reserveCapacity(resamples)
        for resample in 0..<resamples {
            var filled = 0
            forEachBlock(of: rows, resample: resample) { start, length in
                for offset in 0..<length {
                    let row = start + offset
                    indices[filled + offset] = Int32(row < rows ? row : row - rows)
                }
                filled += length
            }
            values.append(indices.withUnsafeBufferPointer(statistic))
        }
        return interval(estimate, values)
    }

    /// The percentile interval of a function of the means of columns.
    ///
    /// - Parameters:
    ///   - columns: K columns of N values, in which row i of each belongs together.
    ///   - groups: The group of each row, 0..<G, where rows of one group must stay together.
    ///   - statistic: Of the K means over all rows that were drawn.
    public func interval(
        ofMeans columns: [[Double]], groups: [Int]? = nil, _ statistic: ([Double]) -> Double
    ) -> ConfidenceInterval {
        precondition(!columns.isEmpty, "no columns")
        if let groups {
            return interval(ofMeans: groupSums(columns, groups)) { means in statistic(means.dropLast().map { $0 / means[columns.count] }) }
        }
        let rows = columns[0].count
        precondition(columns.allSatisfy { $0.count == rows }, "columns of \(columns.map(\.count)) rows")
        check(rows)
        let width = columns.count
        // Sums over runs of rows, as running totals: a block's sum is one subtraction. `ends[r]` rows lie before run r.
        let runs = meanBlock > 1 ? rows : min(rows, 4096)
        var ends = [Int](repeating: 0, count: runs + 1)
        var totals = [Double](repeating: 0, count: (runs + 1) * width)
        let means = columns.map { column in summed(rows) { column[$0] } / Double(rows) }
        for (k, column) in columns.enumerated() {
            // Totals are taken about the column's own mean, so that a long running total does not swallow the differences.
            let mean = means[k]
            for run in 0..<runs {
                let (start, end) = (run * rows / runs, (run + 1) * rows / runs)
                ends[run + 1] = end
                totals[(run + 1) * width + k] = totals[run * width + k] + summed(end - start) { column[start + $0] - mean }
            }
        }
        let estimate = statistic(means)
        var values: [Double] = []
        values.reserveCapacity(resamples)
        var sums = [Double](repeating: 0, count: width)
        var drawn = [Double](repeating: 0, count: width)
        for resample in 0..<resamples {
            for k in 0..<width { sums[k] = 0 }
            var count = 0
            forEachBlock(of: runs, resample: resample) { start, length in
                let end = start + length
                func add(_ from: Int, _ to: Int) {
                    count += ends[to] - ends[from]
                    for k in 0..<width { sums[k] += totals[to * width + k] - totals[from * width + k] }
                }
                add(start, min(end, runs))
                if end > runs { add(0, end - runs) }
            }
            for k in 0..<width { drawn[k] = means[k] + sums[k] / Double(count) }
            values.append(statistic(drawn))
        }
        return interval(estimate, values)
    }

    /// The interval of mean(first) − mean(second), row by row of the same paths.
    public func interval(ofDifference first: [Double], _ second: [Double]) -> ConfidenceInterval {
        precondition(first.count == second.count, "\(first.count) values paired with \(second.count)")
        return interval(ofMeans: [first.indices.map { first[$0] - second[$0] }]) { $0[0] }
    }

    /// The interval of measure(first) − measure(second), losses of two strategies on the same paths.
    ///
    /// Each resample moves a measure by the mean of its influences, which is right to first order: exact for means, and for tail measures
    /// as good as their normal limit, so leave some hundred losses in the tail.
    public func interval(
        ofDifferenceIn measure: RiskMeasure, _ first: [Double], _ second: [Double], groups: [Int]? = nil
    ) throws(RiskError) -> ConfidenceInterval {
        precondition(first.count == second.count, "\(first.count) losses paired with \(second.count)")
        let (a, b) = (try measure.valueAndInfluence(losses: first), try measure.valueAndInfluence(losses: second))
        let shift = a.value - b.value
        let moved = interval(ofMeans: [first.indices.map { a.influence[$0] - b.influence[$0] }], groups: groups) { $0[0] }
        return ConfidenceInterval(
            estimate: shift, low: shift + moved.low, high: shift + moved.high, standardError: moved.standardError, confidence: confidence)
    }

    /// Each column's sums by group, and after them how many rows each group has: the mean of what is drawn is a ratio of means of these.
    private func groupSums(_ columns: [[Double]], _ groups: [Int]) -> [[Double]] {
        for column in columns { precondition(column.count == groups.count, "\(groups.count) groups for \(column.count) rows") }
        var sums = [[Double]](repeating: [Double](repeating: 0, count: (groups.max() ?? -1) + 1), count: columns.count + 1)
        for (row, group) in groups.enumerated() {
            for (k, column) in columns.enumerated() { sums[k][group] += column[row] }
            sums[columns.count][group] += 1
        }
        return sums
    }

    // MARK: Drawing

    private func check(_ rows: Int) {
        precondition(rows >= 1 && rows < 1 << 31, "\(rows) rows")
        precondition(resamples >= 1, "\(resamples) resamples")
        precondition(confidence > 0 && confidence < 1, "confidence \(confidence) is outside 0...1")
        precondition(meanBlock >= 1, "mean block length \(meanBlock) is below 1")
    }

    /// Blocks (start, length) of one resample; their lengths sum to `rows` and a block may run past the end, round to the beginning.
    @inline(__always)
    private func forEachBlock(of rows: Int, resample: Int, _ body: (_ start: Int, _ length: Int) -> Void) {
        let stream = RandomStream(seed: seed, purpose: .bootstrap)
        func place(_ word: UInt32) -> Int { Int((UInt64(word) &* UInt64(rows)) &>> 32) }
        if meanBlock == 1 {
            for group in 0..<(rows + 3) / 4 {
                let words = stream.words(path: resample, step: group)
                for lane in 0..<min(4, rows - 4 * group) { body(place(words[lane]), 1) }
            }
            return
        }
        // A block goes on with probability 1 − 1/meanBlock.
        let rate = 1 / Double.log(onePlus: -1 / meanBlock)
        var drawn = 0
        var block = 0
        while drawn < rows {
            let words = stream.words(path: resample, step: block)
            let uniform = (Double(words.y) + 0.5) * 0x1p-32
            let length = min(1 + Int(min(Double.log(uniform) * rate, 2e9)), rows - drawn)
            body(place(words.x), length)
            drawn += length
            block += 1
        }
    }

    private func interval(_ estimate: Double, _ values: [Double]) -> ConfidenceInterval {
        let sorted = values.sorted()
        let tail = (1 - confidence) / 2
        let mean = summed(sorted.count) { sorted[$0] } / Double(sorted.count)
        let variance = summed(sorted.count) { (sorted[$0] - mean) * (sorted[$0] - mean) } / Double(max(sorted.count - 1, 1))
        return ConfidenceInterval(
            estimate: estimate, low: SampleStatistics.quantile(tail, ofSorted: sorted),
            high: SampleStatistics.quantile(1 - tail, ofSorted: sorted), standardError: variance.squareRoot(), confidence: confidence)
    }
}
