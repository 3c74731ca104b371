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
        "exact draws follow the plain version's but where rounding turns a rejection: below and above one degree of freedom",
        arguments: [2.0, 0.8])
    func exactDraws(volatilityOfVariance: Double) {
        let heston = HestonSimulator(
            initialVariance: 0.05, meanReversion: 4, longRunVariance: 0.06, volatilityOfVariance: volatilityOfVariance,
            correlation: -0.5, scheme: .exact)
        let grid = TimeGrid(maturityDays: 20, daysPerYear: 365, steps: 20)
        let fast = heston.paths(0..<5000, on: grid, stream: stream)
        let slow = Self.plain(heston).paths(0..<5000, on: grid, stream: stream)
        let followed = (0..<5000).count { i in
            (0...20).allSatisfy { t in
                (fast.logSpot[t][i] - slow.logSpot[t][i]).magnitude < 2e-4
                    && (fast.variance[t][i] - slow.variance[t][i]).magnitude < 2e-4
            }
        }
        #expect(followed > 4975, "\(followed) of 5000 paths")
    }

    /// From `Tests/References/square_root_law.py`: κ, θ, ξ, v, then values of v' a day later and the probability of less.
    static let published: [(model: (Double, Double, Double, Double), values: [(Double, Double)])] = [
        (
            (1, 0.04, 2, 0.04),
            [
                (0.00037253374, 0.001), (0.0109342856, 0.05), (0.0272152322, 0.3), (0.0372315293, 0.5), (0.0564858293, 0.8),
                (0.0999755247, 0.99), (0.15179157, 0.9999),
            ]
        ),
        ((1, 0.04, 2, 0.002), [(0.00310630306, 0.8), (0.0223957129, 0.99), (0.0514240087, 0.9999)]),
        (
            (4, 0.06, 0.8, 0.09),
            [
                (0.0548726666, 0.001), (0.0699098657, 0.05), (0.082819382, 0.3), (0.089237243, 0.5), (0.100038414, 0.8),
                (0.12059831, 0.99), (0.141629871, 0.9999),
            ]
        ),
        (
            (2, 0.04, 0.5, 0),
            [
                (5.93487678e-09, 0.001), (2.69236187e-06, 0.05), (4.79139526e-05, 0.3), (0.000120238907, 0.5), (0.000360078975, 0.8),
                (0.00126923121, 0.99), (0.00275933859, 0.9999),
            ]
        ),
    ]

    @Test("exact draws have the noncentral chi-square's quantiles, by SciPy", arguments: 0..<4)
    func quantiles(index: Int) {
        let (model, values) = Self.published[index]
        let heston = HestonSimulator(
            initialVariance: model.3, meanReversion: model.0, longRunVariance: model.1, volatilityOfVariance: model.2, correlation: -0.7,
            scheme: .exact)
        let count = 1_000_000
        let drawn = heston.paths(0..<count, on: TimeGrid(maturityDays: 1, daysPerYear: 365, steps: 1), stream: stream).variance[1]
        for (value, probability) in values {
            let share = Double(drawn.count { $0 < value }) / Double(count)
            let error = (probability * (1 - probability) / Double(count)).squareRoot()
            #expect((share - probability).magnitude < 4 * error, "below \(value): \(share), not \(probability)")
        }
    }

    @Test(
        "a path is the same in any block, of whole registers or not",
        arguments: [HestonSimulator.Scheme.quadraticExponential, .fullTruncation, .exact])
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
        arguments: [HestonSimulator.Scheme.quadraticExponential, .fullTruncation, .exact],
        [(0.0, 1.0, 0.04, 2.0), (0.04, 1, 0.04, 2), (0.04, 0, 0, 1), (0, 0, 0, 1), (1e-8, 5, 0.0001, 3), (0.5, 20, 0.5, 0.01)])
    func extremes(scheme: HestonSimulator.Scheme, model: (Double, Double, Double, Double)) {
        let heston = HestonSimulator(
            initialVariance: model.0, meanReversion: model.1, longRunVariance: model.2, volatilityOfVariance: model.3, correlation: -0.9,
            scheme: scheme)
        let block = heston.paths(0..<50_000, on: TimeGrid(), stream: stream)
        #expect(block.logSpot.joined().allSatisfy(\.isFinite) && block.variance.joined().allSatisfy { $0.isFinite && $0 >= 0 })
        #expect(Moments(block.spot[30]).agree(with: 100, bias: 1e-9))
    }
}
