import CVector

/// A no-transaction band over a tile of 64 paths: what is held is moved to the nearest edge of
///
///     [m − s·softplus(below), m + s·softplus(above)],   m = center + s·shift
///
/// and how the loss goes back from there. Only where `VectorUnit.isAvailable`; to the last bit what the plain loop gives that takes
/// its softplus from `VectorFunctions`.
public enum BandTile {
    /// - Parameter shift: Nil where the centre stays.
    public static func forward(
        below: UnsafePointer<Float>, above: UnsafePointer<Float>, shift: UnsafePointer<Float>?, center: UnsafePointer<Float>, scale: Float,
        previous: UnsafePointer<Float>, holdings: UnsafeMutablePointer<Float>
    ) {
        let s = Vector(repeating: scale)
        for i in stride(from: 0, to: DenseTile.samples, by: 16) {
            var middle = Vector(center + i)
            if let shift { middle += s * Vector(shift + i) }
            let low = middle - s * VectorFormulas.softplus(Vector(below + i))
            let high = middle + s * VectorFormulas.softplus(Vector(above + i))
            vector_max(low, vector_min(high, Vector(previous + i))).store(holdings + i)
        }
    }

    /// From dL/dh: dL/d outputs are written, and what reaches the holding before is added to `previousGradient`.
    ///
    /// - Parameter holdings: As `forward` left them: above `previous` where they were raised to the band's lower edge.
    public static func backward(
        below: UnsafePointer<Float>, above: UnsafePointer<Float>, scale: Float, previous: UnsafePointer<Float>,
        holdings: UnsafePointer<Float>, holdingGradient: UnsafePointer<Float>, belowGradient: UnsafeMutablePointer<Float>,
        aboveGradient: UnsafeMutablePointer<Float>, shiftGradient: UnsafeMutablePointer<Float>?,
        previousGradient: UnsafeMutablePointer<Float>
    ) {
        let s = Vector(repeating: scale)
        for i in stride(from: 0, to: DenseTile.samples, by: 16) {
            let gradient = Vector(holdingGradient + i)
            let raised = Vector(holdings + i) - Vector(previous + i)
            let scaled = s * gradient
            let (down, up) = (vector_where_positive(raised, scaled), vector_where_positive(-raised, scaled))
            (-down * VectorFormulas.logistic(Vector(below + i))).store(belowGradient + i)
            (up * VectorFormulas.logistic(Vector(above + i))).store(aboveGradient + i)
            if let shiftGradient { (down + up).store(shiftGradient + i) }
            let traded = vector_where_positive(raised, gradient) + vector_where_positive(-raised, gradient)
            (Vector(previousGradient + i) + (gradient - traded)).store(previousGradient + i)
        }
    }
}
