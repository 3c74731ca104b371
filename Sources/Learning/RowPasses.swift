import VectorKernels

/// Full tiles of 64 samples of a network whose hidden layers keep them row by row: the passes that take the least time. Inputs and outputs
/// stay feature-major.
///
/// For networks of hidden layers whose widths are whole registers, without a cell and without normalisation.
///
/// Hot-loop code: the caller answers for the sizes of the memory it points to.
final class RowPasses {
    private let layers: [NetworkArchitecture.Layer]
    private let networks: Int
    /// Parameters of one step's network, and floats that they take here.
    private let count: Int
    private let stride: Int
    /// As they were prepared, each network's in whole cache lines: the parameters, and with every hidden layer's weights transposed.
    private let parameters: UnsafeMutablePointer<Float>
    private let transposed: UnsafeMutablePointer<Float>
    /// Sums of the parameters' gradients, those of the first weights transposed.
    private let sums: UnsafeMutablePointer<Float>
    /// Which numbers of the present layer's tile are not zero, and of the next one's; nil where layers are not cut at
    /// zero or their widths are not multiples of 32.
    private let marks: (present: UnsafeMutablePointer<UInt32>, next: UnsafeMutablePointer<UInt32>)?

    /// nil where the network or the processor is not made for it.
    init?(_ architecture: NetworkArchitecture) {
        guard VectorUnit.isAvailable, architecture.cell == nil, architecture.normalization == nil, !architecture.hidden.isEmpty,
            architecture.hidden.allSatisfy({ $0 % 16 == 0 })
        else { return nil }
        layers = architecture.layers
        networks = architecture.steps ?? 1
        count = architecture.parametersPerStep
        stride = (count + 15) & ~15
        parameters = NetworkTape.allocate(networks * stride)
        transposed = NetworkTape.allocate(networks * stride)
        sums = NetworkTape.allocate(networks * stride)
        let widest = architecture.hidden.max() ?? 0
        func bits() -> UnsafeMutablePointer<UInt32> {
            let memory = UnsafeMutablePointer<UInt32>.allocate(capacity: 2 * widest)
            memory.initialize(repeating: 0, count: 2 * widest)
            return memory
        }
        let leavesOut = architecture.activation == .relu && architecture.hidden.allSatisfy { $0 % 32 == 0 }
        marks = leavesOut ? (bits(), bits()) : nil
    }

    deinit {
        marks?.present.deallocate()
        marks?.next.deallocate()
        parameters.deallocate()
        transposed.deallocate()
        sums.deallocate()
    }

    /// Takes the parameters of all passes until the next call.
    func prepare(_ block: UnsafePointer<Float>) {
        for network in 0..<networks {
            let from = block + network * count
            let (plain, turned) = (parameters + network * stride, transposed + network * stride)
            plain.update(from: from, count: count)
            for layer in layers.dropLast() {
                let (weights, target) = (from + layer.weights, turned + layer.weights)
                for o in 0..<layer.outputs {
                    for i in 0..<layer.inputs { target[i * layer.outputs + o] = weights[o * layer.inputs + i] }
                }
            }
        }
    }

    /// - Parameters:
    ///   - network: Which step's network; 0 where all share one.
    ///   - activations: Of the step: inputs, and every layer's outputs at its offset.
    ///   - slopes: Written, at the same offsets; nil where the outputs themselves show them.
    func forward(
        network: Int, activations: UnsafeMutablePointer<Float>, offsets: [Int], slopes: UnsafeMutablePointer<Float>?
    ) {
        let (plain, turned) = (parameters + network * stride, transposed + network * stride)
        let last = layers.count - 1
        var (present, next) = (marks.map { RowTile.Marks($0.present) }, marks.map { RowTile.Marks($0.next) })
        for index in 0..<last {
            let layer = layers[index]
            let inputs = activations + offsets[index]
            let outputs = activations + offsets[index + 1]
            let cuts = layer.activation == .relu
            defer { swap(&present, &next) }
            if index > 0, let present, let next {
                RowTile.forward(
                    inputs, marked: present, terms: layer.inputs, weights: turned + layer.weights, biases: plain + layer.biases,
                    width: layer.outputs, y: outputs, marks: next)
                continue
            }
            RowTile.forward(
                index == 0 ? .columns(inputs) : .rows(inputs, width: layer.inputs), terms: layer.inputs, weights: turned + layer.weights,
                biases: plain + layer.biases, width: layer.outputs, y: outputs, cutsAtZero: cuts, marks: next)
            if let slopes {
                layer.activation.apply(outputs, slopes: slopes + offsets[index + 1], count: layer.outputs * RowTile.samples)
            } else if !cuts {
                layer.activation.apply(outputs, count: layer.outputs * RowTile.samples)
            }
        }
        let layer = layers[last]
        for o in 0..<layer.outputs {
            RowTile.dot(
                activations + offsets[last], weights: plain + layer.weights + o * layer.inputs, bias: plain[layer.biases + o],
                width: layer.inputs, y: activations + offsets[last + 1] + o * RowTile.samples)
        }
    }

