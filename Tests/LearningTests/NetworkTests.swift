import Learning
import LinearAlgebra
import Probability
import Testing

@Suite struct NetworkTests {
    static let architectures: [NetworkArchitecture] =
        Activation.allCases.map { NetworkArchitecture(inputs: 3, hidden: [7, 5], outputs: 2, activation: $0) } + [
            NetworkArchitecture(inputs: 4, hidden: [], outputs: 3), NetworkArchitecture(inputs: 1, hidden: [16, 16, 16, 16], outputs: 1),
            NetworkArchitecture(inputs: 3, hidden: [48, 16], outputs: 3),
            NetworkArchitecture(inputs: 2, hidden: [32], outputs: 2, activation: .silu, steps: 3),
            NetworkArchitecture(inputs: 3, hidden: [7, 5], outputs: 2, normalization: .layer),
            NetworkArchitecture(inputs: 3, hidden: [6, 18], outputs: 1, activation: .silu, normalization: .layer, steps: 3),
            NetworkArchitecture(inputs: 3, hidden: [], outputs: 2, steps: 3),
            NetworkArchitecture(inputs: 3, hidden: [], outputs: 2, cell: RecurrentCell(.gru, units: 5)),
            NetworkArchitecture(inputs: 3, hidden: [6], outputs: 2, cell: RecurrentCell(.lstm, units: 4)),
            NetworkArchitecture(inputs: 5, hidden: [6], outputs: 1, normalization: .layer, cell: RecurrentCell(.gru, units: 16)),
            NetworkArchitecture(inputs: 2, hidden: [], outputs: 1, activation: .tanh, cell: RecurrentCell(.lstm, units: 16)),
        ]
    static let steps = 3

    /// A network with biases away from zero, and a batch [inputs, samples] that straddles the kinks.
    static func example(_ architecture: NetworkArchitecture, samples: Int, step: Int = 0) -> (Network, Matrix<Float>) {
        let stream = RandomStream(seed: 7, purpose: .data)
        var network = Network(architecture, from: RandomStream(seed: 3, purpose: .weights))
        for k in network.parameters.indices { network.parameters[k] += Float(0.1 * stream.normal(path: k, step: 1)) }
        return (
            network, Matrix(rows: architecture.inputs, columns: samples) { Float(stream.normal(path: $1, step: 2 * step, dimension: $0)) }
        )
    }

    @Test("outputs are those of the scalar model, in batches and one by one", arguments: architectures)
    func outputs(_ architecture: NetworkArchitecture) {
        let (network, inputs) = Self.example(architecture, samples: 37)
        let scalar = ScalarNetwork(architecture: architecture)
        let parameters = network.parameters.map { Double($0) }
        let step = architecture.steps == nil ? 0 : 2
        let batch = network(inputs, step: step)
        for i in 0..<inputs.columns {
            let expected = scalar(parameters, inputs.column(i).map { Double($0) }, step: step)
            let single = network(one: inputs.column(i), step: step)
            for o in 0..<architecture.outputs {
                #expect((Double(batch[o, i]) - expected[o]).magnitude < 2e-6 * (1 + expected[o].magnitude))
                #expect((Double(single[o]) - expected[o]).magnitude < 2e-6 * (1 + expected[o].magnitude))
            }
        }
    }

