import CVector

/// Functions of every element of a buffer, in `Float` unless said otherwise, with relative errors of a few units in the last
/// place unless said otherwise. A result may overwrite its argument. Only where `VectorUnit.isAvailable`.
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

    /// eˣ in `Double`: zero below −700, and arguments above 700 are cut there.
    public static func exp(_ x: UnsafePointer<Double>, to y: UnsafeMutablePointer<Double>, count: Int) {
        @inline(__always)
        func cutExp(_ x: SIMD8<Double>) -> SIMD8<Double> {
            let least = SIMD8<Double>(repeating: -700)
            return VectorFormulas.exp(lanes_min(lanes_max(x, least), SIMD8(repeating: 700))).replacing(with: 0, where: x .< least)
        }
        let whole = count & ~7
        for i in stride(from: 0, to: whole, by: 8) {
            let values = cutExp(UnsafeRawPointer(x + i).loadUnaligned(as: SIMD8<Double>.self))
            UnsafeMutableRawPointer(y + i).storeBytes(of: values, as: SIMD8<Double>.self)
        }
        guard whole < count else { return }
        var rest = SIMD8<Double>()
        for k in whole..<count { rest[k - whole] = x[k] }
        rest = cutExp(rest)
        for k in whole..<count { y[k] = rest[k - whole] }
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
