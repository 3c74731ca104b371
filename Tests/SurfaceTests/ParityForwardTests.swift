import Market
import Surface
import Testing

@Suite struct ParityForwardTests {
    @Test("Calls and puts give the forward they were made with, coin or dollar settled", arguments: [Settlement.inverse, .linear])
    func recovery(settlement: Settlement) throws {
        let chain = SimulatedChain(settlement: settlement)
        for (days, expiry) in zip(chain.days, ExpiryChain.chains(of: chain.snapshot)) {
            let parity = try #require(expiry.parity)
            let truth = chain.forward(days: days)
            #expect((parity.forward - truth).magnitude < parity.standardError)
            #expect(parity.standardError < 0.002 * truth && parity.strikes > 10)
            #expect(parity.lowest < truth && truth < parity.highest)
        }
    }

    @Test("Three strikes by hand: 1 − K/F in coin, weighted by one over the squared half-width")
    func byHand() throws {
        func option(_ kind: OptionKind, _ strike: Double, _ bid: Double, _ ask: Double) -> OptionQuote {
            OptionQuote(
                contract: OptionContract(
                    underlying: "BTC", kind: kind, strike: strike, expiry: SimulatedChain.expiry(days: 10), settlement: .linear),
                quote: Quote(bid: bid, ask: ask), markVolatility: nil, delta: nil, vega: nil, openInterest: 1, volume: 0, forward: 100,
                forwardName: "", index: 100)
        }
        // F in 98...102, in 100...104, and a call alone.
        let parity = try #require(
            ParityForward([
                option(.call, 90, 10, 12), option(.put, 90, 0, 2), option(.call, 100, 3, 5), option(.put, 100, 1, 3),
                option(.call, 110, 1, 2),
            ]))
        // Half-widths 2 and 2: the mean of 100 and 102; scatter (1 + 1)/4 per degree of freedom is below 1.
        #expect(parity.forward == 101 && parity.strikes == 2 && parity.lowest == 100 && parity.highest == 102)
        #expect((parity.standardError - 2 / 2.0.squareRoot()).magnitude < 1e-15)
        #expect(ParityForward([option(.call, 110, 1, 2)]) == nil)
    }

    @Test("A strike that contradicts the others leaves no forward between the bounds, and a larger error")
    func contradiction() throws {
        let chain = SimulatedChain(days: [31])
        var snapshot = chain.snapshot
        let before = try #require(ExpiryChain.chains(of: snapshot)[0].parity)
        let strike = snapshot.options[16].contract.strike
        for i in snapshot.options.indices where snapshot.options[i].contract.strike == strike && snapshot.options[i].contract.kind == .call
        {
            snapshot.options[i].quote.bid! += 0.02
            snapshot.options[i].quote.ask! += 0.02
        }
        let after = try #require(ExpiryChain.chains(of: snapshot)[0].parity)
        #expect(before.lowest < before.highest && after.lowest > after.highest)
        #expect(after.standardError > 2 * before.standardError)
    }
}