    @Test("what a cell remembers is carried alike along a tape, over tapes of one step, and by one sample", arguments: architectures)
    func memory(_ architecture: NetworkArchitecture) {
        let samples = 64
        let network = Self.example(architecture, samples: 1).0
        let scalar = ScalarNetwork(architecture: architecture)
        let parameters = network.parameters.map { Double($0) }
        let long = NetworkTape(architecture, samples: samples, steps: Self.steps)
        let short = NetworkTape(architecture, samples: samples, steps: 1, keepsGradients: false)
        var alone = [Float](repeating: 0, count: architecture.memory)
        var expected = alone.map { Double($0) }
        for t in 0..<Self.steps {
            let inputs = Self.example(architecture, samples: samples, step: t).1
            for tape in [long, short] {
                let step = tape === long ? t : 0
                inputs.storage.withUnsafeBufferPointer { tape.inputs(step: step).update(from: $0.baseAddress!, count: $0.count) }
                tape.forward(network.parameters, step: step, samples: samples, network: t)
            }
            if let start = short.initialMemory { short.copyMemory(afterStep: 0, samples: samples, to: start) }
            let single = network(one: inputs.column(9), step: t, memory: &alone)
            let outputs = scalar(parameters, inputs.column(9).map { Double($0) }, step: t, memory: &expected)
            for o in 0..<architecture.outputs {
                let k = o * samples + 9
                #expect(long.outputs(step: t)[k] == short.outputs(step: 0)[k])
                #expect((long.outputs(step: t)[k] - Float(outputs[o])).magnitude < 3e-6)
                #expect((single[o] - Float(outputs[o])).magnitude < 3e-6)
            }
        }
        for (found, number) in zip(alone, expected) { #expect((found - Float(number)).magnitude < 2e-6) }
    }

    @Test(
        "every gradient equals the central difference of the scalar model in Double, through three steps", arguments: architectures,
        [(samples: 29, byRows: false), (64, false), (64, true)])
    func gradients(_ architecture: NetworkArchitecture, block: (samples: Int, byRows: Bool)) {
        let samples = block.samples
        let steps = Self.steps
        let network = Self.example(architecture, samples: samples).0
        let inputs = (0..<steps).map { Self.example(architecture, samples: samples, step: $0).1 }
        let scalar = ScalarNetwork(architecture: architecture)
        // L = Σ over steps, outputs and samples of c·y with fixed c, so that dL/dy = c.
        let stream = RandomStream(seed: 11, purpose: .data)
        let slopes = (0..<steps).map { t in
            (0..<architecture.outputs * samples).map { stream.normal(path: $0, step: 2, dimension: t) }
        }
        /// The part of L that sample `i` has, with `shift` added to one of its inputs.
        func loss(_ parameters: [Double], sample i: Int, step: Int = 0, input: Int = 0, shift: Double = 0) -> Double {
            var memory = [Double](repeating: 0, count: architecture.memory)
            return (0..<steps).reduce(0) { sum, t in
                var x = inputs[t].column(i).map { Double($0) }
                if t == step { x[input] += shift }
                let y = scalar(parameters, x, step: t, memory: &memory)
                return sum + (0..<architecture.outputs).reduce(0) { $0 + slopes[t][$1 * samples + i] * y[$1] }
            }
        }

        let tape = NetworkTape(architecture, samples: 64, steps: steps, byRows: block.byRows)
        tape.prepare(network.parameters)
        var gradient = [Double](repeating: 0, count: architecture.parameterCount)
        var inputGradients = [[Float]](repeating: [], count: steps)
        // Twice, so that what the first pass leaves must not show in the second.
        for pass in 0..<2 {
            for t in 0..<steps {
                inputs[t].storage.withUnsafeBufferPointer { tape.inputs(step: t).update(from: $0.baseAddress!, count: $0.count) }
                tape.forward(network.parameters, step: t, samples: samples)
            }
            for t in (0..<steps).reversed() {
                for k in slopes[t].indices { tape.outputGradient[k] = Float(slopes[t][k]) }
                tape.backward(network.parameters, step: t, samples: samples, wanted: 0..<architecture.inputs)
                inputGradients[t] = Array(UnsafeBufferPointer(start: tape.inputGradient, count: architecture.inputs * samples))
            }
            if pass == 0 {
                var forgotten = gradient
                tape.takeGradient(&forgotten)
            }
        }
        tape.takeGradient(&gradient)

        let parameters = network.parameters.map { Double($0) }
        let largest = gradient.map(\.magnitude).max() ?? 1
        // Steps of 1e-6 meet a kink of the ReLU with probability near 1e-5 a sum.
        let shift = 1e-6
        for k in stride(from: 0, to: parameters.count, by: samples == 64 ? 5 : 1) {
            var up = parameters
            var down = parameters
            up[k] += shift
            down[k] -= shift
            let expected = (0..<samples).reduce(0) { $0 + (loss(up, sample: $1) - loss(down, sample: $1)) } / (2 * shift)
            #expect((gradient[k] - expected).magnitude < 2e-5 * largest, "parameter \(k)")
        }
        for (t, found) in inputGradients.enumerated() {
            for f in 0..<architecture.inputs {
                for i in 0..<samples {
                    let up = loss(parameters, sample: i, step: t, input: f, shift: shift)
                    let down = loss(parameters, sample: i, step: t, input: f, shift: -shift)
                    let difference = Double(found[f * samples + i]) - (up - down) / (2 * shift)
                    #expect(difference.magnitude < 2e-5 * largest, "step \(t), input \(f), sample \(i)")
                }
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
        "a tile by either kind of vector kernels has the outputs and gradients that BLAS gives it",
        arguments: architectures + [
            NetworkArchitecture(inputs: 4, hidden: [32, 32, 32, 32], outputs: 1),
            NetworkArchitecture(inputs: 40, hidden: [64, 64, 64], outputs: 6),
            NetworkArchitecture(inputs: 18, hidden: [20, 48, 9], outputs: 17, activation: .silu),
            NetworkArchitecture(inputs: 9, hidden: [32, 20], outputs: 3, normalization: .layer, cell: RecurrentCell(.gru, units: 32)),
            NetworkArchitecture(inputs: 9, hidden: [24], outputs: 2, activation: .tanh, cell: RecurrentCell(.lstm, units: 24)),
        ])
    func engines(_ architecture: NetworkArchitecture) {
        let samples = 64
        let (network, inputs) = Self.example(architecture, samples: samples)
        let stream = RandomStream(seed: 11, purpose: .data)
        let wanted = architecture.inputs / 2..<architecture.inputs
        func run(_ tape: NetworkTape) -> (outputs: [Float], inputGradient: [Float], gradient: [Double]) {
            var gradient = [Double](repeating: 0, count: architecture.parameterCount)
            // Two steps, so that sums are added to.
            tape.prepare(network.parameters)
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
        let blas = run(NetworkTape(architecture, samples: samples, steps: 2, usesTiles: false))
        for byRows in [false, true] {
            let tiles = run(NetworkTape(architecture, samples: samples, steps: 2, byRows: byRows))
            #expect(difference(tiles.outputs, blas.outputs) < 3e-6)
            #expect(difference(tiles.inputGradient, blas.inputGradient) < 3e-6)
            #expect(difference(tiles.gradient, blas.gradient) < 3e-6)
        }
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

    @Test("gains begin at 1, a LSTM forgets little, each step's network has its own weights and the first those of a network alone")
    func otherInitialisation() throws {
        let stream = RandomStream(seed: 1, purpose: .weights)
        func tensors(_ architecture: NetworkArchitecture) -> [String: [Float]] {
            Dictionary(uniqueKeysWithValues: Network(architecture, from: stream).tensors.map { ($0.name, $0.values) })
        }
        let one = tensors(NetworkArchitecture(inputs: 3, hidden: [4], outputs: 1))
        let three = tensors(NetworkArchitecture(inputs: 3, hidden: [4], outputs: 1, normalization: .layer, steps: 3))
        #expect(three.count == 18 && three["steps.2.layers.0.gain"] == [1, 1, 1, 1] && three["steps.2.layers.0.shift"] == [0, 0, 0, 0])
        #expect(three["steps.0.layers.0.weight"] == one["layers.0.weight"])
        #expect(Set((0..<3).map { three["steps.\($0).layers.0.weight"] }).count == 3)
        let lstm = tensors(NetworkArchitecture(inputs: 3, hidden: [], outputs: 1, cell: RecurrentCell(.lstm, units: 2)))
        #expect(lstm["cell.gates.bias"] == [0, 0, 1, 1, 0, 0, 0, 0] && lstm["cell.gates.weight"]?.count == 40)
    }

    @Test("the tensors of every architecture fill its block of parameters and read back equal", arguments: architectures)
    func everyTensor(_ architecture: NetworkArchitecture) throws {
        let (network, _) = Self.example(architecture, samples: 1)
        #expect(architecture.tensors.map(\.count).reduce(0, +) == architecture.parameterCount)
        #expect(network.tensors.flatMap(\.values) == network.parameters)
        #expect(try Network(architecture, tensors: network.tensors.reversed()) == network)
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
