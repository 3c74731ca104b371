import Probability
import RealModule
import Stochastics
import Testing

@Suite struct HestonVectorTests {
    let stream = RandomStream(seed: 21, purpose: .evaluationPaths)

    /// The plain version, step by step in `Double`: SVCJ without jumps walks it.
    static func plain(_ heston: HestonSimulator) -> SVCJSimulator {
        SVCJSimulator(heston, jumpIntensity: 0, jumpMean: 0, jumpVolatility: 0, varianceJumpMean: 0, jumpCorrelation: 0)
    }

    @Test(
        "the vector kernels follow the plain version path by path",
        arguments: [HestonSimulator.Scheme.quadraticExponential, .fullTruncation], [1, 3])
    func kernels(scheme: HestonSimulator.Scheme, substeps: Int) {
        let heston = HestonSimulator(
            initialVariance: 0.09, meanReversion: 4, longRunVariance: 0.06, volatilityOfVariance: 0.8, correlation: -0.5, drift: 0.1,
            scheme: scheme, substeps: substeps)
        let grid = TimeGrid(maturityDays: 60, daysPerYear: 365, steps: 20)
        let range = 1000..<3003
        let fast = heston.paths(range, on: grid, stream: stream)
        let slow = Self.plain(heston).paths(range, on: grid, stream: stream)
        for t in 0...20 {
            for (a, b, tolerance) in [
                (fast.logSpot[t], slow.logSpot[t], 3e-5), (fast.variance[t], slow.variance[t], 2e-5),
                (fast.integratedVariance[t], slow.integratedVariance[t], 1e-6),
            ] {
                #expect(zip(a, b).allSatisfy { ($0 - $1).magnitude < tolerance })
            }
            #expect(fast.spot[t].indices.allSatisfy { (Double.log(fast.spot[t][$0]) - fast.logSpot[t][$0]).magnitude < 1e-13 })
        }
    }

    @Test(
        "a path is the same in any block, of whole registers or not",
        arguments: [HestonSimulator.Scheme.quadraticExponential, .fullTruncation])
    func blocks(scheme: HestonSimulator.Scheme) {
        let heston = HestonSimulator(scheme: scheme)
        let grid = TimeGrid(steps: 5)
        let whole = heston.paths(0..<100, on: grid, stream: stream)
        for range in [0..<1, 37..<60, 3..<99, 64..<80] {
            let part = heston.paths(range, on: grid, stream: stream)
            for t in 0...5 {
                #expect(part.logSpot[t] == Array(whole.logSpot[t][range]) && part.spot[t] == Array(whole.spot[t][range]))
                #expect(part.variance[t] == Array(whole.variance[t][range]))
                #expect(part.integratedVariance[t] == Array(whole.integratedVariance[t][range]))
            }
        }
    }

    @Test(
        "a variance that starts at zero, or has nowhere to return to, stays finite and a martingale",
        arguments: [HestonSimulator.Scheme.quadraticExponential, .fullTruncation],
        [(0.0, 1.0, 0.04, 2.0), (0.04, 0, 0, 1), (0, 0, 0, 1), (1e-8, 5, 0.0001, 3), (0.5, 20, 0.5, 0.01)])
    func extremes(scheme: HestonSimulator.Scheme, model: (Double, Double, Double, Double)) {
        let heston = HestonSimulator(
            initialVariance: model.0, meanReversion: model.1, longRunVariance: model.2, volatilityOfVariance: model.3, correlation: -0.9,
            scheme: scheme)
        let block = heston.paths(0..<50_000, on: TimeGrid(), stream: stream)
        #expect(block.logSpot.joined().allSatisfy(\.isFinite) && block.variance.joined().allSatisfy { $0.isFinite && $0 >= 0 })
        #expect(Moments(block.spot[30]).agree(with: 100, bias: 1e-9))
    }
}
