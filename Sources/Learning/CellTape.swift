/// A recurrent cell over a block of samples at several steps: what each step keeps for its backward pass, and the gradient that flows
/// from a step to the one before.
///
/// Steps run forwards in order from 0 and backwards in order down to 0.
///
/// Hot-loop code: the caller answers for the sizes of the memory it points to.
final class CellTape {
    private let cell: RecurrentCell
    private let inputs: Int
    private let maps: [NetworkArchitecture.Layer]
    private let capacity: Int
    /// `RecurrentCell.rows` [U, B] of every step.
    private let gates: UnsafeMutablePointer<Float>
    /// h, and for LSTM c behind it, before step 0, [M, B]: zeros unless somebody writes there.
    let start: UnsafeMutablePointer<Float>
    /// dL/d gate sums of a step [4U, B].
    private let gateGradient: UnsafeMutablePointer<Float>
    /// dL/dh and dL/dc that the step after leaves, [U, B] each; zero before a backward pass.
    private let heldGradient: UnsafeMutablePointer<Float>
    private let cellGradient: UnsafeMutablePointer<Float>
    private let scratch: UnsafeMutablePointer<Float>

    init(_ cell: RecurrentCell, inputs: Int, samples: Int, steps: Int, keepsGradients: Bool) {
        self.cell = cell
        self.inputs = inputs
        maps = cell.maps(inputs: inputs)
        capacity = samples
        gates = NetworkTape.allocate(steps * cell.rows * cell.units * samples)
        start = NetworkTape.allocate(2 * cell.units * samples)
        let flowing = keepsGradients ? samples : 0
        gateGradient = NetworkTape.allocate(4 * cell.units * flowing)
        heldGradient = NetworkTape.allocate(cell.units * flowing)
        cellGradient = NetworkTape.allocate(cell.units * flowing)
        scratch = NetworkTape.allocate(max(cell.units, inputs) * flowing)
    }

    deinit {
        gates.deallocate()
        start.deallocate()
        gateGradient.deallocate()
        heldGradient.deallocate()
        cellGradient.deallocate()
        scratch.deallocate()
    }

    private func gates(_ step: Int) -> UnsafeMutablePointer<Float> { gates + step * cell.rows * cell.units * capacity }

    /// c after a step, [U, B]; before the first one for −1.
    func cellState(_ step: Int, samples: Int) -> UnsafeMutablePointer<Float> {
        let count = cell.units * samples
        return step < 0 ? start + count : gates(step) + 5 * count
    }

    /// - Parameters:
    ///   - inputs: x [F, B], with room for h behind it, where the state before the step is written.
    ///   - held: h of the step before; nil for `start`.
    ///   - next: h' [U, B], written.
    func forward(
        _ parameters: UnsafePointer<Float>, step: Int, samples: Int, isTile: Bool, inputs x: UnsafeMutablePointer<Float>,
        held: UnsafePointer<Float>?, next: UnsafeMutablePointer<Float>
    ) {
        let count = cell.units * samples
        let h = x + inputs * samples
        h.update(from: held ?? UnsafePointer(start), count: count)
        let gates = gates(step)
        func run(_ map: Int, _ from: UnsafePointer<Float>, _ to: UnsafeMutablePointer<Float>) {
            DenseLayer.forward(
                maps[map], samples: samples, isTile: isTile, parameters: parameters, inputs: from, outputs: to, cutsAtZero: false)
        }
        run(0, x, gates)
        if cell.kind == .gru {
            run(1, x, gates + 2 * count)
            run(2, h, gates + 3 * count)
        }
        cell.forward(gates, held: h, cell: cellState(step - 1, samples: samples), next: next, count: count)
    }

    /// - Parameters:
    ///   - inputs: x and h as `forward` left them.
    ///   - nextGradient: dL/dh' from the layers above [U, B]; what the step after left is added to it.
    ///   - inputGradient: dL/dx of the inputs in `wanted`, written.
    func backward(
        _ parameters: UnsafePointer<Float>, step: Int, samples: Int, isTile: Bool, inputs x: UnsafePointer<Float>,
        nextGradient: UnsafeMutablePointer<Float>, inputGradient: UnsafeMutablePointer<Float>, wanted: Range<Int>, sums: GradientSums
    ) {
        let count = cell.units * samples
        let h = x + inputs * samples
        Self.add(heldGradient, to: nextGradient, count: count)
        cell.backward(
            gates(step), held: h, cell: cellState(step - 1, samples: samples), nextGradient: nextGradient, gateGradient: gateGradient,
            heldGradient: heldGradient, cellGradient: cellGradient, count: count)
        let (candidate, memory) = (gateGradient + 2 * count, gateGradient + 3 * count)
        func add(_ map: Int, _ from: UnsafePointer<Float>, _ gradient: UnsafePointer<Float>) {
            sums.add(map, network: 0, samples: samples, isTile: isTile, inputs: from, gradient: gradient)
        }
        func flow(_ map: Int, _ gradient: UnsafePointer<Float>, _ range: Range<Int>, _ to: UnsafeMutablePointer<Float>) {
            DenseLayer.inputGradient(
                maps[map], samples: samples, isTile: isTile, parameters: parameters, gradient: gradient, range: range, mask: nil, to: to)
        }
        let state = inputs..<inputs + cell.units
        add(0, x, gateGradient)
        if !wanted.isEmpty { flow(0, gateGradient, wanted, inputGradient) }
        switch cell.kind {
        case .gru:
            add(1, x, candidate)
            add(2, h, memory)
            if !wanted.isEmpty {
                flow(1, candidate, wanted, scratch)
                Self.add(scratch, to: inputGradient, count: wanted.count * samples)
            }
            if step > 0 {
                flow(0, gateGradient, state, scratch)
                Self.add(scratch, to: heldGradient, count: count)
                flow(2, memory, 0..<cell.units, scratch)
                Self.add(scratch, to: heldGradient, count: count)
            }
        case .lstm:
            if step > 0 { flow(0, gateGradient, state, heldGradient) }
        }
        guard step == 0 else { return }
        heldGradient.update(repeating: 0, count: count)
        cellGradient.update(repeating: 0, count: count)
    }

    private static func add(_ values: UnsafePointer<Float>, to sums: UnsafeMutablePointer<Float>, count: Int) {
        for i in 0..<count { sums[i] += values[i] }
    }
}