    /// Adds to the sums of the gradients.
    ///
    /// - Parameters:
    ///   - gradient, scratch: dL/d outputs [outputs, 64], and room as large as the widest layer's tile; both are overwritten.
    ///   - wanted: Inputs whose gradient is asked for.
    /// - Returns: Where the gradient of the inputs wanted is, [count, 64], and where it is not.
    func backward(
        network: Int, activations: UnsafePointer<Float>, offsets: [Int], slopes: UnsafePointer<Float>?,
        gradient: UnsafeMutablePointer<Float>, scratch: UnsafeMutablePointer<Float>, wanted: Range<Int>
    ) -> UnsafeMutablePointer<Float> {
        let plain = parameters + network * stride
        let sums = sums + network * stride
        let last = layers.count - 1
        for o in 0..<layers[last].outputs { sums[layers[last].biases + o] += RowTile.sum(gradient + o * RowTile.samples) }
        var current = gradient
        var next = scratch
        var (present, other) = (marks.map { RowTile.Marks($0.present) }, marks.map { RowTile.Marks($0.next) })
        let silent = marks == nil ? 0 : RowTile.silent(gradient, count: layers[last].outputs)
        for index in (1...last).reversed() {
            let layer = layers[index]
            let inputs = activations + offsets[index]
            defer {
                other?.clear(silent, width: layer.inputs)
                swap(&current, &next)
                swap(&present, &other)
            }
            if index < last, let present, let other {
                RowTile.addProducts(current, marked: present, rows: layer.outputs, inputs, width: layer.inputs, sums: sums + layer.weights)
                RowTile.backward(
                    current, marked: present, terms: layer.outputs, weights: plain + layer.weights, width: layer.inputs, below: inputs,
                    dx: next, biasSums: sums + layers[index - 1].biases, marks: other)
                continue
            }
            let numbers: RowTile.Numbers = index == last ? .columns(current) : .rows(current, width: layer.outputs)
            RowTile.addProducts(numbers, rows: layer.outputs, inputs, width: layer.inputs, sums: sums + layer.weights)
            let below = layers[index - 1]
            let slope: RowTile.Slope =
                if let slopes { .factors(slopes + offsets[index]) } else if below.activation == .relu { .cut(inputs) } else { .one }
            RowTile.backward(
                numbers, terms: layer.outputs, weights: plain + layer.weights, width: layer.inputs, slope: slope, dx: next,
                biasSums: sums + below.biases, marks: other)
        }
        let first = layers[0]
        RowTile.addProducts(
            .columns(activations + offsets[0]), rows: first.inputs, current, width: first.outputs, sums: sums + first.weights)
        let turned = transposed + network * stride + first.weights
        for (row, input) in wanted.enumerated() {
            RowTile.dot(
                current, weights: turned + input * first.outputs, bias: 0, width: first.outputs, y: next + row * RowTile.samples)
        }
        return next
    }

    /// Adds all sums to `gradient`, one block of parameters, and clears them.
    func take(_ gradient: UnsafeMutablePointer<Double>) {
        let first = layers[0]
        for network in 0..<networks {
            let (from, target) = (sums + network * stride, gradient + network * count)
            for i in 0..<first.inputs {
                for o in 0..<first.outputs { target[o * first.inputs + i] += Double(from[i * first.outputs + o]) }
            }
            from.update(repeating: 0, count: first.biases)
            RowTile.take(from + first.biases, count: count - first.biases, to: target + first.biases)
        }
    }
}
