import ComplexModule
public import Market
import RealModule

/// Heston prices, deltas and ∂V/∂v of N states, a column each.
public struct HestonColumns: Sendable, Equatable {
    public fileprivate(set) var prices: [Double]
    /// ∂V/∂F at fixed variance.
    public fileprivate(set) var deltas: [Double]
    /// ∂V/∂v, per 1.00 of instantaneous variance.
    public fileprivate(set) var varianceVegas: [Double]

    public init(count: Int = 0) {
        prices = Array(repeating: 0, count: count)
        deltas = prices
        varianceVegas = prices
    }
}

/// Heston's model at one time to expiry, tabulated so that a million states cost interpolations instead of integrals.
///
/// The table's axes are y = ln(F/K)/√m, m the expected total variance (spaced as sinh, dense at the strike), and √v (as
/// sinh, dense where mean reversion takes over). In them the
/// scaled functions V/(K√m) less its intrinsic value softened at the strike, Δ, ∂V/∂v·√m/K are smooth for every variance, and one table serves every strike. Between nodes: cubic
/// Lagrange in both directions. What lies beyond the last node is read
/// at it.
public struct HestonTable: Sendable {
    public let model: HestonModel
    public let timeToExpiry: Double
    public let maximumVariance: Double

    /// 2M + 1 nodes of y, up to `reach` deviations on either side.
    private static let half = 80
    private static let reach = 30.0
    /// y = width·sinh(step·i).
    private static let width = 0.15
    private let step: Double
    private let varianceNodes: Int
    /// √v = rootWidth·sinh(rootStep·i).
    private let rootWidth: Double
    private let rootStep: Double
    /// Call values of the three functions, [varianceNodes, 2M + 1] each.
    private let prices: [Double]
    private let deltas: [Double]
    private let vegas: [Double]

    /// - Parameters:
    ///   - timeToExpiry: Years. Positive.
    ///   - maximumVariance: The largest instantaneous variance that will be asked for.
    ///   - varianceNodes: Nodes of √v from 0 to the largest.
    public init(model: HestonModel, timeToExpiry: Double, maximumVariance: Double, varianceNodes: Int = 65) {
        precondition(timeToExpiry > 0 && maximumVariance > 0 && varianceNodes >= 4)
        precondition(model.volatilityOfVariance > 0 && model.longRunVariance * model.meanReversion > 0)
        self.model = model
        self.timeToExpiry = timeToExpiry
        self.maximumVariance = maximumVariance
        self.varianceNodes = varianceNodes
        let columns = 2 * Self.half + 1
        let step = Double.asinh(Self.reach / Self.width) / Double(Self.half)
        self.step = step
        rootWidth = 2 * (model.meanReversion * model.longRunVariance * timeToExpiry).squareRoot()
        rootStep = Double.asinh(maximumVariance.squareRoot() / rootWidth) / Double(varianceNodes - 1)
        var prices = Array(repeating: 0.0, count: varianceNodes * columns)
        var deltas = prices
        var vegas = prices
        // One set of nodes for either side: A and B do not depend on the state.
        let rays = [-1.0, 1].map { Ray(model: model, years: timeToExpiry, side: $0) }
        for row in 0..<varianceNodes {
            let root = rootWidth * Double.sinh(rootStep * Double(row))
            let variance = root * root
            let deviation = model.expectedTotalVariance(from: variance, years: timeToExpiry).squareRoot()
            let weights = rays.map { $0.weights(variance: variance) }
            for column in 0..<columns {
                let x = deviation * Self.width * Double.sinh(step * Double(column - Self.half))
                let side = x < 0 ? 0 : 1
                let sums = rays[side].sums(weights[side], x: x)
                // At K = 1: √(FK) = e^{x/2}.
                let forward = Double.exp(x)
                let scale = Double.exp(x / 2) / .pi
                prices[row * columns + column] =
                    (forward - scale * sums.value - (forward - 1) * Self.softStep(x / deviation)) / deviation
                deltas[row * columns + column] = 1 - scale / forward * (0.5 * sums.value + sums.slope)
                vegas[row * columns + column] = -scale * sums.variance * deviation
            }
        }
        self.prices = prices
        self.deltas = deltas
        self.vegas = vegas
    }

