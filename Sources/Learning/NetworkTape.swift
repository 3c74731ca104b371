import VectorKernels

/// What one worker needs to run a network forwards over a block of samples at several steps, and then backwards:
/// activations and slopes of every layer at every step, and the sums of the parameter gradients.
///
/// Full blocks of `VectorUnit`'s tile, 64 samples, run by vector kernels where the processor has them, all others by BLAS.
/// The two agree to the rounding of `Float`. A network with a cell runs its steps in order from 0, and backwards in order down to 0.
///
/// A tape belongs to one thread. Its memory is taken once and used for every block.
public final class NetworkTape {
    public let architecture: NetworkArchitecture
    /// B, the samples of a full block; a shorter one may be run.
    public let capacity: Int
    public let steps: Int
    /// Whether full tiles run by vector kernels.
    public let usesTiles: Bool

    private let layers: [NetworkArchitecture.Layer]
    /// Maps of the cell before the first layer.
    private let cellMaps: Int
    private let parametersPerStep: Int
    /// Whether backward passes need slopes of the activation written down; those of a cut at zero show in its outputs.
    private let keepsSlopes: Bool
    private let cutsAtZero: Bool
    /// Floats of one step: inputs, where there is a cell its state before and after, then the outputs of every layer.
    private let stepStride: Int
    /// Offset within a step of what each layer reads; the last is the outputs'.
    private let offsets: [Int]
    private let activations: UnsafeMutablePointer<Float>
    private let slopes: UnsafeMutablePointer<Float>
    /// Normalised sums where the activations have their outputs, and [B] inverse deviations of every layer.
    private let normalized: UnsafeMutablePointer<Float>
    private let inverseDeviations: UnsafeMutablePointer<Float>
    /// Two rows of layers for the gradients that flow back.
    private let upper: UnsafeMutablePointer<Float>
    private let lower: UnsafeMutablePointer<Float>
    private let cell: CellTape?
    private let sums: GradientSums?
    private let rows: RowPasses?

    /// - Parameters:
    ///   - samples: B, largest number of samples in a block.
    ///   - steps: How many forward passes are kept until their backward pass.
    ///   - usesTiles: Whether vector kernels run full tiles; where the processor lacks them they never do.
    ///   - byRows: Whether full tiles run by `RowTile`'s kernels, the fastest, where the network is made for them. `prepare` must then have
    ///     been called before they run. Activations of hidden layers lie in another order then, and sums in another one too.
    ///   - keepsGradients: Whether there will be backward passes.
    public init(
        _ architecture: NetworkArchitecture, samples: Int, steps: Int, usesTiles: Bool = true, byRows: Bool = false,
        keepsGradients: Bool = true
    ) {
        precondition(samples > 0 && steps > 0, "samples \(samples) and steps \(steps) must be positive")
        precondition(
            !keepsGradients || steps <= architecture.steps ?? steps, "\(steps) steps of a network for \(architecture.steps ?? steps)")
        self.architecture = architecture
        capacity = samples
        self.steps = steps
        self.usesTiles = usesTiles && VectorUnit.isAvailable && samples >= DenseTile.samples
        layers = architecture.layers
        cellMaps = architecture.cellMaps.count
        parametersPerStep = architecture.parametersPerStep
        cutsAtZero = architecture.activation == .relu
        keepsSlopes = keepsGradients && !cutsAtZero && architecture.activation != .identity
        var offset = architecture.inputs * samples
        var offsets = [0]
        if let cell = architecture.cell {
            offset += cell.units * samples
            offsets = [offset]
            offset += cell.units * samples
        }
        for layer in layers {
            offsets.append(offset)
            offset += layer.outputs * samples
        }
        self.offsets = offsets
        stepStride = offset
        let widest = max(architecture.inputs, architecture.cell?.units ?? 0, architecture.hidden.max() ?? 0, architecture.outputs)
        activations = Self.allocate(stepStride * steps)
        slopes = Self.allocate(keepsSlopes ? stepStride * steps : 0)
        normalized = Self.allocate(architecture.normalization == nil ? 0 : stepStride * steps)
        inverseDeviations = Self.allocate(architecture.normalization == nil ? 0 : layers.count * samples * steps)
        upper = Self.allocate(keepsGradients ? widest * samples : 0)
        lower = Self.allocate(keepsGradients ? widest * samples : 0)
        cell = architecture.cell.map {
            CellTape($0, inputs: architecture.inputs, samples: samples, steps: steps, keepsGradients: keepsGradients)
        }
        rows = byRows && self.usesTiles && keepsGradients ? RowPasses(architecture) : nil
        sums = keepsGradients ? GradientSums(architecture, keepsTiles: self.usesTiles && rows == nil) : nil
        inputGradient = lower
    }

