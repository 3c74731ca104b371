import CVector

/// What holdings earn and trades cost at one step of a tile of 64 paths, and how both go back into the holdings.
/// Only where `VectorUnit.isAvailable`.
///
/// Random trades make a branch on their sign a guess at every path: here both sides are computed. What they give is the plain loop's
/// to the last bit.
public enum HoldingTile {
    /// losses += buying·(next − previous)⁺ + selling·(next − previous)⁻ − next·gains.
    public static func addLosses(
        _ losses: UnsafeMutablePointer<Double>, previous: UnsafePointer<Float>, next: UnsafePointer<Float>, gains: UnsafePointer<Float>,
        buying: UnsafePointer<Float>, selling: UnsafePointer<Float>
    ) {
        for i in stride(from: 0, to: DenseTile.samples, by: 16) {
            let held = Vector(next + i)
            let trade = held - Vector(previous + i)
            let bought = vector_max(trade, Vector()), sold = vector_max(-trade, Vector())
            let loss = (bought * Vector(buying + i) + sold * Vector(selling + i)) - held * Vector(gains + i)
            vector_add_to_doubles(loss, losses + i)
        }
    }

    /// current += weights·(m − gains) and earlier = −weights·m with the marginal cost m: buying where more is held than before, −selling
    /// where less, else 0.
    public static func addGradient(
        previous: UnsafePointer<Float>, next: UnsafePointer<Float>, gains: UnsafePointer<Float>, buying: UnsafePointer<Float>,
        selling: UnsafePointer<Float>, weights: UnsafePointer<Float>, current: UnsafeMutablePointer<Float>,
        earlier: UnsafeMutablePointer<Float>
    ) {
        for i in stride(from: 0, to: DenseTile.samples, by: 16) {
            let trade = Vector(next + i) - Vector(previous + i)
            let marginal = vector_where_positive(trade, Vector(buying + i)) - vector_where_positive(-trade, Vector(selling + i))
            let weight = Vector(weights + i)
            (Vector(current + i) + weight * (marginal - Vector(gains + i))).store(current + i)
            (-weight * marginal).store(earlier + i)
        }
    }
}
