import CVector

/// What happens to the gates of a recurrent cell after its products, element by element over whole registers. Only where
/// `VectorUnit.isAvailable`.
///
/// Gates lie one after another, `count` numbers each, `count` a multiple of sixteen.
///
/// Hot-loop code: the caller answers for the sizes of the memory it points to.
public enum CellTile {
    /// r, z ← σ(·), n ← tanh(a + r ∘ m), h' = n + z ∘ (h − n).
    ///
    /// - Parameters:
    ///   - gates: Sums of r, z, a and m on entry; r, z, n and m on return.
    ///   - held: h.
    ///   - next: h', written.
    public static func gru(
        _ gates: UnsafeMutablePointer<Float>, held: UnsafePointer<Float>, next: UnsafeMutablePointer<Float>, count: Int
    ) {
        for i in stride(from: 0, to: count, by: 16) {
            let r = VectorFormulas.logistic(Vector(gates + i))
            let z = VectorFormulas.logistic(Vector(gates + count + i))
            let n = VectorFormulas.tanh(fma(r, Vector(gates + 3 * count + i), Vector(gates + 2 * count + i)))
            r.store(gates + i)
            z.store(gates + count + i)
            n.store(gates + 2 * count + i)
            fma(z, Vector(held + i) - n, n).store(next + i)
        }
    }

    /// From dL/dh': the gradient of the sums of r, z, a and m, and what reaches h past them.
    ///
    /// - Parameters:
    ///   - gates: As `gru` left them.
    ///   - nextGradient: dL/dh'.
    ///   - gateGradient: Of r, z, a and m, written.
    ///   - heldGradient: z ∘ dL/dh', written.
    public static func gruBackward(
        _ gates: UnsafePointer<Float>, held: UnsafePointer<Float>, nextGradient: UnsafePointer<Float>,
        gateGradient: UnsafeMutablePointer<Float>, heldGradient: UnsafeMutablePointer<Float>, count: Int
    ) {
        let one = Vector(repeating: 1)
        for i in stride(from: 0, to: count, by: 16) {
            let r = Vector(gates + i), z = Vector(gates + count + i), n = Vector(gates + 2 * count + i), m = Vector(gates + 3 * count + i)
            let d = Vector(nextGradient + i)
            let da = d * (one - z) * fma(-n, n, one)
            (da * m * r * (one - r)).store(gateGradient + i)
            (d * (Vector(held + i) - n) * z * (one - z)).store(gateGradient + count + i)
            da.store(gateGradient + 2 * count + i)
            (da * r).store(gateGradient + 3 * count + i)
            (d * z).store(heldGradient + i)
        }
    }

    /// i, f, o ← σ(·), g ← tanh(·), c' = f ∘ c + i ∘ g, h' = o ∘ tanh c'.
    ///
    /// - Parameters:
    ///   - gates: Sums of i, f, g and o on entry; the gates on return, tanh c' and c' written behind them.
    ///   - cell: c.
    ///   - next: h', written.
    public static func lstm(
        _ gates: UnsafeMutablePointer<Float>, cell: UnsafePointer<Float>, next: UnsafeMutablePointer<Float>, count: Int
    ) {
        for k in stride(from: 0, to: count, by: 16) {
            let i = VectorFormulas.logistic(Vector(gates + k))
            let f = VectorFormulas.logistic(Vector(gates + count + k))
            let g = VectorFormulas.tanh(Vector(gates + 2 * count + k))
            let o = VectorFormulas.logistic(Vector(gates + 3 * count + k))
            let c = fma(f, Vector(cell + k), i * g)
            let t = VectorFormulas.tanh(c)
            i.store(gates + k)
            f.store(gates + count + k)
            g.store(gates + 2 * count + k)
            o.store(gates + 3 * count + k)
            t.store(gates + 4 * count + k)
            c.store(gates + 5 * count + k)
            (o * t).store(next + k)
        }
    }

    /// From dL/dh' and what reached c' from the step after: the gradient of the sums of i, f, g and o, and of c.
    ///
    /// - Parameters:
    ///   - gates: As `lstm` left them.
    ///   - nextGradient: dL/dh'.
    ///   - gateGradient: Of i, f, g and o, written.
    ///   - cellGradient: dL/dc' past h' on entry, dL/dc on return.
    public static func lstmBackward(
        _ gates: UnsafePointer<Float>, cell: UnsafePointer<Float>, nextGradient: UnsafePointer<Float>,
        gateGradient: UnsafeMutablePointer<Float>, cellGradient: UnsafeMutablePointer<Float>, count: Int
    ) {
        let one = Vector(repeating: 1)
        for k in stride(from: 0, to: count, by: 16) {
            let i = Vector(gates + k), f = Vector(gates + count + k), g = Vector(gates + 2 * count + k), o = Vector(gates + 3 * count + k)
            let t = Vector(gates + 4 * count + k)
            let d = Vector(nextGradient + k)
            let dc = fma(d * o, fma(-t, t, one), Vector(cellGradient + k))
            (dc * g * i * (one - i)).store(gateGradient + k)
            (dc * Vector(cell + k) * f * (one - f)).store(gateGradient + count + k)
            (dc * i * fma(-g, g, one)).store(gateGradient + 2 * count + k)
            (d * t * o * (one - o)).store(gateGradient + 3 * count + k)
            (dc * f).store(cellGradient + k)
        }
    }
}
