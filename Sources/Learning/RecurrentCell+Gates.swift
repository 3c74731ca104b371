import RealModule
import VectorKernels

/// What happens to a cell's gates after their products, element by element; the formulas stand at `RecurrentCell.Kind`. By vector
/// kernels where the processor has them and the numbers fill whole registers.
///
/// Gates lie one after another, U·B numbers each, in the order of `RecurrentCell.rows`.
///
/// Hot-loop code: the caller answers for the sizes of the memory it points to.
extension RecurrentCell {
    /// The new state of `count` = U·B elements.
    ///
    /// - Parameters:
    ///   - gates: The sums of the maps on entry, what `backward` needs on return.
    ///   - held: h.
    ///   - cell: c, for LSTM alone.
    ///   - next: h', written. c' is the last row of `gates`.
    func forward(
        _ gates: UnsafeMutablePointer<Float>, held: UnsafePointer<Float>, cell: UnsafePointer<Float>, next: UnsafeMutablePointer<Float>,
        count: Int
    ) {
        let isWhole = VectorUnit.isAvailable && count % 16 == 0
        switch kind {
        case .gru:
            if isWhole { return CellTile.gru(gates, held: held, next: next, count: count) }
            for i in 0..<count {
                let r = Activation.logistic(gates[i])
                let z = Activation.logistic(gates[count + i])
                let n = Float.tanh(gates[2 * count + i] + r * gates[3 * count + i])
                gates[i] = r
                gates[count + i] = z
                gates[2 * count + i] = n
                next[i] = n + z * (held[i] - n)
            }
        case .lstm:
            if isWhole { return CellTile.lstm(gates, cell: cell, next: next, count: count) }
            for k in 0..<count {
                let i = Activation.logistic(gates[k])
                let f = Activation.logistic(gates[count + k])
                let g = Float.tanh(gates[2 * count + k])
                let o = Activation.logistic(gates[3 * count + k])
                let c = f * cell[k] + i * g
                let t = Float.tanh(c)
                gates[k] = i
                gates[count + k] = f
                gates[2 * count + k] = g
                gates[3 * count + k] = o
                gates[4 * count + k] = t
                gates[5 * count + k] = c
                next[k] = o * t
            }
        }
    }

    /// From dL/dh': the gradient of the maps' sums, and what reaches h and c past them.
    ///
    /// - Parameters:
    ///   - gates: As `forward` left them.
    ///   - nextGradient: dL/dh'.
    ///   - gateGradient: Of the sums of the four gates, written.
    ///   - heldGradient: Of h past the gates, written for GRU; LSTM has no such way.
    ///   - cellGradient: For LSTM dL/dc' past h' on entry, dL/dc on return.
    func backward(
        _ gates: UnsafePointer<Float>, held: UnsafePointer<Float>, cell: UnsafePointer<Float>, nextGradient: UnsafePointer<Float>,
        gateGradient: UnsafeMutablePointer<Float>, heldGradient: UnsafeMutablePointer<Float>, cellGradient: UnsafeMutablePointer<Float>,
        count: Int
    ) {
        let isWhole = VectorUnit.isAvailable && count % 16 == 0
        switch kind {
        case .gru:
            if isWhole {
                return CellTile.gruBackward(
                    gates, held: held, nextGradient: nextGradient, gateGradient: gateGradient, heldGradient: heldGradient, count: count)
            }
            for i in 0..<count {
                let (r, z, n, m) = (gates[i], gates[count + i], gates[2 * count + i], gates[3 * count + i])
                let d = nextGradient[i]
                let da = d * (1 - z) * (1 - n * n)
                gateGradient[i] = da * m * r * (1 - r)
                gateGradient[count + i] = d * (held[i] - n) * z * (1 - z)
                gateGradient[2 * count + i] = da
                gateGradient[3 * count + i] = da * r
                heldGradient[i] = d * z
            }
        case .lstm:
            if isWhole {
                return CellTile.lstmBackward(
                    gates, cell: cell, nextGradient: nextGradient, gateGradient: gateGradient, cellGradient: cellGradient, count: count)
            }
            for k in 0..<count {
                let (i, f, g, o) = (gates[k], gates[count + k], gates[2 * count + k], gates[3 * count + k])
                let t = gates[4 * count + k]
                let d = nextGradient[k]
                let dc = cellGradient[k] + d * o * (1 - t * t)
                gateGradient[k] = dc * g * i * (1 - i)
                gateGradient[count + k] = dc * cell[k] * f * (1 - f)
                gateGradient[2 * count + k] = dc * i * (1 - g * g)
                gateGradient[3 * count + k] = d * t * o * (1 - o)
                cellGradient[k] = dc * f
            }
        }
    }
}
