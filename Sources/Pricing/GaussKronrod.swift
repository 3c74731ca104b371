/// Adaptive integration of four functions at once by the 7 and 15 point Gauss-Kronrod pair.
enum GaussKronrod {
    /// Halves the interval until the two rules agree to `tolerance`, in each component, or 40 times.
    static func integral(
        from low: Double, to high: Double, tolerance: Double, depth: Int = 40, _ f: (Double) -> SIMD4<Double>
    ) -> SIMD4<Double> {
        let centre = 0.5 * (low + high)
        let half = 0.5 * (high - low)
        let middle = f(centre)
        var kronrod = middle * weights[7]
        var gauss = middle * gaussWeights[3]
        for i in 0..<7 {
            let pair = f(centre - half * nodes[i]) + f(centre + half * nodes[i])
            kronrod += pair * weights[i]
            if i % 2 == 1 { gauss += pair * gaussWeights[i / 2] }
        }
        kronrod *= half
        gauss *= half
        let gap = kronrod - gauss
        let error = max(gap[0].magnitude, gap[1].magnitude, gap[2].magnitude, gap[3].magnitude)
        let size = max(kronrod[0].magnitude, kronrod[1].magnitude, kronrod[2].magnitude, kronrod[3].magnitude)
        // The pair's difference overstates the error of the 15 points by far: (200 e)^1.5 is QUADPACK's estimate.
        let scaled = 200 * error / max(size, 1e-300)
        if depth == 0 || error <= tolerance || size * min(1, scaled * scaled.squareRoot()) <= max(tolerance, 1e-15 * size) {
            return kronrod
        }
        return integral(from: low, to: centre, tolerance: tolerance / 2, depth: depth - 1, f)
            + integral(from: centre, to: high, tolerance: tolerance / 2, depth: depth - 1, f)
    }

    /// Positive nodes of the 15-point rule, falling, and 0; odd ones are the 7-point rule's.
    private static let nodes: [Double] = [
        0.991455371120812639206854697526329, 0.949107912342758524526189684047851, 0.864864423359769072789712788640926,
        0.741531185599394439863864773280788, 0.586087235467691130294144691693013, 0.405845151377397166906606412076961,
        0.207784955007898467600689403773245,
    ]
    private static let weights: [Double] = [
        0.022935322010529224963732008058970, 0.063092092629978553290700663189204, 0.104790010322250183839876322541518,
        0.140653259715525918745189590510238, 0.169004726639267902826583426598550, 0.190350578064785409913256402421014,
        0.204432940075298892414161999234649, 0.209482141084727828012999174891714,
    ]
    private static let gaussWeights: [Double] = [
        0.129484966168869693270611432679082, 0.279705391489276667901467771423780, 0.381830050505118944950369775488975,
        0.417959183673469387755102040816327,
    ]
}
