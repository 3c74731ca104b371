import Market
import Pricing
import RealModule
import Testing

@Suite struct HestonModelTests {
    /// Buehler, Gonon, Teichmann, Wood, *Deep Hedging*, section 5.
    static let deepHedging = HestonModel(meanReversion: 1, longRunVariance: 0.04, volatilityOfVariance: 2, correlation: -0.7)

    @Test("the market of the deep-hedging paper: call 1.69183, delta 0.6960, ∂C/∂v 28.45, spread 0.61046")
    func deepHedgingMarket() {
        let model = Self.deepHedging
        let atTheMoney = model.greeks(.call, forward: 100, strike: 100, variance: 0.04, timeToExpiry: 30.0 / 365)
        let above = model.price(.call, forward: 100, strike: 101, variance: 0.04, timeToExpiry: 30.0 / 365)
        #expect((atTheMoney.price - 1.69183).magnitude < 1e-5)
        #expect((atTheMoney.delta - 0.6960).magnitude < 5e-5)
        #expect((atTheMoney.varianceVega - 28.45).magnitude < 5e-3)
        #expect((above - 1.08137).magnitude < 1e-5)
        #expect((atTheMoney.price - above - 0.61046).magnitude < 1e-5)
    }

    @Test("prices agree with QuantLib to 1e-8 of the forward")
    func quantLib() {
        var worst = 0.0
        for (variance, kappa, theta, xi, rho, days, strike, expected) in quantLibPrices {
            let model = HestonModel(meanReversion: kappa, longRunVariance: theta, volatilityOfVariance: xi, correlation: rho)
            let found = model.price(.call, forward: 100, strike: strike, variance: variance, timeToExpiry: Double(days) / 365)
            let distance = (found - expected).magnitude
            #expect(!distance.isNaN)
            worst = max(worst, distance)
            #expect(
                (found - expected).magnitude < 1e-8 * 100,
                "\(found) for \(expected) at v \(variance) κ \(kappa) θ \(theta) ξ \(xi) ρ \(rho) \(days) days K \(strike)")
        }
        print("heston: worst difference to QuantLib \(worst) at forward 100")
    }

    @Test("delta, gamma and ∂V/∂v are the price's derivatives; put and call keep parity")
    func derivatives() {
        for (variance, kappa, theta, xi, rho, days, strike, _) in quantLibPrices {
            let model = HestonModel(meanReversion: kappa, longRunVariance: theta, volatilityOfVariance: xi, correlation: rho)
            let time = Double(days) / 365
            func at(_ forward: Double, _ v: Double, _ kind: OptionKind = .call) -> FourierGreeks {
                model.greeks(kind, forward: forward, strike: strike, variance: v, timeToExpiry: time)
            }
            let greeks = at(100, variance)
            let put = at(100, variance, .put)
            #expect((greeks.price - put.price - 100 + strike).magnitude < 1e-11)
            #expect(greeks.delta - put.delta == 1 && greeks.gamma == put.gamma)
            let step = 0.05
            let delta =
                (8 * (at(100 + step, variance).price - at(100 - step, variance).price)
                    - (at(100 + 2 * step, variance).price - at(100 - 2 * step, variance).price)) / (12 * step)
            let gamma =
                (8 * (at(100 + step, variance).delta - at(100 - step, variance).delta)
                    - (at(100 + 2 * step, variance).delta - at(100 - 2 * step, variance).delta)) / (12 * step)
            let dv = variance / 50
            let vega =
                (8 * (at(100, variance + dv).price - at(100, variance - dv).price)
                    - (at(100, variance + 2 * dv).price - at(100, variance - 2 * dv).price)) / (12 * dv)
            #expect((greeks.delta - delta).magnitude < 1e-6, "delta \(greeks.delta) against \(delta)")
            #expect((greeks.gamma - gamma).magnitude < 1e-5, "gamma \(greeks.gamma) against \(gamma)")
            #expect((greeks.varianceVega - vega).magnitude < 1e-5 * max(1, vega.magnitude), "∂V/∂v \(greeks.varianceVega) against \(vega)")
        }
    }

    @Test("as the volatility of variance goes to zero the price goes to Black's, with expected variance", arguments: [0, 1e-6, 1e-3])
    func noVolatilityOfVariance(xi: Double) {
        let model = HestonModel(meanReversion: 3, longRunVariance: 0.09, volatilityOfVariance: xi, correlation: -0.5)
        for strike in [80.0, 100, 120] {
            let w = model.expectedTotalVariance(from: 0.04, years: 0.5)
            let black = Black76.price(.call, forward: 100, strike: strike, totalVariance: w)
            let heston = model.greeks(.call, forward: 100, strike: strike, variance: 0.04, timeToExpiry: 0.5)
            #expect((heston.price - black).magnitude < 1e-11 + 2 * xi)
            let slope =
                (Black76.price(.call, forward: 100, strike: strike, totalVariance: w + 1e-6)
                    - Black76.price(.call, forward: 100, strike: strike, totalVariance: w - 1e-6)) / 2e-6
            #expect((heston.varianceVega - slope * model.memory(0.5)).magnitude < 1e-5 + 20 * xi)
        }
    }

    @Test("at expiry, at zero variance and far out the price is a price: within its bounds and finite")
    func extremes() {
        for variance in [0, 1e-8, 1e-3, 0.04, 4] {
            for time in [0, 1e-9, 1e-4, 1.0 / 365, 5] {
                for strike in [1.0, 50, 99.9, 100, 100.1, 200, 10_000] {
                    let greeks = Self.deepHedging.greeks(.call, forward: 100, strike: strike, variance: variance, timeToExpiry: time)
                    #expect(greeks.price >= max(100 - strike, 0) - 1e-9 && greeks.price <= 100)
                    #expect(greeks.delta > -1e-6 && greeks.delta < 1 + 1e-6, "delta \(greeks.delta) at v \(variance) T \(time) K \(strike)")
                    #expect(greeks.gamma.isFinite && greeks.varianceVega.isFinite)
                }
            }
        }
    }
}

