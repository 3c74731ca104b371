/// Functions of every element of a buffer in `Float`, with relative errors of a few units in the last place unless said
/// otherwise. A result may overwrite its argument. Only where `VectorUnit.isAvailable`.
///
/// The caller answers for the sizes of the memory it points to.
public enum VectorFunctions {
    /// eˣ; arguments are cut to −87...88, where the result leaves the normal numbers.
    public static func exp(_ x: UnsafePointer<Float>, to y: UnsafeMutablePointer<Float>, count: Int) {
        map(x, y, count) { VectorFormulas.exp($0) }
    }

    /// eˣ − 1, without cancellation near zero.
    public static func expMinusOne(_ x: UnsafePointer<Float>, to y: UnsafeMutablePointer<Float>, count: Int) {
        map(x, y, count) { VectorFormulas.expMinusOne($0) }
    }

    /// ln x of positive normal numbers.
    public static func log(_ x: UnsafePointer<Float>, to y: UnsafeMutablePointer<Float>, count: Int) {
        map(x, y, count) { VectorFormulas.log($0) }
    }

    public static func tanh(_ x: UnsafePointer<Float>, to y: UnsafeMutablePointer<Float>, count: Int) {
        map(x, y, count) { VectorFormulas.tanh($0) }
    }

    /// 1/(1 + e⁻ˣ).
    public static func logistic(_ x: UnsafePointer<Float>, to y: UnsafeMutablePointer<Float>, count: Int) {
        map(x, y, count) { VectorFormulas.logistic($0) }
    }

    /// ln(1 + eˣ).
    public static func softplus(_ x: UnsafePointer<Float>, to y: UnsafeMutablePointer<Float>, count: Int) {
        map(x, y, count) { VectorFormulas.softplus($0) }
    }

    /// x/(1 + e⁻ˣ).
    public static func silu(_ x: UnsafePointer<Float>, to y: UnsafeMutablePointer<Float>, count: Int) {
        map(x, y, count) { $0 * VectorFormulas.logistic($0) }
    }

    /// N(x); the error is below 3e-7 absolutely, not relatively.
    public static func normalCDF(_ x: UnsafePointer<Float>, to y: UnsafeMutablePointer<Float>, count: Int) {
        map(x, y, count) { VectorFormulas.normalCDF($0) }
    }

    /// N⁻¹(p) for 0 < p < 1.
    public static func normalQuantile(_ p: UnsafePointer<Float>, to x: UnsafeMutablePointer<Float>, count: Int) {
        map(p, x, count) { VectorFormulas.normalQuantile($0) }
    }

    @inline(__always)
    static func map(
        _ x: UnsafePointer<Float>, _ y: UnsafeMutablePointer<Float>, _ count: Int, _ function: (Vector) -> Vector
    ) {
        let whole = count & ~15
        var i = 0
        while i < whole {
            function(Vector(x + i)).store(y + i)
            i += 16
        }
        guard i < count else { return }
        // Every function here is at home at 1/2.
        var rest = Vector(repeating: 0.5)
        for k in i..<count { rest[k - i] = x[k] }
        rest = function(rest)
        for k in i..<count { y[k] = rest[k - i] }
    }
}
