import ComplexModule
import RealModule

/// Calls of one expiry under `HestonJumpModel`, all strikes at once, with their gradient: what a calibration asks for again and again.
///
/// In coin, at k = ln(K/F),
///
///     call/F = Black(w₀) − e^{k/2}/π ∫₀^∞ Re[e^{−iuk} (φ(u) − φ₀(u))] / (u² + ¼) du,   φ = e^{A + Bv},   φ₀ = e^{−w₀(u² + ¼)/2}
///
/// with w₀ a total variance near the market's, so that the integral is a small correction. Nodes are Gauss-Legendre points of (0, 1) mapped
/// by u = (e^{3y} − 1) · 1.2/√w₀ and stay where they are, so that e^{−iuk} is tabulated once and an evaluation is one φ a node and a
/// product of matrices.
public struct FourierStrip: Sendable {
    public let logMoneyness: [Double]
    /// Years.
    public let timeToExpiry: Double
    private let u: [Double]
    /// [K, 2N]: e^{k/2}/π · weight/(u² + ¼) times cos uk, then times sin uk.
    private let table: [Double]
    /// [K]: Black(w₀) and the integral of φ₀.
    private let level: [Double]

    /// - Parameters:
    ///   - totalVariance: w₀, positive: the smile's at the money.
    ///   - nodes: With 48 prices are exact to 1e-6 of the forward out to five deviations, and mostly to 1e-9; 64 bear a w₀ three times off.
    public init(logMoneyness: [Double], timeToExpiry: Double, totalVariance: Double, nodes: Int = 48) {
        precondition(totalVariance > 0 && timeToExpiry > 0, "total variance \(totalVariance), time to expiry \(timeToExpiry)")
        self.logMoneyness = logMoneyness
        self.timeToExpiry = timeToExpiry
        let scale = 1.2 / totalVariance.squareRoot()
        let points = GaussLegendre.points(nodes).map { point in
            let growth = Double.exp(3 * point.node)
            let u = scale * (growth - 1)
            return (u: u, weight: point.weight * 3 * scale * growth / (u * u + 0.25) / .pi)
        }
        u = points.map(\.u)
        var table: [Double] = []
        table.reserveCapacity(2 * nodes * logMoneyness.count)
        var level: [Double] = []
        let black = points.map { Double.exp(-totalVariance / 2 * ($0.u * $0.u + 0.25)) }
        for k in logMoneyness {
            let factor = Double.exp(k / 2)
            var sum = 0.0
            for (j, point) in points.enumerated() {
                let value = factor * point.weight * Double.cos(point.u * k)
                sum += value * black[j]
                table.append(value)
            }
            for point in points { table.append(factor * point.weight * Double.sin(point.u * k)) }
            level.append(Black76.price(.call, forward: 1, strike: Double.exp(k), totalVariance: totalVariance) + sum)
        }
        self.table = table
        self.level = level
    }

    /// call/F of every strike.
    public func calls(_ model: HestonJumpModel, variance: Double) -> [Double] {
        var prices = [Double](repeating: 0, count: logMoneyness.count)
        prices.withUnsafeMutableBufferPointer { prices in
            guard let prices = prices.baseAddress else { return }
            evaluate(model, variance: variance, parameters: 0, calls: prices, gradient: nil)
        }
        return prices
    }

    /// The same into memory of the caller's, who answers for its size.
    ///
    /// - Parameters:
    ///   - parameters: P, how many of ``HestonJumpModel/Parameter`` to differentiate by: 5, 8 or 10; 0 where no gradient is asked for.
    ///   - calls: [K].
    ///   - gradient: [K, P].
    public func evaluate(
        _ model: HestonJumpModel, variance: Double, parameters: Int, calls: UnsafeMutablePointer<Double>,
        gradient: UnsafeMutablePointer<Double>?
    ) {
        let count = u.count
        let columns = gradient == nil ? 0 : parameters
        // φ and its derivatives: real parts, then imaginary parts, a row each.
        withUnsafeTemporaryAllocation(of: Double.self, capacity: (1 + columns) * 2 * count) { rows in
            withUnsafeTemporaryAllocation(of: Complex<Double>.self, capacity: HestonJumpModel.Parameter.allCases.count) { by in
                let (rows, by) = (rows.baseAddress!, by.baseAddress!)
                for j in 0..<count {
                    let exponent: Complex<Double>
                    if columns > 0 {
                        exponent = model.exponentGradient(u: u[j], years: timeToExpiry, variance: variance, count: columns, gradient: by)
                    } else {
                        let (a, b) = model.exponent(u: Complex(u[j]), years: timeToExpiry)
                        exponent = a + b * Complex(variance)
                    }
                    let value = Complex.exp(exponent)
                    rows[j] = value.real
                    rows[count + j] = value.imaginary
                    for c in 0..<columns {
                        let derivative = by[c] * value
                        rows[(2 * c + 2) * count + j] = derivative.real
                        rows[(2 * c + 3) * count + j] = derivative.imaginary
                    }
                }
                table.withUnsafeBufferPointer { table in
                    for i in level.indices {
                        let own = table.baseAddress! + 2 * count * i
                        calls[i] = level[i] - Self.product(own, rows, count: 2 * count)
                        guard let gradient else { continue }
                        for c in 0..<columns {
                            gradient[columns * i + c] = -Self.product(own, rows + 2 * count * (c + 1), count: 2 * count)
                        }
                    }
                }
            }
        }
    }

    private static func product(_ a: UnsafePointer<Double>, _ b: UnsafePointer<Double>, count: Int) -> Double {
        var sums = (SIMD4<Double>(), SIMD4<Double>())
        var j = 0
        func load(_ x: UnsafePointer<Double>) -> SIMD4<Double> { UnsafeRawPointer(x).loadUnaligned(as: SIMD4<Double>.self) }
        while j + 8 <= count {
            sums.0 += load(a + j) * load(b + j)
            sums.1 += load(a + j + 4) * load(b + j + 4)
            j += 8
        }
        var sum = (sums.0 + sums.1).sum()
        while j < count {
            sum += a[j] * b[j]
            j += 1
        }
        return sum
    }
}
