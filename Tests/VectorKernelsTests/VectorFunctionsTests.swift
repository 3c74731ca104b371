import RealModule
import Testing
import VectorKernels

/// Against the same functions in `Double`. Skipped on processors that the kernels do not run on.
@Suite(.enabled(if: VectorUnit.isAvailable)) struct VectorFunctionsTests {
    typealias Kernel = @Sendable (UnsafePointer<Float>, UnsafeMutablePointer<Float>, Int) -> Void

    struct Case: CustomStringConvertible, Sendable {
        let description: String
        let kernel: Kernel
        let exact: @Sendable (Double) -> Double
        let range: ClosedRange<Float>
        /// Largest error allowed relative to the value, or of the value itself.
        var relative: Double = 0
        var absolute: Double = 0
    }

    static let cases: [Case] = [
        Case(description: "exp", kernel: VectorFunctions.exp, exact: { Double.exp($0) }, range: -86...87, relative: 2e-7),
        Case(
            description: "expMinusOne", kernel: VectorFunctions.expMinusOne, exact: { Double.expMinusOne($0) }, range: -20...20,
            relative: 3e-7),
        Case(
            description: "expMinusOne near zero", kernel: VectorFunctions.expMinusOne, exact: { Double.expMinusOne($0) },
            range: -1e-3...1e-3, relative: 2e-7),
        Case(description: "log", kernel: VectorFunctions.log, exact: { Double.log($0) }, range: 2...1e30, relative: 2e-7),
        Case(description: "log below one", kernel: VectorFunctions.log, exact: { Double.log($0) }, range: 1e-30...0.5, relative: 2e-7),
        Case(description: "log near one", kernel: VectorFunctions.log, exact: { Double.log($0) }, range: 0.5...2, relative: 3e-7),
        Case(description: "tanh", kernel: VectorFunctions.tanh, exact: { Double.tanh($0) }, range: -30...30, relative: 3e-7),
        Case(description: "tanh near zero", kernel: VectorFunctions.tanh, exact: { Double.tanh($0) }, range: -0.01...0.01, relative: 3e-7),
        Case(
            description: "logistic", kernel: VectorFunctions.logistic, exact: { 1 / (1 + Double.exp(-$0)) }, range: -80...80,
            relative: 3e-7),
        Case(
            description: "softplus", kernel: VectorFunctions.softplus,
            exact: { max($0, 0) + Double.log(onePlus: Double.exp(-$0.magnitude)) },
            range: -80...80, relative: 4e-7),
        Case(description: "silu", kernel: VectorFunctions.silu, exact: { $0 / (1 + Double.exp(-$0)) }, range: -80...80, relative: 3e-7),
        Case(
            description: "normalCDF", kernel: VectorFunctions.normalCDF, exact: { 0.5 * Double.erfc(-$0 / 2.0.squareRoot()) },
            range: -9...9, absolute: 3e-7),
    ]

    @Test("exp in Double is right to units in the last place, zero far below, whatever the count", arguments: [1, 7, 8, 1000, 100_003])
    func doubleExp(count: Int) {
        var x = (0..<count).map { 1400 * Double($0) / Double(max(1, count - 1)) - 700 }
        let exact = x.map { Double.exp($0) }
        x.withUnsafeMutableBufferPointer { VectorFunctions.exp($0.baseAddress!, to: $0.baseAddress!, count: count) }
        for (found, expected) in zip(x, exact) { #expect((found / expected - 1).magnitude < 1e-15) }
        var ends = [-1e300, -701, 0, 709, 1e300]
        ends.withUnsafeMutableBufferPointer { VectorFunctions.exp($0.baseAddress!, to: $0.baseAddress!, count: $0.count) }
        #expect(Array(ends[..<3]) == [0, 0, 1] && ends[3...].allSatisfy { $0 > 1e303 && $0.isFinite })
    }

    @Test("every function is within a few units of its value in Double", arguments: cases)
    func accuracy(_ one: Case) {
        let count = 100_003
        let x = (0..<count).map { k in
            let share = Float(k) / Float(count - 1)
            return one.range.lowerBound + (one.range.upperBound - one.range.lowerBound) * share
        }
        var y = [Float](repeating: .nan, count: count)
        one.kernel(x, &y, count)
        var worst = 0.0
        for k in 0..<count {
            let exact = one.exact(Double(x[k]))
            let error = (Double(y[k]) - exact).magnitude
            let distance = one.absolute > 0 ? error / one.absolute : error / (exact.magnitude * one.relative + 1e-44)
            #expect(!distance.isNaN)
            worst = max(worst, distance)
        }
        #expect(worst <= 1, "\(one): \(worst) times the tolerance")
    }

    @Test("values with slopes are the values, and the slopes their central differences", arguments: [1, 16, 45])
    func slopes(count: Int) {
        typealias Sloped = (UnsafeMutablePointer<Float>, UnsafeMutablePointer<Float>, Int) -> Void
        let all: [(Sloped, (Double) -> Double)] = [
            ({ VectorFunctions.tanh($0, slopes: $1, count: $2) }, { Double.tanh($0) }),
            ({ VectorFunctions.silu($0, slopes: $1, count: $2) }, { $0 / (1 + Double.exp(-$0)) }),
            ({ VectorFunctions.softplus($0, slopes: $1, count: $2) }, { Double.log(onePlus: Double.exp($0)) }),
        ]
        for (kernel, exact) in all {
            let z = (0..<count).map { Float($0) * 0.37 - 5 }
            var values = z
            var slopes = [Float](repeating: .nan, count: count)
            kernel(&values, &slopes, count)
            for k in 0..<count {
                let at = Double(z[k])
                #expect((Double(values[k]) - exact(at)).magnitude < 1e-6 * max(1, exact(at).magnitude))
                #expect((Double(slopes[k]) - (exact(at + 1e-5) - exact(at - 1e-5)) / 2e-5).magnitude < 1e-6)
            }
        }
    }

    @Test("any count, in place, and nothing written beyond it", arguments: 0...35)
    func counts(count: Int) {
        let x = (0..<count).map { Float($0) * 0.1 - 1 }
        var y = x + [7, 7, 7]
        y.withUnsafeMutableBufferPointer { VectorFunctions.exp($0.baseAddress!, to: $0.baseAddress!, count: count) }
        for k in 0..<count { #expect((y[k] - Float.exp(x[k])).magnitude <= 2e-7 * y[k]) }
        #expect(y.suffix(3) == [7, 7, 7])
    }

    @Test("exp is cut where its result leaves the normal numbers")
    func cut() {
        var y: [Float] = [0, 0, 0]
        VectorFunctions.exp([-1000, 1000, 0], to: &y, count: 3)
        #expect(y[0] > 0 && y[0] < 2e-38)
        #expect(y[1].isFinite && y[1] > 1e38)
        #expect(y[2] == 1)
    }

    @Test(
        "N(N⁻¹(p)) = p on both sides and in both tails",
        arguments: [1e-30, 1e-15, 1e-7, 1e-3, 0.07, 0.08, 0.3, 0.499, 0.5, 0.7, 0.93, 0.999])
    func quantile(p: Double) {
        let given = Float(p)
        var x: Float = 0
        VectorFunctions.normalQuantile([given], to: &x, count: 1)
        let back = 0.5 * Double.erfc(-Double(x) / 2.0.squareRoot())
        // dp = φ(x) dx: an error of x relative to its size, seen in p.
        let density = Double.exp(-Double(x) * Double(x) / 2) / (2 * Double.pi).squareRoot()
        let smallest = density * max(Double(x).magnitude, 1e-3) * 6e-7
        #expect((back - Double(given)).magnitude <= smallest, "\(x)")
    }
}
