import CVector

/// Eight doubles: one AVX-512 register.
typealias Lanes = SIMD8<Double>
typealias LanesMask = SIMDMask<SIMD8<Int64>>

extension Lanes {
    /// Lanes in memory order, at any alignment.
    @inline(__always)
    init(_ source: UnsafePointer<Double>) { self = UnsafeRawPointer(source).loadUnaligned(as: Lanes.self) }

    @inline(__always)
    func store(_ target: UnsafeMutablePointer<Double>) { UnsafeMutableRawPointer(target).storeBytes(of: self, as: Lanes.self) }

    /// self − a·b in one rounding.
    @inline(__always)
    func subtractingProduct(_ a: Lanes, _ b: Lanes) -> Lanes { addingProduct(-a, b) }
}

/// a·b + c in one rounding.
@inline(__always)
func fma(_ a: Lanes, _ b: Lanes, _ c: Lanes) -> Lanes { c.addingProduct(a, b) }

/// a·b + c with a constant c.
@inline(__always)
func fma(_ a: Lanes, _ b: Lanes, _ c: Double) -> Lanes { Lanes(repeating: c).addingProduct(a, b) }

/// Sums of two doubles, the second below half a unit in the last place of the first.
///
/// References: Dekker, *A floating-point technique for extending the available precision*, Numerische Mathematik 18 (1971); Knuth,
/// *The art of computer programming* 2, 4.2.2.
struct WideLanes {
    let high: Lanes
    let low: Lanes

    @inline(__always)
    init(high: Lanes, low: Lanes) {
        self.high = high
        self.low = low
    }

    @inline(__always)
    init(_ x: Lanes) { self.init(high: x, low: Lanes()) }

    /// a + b, exactly.
    @inline(__always)
    init(sum a: Lanes, _ b: Lanes) {
        high = a + b
        let other = high - a
        low = (a - (high - other)) + (b - other)
    }

    /// a + b with |a| ≥ |b| or a zero, exactly.
    @inline(__always)
    init(ordered a: Lanes, _ b: Lanes) {
        high = a + b
        low = b - (high - a)
    }

    /// a·b, exactly.
    @inline(__always)
    init(product a: Lanes, _ b: Lanes) {
        high = a * b
        low = (-high).addingProduct(a, b)
    }

    @inline(__always)
    static func - (a: WideLanes, b: WideLanes) -> WideLanes {
        let sum = WideLanes(sum: a.high, -b.high)
        return WideLanes(ordered: sum.high, sum.low + (a.low - b.low))
    }

    @inline(__always)
    static func * (a: WideLanes, b: WideLanes) -> WideLanes {
        let product = WideLanes(product: a.high, b.high)
        return WideLanes(ordered: product.high, product.low + fma(a.high, b.low, a.low * b.high))
    }

    /// self/b, given 1/b.
    @inline(__always)
    func quotient(_ b: Lanes, reciprocal: Lanes) -> WideLanes {
        let quotient = high * reciprocal
        return WideLanes(ordered: quotient, (high.subtractingProduct(quotient, b) + low) * reciprocal)
    }

    /// Zero in some lanes.
    @inline(__always)
    func clearing(where mask: LanesMask) -> WideLanes {
        WideLanes(high: high.replacing(with: Lanes(), where: mask), low: low.replacing(with: Lanes(), where: mask))
    }

    @inline(__always)
    func replacing(with other: WideLanes, where mask: LanesMask) -> WideLanes {
        WideLanes(high: high.replacing(with: other.high, where: mask), low: low.replacing(with: other.low, where: mask))
    }

    /// Times ±1.
    @inline(__always)
    func signed(_ sign: Lanes) -> WideLanes { WideLanes(high: high * sign, low: low * sign) }
}
