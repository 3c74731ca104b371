import Probability
import RealModule
import Testing

@Suite struct SamplingTests {
    static func stream(_ sampling: Sampling, seed: UInt64 = 5) -> RandomStream {
        RandomStream(seed: seed, purpose: .evaluationPaths).sampled(sampling)
    }

    @Test("whole columns are the numbers one by one, across the edges of runs", arguments: Sampling.allCases, [0, 37, 4000])
    func columns(sampling: Sampling, firstPath: Int) {
        let stream = Self.stream(sampling)
        let count = 300
        for (step, dimension) in [(0, 0), (3, 1), (31, 0), (40, 1), (2, 5)] {
            var column = [Double](repeating: 0, count: count)
            column.withUnsafeMutableBufferPointer { stream.fillUniforms($0, firstPath: firstPath, step: step, dimension: dimension) }
            for i in 0..<count { #expect(column[i] == stream.uniform(path: firstPath + i, step: step, dimension: dimension)) }
            column.withUnsafeMutableBufferPointer { stream.fillNormals($0, firstPath: firstPath, step: step, dimension: dimension) }
            for i in 0..<count {
                #expect((column[i] - stream.normal(path: firstPath + i, step: step, dimension: dimension)).magnitude < 1e-13)
            }
            var (first, second) = (column, column)
            first.withUnsafeMutableBufferPointer { first in
                second.withUnsafeMutableBufferPointer {
                    stream.fillNormalPairs(first, $0, firstPath: firstPath, step: step, group: dimension / 2)
                }
            }
            var (floats, others) = ([Float](repeating: 0, count: count), [Float](repeating: 0, count: count))
            stream.fillNormalPairs(&floats, &others, count: count, firstPath: firstPath, step: step, group: dimension / 2)
            var words = [UInt32](repeating: 0, count: 4 * count)
            stream.fillWords(&words, count: count, firstPath: firstPath, step: step, group: dimension / 2)
            for i in 0..<count {
                let pair = stream.normalPair(path: firstPath + i, step: step, group: dimension / 2)
                #expect((first[i] - pair.0).magnitude < 1e-13 && (second[i] - pair.1).magnitude < 1e-13)
                #expect((Double(floats[i]) - pair.0).magnitude < 3e-6 && (Double(others[i]) - pair.1).magnitude < 3e-6)
                let four = stream.words(path: firstPath + i, step: step, group: dimension / 2)
                for k in 0..<4 { #expect(words[k * count + i] == four[k]) }
            }
        }
    }

    @Test("antithetic paths lie 64 apart: u and 1 − u, z and −z")
    func antithetic() {
        let stream = Self.stream(.antithetic)
        for path in [0, 63, 128, 200 & ~64, 1 << 20] {
            for step in 0..<4 {
                for dimension in 0..<3 {
                    let (a, b) = [path, path + 64].map { stream.uniform(path: $0, step: step, dimension: dimension) }.pair
                    #expect(a + b == 1)
                    let (z, mirror) = [path, path + 64].map { stream.normal(path: $0, step: step, dimension: dimension) }.pair
                    #expect((z + mirror).magnitude < 1e-13)
                }
            }
        }
        #expect(Sampling.antithetic.run == 128 && Sampling.independent.run == 1 && Sampling.sobol.run == 4096)
    }

    @Test("each of 64 coordinates has one point in every 4096th, the first two one in every box of 64 x 64; runs and seeds differ")
    func nets() {
        let stream = Self.stream(.sobol)
        for run in [0, 3] {
            for coordinate in 0..<64 {
                var cells = [Int](repeating: 0, count: 4096)
                for path in run * 4096..<(run + 1) * 4096 {
                    cells[Int(stream.uniform(path: path, step: coordinate / 2, dimension: coordinate % 2) * 4096)] += 1
                }
                #expect(cells.allSatisfy { $0 == 1 }, "coordinate \(coordinate)")
            }
            var boxes = [Int](repeating: 0, count: 4096)
            for path in run * 4096..<(run + 1) * 4096 {
                let (x, y) = stream.uniformPair(path: path, step: 0)
                boxes[Int(x * 64) * 64 + Int(y * 64)] += 1
            }
            #expect(boxes.allSatisfy { $0 == 1 })
        }
        let other = Self.stream(.sobol, seed: 6)
        #expect((0..<50).allSatisfy { stream.uniform(path: $0, step: 0) != other.uniform(path: $0, step: 0) })
        #expect((0..<50).allSatisfy { stream.uniform(path: $0, step: 0) != stream.uniform(path: $0 + 4096, step: 0) })
        // Other assets' streams would be the same points in another order: they stay random.
        var cells = [Int](repeating: 0, count: 4096)
        for path in 0..<4096 { cells[Int(stream.numbered(1).uniform(path: path, step: 0) * 4096)] += 1 }
        #expect(!cells.allSatisfy { $0 == 1 })
    }

    /// Π (1 + (u − ½) wⱼ) over twenty coordinates has mean 1.
    static func product(_ stream: RandomStream, _ path: Int) -> Double {
        (0..<20).reduce(1) { $0 * (1 + (stream.uniform(path: path, step: $1 / 2, dimension: $1 % 2) - 0.5) / Double(1 + $1 / 2)) }
    }

    @Test("means over runs are unbiased and scatter as much less as is known of each way", arguments: Sampling.allCases)
    func variance(sampling: Sampling) throws {
        let stream = Self.stream(sampling)
        let values = (0..<40 * 4096).map { Self.product(stream, $0) }
        let means = (0..<40).map { run in values[run * 4096..<(run + 1) * 4096].reduce(0, +) / 4096 }
        let error = try SampleStatistics(means).standardError
        #expect((means.reduce(0, +) / 40 - 1).magnitude < 4 * error)
        let independent = try SampleStatistics((0..<40 * 4096).map { Self.product(Self.stream(.independent), $0) }).standardError
        let saved = (independent / error) * (independent / error)
        switch sampling {
        case .independent: #expect((0.4...2.5).contains(saved), "\(saved)")
        case .antithetic: #expect(saved > 3, "\(saved)")
        case .sobol: #expect(saved > 30, "\(saved)")
        }
        // The error that knows of the runs is that of the means.
        let influences = values.map { $0 - values.reduce(0, +) / Double(values.count) }
        let known = RiskMeasure.standardError(influences: influences, run: sampling.run)
        #expect((0.6...1.6).contains(known / error), "\(known), \(error)")
    }
}

extension Array {
    fileprivate var pair: (Element, Element) { (self[0], self[1]) }
}
