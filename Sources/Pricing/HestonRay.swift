import ComplexModule
import RealModule

/// Nodes of one turned ray, for whole tables of Heston prices with one time to expiry.
///
/// With A and B of `HestonModel.exponent` at the node u, in the unit of the strike and x = ln(F/K):
///
///     call = eˣ − e^{x/2}/π Re Σ p e^{iux + Bv},   ∂call/∂F = 1 − e^{−x/2}/π Re Σ (½ + iu) p e^{iux + Bv},
///     ∂call/∂v = −e^{x/2}/π Re Σ B p e^{iux + Bv},   p = weight · e^A / (u² + ¼)
///
/// Fixed panels of 32 Gauss-Legendre points that double in width: on the turned ray what oscillates faster has died.
public struct HestonRay: Sendable {
    /// u, p and B of each node, real and imaginary parts.
    public private(set) var u: (real: [Double], imaginary: [Double]) = ([], [])
    public private(set) var p: (real: [Double], imaginary: [Double]) = ([], [])
    public private(set) var b: (real: [Double], imaginary: [Double]) = ([], [])

    /// - Parameter positive: The ray for x ≥ 0, or the one for x ≤ 0.
    public init(_ model: HestonModel, years: Double, positive: Bool) {
        let direction = Complex(length: 1, phase: positive ? model.turn : -model.turn)
        var start = 0.0
        var width = 1.0
        while start < 1e7 {
            for (node, weight) in GaussLegendre.points32 {
                let u = Complex(start + width * node) * direction
                let (a, b) = model.exponent(u: u, years: years)
                let p = Complex(width * weight) * direction * Complex.exp(a) / (u * u + Complex(0.25))
                self.u.real.append(u.real)
                self.u.imaginary.append(u.imaginary)
                self.p.real.append(p.real)
                self.p.imaginary.append(p.imaginary)
                self.b.real.append(b.real)
                self.b.imaginary.append(b.imaginary)
            }
            start += width
            width *= 2
        }
    }

    public var count: Int { u.real.count }
}

/// Gauss-Legendre points of (0, 1).
enum GaussLegendre {
    static let points32: [(node: Double, weight: Double)] = points(32)

    /// Newton's method on the Legendre polynomial, from Chebyshev's guess.
    static func points(_ count: Int) -> [(node: Double, weight: Double)] {
        (0..<count).map { index in
            var x = Double.cos(.pi * (Double(index) + 0.75) / (Double(count) + 0.5))
            var slope = 1.0
            for _ in 0..<8 {
                var (before, here) = (1.0, x)
                for degree in 2...count {
                    (before, here) = (here, (Double(2 * degree - 1) * x * here - Double(degree - 1) * before) / Double(degree))
                }
                slope = Double(count) * (x * here - before) / (x * x - 1)
                x -= here / slope
            }
            return (0.5 - 0.5 * x, 1 / ((1 - x * x) * slope * slope))
        }
    }
}