    deinit {
        activations.deallocate()
        slopes.deallocate()
        normalized.deallocate()
        inverseDeviations.deallocate()
        upper.deallocate()
        lower.deallocate()
    }

    /// Zeros in whole cache lines, with the room behind them that the vector kernels read, and forget.
    static func allocate(_ count: Int) -> UnsafeMutablePointer<Float> {
        let whole = count + 16 * DenseTile.samples
        let memory = UnsafeMutableRawPointer.allocate(byteCount: whole * MemoryLayout<Float>.stride, alignment: 64)
            .bindMemory(to: Float.self, capacity: whole)
        memory.initialize(repeating: 0, count: whole)
        return memory
    }

    /// Inputs X [inputs, B] of a step, for the caller to fill before `forward`.
    public func inputs(step: Int) -> UnsafeMutablePointer<Float> { activations + step * stepStride }

    /// Outputs [outputs, B] of a step, after `forward`.
    public func outputs(step: Int) -> UnsafeMutablePointer<Float> { activations + step * stepStride + offsets[layers.count] }

    /// dL/d outputs [outputs, B] for the caller to fill before `backward`.
    public var outputGradient: UnsafeMutablePointer<Float> { upper }

    /// dL/d inputs of the range that the last `backward` was asked for, [count, B].
    public private(set) var inputGradient: UnsafeMutablePointer<Float>

    /// What the cell remembers before step 0, [memory, B]: zeros unless the caller writes there. Nil without a cell.
    public var initialMemory: UnsafeMutablePointer<Float>? { cell?.start }

    /// Writes what the cell remembers after a step that was run forwards to `target` [memory, B].
    public func copyMemory(afterStep step: Int, samples: Int, to target: UnsafeMutablePointer<Float>) {
        guard let cell, let kind = architecture.cell else { return }
        let count = kind.units * samples
        target.update(from: activations + step * stepStride + offsets[0], count: count)
        if kind.kind == .lstm { (target + count).update(from: cell.cellState(step, samples: samples), count: count) }
    }

    /// Takes the parameters that all passes until the next call will be given: what a tape by rows asks for. Others need it not.
    public func prepare(_ parameters: UnsafePointer<Float>) { rows?.prepare(parameters) }

    /// Runs the network on `inputs(step:)`.
    ///
    /// - Parameters:
    ///   - parameters: The whole block.
    ///   - network: Which step's network runs, where each has its own; nil for that of `step`.
    public func forward(_ parameters: UnsafePointer<Float>, step: Int, samples: Int, network: Int? = nil) {
        precondition(samples <= capacity && step < steps, "samples \(samples) of \(capacity), step \(step) of \(steps)")
        precondition(network ?? step < architecture.steps ?? .max, "network \(network ?? step) of \(architecture.steps ?? 0)")
        let chosen = architecture.steps == nil ? 0 : network ?? step
        let parameters = parameters + chosen * parametersPerStep
        let start = step * stepStride
        let base = activations + start
        let isTile = usesTiles && samples == DenseTile.samples
        if isTile, let rows {
            return rows.forward(network: chosen, activations: base, offsets: offsets, slopes: keepsSlopes ? slopes + start : nil)
        }
        cell?.forward(
            parameters, step: step, samples: samples, isTile: isTile, inputs: base,
            held: step > 0 ? UnsafePointer(base - stepStride + offsets[0]) : nil, next: base + offsets[0])
        for (index, layer) in layers.enumerated() {
            let outputs = base + offsets[index + 1]
            let isHidden = index < layers.count - 1
            let cuts = isHidden && cutsAtZero
            DenseLayer.forward(
                layer, samples: samples, isTile: isTile, parameters: parameters, inputs: base + offsets[index], outputs: outputs,
                cutsAtZero: cuts && layer.gains == nil)
            guard isHidden else { return }
            if let gains = layer.gains {
                LayerNormalization.forward(
                    layer, gains: gains, samples: samples, isTile: isTile, parameters: parameters, values: outputs,
                    normalized: normalized + start + offsets[index + 1],
                    inverseDeviations: inverseDeviations + (step * layers.count + index) * capacity, cutsAtZero: cuts)
            }
            if keepsSlopes {
                layer.activation.apply(outputs, slopes: slopes + start + offsets[index + 1], count: layer.outputs * samples)
            } else if !cuts {
                layer.activation.apply(outputs, count: layer.outputs * samples)
            }
        }
    }

