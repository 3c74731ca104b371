import Probability
import RealModule
import Testing

@Suite struct RandomStreamTests {
    @Test("Philox4x32-10 gives Random123's published words")
    func knownAnswers() {
        let ones = UInt32.max
        #expect(Philox.words(counter: .zero, key: .zero) == SIMD4(0x6627_e8d5, 0xe169_c58d, 0xbc57_ac4c, 0x9b00_dbd8))
        #expect(
            Philox.words(counter: SIMD4(repeating: ones), key: SIMD2(repeating: ones))
                == SIMD4(0x408f_276d, 0x41c8_3b0e, 0xa20b_c7c6, 0x6d54_51fd))
        // The digits of pi.
        #expect(
            Philox.words(
                counter: SIMD4(0x243f_6a88, 0x85a3_08d3, 0x1319_8a2e, 0x0370_7344), key: SIMD2(0xa409_3822, 0x299f_31d0))
                == SIMD4(0xd16c_fe09, 0x94fd_cceb, 0x5001_e420, 0x2412_6ea1))
    }

    @Test("every seed has its own stream: among 4096 seeds no two share a number")
    func seedsDiffer() {
        var seen = Set<Double>()
        for seed in 0..<4096 { seen.insert(RandomStream(seed: UInt64(seed), purpose: .data).uniform(path: 0, step: 0)) }
        for bit in 0..<64 { seen.insert(RandomStream(seed: 1 << UInt64(bit), purpose: .data).uniform(path: 1, step: 0)) }
        #expect(seen.count == 4096 + 64)
    }

    @Test("purposes, epochs, paths, steps and dimensions of one seed differ")
    func addressesDiffer() {
        var seen = Set<Double>()
        for purpose in RandomStream.Purpose.allCases {
            for epoch in [0, 1, 255, 1 << 24 - 1] {
                let stream = RandomStream(seed: 1, purpose: purpose, epoch: epoch)
                for path in [0, 1, 1 << 20] {
                    for step in 0..<3 {
                        for dimension in 0..<5 {
                            seen.insert(stream.uniform(path: path, step: step, dimension: dimension))
                        }
                    }
                }
            }
        }
        #expect(seen.count == RandomStream.Purpose.allCases.count * 4 * 45)
    }

    @Test("a filled column equals the numbers one by one to the last bit", arguments: [0, 1, 2, 5], [0, 1, 255, 256, 1000])
    func filledColumns(dimension: Int, count: Int) {
        let stream = RandomStream(seed: 99, purpose: .trainingPaths, epoch: 3)
        var column = [Double](repeating: 0, count: count)
        column.withUnsafeMutableBufferPointer { stream.fillNormals($0, firstPath: 17, step: 4, dimension: dimension) }
        #expect(column == (0..<count).map { stream.normal(path: 17 + $0, step: 4, dimension: dimension) })
        var other = column
        column.withUnsafeMutableBufferPointer { first in
            other.withUnsafeMutableBufferPointer { second in
                stream.fillNormalPairs(first, second, firstPath: 5, step: 2, group: dimension)
            }
        }
        #expect(column == (0..<count).map { stream.normalPair(path: 5 + $0, step: 2, group: dimension).0 })
        #expect(other == (0..<count).map { stream.normal(path: 5 + $0, step: 2, dimension: 2 * dimension + 1) })
    }

    @Test("a million normals have the moments of the law, and neighbours do not know each other")
    func moments() throws {
        let count = 1_000_000
        let stream = RandomStream(seed: 2024, purpose: .evaluationPaths)
        var x = [Double](repeating: 0, count: count)
        var y = x
        var z = x
        x.withUnsafeMutableBufferPointer { stream.fillNormals($0, firstPath: 0, step: 0) }
        y.withUnsafeMutableBufferPointer { stream.fillNormals($0, firstPath: 0, step: 1) }
        z.withUnsafeMutableBufferPointer { stream.fillNormals($0, firstPath: 0, step: 0, dimension: 1) }
        func mean(_ f: (Int) -> Double) -> Double { (0..<count).reduce(0) { $0 + f($1) } / Double(count) }
        // Four standard errors each.
        #expect(mean { x[$0] }.magnitude < 0.004)
        #expect((mean { x[$0] * x[$0] } - 1).magnitude < 4 * 0.001414)
        #expect(mean { x[$0] * x[$0] * x[$0] }.magnitude < 4 * 0.003873)
        #expect((mean { x[$0] * x[$0] * x[$0] * x[$0] } - 3).magnitude < 4 * 0.0098)
        #expect(mean { x[$0] * y[$0] }.magnitude < 0.004)
        #expect(mean { x[$0] * z[$0] }.magnitude < 0.004)
        #expect(mean { x[$0] * x[($0 + 1) % count] }.magnitude < 0.004)
        #expect((mean { x[$0] > 1.6448536269514722 ? 1 : 0 } - 0.05).magnitude < 4 * 0.000218)
    }
}

@Suite struct NormalDistributionTests {
    /// SciPy's norm.ppf and norm.cdf: Tests/References/normal_law.py.
    @Test("quantiles agree with SciPy from one tail to the other")
    func quantiles() {
        for (p, z) in quantileReference {
            #expect(NormalDistribution.quantile(p).isApproximatelyEqual(to: z, relativeTolerance: 4e-15), "at \(p)")
        }
        #expect(NormalDistribution.quantile(0.5) == 0)
    }

    @Test("the law agrees with SciPy, far into the left tail with full digits")
    func law() {
        for (x, p) in lawReference {
            #expect(NormalDistribution.cdf(x).isApproximatelyEqual(to: p, relativeTolerance: 2e-13), "at \(x)")
        }
    }

    @Test("quantile and law are inverse")
    func inverse() {
        for k in 1..<2000 {
            let p = Double(k) / 2000
            #expect(NormalDistribution.cdf(NormalDistribution.quantile(p)).isApproximatelyEqual(to: p, relativeTolerance: 1e-14))
        }
    }
}