    /// Fills price, delta and ∂V/∂v of one contract in N states.
    ///
    /// - Parameter variances: Instantaneous variances, N of them. Negative ones count as 0.
    public func fill(_ columns: inout HestonColumns, _ kind: OptionKind, forwards: [Double], strike: Double, variances: [Double]) {
        let count = forwards.count
        precondition(variances.count == count, "\(variances.count) variances for \(count) forwards")
        if columns.prices.count != count { columns = HestonColumns(count: count) }
        let memory = model.memory(timeToExpiry)
        let base = model.longRunVariance * (timeToExpiry - memory)
        let logStrike = Double.log(strike)
        let width = 2 * Self.half + 1
        let put = kind == .put
        prices.withUnsafeBufferPointer { prices in
            deltas.withUnsafeBufferPointer { deltas in
                vegas.withUnsafeBufferPointer { vegas in
                    for n in 0..<count {
                        let forward = forwards[n]
                        let variance = min(max(variances[n], 0), maximumVariance)
                        let deviation = (base + variance * memory).squareRoot()
                        let y = (Double.log(forward) - logStrike) / deviation
                        let inner = min(max(y, -Self.reach), Self.reach)
                        let column = Double.asinh(inner / Self.width) / step + Double(Self.half)
                        let row = Double.asinh(variance.squareRoot() / rootWidth) / rootStep
                        let c = Cubic(at: column, count: width)
                        let r = Cubic(at: row, count: varianceNodes)
                        var price = 0.0
                        var delta = 0.0
                        var vega = 0.0
                        for i in 0..<4 {
                            let offset = (r.first + i) * width + c.first
                            price += r.weights[i] * c.dot(prices, offset)
                            delta += r.weights[i] * c.dot(deltas, offset)
                            vega += r.weights[i] * c.dot(vegas, offset)
                        }
                        price = price * strike * deviation + (forward - strike) * Self.softStep(y)
                        columns.prices[n] = put ? max(price - forward + strike, 0) : max(price, 0)
                        columns.deltas[n] = put ? delta - 1 : delta
                        columns.varianceVegas[n] = vega * strike / deviation
                    }
                }
            }
        }
    }

    /// From 0 to 1 over a few deviations around y = 0: what is tabulated of a price is what (F − K) times this leaves.
    private static func softStep(_ y: Double) -> Double { 1 / (1 + Double.exp(-4 * y)) }

    /// The four nodes around a position and their Lagrange weights.
    private struct Cubic {
        let first: Int
        let weights: SIMD4<Double>

        init(at position: Double, count: Int) {
            first = min(max(Int(position) - 1, 0), count - 4)
            let t = position - Double(first)
            let (a, b, c, d) = (t, t - 1, t - 2, t - 3)
            weights = SIMD4(-b * c * d / 6, a * c * d / 2, -a * b * d / 2, a * b * c / 6)
        }

        func dot(_ table: UnsafeBufferPointer<Double>, _ offset: Int) -> Double {
            weights[0] * table[offset] + weights[1] * table[offset + 1] + weights[2] * table[offset + 2] + weights[3] * table[offset + 3]
        }
    }

    /// The Fourier integral's ray for one side of the strike, by double-exponential quadrature r = e^{t − e^{−t}}.
    private struct Ray {
        var radii: [Double] = []
        var quadrature: [Double] = []
        var a: [Complex<Double>] = []
        var b: [Complex<Double>] = []
        let direction: Complex<Double>

        init(model: HestonModel, years: Double, side: Double) {
            direction = Complex(length: 1, phase: side * min(.pi / 12, Double.acos(model.correlation.magnitude) / 4))
            let spacing = 0.08
            for index in -40..<400 {
                let t = Double(index) * spacing
                let radius = Double.exp(t - Double.exp(-t))
                let exponent = model.exponent(u: Complex(radius) * direction, years: years)
                radii.append(radius)
                quadrature.append(spacing * radius * (1 + Double.exp(-t)))
                a.append(exponent.a)
                b.append(exponent.b)
                if exponent.a.real < -34 { break }
            }
        }

        /// e^{A + Bv}·dr over u² + ¼, that times iu, and that times B, at every node.
        func weights(variance: Double) -> [(value: Complex<Double>, slope: Complex<Double>, variance: Complex<Double>)] {
            radii.indices.map { j in
                let u = Complex(radii[j]) * direction
                let g = Complex.exp(a[j] + b[j] * Complex(variance)) * direction * Complex(quadrature[j]) / (u * u + Complex(0.25))
                return (g, Complex(-u.imaginary, u.real) * g, b[j] * g)
            }
        }

        func sums(
            _ weights: [(value: Complex<Double>, slope: Complex<Double>, variance: Complex<Double>)], x: Double
        ) -> (value: Double, slope: Double, variance: Double) {
            var value = 0.0
            var slope = 0.0
            var variance = 0.0
            let fall = -x * direction.imaginary
            let turn = x * direction.real
            for j in radii.indices {
                let length = Double.exp(fall * radii[j])
                let cosine = length * Double.cos(turn * radii[j])
                let sine = length * Double.sin(turn * radii[j])
                let weight = weights[j]
                value += weight.value.real * cosine - weight.value.imaginary * sine
                slope += weight.slope.real * cosine - weight.slope.imaginary * sine
                variance += weight.variance.real * cosine - weight.variance.imaginary * sine
            }
            return (value, slope, variance)
        }
    }
}
