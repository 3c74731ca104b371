import ComplexModule
import RealModule

/// Nodes of one turned ray, for whole tables of Heston prices with one time to expiry.
///
/// With A and B of `HestonJumpModel.exponent` at the node u, in the unit of the strike and x = ln(F/K):
///
///     call = eˣ − e^{x/2}/π Re Σ p e^{iux + Bv},   ∂call/∂F = 1 − e^{−x/2}/π Re Σ (½ + iu) p e^{iux + Bv},
///     ∂call/∂v = −e^{x/2}/π Re Σ B p e^{iux + Bv},   p = weight · e^A / (u² + ¼)
///     E[Δcall (e^J − 1)] / F = m₂ − e^{−x/2}/π Re Σ j p e^{iux + Bv},   j = M(s + 1, B) − M(s, B) − k,   s = ½ + iu
///
/// the last over one jump, M(s, b) = E e^{sJ + bY} its transform, k = E e^J − 1 and m₂ = E(e^J − 1)². What the drift gives up for the
/// jumps moves x: in all four sums e^{iux} stands for e^{iu(x + shift)}, and p is without that.
///
/// Fixed panels of 32 Gauss-Legendre points that grow with their distance: on the turned ray what oscillates faster has died.
public struct HestonRay: Sendable {
    /// u, p and B of each node, real and imaginary parts.
    public private(set) var u: (real: [Double], imaginary: [Double]) = ([], [])
    public private(set) var p: (real: [Double], imaginary: [Double]) = ([], [])
    public private(set) var b: (real: [Double], imaginary: [Double]) = ([], [])
    /// −λkT.
    public let shift: Double
    /// j of each node; empty without jumps.
    public private(set) var j: (real: [Double], imaginary: [Double]) = ([], [])

    /// - Parameters:
    ///   - model: With a `rayTurn`.
    ///   - positive: The ray for x + shift ≥ 0, or the one for x + shift ≤ 0.
    public init(_ model: HestonJumpModel, years: Double, positive: Bool) {
        guard let turn = model.rayTurn else { preconditionFailure("no ray for jumps of one size: deviation \(model.jumpVolatility)") }
        let direction = Complex(length: 1, phase: positive ? turn : -turn)
        // The less the ray is turned, the longer its oscillations live.
        let growth = model.jumpIntensity > 0 ? min(1, turn / (.pi / 12)) : 1
        shift = model.jumpIntensity > 0 ? -model.jumpIntensity * model.meanGrowth * years : 0
        var start = 0.0
        var width = 1.0
        while start < 1e7 {
            for (node, weight) in GaussLegendre.points32 {
                let u = Complex(start + width * node) * direction
                let (a, b) = model.exponent(u: u, years: years)
                let centred = a - Complex(-u.imaginary, u.real) * Complex(shift)
                let p = Complex(width * weight) * direction * Complex.exp(centred) / (u * u + Complex(0.25))
                self.u.real.append(u.real)
                self.u.imaginary.append(u.imaginary)
                self.p.real.append(p.real)
                self.p.imaginary.append(p.imaginary)
                self.b.real.append(b.real)
                self.b.imaginary.append(b.imaginary)
                guard model.jumpIntensity > 0 else { continue }
                let s = Complex(0.5 - u.imaginary, u.real)
                let j = model.jumpMoment(s + 1, b) - model.jumpMoment(s, b) - Complex(model.meanGrowth)
                self.j.real.append(j.real)
                self.j.imaginary.append(j.imaginary)
            }
            start += width
            width = 1 + growth * start
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
