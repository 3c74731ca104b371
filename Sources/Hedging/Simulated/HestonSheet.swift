import LinearAlgebra
import Pricing
import RealModule
import VectorKernels

/// Figures of a call under Heston's variance, with jumps or without, for one time to expiry, on a grid of ln(S/K) and √v, in the unit of
/// the strike.
///
/// The grid is even in asinh(ln(S/K)/s) and asinh(√v/r) with small s and r, so that it is as fine as the law is narrow. Between
/// its points all figures are cubic. Filled by products of whole matrices; the adaptive `HestonJumpModel.greeks` is the plain version.
struct HestonSheet: Sendable {
    /// The figures of N states. Delta and variance vega are the model's, of a call.
    struct Columns {
        var impliedVolatility: [Double]
        /// ∂σ/∂k at fixed variance, k = ln(K/S).
        var smileSlope: [Double]
        /// ∂C/∂S at fixed variance.
        var delta: [Double]
        /// ∂C/∂v / K.
        var varianceVega: [Double]
        /// E[ΔC (e^J − 1)] / S over one jump; empty without jumps.
        var jumpCovariance: [Double]
    }

    private static let narrowest = 5e-4
    private static let widest = 1.0
    private static let narrowestRoot = 0.02
    private static let moneynessNodes = 137
    private static let varianceNodes = 64
    /// Below this share of the strike an out-of-the-money price has no digits left for a volatility.
    private static let smallestPrice = 1e-11

    private let moneynessStep: Double
    private let rootStep: Double
    /// The four figures at node (i, j), at i * varianceNodes + j.
    private let figures: [SIMD4<Double>]
    /// The jumps' covariance likewise; empty without jumps.
    private let jumpCovariances: [Double]
    /// The same in `Float`, table by table, and their grid: what tiles of training read.
    private let tables: [Float]
    let tile: SheetTile

    /// The figures in the order of the tables.
    enum Figure: Int { case impliedVolatility, smileSlope, delta, varianceVega }

    init(_ model: HestonJumpModel, timeToExpiry: Double, largestVariance: Double) {
        let (rows, columns) = (Self.moneynessNodes, Self.varianceNodes)
        let half = Double.asinh(Self.widest / Self.narrowest)
        moneynessStep = 2 * half / Double(rows - 1)
        rootStep = Double.asinh(largestVariance.squareRoot() / Self.narrowestRoot) / Double(columns - 1)
        let (moneynessStep, rootStep) = (moneynessStep, rootStep)
        let logs = (0..<rows).map { Self.narrowest * Double.sinh(-half + moneynessStep * Double($0)) }
        let variances = (0..<columns).map { index in
            let root = Self.narrowestRoot * Double.sinh(rootStep * Double(index))
            return root * root
        }
        var figures = [SIMD4<Double>](repeating: .zero, count: rows * columns)
        let square = model.meanSquaredGrowth
        var jumpCovariances = [Double](repeating: 0, count: model.jumpIntensity > 0 ? rows * columns : 0)
        for positive in [false, true] {
            let ray = HestonRay(model, years: timeToExpiry, positive: positive)
            // The middle of the grid is zero but for rounding.
            let turning = ray.shift == 0 ? rows / 2 : logs.firstIndex { $0 + ray.shift >= 0 } ?? rows
            let side = positive ? turning..<rows : 0..<turning
            guard !side.isEmpty else { continue }
            let sums = Self.sums(ray, logs: logs[side].map { $0 + ray.shift }, variances: variances)
            for i in side {
                let (x, spot, root) = (logs[i], Double.exp(logs[i]), Double.exp(logs[i] / 2))
                for j in 0..<columns {
                    let place = (i - side.lowerBound) * columns + j
                    let call = spot - root / .pi * sums.price[place]
                    let price = x > 0 ? call - spot + 1 : call
                    let node = i * columns + j
                    // Where the price is lost in rounding the volatility is filled from its neighbour below.
                    figures[node][0] =
                        price > Self.smallestPrice
                        ? (try? ImpliedVolatility.volatility(
                            x > 0 ? .put : .call, price: price, forward: spot, strike: 1, timeToExpiry: timeToExpiry)) ?? 0 : 0
                    figures[node][2] = min(max(1 - (0.5 * sums.price[place] + sums.slope[place]) / (.pi * root), 0), 1)
                    figures[node][3] = max(-root / .pi * sums.vega[place], 0)
                    if !sums.jump.isEmpty { jumpCovariances[node] = square - sums.jump[place] / (.pi * root) }
                }
            }
        }
        for j in 0..<columns {
            func node(_ i: Int) -> Int { i * columns + j }
            let middle = rows / 2
            let fallback = (model.heston.expectedTotalVariance(from: variances[j], years: timeToExpiry) / timeToExpiry).squareRoot()
            if figures[node(middle)][0] == 0 { figures[node(middle)][0] = fallback }
            for i in middle + 1..<rows where figures[node(i)][0] == 0 { figures[node(i)][0] = figures[node(i - 1)][0] }
            for i in (0..<middle).reversed() where figures[node(i)][0] == 0 { figures[node(i)][0] = figures[node(i + 1)][0] }
            for i in 1..<rows - 1 {
                figures[node(i)][1] = -(figures[node(i + 1)][0] - figures[node(i - 1)][0]) / (logs[i + 1] - logs[i - 1])
            }
        }
        self.figures = figures
        self.jumpCovariances = jumpCovariances
        tables = (0..<4).flatMap { k in figures.map { Float($0[k]) } }
        tile = SheetTile(
            rows: rows, columns: columns, narrowest: Self.narrowest, narrowestRoot: Self.narrowestRoot, rowStep: moneynessStep,
            columnStep: rootStep)
    }

