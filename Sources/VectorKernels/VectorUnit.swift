import CVector

/// Sixteen floats: one AVX-512 register.
typealias Vector = SIMD16<Float>

/// Whether this module's code can run here. It is compiled for x86-64-v4 whatever the rest is compiled for, so
/// everything else in it may only be called where this says so.
public enum VectorUnit {
    public static let isAvailable = vector_has_avx512() != 0
}

extension Vector {
    /// Lanes in memory order, at any alignment.
    @inline(__always)
    init(_ source: UnsafePointer<Float>) { self = UnsafeRawPointer(source).loadUnaligned(as: Vector.self) }

    @inline(__always)
    func store(_ target: UnsafeMutablePointer<Float>) { UnsafeMutableRawPointer(target).storeBytes(of: self, as: Vector.self) }
}

/// a·b + c in one rounding.
@inline(__always)
func fma(_ a: Vector, _ b: Vector, _ c: Vector) -> Vector { c.addingProduct(a, b) }

/// a·b + c with a constant c.
@inline(__always)
func fma(_ a: Vector, _ b: Vector, _ c: Float) -> Vector { Vector(repeating: c).addingProduct(a, b) }
