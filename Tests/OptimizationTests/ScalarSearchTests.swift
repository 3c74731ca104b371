import Optimization
import RealModule
import Testing

@Suite struct ScalarSearchTests {
    @Test("roots of smooth, flat, steep and broken functions")
    func roots() throws {
        func root(_ bracket: ClosedRange<Double>, _ f: (Double) -> Double) throws -> Double { try BracketedRoot.find(in: bracket, f).root }
        #expect(try root(0...2) { $0 * $0 - 2 }.isApproximatelyEqual(to: Double.sqrt(2), absoluteTolerance: 4e-15))
        #expect(try root(0...10) { Double.exp($0) - 1e-3 * 0 - 5 }.isApproximatelyEqual(to: Double.log(5), absoluteTolerance: 4e-15))
        #expect(try root(-1...4) { Double.pow($0 - 1, 9) }.isApproximatelyEqual(to: 1, absoluteTolerance: 1e-13))
        #expect(try root(0...1) { $0 < 0.3 ? -1 : 1 }.isApproximatelyEqual(to: 0.3, absoluteTolerance: 4e-14))
        #expect(try root(-1e6...1) { Double.atan($0) }.magnitude < 1e-13)
        #expect(try root(2...3) { $0 - 2 } == 2)
        let (_, report) = try BracketedRoot.find(in: 0...2) { Double.cos($0) - $0 }
        #expect(report.converged && report.iterations < 12 && report.residual < 1e-15)
    }

    @Test("a bracket without a change of sign is refused with both values, a broken function with its place")
    func refusals() {
        #expect(throws: OptimizationError.noSignChange(low: 1, high: 2, valueAtLow: 1, valueAtHigh: 4)) {
            try BracketedRoot.find(in: 1...2) { $0 * $0 }
        }
        #expect(throws: OptimizationError.notFinite(at: 2, value: .infinity)) {
            try BracketedRoot.find(in: 1...2) { $0 == 2 ? .infinity : -1 }
        }
    }

    @Test("the minimum of a smooth, a kinked and a monotone function")
    func scalarMinimum() {
        let smooth = ScalarMinimum.find(in: -3...5) { ($0 - 1.25) * ($0 - 1.25) + 7 }
        #expect(smooth.report.converged && (smooth.place - 1.25).magnitude < 1e-7 && smooth.report.residual == 7)
        let kinked = ScalarMinimum.find(in: 0...1) { ($0 - 0.7).magnitude }
        #expect((kinked.place - 0.7).magnitude < 1e-7)
        let monotone = ScalarMinimum.find(in: 2...3) { $0 }
        #expect((monotone.place - 2).magnitude < 1e-6)
        let cosine = ScalarMinimum.find(in: 2...5, Double.cos)
        #expect((cosine.place - Double.pi).magnitude < 1e-7 && cosine.report.evaluations < 40)
    }

    @Test("the simplex finds a curved valley, a kink and a bound")
    func nelderMead() {
        var x = [-1.2, 1]
        let valley = NelderMead().minimise(&x) { 100 * Double.pow($0[1] - $0[0] * $0[0], 2) + Double.pow(1 - $0[0], 2) }
        #expect(valley.converged && (x[0] - 1).magnitude < 1e-5 && (x[1] - 1).magnitude < 1e-5, "\(x) \(valley)")
        var y = [3.0, 3, 3]
        let kink = NelderMead().minimise(&y) { ($0[0] - 1).magnitude + 2 * ($0[1] + 1).magnitude + Double.pow($0[2], 2) }
        #expect(zip(y, [1, -1, 0]).allSatisfy { ($0 - $1).magnitude < 1e-4 }, "\(y) \(kink)")
        var z = [0.0]
        let bound = NelderMead().minimise(&z, upper: [2]) { Double.pow($0[0] - 5, 2) }
        #expect(z[0] == 2 && bound.converged, "\(z) \(bound)")
    }
}