    /// Back-propagates `outputGradient` through a step that was run forwards, adding to the gradient sums.
    ///
    /// - Parameter wanted: Inputs whose gradient is asked for: `inputGradient` holds it until the next call.
    public func backward(_ parameters: UnsafePointer<Float>, step: Int, samples: Int, wanted: Range<Int>) {
        precondition(samples <= capacity && step < steps, "samples \(samples) of \(capacity), step \(step) of \(steps)")
        precondition(wanted.upperBound <= architecture.inputs, "inputs \(wanted) of \(architecture.inputs)")
        guard let sums else { preconditionFailure("the tape keeps no gradients") }
        let network = architecture.steps == nil ? 0 : step
        let parameters = parameters + network * parametersPerStep
        let start = step * stepStride
        let base = activations + start
        let isTile = usesTiles && samples == DenseTile.samples
        if isTile, let rows {
            inputGradient = rows.backward(
                network: network, activations: base, offsets: offsets, slopes: keepsSlopes ? slopes + start : nil, gradient: upper,
                scratch: lower, wanted: wanted)
            return
        }
        var current = upper
        var next = lower
        for index in layers.indices.reversed() {
            let layer = layers[index]
            let inputs = base + offsets[index]
            if index < layers.count - 1 {
                if keepsSlopes { Self.multiply(current, by: slopes + start + offsets[index + 1], count: layer.outputs * samples) }
                if let gains = layer.gains {
                    sums.addNormalization(
                        cellMaps + index, gains: gains, network: network, samples: samples, isTile: isTile, parameters: parameters,
                        normalized: normalized + start + offsets[index + 1],
                        inverseDeviations: inverseDeviations + (step * layers.count + index) * capacity, gradient: current)
                }
            }
            sums.add(cellMaps + index, network: network, samples: samples, isTile: isTile, inputs: inputs, gradient: current)
            let range = index > 0 || cell != nil ? 0..<layer.inputs : wanted
            if !range.isEmpty {
                DenseLayer.inputGradient(
                    layer, samples: samples, isTile: isTile, parameters: parameters, gradient: current, range: range,
                    mask: index > 0 && cutsAtZero ? UnsafePointer(inputs) : nil, to: next)
            }
            swap(&current, &next)
        }
        if let cell {
            cell.backward(
                parameters, step: step, samples: samples, isTile: isTile, inputs: base, nextGradient: current, inputGradient: next,
                wanted: wanted, sums: sums)
            swap(&current, &next)
        }
        inputGradient = current
    }

    /// Adds the gradient sums of all backward passes since the last call to `gradient`, one block of parameters, and clears them.
    public func takeGradient(_ gradient: UnsafeMutablePointer<Double>) {
        sums?.take(gradient)
        rows?.take(gradient)
    }

    private static func multiply(_ values: UnsafeMutablePointer<Float>, by factors: UnsafePointer<Float>, count: Int) {
        for i in 0..<count { values[i] *= factors[i] }
    }
}
