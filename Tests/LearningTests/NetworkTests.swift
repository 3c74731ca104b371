import Learning
import LinearAlgebra
import Probability
import Testing

@Suite struct NetworkTests {
    static let architectures: [NetworkArchitecture] =
        Activation.allCases.map { NetworkArchitecture(inputs: 3, hidden: [7, 5], outputs: 2, activation: $0) } + [
            NetworkArchitecture(inputs: 4, hidden: [], outputs: 3), NetworkArchitecture(inputs: 1, hidden: [16, 16, 16, 16], outputs: 1),
        ]

    /// A network with biases away from zero, and a batch [inputs, samples] that straddles the kinks.
    static func example(_ architecture: NetworkArchitecture, samples: Int) -> (Network, Matrix<Float>) {
        let stream = RandomStream(seed: 7, purpose: .data)
        var network = Network(architecture, from: RandomStream(seed: 3, purpose: .weights))
        for k in network.parameters.indices { network.parameters[k] += Float(0.1 * stream.normal(path: k, step: 1)) }
        return (network, Matrix(rows: architecture.inputs, columns: samples) { Float(stream.normal(path: $1, step: 0, dimension: $0)) })
    }

    @Test("outputs are those of the scalar model, in batches and one by one", arguments: architectures)
    func outputs(_ architecture: NetworkArchitecture) {
        let (network, inputs) = Self.example(architecture, samples: 37)
        let scalar = ScalarNetwork(architecture: architecture)
        let parameters = network.parameters.map { Double($0) }
        let batch = network(inputs)
        for i in 0..<inputs.columns {
            let expected = scalar(parameters, inputs.column(i).map { Double($0) })
            let single = network(one: inputs.column(i))
            for o in 0..<architecture.outputs {
                #expect((Double(batch[o, i]) - expected[o]).magnitude < 2e-6 * (1 + expected[o].magnitude))
                #expect((Double(single[o]) - expected[o]).magnitude < 2e-6 * (1 + expected[o].magnitude))
            }
        }
    }

    @Test("every gradient equals the central difference of the scalar model in Double", arguments: architectures)
    func gradients(_ architecture: NetworkArchitecture) {
        let samples = 29
        let (network, inputs) = Self.example(architecture, samples: samples)
        let scalar = ScalarNetwork(architecture: architecture)
        // L = Σ over outputs and samples of c·y with fixed c, so that dL/dy = c.
        let stream = RandomStream(seed: 11, purpose: .data)
        let slopes = (0..<architecture.outputs * samples).map { stream.normal(path: $0, step: 2) }
        func loss(_ parameters: [Double], _ inputs: (Int, Int) -> Double) -> Double {
            (0..<samples).reduce(0) { sum, i in
                let y = scalar(parameters, (0..<architecture.inputs).map { inputs($0, i) })
                return sum + (0..<architecture.outputs).reduce(0) { $0 + slopes[$1 * samples + i] * y[$1] }
            }
        }

        let tape = NetworkTape(architecture, samples: 64, steps: 2)
        var gradient = [Double](repeating: 0, count: architecture.parameterCount)
        inputs.storage.withUnsafeBufferPointer { tape.inputs(step: 1).update(from: $0.baseAddress!, count: $0.count) }
        tape.forward(network.parameters, step: 1, samples: samples)
        for k in slopes.indices { tape.outputGradient[k] = Float(slopes[k]) }
        tape.backward(network.parameters, step: 1, samples: samples, wanted: 0..<architecture.inputs)
        tape.takeGradient(&gradient)

        let parameters = network.parameters.map { Double($0) }
        let base: (Int, Int) -> Double = { Double(inputs[$0, $1]) }
        let largest = gradient.map(\.magnitude).max() ?? 1
        // Steps of 1e-6 meet a kink of the ReLU with probability near 1e-5 a sum.
        let step = 1e-6
        for k in parameters.indices {
            var up = parameters
            var down = parameters
            up[k] += step
            down[k] -= step
            let expected = (loss(up, base) - loss(down, base)) / (2 * step)
            #expect((gradient[k] - expected).magnitude < 2e-5 * largest, "parameter \(k)")
        }
        for f in 0..<architecture.inputs {
            for i in 0..<samples {
                let up = loss(parameters) { base($0, $1) + ($0 == f && $1 == i ? step : 0) }
                let down = loss(parameters) { base($0, $1) - ($0 == f && $1 == i ? step : 0) }
                let expected = (up - down) / (2 * step)
                #expect((Double(tape.inputGradient[f * samples + i]) - expected).magnitude < 2e-5 * largest, "input \(f), sample \(i)")
            }
        }
    }

