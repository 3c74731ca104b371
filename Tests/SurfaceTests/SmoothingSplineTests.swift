import Surface
import Testing

@Suite struct SmoothingSplineTests {
    static let x = [-0.6, -0.45, -0.2, -0.1, 0.0, 0.05, 0.2, 0.35, 0.6]
    static let y = [0.031, 0.012, -0.004, 0.003, 0.001, -0.002, 0.006, 0.004, 0.022]
    static let weights = [1.0, 2.0, 4.0, 8.0, 10.0, 8.0, 5.0, 2.0, 1.0]

    @Test("A line is its own smoothing spline, at every smoothness", arguments: [1e-6, 1.0, 1e6])
    func line(smoothness: Double) throws {
        let spline = try #require(
            SmoothingSpline(x: Self.x, y: Self.x.map { 0.3 - 2 * $0 }, weights: Self.weights, smoothness: smoothness))
        for (value, x) in zip(spline.values, Self.x) { #expect((value - 0.3 + 2 * x).magnitude < 1e-11) }
        #expect(spline.curvatures.allSatisfy { $0.magnitude < 1e-8 })
    }

    @Test("Without smoothness the spline runs through the points")
    func interpolation() throws {
        let spline = try #require(SmoothingSpline(x: Self.x, y: Self.y, weights: Self.weights, smoothness: 0))
        for (value, y) in zip(spline.values, Self.y) { #expect((value - y).magnitude < 1e-15) }
    }

    /// λ, s and s″ by `Tests/References/smoothing-spline.py`.
    static let references: [(Double, [Double], [Double])] = [
        (
            1e-4,
            [
                0.03090870810571, 0.0118404970857, -0.003263987518223, 0.00254430128766, 0.0007178723688929, -0.001274596730499,
                0.005380282996982, 0.004763209294922, 0.0217020540748,
            ],
            [0, 0.1369378414, 1.162682149, -1.371070056, -0.2592325611, 1.707324342, -1.097844184, 0.744864813, 0]
        ),
        (
            1e-2,
            [
                0.02365243328038, 0.01305735123526, 0.001583446884698, 0.0003818941032424, 0.0002296808492696, 0.0005523421872778,
                0.003442138335513, 0.007796676139277, 0.01832433393733,
            ],
            [0, 0.1102135008, 0.241035107, 0.07002587412, 0.108465113, 0.1662006899, 0.03312635833, 0.09189165157, 0]
        ),
    ]

    @Test("Values and second derivatives are SciPy's", arguments: 0..<2)
    func reference(number: Int) throws {
        let (smoothness, values, curvatures) = Self.references[number]
        let spline = try #require(SmoothingSpline(x: Self.x, y: Self.y, weights: Self.weights, smoothness: smoothness))
        for (found, expected) in zip(spline.values, values) { #expect((found - expected).magnitude < 1e-13) }
        for (found, expected) in zip(spline.curvatures, curvatures) { #expect((found - expected).magnitude < 1e-8) }
    }

    @Test("Cross-validation smooths noise away and keeps a bend")
    func crossValidation() throws {
        let x = (0..<40).map { Double($0) / 39 }
        let sign = (0..<40).map { $0 % 2 == 0 ? 1.0 : -1 }
        let noise = try #require(SmoothingSpline(x: x, y: sign.map { 0.01 * $0 }, weights: x.map { _ in 1 }))
        #expect(noise.values.allSatisfy { $0.magnitude < 0.003 })
        let bend = try #require(
            SmoothingSpline(x: x, y: zip(x, sign).map { ($0 - 0.5) * ($0 - 0.5) + 0.001 * $1 }, weights: x.map { _ in 1 }))
        for (value, x) in zip(bend.values, x) { #expect((value - (x - 0.5) * (x - 0.5)).magnitude < 0.002) }
    }

    @Test(
        "Slope and curvature are derivatives between and beyond the knots; far out nothing is left",
        arguments: [-1.7, -0.61, -0.3, 0.01, 0.5, 0.8, 1.6])
    func derivatives(k: Double) throws {
        let base = SVISlice(a: 0.02, b: 0.1, rho: -0.3, m: 0, sigma: 0.2)
        let smile = SplineSmile(base: base, residual: try #require(SmoothingSpline(x: Self.x, y: Self.y, weights: Self.weights)))
        let h = 1e-5
        let w = { smile.totalVariance(atLogMoneyness: $0) }
        #expect((smile.slope(atLogMoneyness: k) - (w(k + h) - w(k - h)) / (2 * h)).magnitude < 1e-8)
        let slope = { smile.slope(atLogMoneyness: $0) }
        #expect((smile.curvature(atLogMoneyness: k) - (slope(k + h) - slope(k - h)) / (2 * h)).magnitude < 1e-6)
        #expect(smile.totalVariance(atLogMoneyness: 1.9) == base.totalVariance(atLogMoneyness: 1.9))
        // Value and slope pass the outer knots without a jump.
        for end in [-0.6, 0.6] {
            #expect((w(end + 1e-9) - w(end - 1e-9)).magnitude < 1e-8)
            #expect((slope(end + 1e-9) - slope(end - 1e-9)).magnitude < 1e-6)
        }
    }

    @Test("Points that are no function, or too few, have no spline")
    func refused() {
        #expect(SmoothingSpline(x: [0, 1], y: [0, 1], weights: [1, 1]) == nil)
        #expect(SmoothingSpline(x: [0, 1, 1], y: [0, 1, 2], weights: [1, 1, 1]) == nil)
        #expect(SmoothingSpline(x: [0, 1, 2], y: [0, .nan, 2], weights: [1, 1, 1]) == nil)
        #expect(SmoothingSpline(x: [0, 1, 2], y: [0, 1, 2], weights: [1, 0, 1]) == nil)
    }
}
