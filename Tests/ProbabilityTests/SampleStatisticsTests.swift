import Probability
import RealModule
import Testing

/// The sample of Tests/References/sample_statistics.py.
private let x = [3.1, -2.0, 0.5, 0.5, 7.25, 1.0, -0.3]
private let y = [2.0, -1.0, 0.75, 0.0, 5.0, 2.5, -0.9]

@Suite struct SampleStatisticsTests {
    @Test("moments agree with NumPy and SciPy")
    func moments() throws {
        let statistics = try SampleStatistics(x)
        #expect(statistics.mean.isApproximatelyEqual(to: 1.4357142857142855, relativeTolerance: 1e-15))
        #expect(statistics.variance.isApproximatelyEqual(to: 8.888928571428574, relativeTolerance: 1e-15))
        #expect(statistics.skewness.isApproximatelyEqual(to: 1.0437864642228634, relativeTolerance: 1e-14))
        #expect(statistics.excessKurtosis.isApproximatelyEqual(to: 0.20040922257589067, relativeTolerance: 1e-13))
        #expect(statistics.minimum == -2 && statistics.maximum == 7.25 && statistics.count == 7)
    }

    @Test("values far from zero keep their spread")
    func farFromZero() throws {
        let near = try SampleStatistics(x)
        let far = try SampleStatistics(x.map { $0 + 1e9 })
        #expect(far.variance.isApproximatelyEqual(to: near.variance, relativeTolerance: 1e-6))
    }

    @Test("quantiles agree with NumPy, the ends are the extremes")
    func quantiles() throws {
        let quantiles = try SampleStatistics.quantiles([0, 0.05, 0.5, 0.77, 1], of: x)
        let expected = [-2.0, -1.49, 0.5, 2.3020000000000005, 7.25]
        #expect(zip(quantiles, expected).allSatisfy { ($0 - $1).magnitude < 1e-14 })
        #expect(try SampleStatistics.quantile(0.3, of: [4]) == 4)
    }

    @Test("Student's tail and the paired test agree with SciPy")
    func student() throws {
        let tails = [
            (0.5, 1.0, 0.35241638234956674), (2.0, 3, 0.06966298427942152), (1.96, 1000, 0.025136592477874368),
            (12.0, 7, 3.179155189092549e-06), (0.001, 30, 0.49960436788324253),
        ]
        for (t, freedom, tail) in tails {
            #expect(StudentDistribution.upperTail(t, degreesOfFreedom: freedom).isApproximatelyEqual(to: tail, relativeTolerance: 1e-12))
        }
        let test = try PairedTest(x, y)
        #expect(test.statistic.isApproximatelyEqual(to: 0.5032207331213158, relativeTolerance: 1e-13))
        #expect(test.pValue.isApproximatelyEqual(to: 0.6327448060077636, relativeTolerance: 1e-12))
        #expect(test.degreesOfFreedom == 6)
        #expect(try PairedTest([1, 2], [1, 2]).pValue == 1)
        #expect(try PairedTest([2, 3], [1, 2]).pValue == 0)
    }

    @Test("too few values and values that are no numbers are refused")
    func refusals() {
        #expect(throws: RiskError.tooFewObservations(found: 0, needed: 1)) { try SampleStatistics([]) }
        #expect(throws: RiskError.nonFinite(index: 2, value: -.infinity)) { try SampleStatistics([1, 2, -.infinity]) }
        #expect(throws: RiskError.tooFewObservations(found: 1, needed: 2)) { try PairedTest([1], [2]) }
        #expect(throws: RiskError.self) { try SampleStatistics.quantile(0.5, of: [.nan]) }
    }
}

@Suite struct BootstrapTests {
    private func normals(_ count: Int, seed: UInt64, step: Int = 0) -> [Double] {
        var column = [Double](repeating: 0, count: count)
        column.withUnsafeMutableBufferPointer { RandomStream(seed: seed, purpose: .data).fillNormals($0, firstPath: 0, step: step) }
        return column
    }

    @Test("the interval of a mean is the normal one", arguments: [500, 50_000])
    func meanInterval(count: Int) throws {
        let values = normals(count, seed: 1)
        let statistics = try SampleStatistics(values)
        let interval = Bootstrap(seed: 5).interval(ofMeans: [values]) { $0[0] }
        #expect(interval.estimate.isApproximatelyEqual(to: statistics.mean, absoluteTolerance: 1e-15))
        // 2000 resamples know the standard error to 1.6 %, each end to about 4 %.
        #expect((interval.standardError / statistics.standardError - 1).magnitude < 0.06)
        #expect(((interval.high - statistics.mean) / statistics.standardError - 1.96).magnitude < 0.2)
        #expect(((interval.low - statistics.mean) / statistics.standardError + 1.96).magnitude < 0.2)
    }

