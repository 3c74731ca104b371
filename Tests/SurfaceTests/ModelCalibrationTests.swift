import Market
import Pricing
import RealModule
import Surface
import Testing

@Suite struct ModelCalibrationTests {
    static let truth = [0.3, 3, 0.4, 1.4, -0.3, 3, -0.08, 0.1, 0.2, -0.2]

    /// Quotes of a known model, a hundredth of a volatility wide.
    static func chains(_ parameters: [Double], days: [Double] = [3, 10, 31, 94, 182, 364], strikes: Int = 15) -> [ExpiryChain] {
        let (model, variance) = HestonJumpModel.model(of: parameters)
        return days.map { days in
            let years = days / 365
            let root = (0.35 * years).squareRoot()
            let quotes = (0..<strikes).map { i in
                let k = (-2 + 4 * Double(i) / Double(strikes - 1)) * root
                let kind: OptionKind = k < 0 ? .put : .call
                let price = model.price(kind, forward: 1, strike: Double.exp(k), variance: variance, timeToExpiry: years)
                let vega = Black76.greeks(kind, forward: 1, strike: Double.exp(k), volatility: 0.6, timeToExpiry: years).vega
                let half = max(0.005 * vega, 1e-5)
                return SmileQuote(
                    kind: kind, strike: 90_000 * Double.exp(k), logMoneyness: k, bid: price - half, ask: price + half, bidVolatility: 0.58,
                    askVolatility: 0.62)
            }
            return ExpiryChain(
                expiry: SimulatedChain.expiry(days: days), timeToExpiry: years, forward: 90_000, listed: strikes,
                quotes: quotes)
        }
    }

    @Test("Heston's parameters are found again from the prices they made")
    func heston() throws {
        let truth = Array(Self.truth.prefix(5))
        let fit = try #require(ModelCalibration(family: .heston).fit(Self.chains(truth)))
        #expect(fit.report.converged && fit.fitted.insideBidAsk == 1 && fit.heldBack == nil)
        for (found, made) in zip(fit.parameters, truth) { #expect((found / made - 1).magnitude < 0.01, "\(fit.parameters)") }
        #expect(fit.variance == fit.parameters[0] && fit.model.heston.correlation == fit.parameters[4])
    }

    @Test("Bates' parameters are found again; strikes held back are priced as well as the others")
    func bates() throws {
        let truth = Array(Self.truth.prefix(8))
        let fit = try #require(ModelCalibration(family: .bates).fit(Self.chains(truth), holdingBack: StrikeFold()))
        #expect(fit.fitted.insideBidAsk == 1)
        let held = try #require(fit.heldBack)
        #expect(held.insideBidAsk == 1 && held.quotes == 18 && held.meanError < 2e-5)
        for (found, made) in zip(fit.parameters, truth) { #expect((found / made - 1).magnitude < 0.1, "\(fit.parameters)") }
    }

    @Test("jumps of price and variance: every price inside its quotes, where Heston alone leaves some outside")
    func jumps() throws {
        let chains = Self.chains(Self.truth)
        let fit = try #require(ModelCalibration(family: .svcj).fit(chains))
        #expect(fit.fitted.insideBidAsk == 1 && fit.fitted.meanError < 1e-4)
        let heston = try #require(ModelCalibration(family: .heston).fit(chains))
        #expect(heston.fitted.insideBidAsk < 0.9)
        #expect(fit.fitted.meanError < 0.3 * heston.fitted.meanError)
    }

    @Test("a fit begun from its own parameters stays there")
    func previous() throws {
        let truth = Array(Self.truth.prefix(5))
        let fit = try #require(ModelCalibration(family: .heston).fit(Self.chains(truth), previous: truth))
        #expect(fit.report.iterations <= 3)
        for (found, made) in zip(fit.parameters, truth) { #expect((found / made - 1).magnitude < 1e-3) }
    }

    @Test("fewer quotes than parameters are refused")
    func tooFew() {
        #expect(ModelCalibration(family: .svcj).fit(Self.chains(Self.truth, days: [31], strikes: 9)) == nil)
        #expect(ModelCalibration(family: .heston).fit([]) == nil)
    }

    @Test("one wild quote hardly moves the fit")
    func outlier() throws {
        let truth = Array(Self.truth.prefix(5))
        var chains = Self.chains(truth)
        chains[2].quotes[4].bid = 0.3
        chains[2].quotes[4].ask = 0.3002
        let fit = try #require(ModelCalibration(family: .heston).fit(chains))
        for (found, made) in zip(fit.parameters, truth) { #expect((found / made - 1).magnitude < 0.05, "\(fit.parameters)") }
    }
}
