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
        let quadratic = try Self.run(drift: 0, objective: #"{"risk": "quadratic"}"#)
        #expect(throws: Experiment.SetupError.self) { try quadratic.indifferenceQuote(learns: false) }
        var poisson = try Self.run(drift: 0)
        poisson = SimulatedComparison(
            try Self.changed(poisson.experiment, "claim", ["kind": "poisson-book"]), workers: poisson.workers)
        #expect(throws: Experiment.SetupError.self) { try poisson.indifferenceQuote(learns: false) }
    }

    /// The experiment with another value of one key.
    static func changed(_ experiment: Experiment, _ key: String, _ value: Any) throws -> Experiment {
        var tree = try #require(try JSONSerialization.jsonObject(with: try JSONEncoder().encode(experiment)) as? [String: Any])
        tree[key] = value
        return try JSONDecoder().decode(Experiment.self, from: try JSONSerialization.data(withJSONObject: tree))
    }

    static func costly(quantity: Double = -1, aversion: Double = 1, cost: Double = 2e-3) throws -> SimulatedComparison {
        var experiment = try run(drift: 0, objective: #"{"risk": "entropic", "aversion": \#(aversion)}"#).experiment
        experiment = try changed(experiment, "claim", ["kind": "call", "strike": 100, "quantity": quantity])
        experiment = try changed(experiment, "costs", ["proportional": cost])
        experiment = try changed(experiment, "evaluation", ["paths": 50_000, "against": ["delta", "whalley-wilmott"]])
        return SimulatedComparison(experiment, workers: Workers(threads: 2))
    }

    /// Black's price of the call at the money, K (2 N(σ√T/2) − 1).
    static let atTheMoney = 100 * (2 * NormalDistribution.cdf(0.1 * (30.0 / 365).squareRoot()) - 1)

    @Test("no hedge beats the exact prices on either side, which hold the model's price between them")
    func sides() throws {
        let quote = try Self.costly().indifferenceQuote(learns: false)
        let exact = try #require(quote.exact)
        let model = Self.atTheMoney
        #expect(exact.buyer < model && model < exact.seller)
        #expect(quote.strategies.map(\.name) == ["delta", "whalley-wilmott"] && quote.withoutClaim == 0)
        for row in quote.strategies {
            #expect(row.seller.price > exact.seller - 3 * row.seller.standardError, "\(row) \(exact)")
            #expect(row.buyer.price < exact.buyer + 3 * row.buyer.standardError, "\(row) \(exact)")
        }
        // The band of small costs is near enough to the optimum to tell the sides apart.
        let band = try #require(quote.strategies.last)
        let middle = (exact.seller + exact.buyer) / 2
        #expect(band.seller.price - middle < 1.5 * (exact.seller - middle) && middle - band.buyer.price < 1.5 * (middle - exact.buyer))
    }

    @Test("whoever writes the claim, the seller's side is the seller's")
    func orientation() throws {
        let (sold, bought) = (
            try Self.costly(quantity: -1).indifferenceQuote(learns: false), try Self.costly(quantity: 1).indifferenceQuote(learns: false)
        )
        #expect(sold.strategies == bought.strategies && sold.exact == bought.exact)
    }

    @Test("without cost and with little aversion both sides are the model's price")
    func limit() throws {
        let quote = try Self.costly(aversion: 1e-3, cost: 0).indifferenceQuote(learns: false)
        let exact = try #require(quote.exact)
        let model = Self.atTheMoney
        #expect((exact.seller - model).magnitude < 2e-3 && (exact.buyer - model).magnitude < 2e-3)
        for row in quote.strategies {
            #expect((row.seller.price - row.buyer.price).magnitude < 2e-3)
            #expect((row.seller.price - model).magnitude < 4 * row.seller.standardError + 2e-3)
        }
    }

    @Test("the learned seller's price is the one that the single call gives; the buyer's is below it")
    func learned() throws {
        let run = try Self.run(drift: 0)
        let (quote, single) = (try run.indifferenceQuote(), try run.indifferencePrice())
        let row = try #require(quote.strategies.first { $0.name == "learned" })
        #expect(row.seller.price == single.price && row.seller.standardError == single.standardError)
        let exact = try #require(quote.exact)
        #expect(row.buyer.price < exact.buyer + 3 * row.buyer.standardError && row.buyer.price > exact.buyer - 0.05, "\(row) \(exact)")
    }
}
