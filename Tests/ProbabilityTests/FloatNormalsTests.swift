import Probability
import Testing

@Suite struct FloatNormalsTests {
    @Test("normals in Float are those in Double, across the counter's end too", arguments: [0, 1_000_003, Int(UInt32.max) - 70])
    func sameNumbers(firstPath: Int) {
        let stream = RandomStream(seed: 0xFEED_5EED_1234, purpose: .trainingPaths, epoch: 3)
        let count = 4_091
        var first = [Float](repeating: .nan, count: count)
        var second = first
        stream.fillNormalPairs(&first, &second, count: count, firstPath: firstPath, step: 7, group: 2)
        for i in 0..<count {
            let (one, two) = stream.normalPair(path: firstPath + i, step: 7, group: 2)
            #expect((Double(first[i]) - one).magnitude <= 1e-6 * max(one.magnitude, 0.1), "path \(firstPath + i)")
            #expect((Double(second[i]) - two).magnitude <= 1e-6 * max(two.magnitude, 0.1), "path \(firstPath + i)")
        }
    }

    @Test("four million draws have the normal law's moments and tails")
    func moments() {
        let stream = RandomStream(seed: 11, purpose: .evaluationPaths)
        let count = 1 << 21
        var x = [Float](repeating: 0, count: 2 * count)
        x.withUnsafeMutableBufferPointer {
            stream.fillNormalPairs($0.baseAddress!, $0.baseAddress! + count, count: count, firstPath: 0, step: 0)
        }
        let n = Double(x.count)
        var sums = [0.0, 0, 0, 0]
        var beyond = 0.0
        for value in x {
            let z = Double(value)
            sums[0] += z
            sums[1] += z * z
            sums[2] += z * z * z
            sums[3] += z * z * z * z
            if z > 3 { beyond += 1 }
        }
        // Standard deviations of the sample moments of a normal law: 1, √2, √15, √96 over √N; four of them.
        #expect((sums[0] / n).magnitude < 4 / n.squareRoot())
        #expect((sums[1] / n - 1).magnitude < 4 * 2.0.squareRoot() / n.squareRoot())
        #expect((sums[2] / n).magnitude < 4 * 15.0.squareRoot() / n.squareRoot())
        #expect((sums[3] / n - 3).magnitude < 4 * 96.0.squareRoot() / n.squareRoot())
        #expect((beyond / n - 0.001_349_898).magnitude < 4 * (0.001_35 / n).squareRoot())
    }
}