    @Test("the same seed draws the same interval, another seed another")
    func seeds() {
        let values = normals(300, seed: 2)
        func interval(_ seed: UInt64) -> ConfidenceInterval { Bootstrap(seed: seed).interval(ofMeans: [values]) { $0[0] } }
        #expect(interval(1) == interval(1))
        #expect(interval(1).low != interval(2).low)
    }

    @Test("drawn rows and drawn column sums are the same resamples", arguments: [1.0, 7])
    func doorsAgree(meanBlock: Double) {
        let values = normals(700, seed: 3)
        var bootstrap = Bootstrap(seed: 9)
        bootstrap.meanBlock = meanBlock
        let sums = bootstrap.interval(ofMeans: [values]) { $0[0] }
        let rows = bootstrap.interval(rows: 700) { rows in rows.reduce(0) { $0 + values[Int($1)] } / 700 }
        #expect(sums.low.isApproximatelyEqual(to: rows.low, absoluteTolerance: 1e-12))
        #expect(sums.high.isApproximatelyEqual(to: rows.high, absoluteTolerance: 1e-12))
    }

    @Test("95 % intervals hold the truth in 95 % of samples: a ratio of mean squares")
    func coverage() {
        var bootstrap = Bootstrap(seed: 11)
        bootstrap.resamples = 400
        var held = 0
        for seed in 0..<300 {
            let a = normals(400, seed: UInt64(seed) + 100)
            let noise = normals(400, seed: UInt64(seed) + 100, step: 1)
            let b = a.indices.map { 0.5 * a[$0] + 0.5 * noise[$0] }  // half the mean square of a
            let interval = bootstrap.interval(ofMeans: [a.map { $0 * $0 }, b.map { $0 * $0 }]) { 1 - ($0[1] / $0[0]).squareRoot() }
            if interval.contains(1 - 0.5.squareRoot()) { held += 1 }
        }
        #expect(held >= 270 && held <= 297, "\(held) of 300")
    }

    @Test("rows that share a shock stay together: the interval is that of the groups, not of the rows")
    func groups() throws {
        let shocks = normals(100, seed: 5)
        let groups = (0..<4000).map { $0 % 100 }
        let values = groups.map { shocks[$0] }
        let bootstrap = Bootstrap(seed: 1)
        let tied = bootstrap.interval(ofMeans: [values], groups: groups) { $0[0] }
        #expect((tied.standardError / (try SampleStatistics(shocks).standardError) - 1).magnitude < 0.06)
        #expect(tied.standardError > 5 * bootstrap.interval(ofMeans: [values]) { $0[0] }.standardError)
        // A group alone, whatever the groups are called, is a row.
        let alone = bootstrap.interval(ofMeans: [shocks], groups: Array(0..<100)) { $0[0] }
        let rows = bootstrap.interval(ofMeans: [shocks]) { $0[0] }
        #expect(alone.low.isApproximatelyEqual(to: rows.low, absoluteTolerance: 1e-14))
    }

    @Test("blocks see the dependence that single rows miss")
    func dependence() throws {
        // A first-order autoregression with coefficient 0.8: the mean's variance is (1 + 0.8)/(1 - 0.8) = 9 times the naive one.
        let noise = normals(20_000, seed: 4)
        var values = noise
        for i in 1..<values.count { values[i] = 0.8 * values[i - 1] + noise[i] }
        var bootstrap = Bootstrap(seed: 1)
        bootstrap.resamples = 1000
        let single = try SampleStatistics(values).standardError
        bootstrap.meanBlock = 100
        let blocks = bootstrap.interval(ofMeans: [values]) { $0[0] }.standardError
        #expect((blocks / single / 3 - 1).magnitude < 0.15, "\(blocks / single)")
    }

    @Test("a difference of risk measures: first-order interval and full resampling agree")
    func riskDifference() throws {
        let a = normals(4000, seed: 6)
        let noise = normals(4000, seed: 6, step: 1)
        let b = a.indices.map { 0.9 * a[$0] + 0.3 * noise[$0] }
        var bootstrap = Bootstrap(seed: 3)
        bootstrap.resamples = 600
        for measure in [RiskMeasure.entropic(aversion: 1), .expectedShortfall(level: 0.9), .variance] {
            let fast = try bootstrap.interval(ofDifferenceIn: measure, a, b)
            let full = bootstrap.interval(rows: 4000) { rows in
                let first = rows.map { a[Int($0)] }
                let second = rows.map { b[Int($0)] }
                return ((try? measure.value(losses: first)) ?? .nan) - ((try? measure.value(losses: second)) ?? .nan)
            }
            #expect(fast.estimate == full.estimate)
            #expect((fast.standardError / full.standardError - 1).magnitude < 0.06, "\(measure)")
            #expect((fast.low - full.low).magnitude < 0.25 * full.standardError)
            #expect((fast.high - full.high).magnitude < 0.25 * full.standardError)
        }
    }
}
