import Evaluation
import Foundation
import Hedging
import LinearAlgebra
import Probability
import Testing

@Suite struct ControlVariateTests {
    /// Hedged with a perpetual without funding, which is the spot, but not to the exact recursion: that would be solved every time.
    static func report(_ evaluation: String, seed: Int, cost: Double = 0, market: String = #"{"model": "black-scholes"}"#) throws
        -> ComparisonReport
    {
        let experiment = try ExperimentTests.read(
            """
            {"name": "c", "seed": \(seed), "market": \(market), "claim": {"kind": "call", "strike": 100},
             "instruments": ["perpetual"], "costs": {"proportional": \(cost)},
             "evaluation": {"against": ["delta", "none"], \(evaluation)}}
            """)
        return try #require(try SimulatedComparison(experiment, workers: Workers(threads: 2)).report(learned: nil)?.report)
    }

    @Test("a price freed of chance is unbiased, its error smaller and honest: entropic risk of the delta's hedge over 24 seeds")
    func unbiased() throws {
        let expected = try Self.report(#""paths": 400000"#, seed: 999).strategies[0]
        var scores = 0.0
        for seed in 1...24 {
            let found = try Self.report(#""paths": 4096, "controlVariate": true"#, seed: seed).strategies[0]
            let variance =
                found.priceStandardError * found.priceStandardError + expected.priceStandardError * expected.priceStandardError
            scores += (found.price - expected.price) * (found.price - expected.price) / variance
        }
        // χ² of 24 degrees of freedom, but for the reference's own error that all share.
        #expect((8...52).contains(scores), "\(scores)")
        let (plain, freed) = try (
            Self.report(#""paths": 4096"#, seed: 1).strategies[0],
            Self.report(#""paths": 4096, "controlVariate": true"#, seed: 1).strategies[0]
        )
        #expect(plain.priceStandardError > 2 * freed.priceStandardError)
    }

    /// A hedged loss is much the same on a path and on its mirror image, so that antithetic pairs say little more than one path.
    @Test(
        "judging says how sure it is, by runs: Sobol's points surer than as many paths, antithetic less",
        arguments: ["sobol", "antithetic"])
    func sampling(name: String) throws {
        let reference = try Self.report(#""paths": 200000"#, seed: 999, cost: 1e-3).strategies[0]
        let found = try Self.report(#""paths": 65536, "sampling": "\#(name)""#, seed: 3, cost: 1e-3).strategies[0]
        let error = (found.priceStandardError * found.priceStandardError + reference.priceStandardError * reference.priceStandardError)
            .squareRoot()
        #expect((found.price - reference.price).magnitude < 4.5 * error)
        let ratio = found.priceStandardError / (reference.priceStandardError * (200_000.0 / 65_536).squareRoot())
        #expect(name == "sobol" ? ratio < 0.6 : (1.15...1.6).contains(ratio), "\(ratio)")
    }

    @Test("in Heston's market the delta's gains are taken off; with drift nothing is known")
    func laws() throws {
        let plain = try Self.report(#""paths": 20000"#, seed: 1, market: #"{"model": "heston"}"#).strategies[1]
        let freed = try Self.report(#""paths": 20000, "controlVariate": true"#, seed: 1, market: #"{"model": "heston"}"#).strategies[1]
        #expect(freed.priceStandardError <= plain.priceStandardError)
        #expect(throws: Experiment.SetupError.self) {
            try Self.report(#""paths": 2000, "controlVariate": true"#, seed: 1, market: #"{"model": "black-scholes", "drift": 0.1}"#)
        }
    }
}
