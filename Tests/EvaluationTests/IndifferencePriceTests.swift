import Evaluation
import Foundation
import LinearAlgebra
import Probability
import Testing

@Suite struct IndifferencePriceTests {
    static func run(drift: Double, objective: String = #"{"risk": "entropic", "aversion": 1}"#) throws -> SimulatedComparison {
        let text = """
            {"name": "price", "market": {"model": "black-scholes", "drift": \(drift)}, "calendar": {"steps": 10},
             "claim": {"kind": "call", "strike": 100}, "objective": \(objective), "policy": {"kind": "feed-forward", "hidden": [16, 16]},
             "training": {"paths": 4000, "epochs": 250}, "evaluation": {"paths": 50000}}
            """
        return SimulatedComparison(try JSONDecoder().decode(Experiment.self, from: Data(text.utf8)), workers: Workers(threads: 2))
    }

    @Test("drift pays by itself, (mu/sigma)^2 T / 2a under exponential utility, but moves the claim's price by little")
    func drift() throws {
        let still = try Self.run(drift: 0).indifferencePrice()
        #expect(still.withoutClaim == 0 && still.price == still.withClaim)
        #expect(still.standardError > 0 && still.standardError < 0.02)
        let drifting = try Self.run(drift: 0.3).indifferencePrice()
        let alone = -(0.3 * 0.3) / (0.2 * 0.2) * (30.0 / 365) / 2
        #expect((drifting.withoutClaim - alone).magnitude < 0.02, "\(drifting)")
        #expect((drifting.price - still.price).magnitude < 0.04, "\(still) \(drifting)")
        #expect((drifting.price - drifting.withClaim + drifting.withoutClaim).magnitude < 1e-12)
    }

    @Test("an objective that does not move with cash has no such price")
    func refused() throws {
        #expect(throws: Experiment.SetupError.self) { try Self.run(drift: 0, objective: #"{"risk": "quadratic"}"#).indifferencePrice() }
    }
}