    @Test("gradients of steps add up, and a shorter block leaves no trace of a longer one")
    func accumulation() {
        let architecture = Self.architectures[1]
        let (network, inputs) = Self.example(architecture, samples: 20)
        func gradient(tape: NetworkTape, blocks: [Range<Int>]) -> [Double] {
            var gradient = [Double](repeating: 0, count: architecture.parameterCount)
            for (step, range) in blocks.enumerated() {
                for f in 0..<architecture.inputs {
                    for (k, i) in range.enumerated() { tape.inputs(step: step)[f * range.count + k] = inputs[f, i] }
                }
                tape.forward(network.parameters, step: step, samples: range.count)
            }
            for (step, range) in blocks.enumerated().reversed() {
                for k in 0..<architecture.outputs * range.count { tape.outputGradient[k] = 1 }
                tape.backward(network.parameters, step: step, samples: range.count, wanted: 0..<0)
            }
            tape.takeGradient(&gradient)
            return gradient
        }
        let used = NetworkTape(architecture, samples: 32, steps: 3)
        _ = gradient(tape: used, blocks: [0..<20, 0..<20, 0..<20])
        let parts = gradient(tape: used, blocks: [0..<6, 6..<19, 19..<20])
        let whole = gradient(tape: NetworkTape(architecture, samples: 20, steps: 1), blocks: [0..<20])
        for (part, all) in zip(parts, whole) { #expect((part - all).magnitude < 1e-4) }
    }

    @Test(
        "a tile by vector kernels has the outputs and gradients that BLAS gives it",
        arguments: architectures + [
            NetworkArchitecture(inputs: 4, hidden: [32, 32, 32, 32], outputs: 1),
            NetworkArchitecture(inputs: 40, hidden: [64, 64, 64], outputs: 6),
            NetworkArchitecture(inputs: 18, hidden: [20, 48, 9], outputs: 17, activation: .silu),
        ])
    func engines(_ architecture: NetworkArchitecture) {
        let samples = 64
        let (network, inputs) = Self.example(architecture, samples: samples)
        let stream = RandomStream(seed: 11, purpose: .data)
        let wanted = architecture.inputs / 2..<architecture.inputs
        func run(_ tape: NetworkTape) -> (outputs: [Float], inputGradient: [Float], gradient: [Double]) {
            var gradient = [Double](repeating: 0, count: architecture.parameterCount)
            // Two steps, so that sums are added to.
            for step in 0..<2 {
                inputs.storage.withUnsafeBufferPointer { tape.inputs(step: step).update(from: $0.baseAddress!, count: $0.count) }
                tape.forward(network.parameters, step: step, samples: samples)
            }
            for step in [1, 0] {
                for k in 0..<architecture.outputs * samples { tape.outputGradient[k] = Float(stream.normal(path: k, step: step)) }
                tape.backward(network.parameters, step: step, samples: samples, wanted: wanted)
            }
            tape.takeGradient(&gradient)
            return (
                Array(UnsafeBufferPointer(start: tape.outputs(step: 1), count: architecture.outputs * samples)),
                Array(UnsafeBufferPointer(start: tape.inputGradient, count: wanted.count * samples)), gradient
            )
        }
        func difference<Number: BinaryFloatingPoint>(_ a: [Number], _ b: [Number]) -> Number {
            zip(a, b).map { ($0 - $1).magnitude }.max()! / b.map(\.magnitude).max()!
        }
        let tiles = run(NetworkTape(architecture, samples: samples, steps: 2))
        let blas = run(NetworkTape(architecture, samples: samples, steps: 2, usesTiles: false))
        #expect(difference(tiles.outputs, blas.outputs) < 3e-6)
        #expect(difference(tiles.inputGradient, blas.inputGradient) < 3e-6)
        #expect(difference(tiles.gradient, blas.gradient) < 3e-6)
    }

    @Test("weights have the spread of their initialiser, biases are zero, another seed gives others")
    func initialisation() {
        let architecture = NetworkArchitecture(inputs: 200, hidden: [100], outputs: 50)
        let network = Network(architecture, from: RandomStream(seed: 1, purpose: .weights), outputScale: 0.5)
        for (layer, deviation) in zip(architecture.layers, [(2.0 / 200).squareRoot(), 0.5 * (1.0 / 100).squareRoot()]) {
            let weights = network.parameters[layer.weights..<layer.biases].map { Double($0) }
            let variance = weights.reduce(0) { $0 + $1 * $1 } / Double(weights.count)
            #expect((variance.squareRoot() / deviation - 1).magnitude < 0.03)
            #expect(network.parameters[layer.biases..<layer.biases + layer.outputs].allSatisfy { $0 == 0 })
        }
        #expect(network == Network(architecture, from: RandomStream(seed: 1, purpose: .weights), outputScale: 0.5))
        #expect(network != Network(architecture, from: RandomStream(seed: 2, purpose: .weights), outputScale: 0.5))
    }

    @Test("tensors read back equal in any order, and refuse what does not fit")
    func tensors() throws {
        let (network, _) = Self.example(Self.architectures[1], samples: 1)
        let tensors = network.tensors
        #expect(tensors.map(\.name).prefix(2) == ["layers.0.weight", "layers.0.bias"])
        #expect(try Network(network.architecture, tensors: tensors.reversed()) == network)
        #expect(throws: NetworkError.missingTensor(name: "layers.1.bias", found: tensors.map(\.name).filter { $0 != "layers.1.bias" })) {
            try Network(network.architecture, tensors: tensors.filter { $0.name != "layers.1.bias" })
        }
        var bad = tensors
        bad[0] = NamedTensor(name: bad[0].name, shape: bad[0].shape.reversed(), values: bad[0].values)
        #expect(throws: NetworkError.shape(name: "layers.0.weight", found: [3, 7], expected: [7, 3])) {
            try Network(network.architecture, tensors: bad)
        }
        bad = tensors
        bad[1].values[2] = .nan
        #expect(throws: NetworkError.nonFinite(name: "layers.0.bias", index: 2)) { try Network(network.architecture, tensors: bad) }
        #expect(throws: NetworkError.unexpectedTensor(name: "extra", expected: tensors.map(\.name))) {
            try Network(network.architecture, tensors: tensors + [NamedTensor(name: "extra", shape: [1], values: [0])])
        }
    }
}
