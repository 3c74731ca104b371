import Testing
import VectorKernels

/// The tile kernels against plain loops in `Double`.
@Suite(.enabled(if: VectorUnit.isAvailable)) struct DenseTileTests {
    private static let samples = DenseTile.samples

    /// Numbers in −1...1 that look random; with room behind them, as the kernels ask.
    private func numbers(_ count: Int, seed: Int) -> [Float] {
        (0..<count + 16 * Self.samples).map { k in
            let bits = UInt32(truncatingIfNeeded: (k &+ 1) &* 2_654_435_761 &+ seed &* 40_503)
            return Float(((bits ^ bits >> 15) &* 0x2C1B_3C6D) >> 8) * 0x1p-23 - 1
        }
    }

    /// Shapes with and without rests of every grouping: fours of rows, eights, registers of sixteen.
    static let shapes = [(4, 32), (32, 32), (32, 1), (64, 64), (3, 5), (5, 3), (1, 1), (20, 20), (17, 33), (48, 10), (9, 2), (40, 72)]

    @Test("forward is W X + b", arguments: shapes, [false, true])
    func forward(shape: (Int, Int), cutsAtZero: Bool) {
        let (inputs, outputs) = shape
        let w = numbers(inputs * outputs, seed: 1)
        let b = numbers(outputs, seed: 2)
        let x = numbers(inputs * Self.samples, seed: 3)
        var y = [Float](repeating: .nan, count: outputs * Self.samples)
        DenseTile.forward(weights: w, biases: b, inputs: inputs, outputs: outputs, x: x, y: &y, cutsAtZero: cutsAtZero)
        for o in 0..<outputs {
            for s in 0..<Self.samples {
                var sum = Double(b[o])
                for i in 0..<inputs { sum += Double(w[o * inputs + i]) * Double(x[i * Self.samples + s]) }
                #expect((Double(y[o * Self.samples + s]) - (cutsAtZero ? max(sum, 0) : sum)).magnitude < 1e-5)
            }
        }
    }

    @Test("backward is Wᵀ dY for the inputs asked for, where the mask is positive", arguments: shapes, [false, true])
    func backward(shape: (Int, Int), isMasked: Bool) {
        let (inputs, outputs) = shape
        let w = numbers(inputs * outputs, seed: 1)
        let dy = numbers(outputs * Self.samples, seed: 4)
        let range = inputs / 2..<inputs
        let mask = numbers(range.count * Self.samples, seed: 5)
        var dx = [Float](repeating: .nan, count: range.count * Self.samples)
        mask.withUnsafeBufferPointer {
            DenseTile.backward(
                weights: w, inputs: inputs, outputs: outputs, range: range, dy: dy, dx: &dx, mask: isMasked ? $0.baseAddress : nil)
        }
        for i in range {
            for s in 0..<Self.samples {
                let place = (i - range.lowerBound) * Self.samples + s
                var sum = 0.0
                for o in 0..<outputs { sum += Double(w[o * inputs + i]) * Double(dy[o * Self.samples + s]) }
                #expect((Double(dx[place]) - (isMasked && mask[place] <= 0 ? 0 : sum)).magnitude < 1e-5)
            }
        }
    }

    @Test("the weight gradient is dY Xᵀ, added up over tiles and cleared when taken", arguments: shapes)
    func weights(shape: (Int, Int)) {
        let (inputs, outputs) = shape
        var sums = [Float](repeating: 0, count: DenseTile.weightSums(inputs: inputs, outputs: outputs))
        var biasSums = [Float](repeating: 0, count: outputs * 16)
        var scratch = [Float](repeating: 0, count: DenseTile.transposed(inputs: inputs, outputs: outputs))
        var exact = [Double](repeating: 0, count: inputs * outputs)
        var exactBiases = [Double](repeating: 0, count: outputs)
        for tile in 0..<2 {
            let x = numbers(inputs * Self.samples, seed: 6 + tile)
            let dy = numbers(outputs * Self.samples, seed: 8 + tile)
            DenseTile.addWeightGradient(
                inputs: inputs, outputs: outputs, x: x, dy: dy, sums: &sums, biasSums: &biasSums, scratch: &scratch)
            for o in 0..<outputs {
                for s in 0..<Self.samples {
                    exactBiases[o] += Double(dy[o * Self.samples + s])
                    for i in 0..<inputs { exact[o * inputs + i] += Double(dy[o * Self.samples + s]) * Double(x[i * Self.samples + s]) }
                }
            }
        }
        var weights = [Double](repeating: 1, count: inputs * outputs)
        var biases = [Double](repeating: 1, count: outputs)
        DenseTile.takeWeightGradient(
            inputs: inputs, outputs: outputs, sums: &sums, biasSums: &biasSums, weights: &weights, biases: &biases)
        for k in exact.indices { #expect((weights[k] - 1 - exact[k]).magnitude < 2e-5) }
        for o in 0..<outputs { #expect((biases[o] - 1 - exactBiases[o]).magnitude < 2e-5) }
        #expect(sums.allSatisfy { $0 == 0 } && biasSums.allSatisfy { $0 == 0 })
    }
}