    /// A figure of the 64 states whose places `tile` found: to some 1e-6 of what `columns` gives.
    func read(_ figure: Figure, _ places: SheetTile.Places, to row: UnsafeMutablePointer<Float>) {
        let (low, high): (Float, Float) =
            switch figure {
            case .impliedVolatility, .varianceVega: (0, .infinity)
            case .smileSlope: (-.infinity, .infinity)
            case .delta: (0, 1)
            }
        tables.withUnsafeBufferPointer {
            tile.read($0.baseAddress! + figure.rawValue * (tables.count / 4), places, to: row, low: low, high: high)
        }
    }

    /// Re Σ p e^{iux + Bv}, Re Σ iu p e^{iux + Bv}, Re Σ B p e^{iux + Bv}, Re Σ j p e^{iux + Bv}: [logs, variances] each, the last empty
    /// without jumps.
    ///
    /// - Parameter logs: x, with the ray's shift.
    private static func sums(
        _ ray: HestonRay, logs: [Double], variances: [Double]
    ) -> (price: [Double], slope: [Double], vega: [Double], jump: [Double]) {
        let (rows, nodes, columns) = (logs.count, ray.count, variances.count)
        // e^{iux} as [rows, 2 nodes]: real parts beside minus the imaginary ones, so that one real product is Re of the complex one.
        var left = [Double](repeating: 0, count: rows * 2 * nodes)
        var slopeLeft = left
        for i in 0..<rows {
            for n in 0..<nodes {
                let size = Double.exp(-ray.u.imaginary[n] * logs[i])
                let (c, s) = (size * Double.cos(ray.u.real[n] * logs[i]), size * Double.sin(ray.u.real[n] * logs[i]))
                left[(i * 2) * nodes + n] = c
                left[(i * 2 + 1) * nodes + n] = -s
                slopeLeft[(i * 2) * nodes + n] = -ray.u.imaginary[n] * c - ray.u.real[n] * s
                slopeLeft[(i * 2 + 1) * nodes + n] = ray.u.imaginary[n] * s - ray.u.real[n] * c
            }
        }
        var right = [Double](repeating: 0, count: 2 * nodes * columns)
        var vegaRight = right
        let hasJumps = !ray.j.real.isEmpty
        var jumpRight = hasJumps ? right : []
        for n in 0..<nodes {
            for j in 0..<columns {
                let size = Double.exp(ray.b.real[n] * variances[j])
                let (c, s) = (size * Double.cos(ray.b.imaginary[n] * variances[j]), size * Double.sin(ray.b.imaginary[n] * variances[j]))
                let real = ray.p.real[n] * c - ray.p.imaginary[n] * s
                let imaginary = ray.p.real[n] * s + ray.p.imaginary[n] * c
                right[n * columns + j] = real
                right[(nodes + n) * columns + j] = imaginary
                vegaRight[n * columns + j] = ray.b.real[n] * real - ray.b.imaginary[n] * imaginary
                vegaRight[(nodes + n) * columns + j] = ray.b.real[n] * imaginary + ray.b.imaginary[n] * real
                guard hasJumps else { continue }
                jumpRight[n * columns + j] = ray.j.real[n] * real - ray.j.imaginary[n] * imaginary
                jumpRight[(nodes + n) * columns + j] = ray.j.real[n] * imaginary + ray.j.imaginary[n] * real
            }
        }
        func product(_ a: [Double], _ b: [Double]) -> [Double] {
            var result = [Double](repeating: 0, count: rows * columns)
            Double.gemm(
                transposeA: false, transposeB: false, m: rows, n: columns, k: 2 * nodes, alpha: 1, a, lda: 2 * nodes, b, ldb: columns,
                beta: 0, &result, ldc: columns)
            return result
        }
        return (product(left, right), product(slopeLeft, right), product(left, vegaRight), hasJumps ? product(left, jumpRight) : [])
    }

