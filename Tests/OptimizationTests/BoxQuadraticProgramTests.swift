import LinearAlgebra
import Optimization
import Probability
import Testing

@Suite struct BoxQuadraticProgramTests {
    /// A random program: H = AᵀA of a square A, everything of order one.
    private func program(_ n: Int, seed: UInt64, costs: Bool, bounds: Bool) -> BoxQuadraticProgram {
        let stream = RandomStream(seed: seed, purpose: .data)
        let a = Matrix(rows: n, columns: n) { stream.normal(path: $0, step: $1) }
        func list(_ step: Int, _ f: (Double) -> Double) -> [Double] { (0..<n).map { f(stream.normal(path: $0, step: 100 + step)) } }
        return BoxQuadraticProgram(
            hessian: a.gram, linear: list(0) { 2 * $0 }, lower: bounds ? list(1) { -0.5 - $0.magnitude } : nil,
            upper: bounds ? list(2) { 0.5 + $0.magnitude } : nil, kinkCosts: costs ? list(3) { $0.magnitude } : nil,
            kinks: costs ? list(4) { 0.3 * $0 } : nil)
    }

    @Test("without bounds and costs it is the linear system's solution")
    func free() throws {
        let program = program(8, seed: 1, costs: false, bounds: false)
        let solution = program.solve()
        #expect(solution.report.converged)
        let expected = try Cholesky(program.hessian).solve(program.linear.map { -$0 })
        #expect(zip(solution.x, expected).allSatisfy { ($0 - $1).magnitude < 1e-9 * max(1, $1.magnitude) })
    }

    @Test("no feasible move lowers the value", arguments: [(true, true), (true, false), (false, true)], [1, 2, 5, 20])
    func optimal(kind: (Bool, Bool), size: Int) {
        for seed in 0..<20 {
            let program = program(size, seed: UInt64(seed), costs: kind.0, bounds: kind.1)
            let solution = program.solve()
            #expect(solution.report.converged, "seed \(seed): \(solution.report)")
            #expect(zip(solution.x, zip(program.lower, program.upper)).allSatisfy { $0 >= $1.0 && $0 <= $1.1 })
            let stream = RandomStream(seed: UInt64(seed), purpose: .validationPaths)
            for trial in 0..<50 {
                let moved = (0..<size).map { j in
                    min(max(solution.x[j] + 0.1 * stream.normal(path: trial, step: j), program.lower[j]), program.upper[j])
                }
                #expect(program.value(at: moved) >= solution.report.residual - 1e-9)
            }
        }
    }

    @Test("costs above the slope leave the holdings alone, below it they leave a band's edge")
    func noTrade() {
        let variance = Matrix<Double>(rows: 1, columns: 1, storage: [2])
        func holding(_ cost: Double) -> Double {
            BoxQuadraticProgram(hessian: variance, linear: [-2], kinkCosts: [cost], kinks: [0.25]).solve().x[0]
        }
        #expect(holding(1.6) == 0.25)  // slope at the holding is 2 · 0.25 - 2 = -1.5
        #expect(holding(1) == 0.5)
        #expect(holding(0) == 1)
    }

    @Test("flat directions end at a kink or a bound, a program without a minimum is reported")
    func flat() {
        let flat = Matrix<Double>(rows: 2, columns: 2, storage: [1, 1, 1, 1])
        let held = BoxQuadraticProgram(hessian: flat, linear: [-1, -1], kinkCosts: [0.1, 0.2]).solve()
        #expect(held.report.converged && (held.x[0] - 0.9).magnitude < 1e-12 && held.x[1].magnitude < 1e-12, "\(held)")
        let none = BoxQuadraticProgram(hessian: Matrix(rows: 1, columns: 1), linear: [1]).solve()
        #expect(!none.report.converged)
        let bound = BoxQuadraticProgram(hessian: Matrix(rows: 1, columns: 1), linear: [1], lower: [-3]).solve()
        #expect(bound.report.converged && bound.x == [-3])
    }
}
