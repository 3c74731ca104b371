import Learning
import RealModule
import Testing

@Suite struct TorchParityTests {
    @Test("same weights and batch as PyTorch: outputs, loss, every gradient, then ten steps of AdamW", arguments: TorchReference.all)
    func parity(_ reference: TorchReference) {
        let samples = 7
        let architecture = NetworkArchitecture(inputs: 3, hidden: [6, 5], outputs: 2, activation: reference.activation)
        var parameters = (0..<architecture.parameterCount).map { Float(0.6 * Double.sin(1.7 * Double($0) + 0.3)) }
        let tape = NetworkTape(architecture, samples: samples, steps: 1)
        var gradient = [Float](repeating: 0, count: parameters.count)

        // Mean squared error of the batch; leaves its gradient.
        func loss() -> Double {
            for f in 0..<3 {
                for i in 0..<samples { tape.inputs(step: 0)[f * samples + i] = Float(1.5 * Double.sin(0.9 * Double(3 * i + f) + 0.1)) }
            }
            tape.forward(parameters, step: 0, samples: samples)
            var sum = 0.0
            for o in 0..<2 {
                for i in 0..<samples {
                    let residual = tape.outputs(step: 0)[o * samples + i] - Float(Double.sin(2.3 * Double(2 * i + o) + 0.7))
                    sum += Double(residual) * Double(residual)
                    tape.outputGradient[o * samples + i] = 2 * residual / Float(2 * samples)
                }
            }
            tape.backward(parameters, step: 0, samples: samples, wanted: 0..<0)
            var sums = [Double](repeating: 0, count: parameters.count)
            tape.takeGradient(&sums)
            gradient = sums.map { Float($0) }
            return sum / Double(2 * samples)
        }

        #expect((loss() - reference.loss).magnitude < 1e-6)
        for i in 0..<samples {
            for o in 0..<2 {
                let found = tape.outputs(step: 0)[o * samples + i]
                #expect((found - reference.outputs[2 * i + o]).magnitude < 2e-6)
            }
        }
        for (found, expected) in zip(gradient, reference.gradients) { #expect((found - expected).magnitude < 1e-6) }
        #expect(gradient.count == reference.gradients.count)

        let optimizer = Adam(weightDecay: 0.1)
        var state = Adam.State(parameterCount: parameters.count)
        for expected in reference.losses {
            let found = loss()
            #expect((found - expected).magnitude < 1e-5)
            optimizer.update(&parameters, along: gradient, rate: 0.01, state: &state)
        }
        // Adam divides by the gradient's own size: where that is tiny, its rounding shows.
        for (found, expected) in zip(parameters, reference.parameters) { #expect((found - expected).magnitude < 1e-4) }
    }
}

@Suite struct RecurrentParityTests {
    @Test(
        "same weights and sequence as PyTorch through layer norm, GRU and LSTM: outputs, loss, every gradient",
        arguments: RecurrentReference.all)
    func parity(_ reference: RecurrentReference) {
        let (samples, steps) = (7, 4)
        let architecture = NetworkArchitecture(
            inputs: 3, hidden: [5], outputs: 2, activation: .tanh, normalization: reference.normalization, cell: reference.cell)
        let parameters = (0..<architecture.parameterCount).map { Float(0.6 * Double.sin(1.7 * Double($0) + 0.3)) }
        let tape = NetworkTape(architecture, samples: samples, steps: steps)
        for t in 0..<steps {
            for f in 0..<3 {
                for i in 0..<samples {
                    tape.inputs(step: t)[f * samples + i] = Float(1.5 * Double.sin(0.9 * Double(3 * (t * samples + i) + f) + 0.1))
                }
            }
            tape.forward(parameters, step: t, samples: samples)
        }
        var loss = 0.0
        for t in (0..<steps).reversed() {
            for o in 0..<2 {
                for i in 0..<samples {
                    let target = Float(Double.sin(2.3 * Double(2 * (t * samples + i) + o) + 0.7))
                    let residual = tape.outputs(step: t)[o * samples + i] - target
                    loss += Double(residual) * Double(residual) / Double(2 * samples * steps)
                    tape.outputGradient[o * samples + i] = 2 * residual / Float(2 * samples * steps)
                }
            }
            tape.backward(parameters, step: t, samples: samples, wanted: 0..<0)
        }
        var gradient = [Double](repeating: 0, count: parameters.count)
        tape.takeGradient(&gradient)
        #expect((loss - reference.loss).magnitude < 1e-6)
        for i in 0..<samples {
            for o in 0..<2 {
                #expect((tape.outputs(step: steps - 1)[o * samples + i] - reference.outputs[2 * i + o]).magnitude < 2e-6)
            }
        }
        #expect(gradient.count == reference.gradients.count)
        for (found, expected) in zip(gradient, reference.gradients) { #expect((Float(found) - expected).magnitude < 1e-6) }
    }
}
