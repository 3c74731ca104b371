/// Activations of networks with their slopes: z on entry, σ(z) on return, σ'(z) beside it. Only where `VectorUnit.isAvailable`.
extension VectorFunctions {
    public static func tanh(_ values: UnsafeMutablePointer<Float>, slopes: UnsafeMutablePointer<Float>, count: Int) {
        map(values, slopes, count) { z in
            let y = VectorFormulas.tanh(z)
            return (y, fma(-y, y, 1))
        }
    }

    /// z/(1 + e⁻ᶻ).
    public static func silu(_ values: UnsafeMutablePointer<Float>, slopes: UnsafeMutablePointer<Float>, count: Int) {
        map(values, slopes, count) { z in
            let sigmoid = VectorFormulas.logistic(z)
            return (z * sigmoid, sigmoid * fma(z, Vector(repeating: 1) - sigmoid, 1))
        }
    }

    public static func softplus(_ values: UnsafeMutablePointer<Float>, slopes: UnsafeMutablePointer<Float>, count: Int) {
        map(values, slopes, count) { z in (VectorFormulas.softplus(z), VectorFormulas.logistic(z)) }
    }

    @inline(__always)
    private static func map(
        _ values: UnsafeMutablePointer<Float>, _ slopes: UnsafeMutablePointer<Float>, _ count: Int,
        _ function: (Vector) -> (value: Vector, slope: Vector)
    ) {
        let whole = count & ~15
        var i = 0
        while i < whole {
            let (value, slope) = function(Vector(values + i))
            value.store(values + i)
            slope.store(slopes + i)
            i += 16
        }
        guard i < count else { return }
        var rest = Vector()
        for k in i..<count { rest[k - i] = values[k] }
        let (value, slope) = function(rest)
        for k in i..<count {
            values[k] = value[k - i]
            slopes[k] = slope[k - i]
        }
    }
}