/// v₀, κ, θ, ξ, ρ, days, strike and the call at spot 100 without rates, by `Tests/References/heston.py`.
private let quantLibPrices: [(Double, Double, Double, Double, Double, Int, Double, Double)] = [
    (0.04, 1.0, 0.04, 2.0, -0.7, 7, 70.0, 30.0000001053),
    (0.04, 1.0, 0.04, 2.0, -0.7, 7, 95.0, 5.13021060022),
    (0.04, 1.0, 0.04, 2.0, -0.7, 7, 100.0, 1.01765077064),
    (0.04, 1.0, 0.04, 2.0, -0.7, 7, 101.0, 0.500831132035),
    (0.04, 1.0, 0.04, 2.0, -0.7, 7, 140.0, 4.26467066712e-15),
    (0.04, 1.0, 0.04, 2.0, -0.7, 30, 70.0, 30.0145095619),
    (0.04, 1.0, 0.04, 2.0, -0.7, 30, 95.0, 5.78030424609),
    (0.04, 1.0, 0.04, 2.0, -0.7, 30, 100.0, 1.69183392511),
    (0.04, 1.0, 0.04, 2.0, -0.7, 30, 101.0, 1.08137145738),
    (0.04, 1.0, 0.04, 2.0, -0.7, 30, 140.0, 3.41430658131e-06),
    (0.04, 1.0, 0.04, 2.0, -0.7, 365, 70.0, 30.9288075572),
    (0.04, 1.0, 0.04, 2.0, -0.7, 365, 95.0, 7.67329514479),
    (0.04, 1.0, 0.04, 2.0, -0.7, 365, 100.0, 3.71650621282),
    (0.04, 1.0, 0.04, 2.0, -0.7, 365, 101.0, 3.05705395065),
    (0.04, 1.0, 0.04, 2.0, -0.7, 365, 140.0, 0.102604406029),
    (0.04, 5.0, 0.04, 0.3, -0.6, 7, 70.0, 30),
    (0.04, 5.0, 0.04, 0.3, -0.6, 7, 95.0, 5.04525832116),
    (0.04, 5.0, 0.04, 0.3, -0.6, 7, 100.0, 1.10274787794),
    (0.04, 5.0, 0.04, 0.3, -0.6, 7, 101.0, 0.668001380324),
    (0.04, 5.0, 0.04, 0.3, -0.6, 7, 140.0, 2.61525992194e-16),
    (0.04, 5.0, 0.04, 0.3, -0.6, 30, 70.0, 30.0000014265),
    (0.04, 5.0, 0.04, 0.3, -0.6, 30, 95.0, 5.63367076642),
    (0.04, 5.0, 0.04, 0.3, -0.6, 30, 100.0, 2.27090228143),
    (0.04, 5.0, 0.04, 0.3, -0.6, 30, 101.0, 1.79466936594),
    (0.04, 5.0, 0.04, 0.3, -0.6, 30, 140.0, 1.2343781703e-12),
    (0.04, 5.0, 0.04, 0.3, -0.6, 365, 70.0, 30.4275515439),
    (0.04, 5.0, 0.04, 0.3, -0.6, 365, 95.0, 10.5311650083),
    (0.04, 5.0, 0.04, 0.3, -0.6, 365, 100.0, 7.83303652896),
    (0.04, 5.0, 0.04, 0.3, -0.6, 365, 101.0, 7.35429363754),
    (0.04, 5.0, 0.04, 0.3, -0.6, 365, 140.0, 0.217040085304),
    (0.36, 2.5, 0.5, 1.2, -0.2, 7, 70.0, 30.0000749984),
    (0.36, 2.5, 0.5, 1.2, -0.2, 7, 95.0, 6.35518670138),
    (0.36, 2.5, 0.5, 1.2, -0.2, 7, 100.0, 3.31713219652),
    (0.36, 2.5, 0.5, 1.2, -0.2, 7, 101.0, 2.85226596394),
    (0.36, 2.5, 0.5, 1.2, -0.2, 7, 140.0, 5.12213870242e-05),
    (0.36, 2.5, 0.5, 1.2, -0.2, 30, 70.0, 30.1727682715),
    (0.36, 2.5, 0.5, 1.2, -0.2, 30, 95.0, 9.56427104323),
    (0.36, 2.5, 0.5, 1.2, -0.2, 30, 100.0, 6.88720803496),
    (0.36, 2.5, 0.5, 1.2, -0.2, 30, 101.0, 6.4227313905),
    (0.36, 2.5, 0.5, 1.2, -0.2, 30, 140.0, 0.18977400845),
    (0.36, 2.5, 0.5, 1.2, -0.2, 365, 70.0, 39.9763812286),
    (0.36, 2.5, 0.5, 1.2, -0.2, 365, 95.0, 27.1721781229),
    (0.36, 2.5, 0.5, 1.2, -0.2, 365, 100.0, 25.1419139541),
    (0.36, 2.5, 0.5, 1.2, -0.2, 365, 101.0, 24.7547897019),
    (0.36, 2.5, 0.5, 1.2, -0.2, 365, 140.0, 13.6802069582),
    (0.01, 0.5, 0.09, 0.8, 0.3, 7, 70.0, 30),
    (0.01, 0.5, 0.09, 0.8, 0.3, 7, 95.0, 5.0001935507),
    (0.01, 0.5, 0.09, 0.8, 0.3, 7, 100.0, 0.536765517685),
    (0.01, 0.5, 0.09, 0.8, 0.3, 7, 101.0, 0.215003117001),
    (0.01, 0.5, 0.09, 0.8, 0.3, 7, 140.0, 4.31769029679e-16),
    (0.01, 0.5, 0.09, 0.8, 0.3, 30, 70.0, 30.0000000053),
    (0.01, 0.5, 0.09, 0.8, 0.3, 30, 95.0, 5.06487713626),
    (0.01, 0.5, 0.09, 0.8, 0.3, 30, 100.0, 1.06233726663),
    (0.01, 0.5, 0.09, 0.8, 0.3, 30, 101.0, 0.71659040347),
    (0.01, 0.5, 0.09, 0.8, 0.3, 30, 140.0, 8.26037160283e-06),
    (0.01, 0.5, 0.09, 0.8, 0.3, 365, 70.0, 30.2156119596),
    (0.01, 0.5, 0.09, 0.8, 0.3, 365, 95.0, 7.73129153588),
    (0.01, 0.5, 0.09, 0.8, 0.3, 365, 100.0, 5.04005418932),
    (0.01, 0.5, 0.09, 0.8, 0.3, 365, 101.0, 4.65947345768),
    (0.01, 0.5, 0.09, 0.8, 0.3, 365, 140.0, 0.89226843633),
    (0.09, 10.0, 0.04, 0.1, 0.0, 7, 70.0, 30),
    (0.09, 10.0, 0.04, 0.1, 0.0, 7, 95.0, 5.19279159509),
    (0.09, 10.0, 0.04, 0.1, 0.0, 7, 100.0, 1.6151929036),
    (0.09, 10.0, 0.04, 0.1, 0.0, 7, 101.0, 1.17204149547),
    (0.09, 10.0, 0.04, 0.1, 0.0, 7, 140.0, 1.45870169363e-16),
    (0.09, 10.0, 0.04, 0.1, 0.0, 30, 70.0, 30.0000036401),
    (0.09, 10.0, 0.04, 0.1, 0.0, 30, 95.0, 6.16664469502),
    (0.09, 10.0, 0.04, 0.1, 0.0, 30, 100.0, 3.1115450428),
    (0.09, 10.0, 0.04, 0.1, 0.0, 30, 101.0, 2.65250466081),
    (0.09, 10.0, 0.04, 0.1, 0.0, 30, 140.0, 1.75611231944e-05),
    (0.09, 10.0, 0.04, 0.1, 0.0, 365, 70.0, 30.3389108115),
    (0.09, 10.0, 0.04, 0.1, 0.0, 365, 95.0, 10.9726147872),
    (0.09, 10.0, 0.04, 0.1, 0.0, 365, 100.0, 8.44493522528),
    (0.09, 10.0, 0.04, 0.1, 0.0, 365, 101.0, 7.99646893195),
    (0.09, 10.0, 0.04, 0.1, 0.0, 365, 140.0, 0.601221891439),
]