    /// - Parameter moneyness: ln(S/K).
    func columns(moneyness: [Double], variance: [Double]) -> Columns {
        let count = moneyness.count
        var columns = Columns(
            impliedVolatility: [Double](repeating: 0, count: count), smileSlope: [Double](repeating: 0, count: count),
            delta: [Double](repeating: 0, count: count), varianceVega: [Double](repeating: 0, count: count),
            jumpCovariance: [Double](repeating: 0, count: jumpCovariances.isEmpty ? 0 : count))
        figures.withUnsafeBufferPointer { figures in
            for n in 0..<count {
                let place = Double.asinh(moneyness[n] / Self.narrowest) / moneynessStep + Double(Self.moneynessNodes / 2)
                let (i, a) = Self.weights(place, count: Self.moneynessNodes)
                let (j, b) = Self.weights(
                    Double.asinh(variance[n].squareRoot() / Self.narrowestRoot) / rootStep, count: Self.varianceNodes)
                var sum = SIMD4<Double>()
                for row in 0..<4 {
                    let base = (i + row) * Self.varianceNodes + j
                    var line = figures[base] * b[0]
                    line += figures[base + 1] * b[1]
                    line += figures[base + 2] * b[2]
                    line += figures[base + 3] * b[3]
                    sum += line * a[row]
                }
                columns.impliedVolatility[n] = max(sum[0], 0)
                columns.smileSlope[n] = sum[1]
                columns.delta[n] = min(max(sum[2], 0), 1)
                columns.varianceVega[n] = max(sum[3], 0)
                guard !jumpCovariances.isEmpty else { continue }
                for row in 0..<4 {
                    let base = (i + row) * Self.varianceNodes + j
                    for column in 0..<4 { columns.jumpCovariance[n] += a[row] * b[column] * jumpCovariances[base + column] }
                }
            }
        }
        return columns
    }

    /// The first of four nodes and the weights of Lagrange's cubic through them; beyond the grid, the edge's value. NaN stays NaN.
    @inline(__always)
    private static func weights(_ place: Double, count: Int) -> (Int, SIMD4<Double>) {
        let place = min(max(place, 0), Double(count - 1))
        let first = place >= 1 ? min(Int(place) - 1, count - 4) : 0
        let t = place - Double(first)
        let (t1, t2, t3) = (t - 1, t - 2, t - 3)
        var weights = SIMD4<Double>()
        weights[0] = -t1 * t2 * t3 / 6
        weights[1] = t * t2 * t3 / 2
        weights[2] = -t * t1 * t3 / 2
        weights[3] = t * t1 * t2 / 6
        return (first, weights)
    }
}
