import Probability
import Stochastics
import Testing

@Suite struct PathTileTests {
    struct Law: Sendable, CustomTestStringConvertible {
        var simulator: any PathSimulator
        var name: String
        var testDescription: String { name }
    }

    static func heston(_ scheme: HestonSimulator.Scheme, substeps: Int = 1) -> Law {
        Law(
            simulator: HestonSimulator(
                initialVariance: 0.09, meanReversion: 4, longRunVariance: 0.06, volatilityOfVariance: 0.8, correlation: -0.5, drift: 0.1,
                scheme: scheme, substeps: substeps), name: "Heston, \(scheme.rawValue) in \(substeps)")
    }

    static let laws = [
        Law(simulator: BlackScholesSimulator(drift: 0.1), name: "Black-Scholes"), heston(.quadraticExponential), heston(.fullTruncation),
        heston(.quadraticExponential, substeps: 3), heston(.fullTruncation, substeps: 2), heston(.exact),
        Law(simulator: SABRSimulator(volatility: 0.2, volatilityOfVolatility: 0.4, correlation: -0.3), name: "SABR"),
    ]

    let stream = RandomStream(seed: 21, purpose: .evaluationPaths)
    let grid = TimeGrid(maturityDays: 60, daysPerYear: 365, steps: 21)

    /// The tile's rows [T + 1, count] of ln S, v and ∫v, taken from memory of a wider stride that starts full of nonsense.
    func rows(_ law: Law, firstPath: Int, count: Int, spare: Int = 0, wantsIntegral: Bool = true) -> [[Float]] {
        let stride = count + spare
        let size = (grid.steps + 1) * stride
        var memory = [Float](repeating: .nan, count: 3 * size)
        memory.withUnsafeMutableBufferPointer {
            let base = $0.baseAddress!
            let tile = PathTile(
                logReturns: base, variance: base + size, integratedVariance: wantsIntegral ? base + 2 * size : nil, count: count,
                stride: stride)
            law.simulator.fill(tile, firstPath: firstPath, on: grid, stream: stream)
        }
        return (0..<3).map { column in
            var rows: [Float] = []
            for t in 0...grid.steps {
                let start = column * size + t * stride
                rows += memory[start..<start + count]
            }
            return rows
        }
    }

    @Test("a tile holds the paths of a block to the rounding of Float", arguments: laws)
    func rounding(_ law: Law) {
        let count = 320
        let tile = rows(law, firstPath: 1000, count: count)
        let block = law.simulator.paths(1000..<1000 + count, on: grid, stream: stream)
        for t in 0...grid.steps {
            for i in 0..<count {
                let at = t * count + i
                #expect((Double(tile[0][at]) - (block.logSpot[t][i] - block.logSpot[0][i])).magnitude < 2e-6, "step \(t), path \(i)")
                guard law.simulator.hasVariance else { continue }
                #expect((Double(tile[1][at]) - block.variance[t][i]).magnitude < 1e-6, "step \(t), path \(i)")
                #expect((Double(tile[2][at]) - block.integratedVariance[t][i]).magnitude < 1e-6, "step \(t), path \(i)")
            }
        }
    }

    @Test("a path is the same in any tile, of any stride", arguments: laws)
    func tiles(_ law: Law) {
        let whole = rows(law, firstPath: 64, count: 320)
        for (first, count, spare) in [(64, 64, 0), (128, 64, 16), (256, 128, 400)] {
            let part = rows(law, firstPath: first, count: count, spare: spare)
            for k in 0..<(law.simulator.hasVariance ? 3 : 1) {
                for t in 0...grid.steps {
                    let start = t * 320 + first - 64
                    #expect(Array(part[k][t * count..<(t + 1) * count]) == Array(whole[k][start..<start + count]))
                }
            }
        }
    }

    @Test("without memory for the integral the rest is the same", arguments: laws)
    func integral(_ law: Law) {
        let (whole, part) = (rows(law, firstPath: 5, count: 320), rows(law, firstPath: 5, count: 320, wantsIntegral: false))
        #expect(part[0] == whole[0] && (part[1] == whole[1] || !law.simulator.hasVariance))
        #expect(part[2].allSatisfy { $0.isNaN })
    }
}
