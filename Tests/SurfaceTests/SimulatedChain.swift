import Market
import Pricing
import Probability
import RealModule
import Surface

/// A chain made from known slices, so that a fit can be held against what made it.
struct SimulatedChain {
    static let time = Timestamp(milliseconds: 1_767_225_600_000)
    var days = [3.0, 10, 31, 94, 182]
    var spot = 90_000.0
    /// Half-spread in volatility.
    var halfSpread = 0.006
    /// Noise of the middle of the quotes, in half-spreads.
    var noise = 0.0
    var settlement = Settlement.inverse
    /// Between strikes, in at-the-money standard deviations.
    var spacing = 0.25

    static func expiry(days: Double) -> Timestamp {
        Timestamp(nanoseconds: time.nanoseconds + Int64(days * 86_400e9))
    }

    /// SSVI slices of one skew over 45 % to 55 % volatility: free of arbitrage.
    func slice(days: Double) -> SVISlice {
        let years = days / 365
        let volatility = 0.55 - 0.1 * Double.exp(-years * 6)
        let theta = volatility * volatility * years
        let phi = 1.1 / theta.squareRoot()
        let rho = -0.25
        return SVISlice(
            a: theta / 2 * (1 - rho * rho), b: theta * phi / 2, rho: rho, m: -rho / phi, sigma: (1 - rho * rho).squareRoot() / phi)
    }

    func forward(days: Double) -> Double { spot * Double.exp(0.04 * days / 365) }

    var snapshot: MarketSnapshot {
        let stream = RandomStream(seed: 7, purpose: .data)
        var options: [OptionQuote] = []
        for (i, days) in days.enumerated() {
            let years = days / 365
            let forward = forward(days: days)
            let root = slice(days: days).totalVariance(atLogMoneyness: 0).squareRoot()
            for j in -8...8 {
                let strike = (forward * Double.exp(Double(j) * spacing * root) / 100).rounded() * 100
                let volatility =
                    (slice(days: days).totalVariance(atLogMoneyness: Double.log(strike / forward)) / years).squareRoot()
                for kind in OptionKind.allCases {
                    let shift = noise * halfSpread * stream.normal(path: i, step: j + 8, dimension: kind == .call ? 0 : 1)
                    let price = { (v: Double) -> Double in
                        let dollars = Black76.price(kind, forward: forward, strike: strike, totalVariance: v * v * years)
                        return settlement == .inverse ? dollars / forward : dollars
                    }
                    options.append(
                        OptionQuote(
                            contract: OptionContract(
                                underlying: "BTC", kind: kind, strike: strike, expiry: Self.expiry(days: days), settlement: settlement),
                            quote: Quote(
                                bid: price(volatility + shift - halfSpread), ask: price(volatility + shift + halfSpread),
                                mark: price(volatility)),
                            markVolatility: volatility, delta: nil, vega: nil, openInterest: 10, volume: 1, forward: forward,
                            forwardName: "SYN", index: spot))
                }
            }
        }
        return MarketSnapshot(time: Self.time, currency: "BTC", index: spot, options: options, perpetual: Quote(mark: spot * 1.0001))
    }
}
