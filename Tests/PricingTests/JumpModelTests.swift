import Market
import Pricing
import RealModule
import Testing

@Suite struct JumpDiffusionModelTests {
    @Test("without jumps both models give Black's price")
    func noJumps() {
        for jumps in [
            JumpLaw.normal(mean: -0.1, deviation: 0.1), .doubleExponential(upwardProbability: 0.4, upwardRate: 10, downwardRate: 5),
        ] {
            let model = JumpDiffusionModel(volatility: 0.3, jumpIntensity: 0, jumps: jumps)
            for strike in [70.0, 100, 140] {
                let black = Black76.price(.call, forward: 100, strike: strike, totalVariance: 0.09 * 0.5)
                #expect((model.price(.call, forward: 100, strike: strike, timeToExpiry: 0.5) - black).magnitude < 1e-11)
            }
        }
    }

    @Test("Merton's prices are his series")
    func merton() {
        for row in mertonPrices {
            let model = JumpDiffusionModel(volatility: row[0], jumpIntensity: row[1], jumps: .normal(mean: row[2], deviation: row[3]))
            let found = model.price(.call, forward: 100, strike: row[5], timeToExpiry: row[4] / 365)
            #expect((found - row[6]).magnitude < 1e-9, "\(found) at \(row)")
        }
    }

    @Test("Kou's prices are those of an independent integration")
    func kou() {
        for row in kouPrices {
            let model = JumpDiffusionModel(
                volatility: row[0], jumpIntensity: row[1],
                jumps: .doubleExponential(upwardProbability: row[2], upwardRate: row[3], downwardRate: row[4]))
            let found = model.price(.call, forward: 100, strike: row[6], timeToExpiry: row[5] / 365)
            #expect((found - row[7]).magnitude < 2e-8, "\(found) at \(row)")
        }
    }

    @Test("Kou (2002), section 5.2: 9.14732")
    func kouPublished() {
        let model = JumpDiffusionModel(
            volatility: 0.16, jumpIntensity: 1, jumps: .doubleExponential(upwardProbability: 0.4, upwardRate: 10, downwardRate: 5))
        let discount = Double.exp(-0.05 * 0.5)
        let price = discount * model.price(.call, forward: 100 / discount, strike: 98, timeToExpiry: 0.5)
        #expect((price - 9.14732).magnitude < 5e-6)
    }

    @Test("a jump too narrow to see its deviation still integrates: sure jumps of one size are a Poisson sum of Black prices")
    func sureJumps() {
        let (sigma, lambda, m, years) = (0.2, 3.0, -0.15, 0.25)
        let model = JumpDiffusionModel(volatility: sigma, jumpIntensity: lambda, jumps: .normal(mean: m, deviation: 0))
        for strike in [60.0, 95, 130] {
            var weight = Double.exp(-lambda * years)
            var sum = 0.0
            for n in 0..<60 {
                let forward = 100 * Double.exp(Double(n) * m - lambda * Double.expMinusOne(m) * years)
                sum += weight * Black76.price(.call, forward: forward, strike: strike, totalVariance: sigma * sigma * years)
                weight *= lambda * years / Double(n + 1)
            }
            #expect((model.price(.call, forward: 100, strike: strike, timeToExpiry: years) - sum).magnitude < 1e-10)
        }
    }

    @Test("delta, gamma and ∂V/∂σ² are the price's derivatives; put and call keep parity; at expiry the price is the payoff")
    func derivatives() {
        func model(_ volatility: Double) -> JumpDiffusionModel {
            JumpDiffusionModel(
                volatility: volatility, jumpIntensity: 3,
                jumps: .doubleExponential(upwardProbability: 0.4, upwardRate: 20, downwardRate: 15))
        }
        for strike in [90.0, 100, 115] {
            func at(_ forward: Double, _ volatility: Double = 0.25, _ kind: OptionKind = .call) -> FourierGreeks {
                model(volatility).greeks(kind, forward: forward, strike: strike, timeToExpiry: 0.2)
            }
            let greeks = at(100)
            #expect((greeks.price - at(100, 0.25, .put).price - 100 + strike).magnitude < 1e-11)
            #expect((greeks.delta - (at(100.01).price - at(99.99).price) / 0.02).magnitude < 1e-7)
            #expect((greeks.gamma - (at(100.01).delta - at(99.99).delta) / 0.02).magnitude < 1e-7)
            let vega = (at(100, 0.2502).price - at(100, 0.2498).price) / (0.2502 * 0.2502 - 0.2498 * 0.2498)
            #expect((greeks.varianceVega - vega).magnitude < 1e-4)
            #expect(model(0.25).price(.put, forward: 100, strike: strike, timeToExpiry: 0) == max(strike - 100, 0))
        }
    }
}

@Suite struct HestonJumpModelTests {
    static func model(_ row: [Double]) -> HestonJumpModel {
        HestonJumpModel(
            heston: HestonModel(meanReversion: row[1], longRunVariance: row[2], volatilityOfVariance: row[3], correlation: row[4]),
            jumpIntensity: row[5], jumpMean: row[6], jumpVolatility: row[7], varianceJumpMean: row.count > 11 ? row[8] : 0,
            jumpCorrelation: row.count > 11 ? row[9] : 0)
    }

    @Test("without jumps the model is Heston's")
    func noJumps() {
        let heston = HestonModel(meanReversion: 1, longRunVariance: 0.04, volatilityOfVariance: 2, correlation: -0.7)
        let model = HestonJumpModel(
            heston: heston, jumpIntensity: 0, jumpMean: -0.1, jumpVolatility: 0.1, varianceJumpMean: 0.1, jumpCorrelation: -0.4)
        #expect(
            model.greeks(.call, forward: 100, strike: 104, variance: 0.03, timeToExpiry: 0.1)
                == heston.greeks(.call, forward: 100, strike: 104, variance: 0.03, timeToExpiry: 0.1))
    }

    @Test("Bates prices agree with QuantLib")
    func bates() {
        for row in batesPrices {
            let found = Self.model(row).price(.call, forward: 100, strike: row[9], variance: row[0], timeToExpiry: row[8] / 365)
            #expect((found - row[10]).magnitude < 1e-8, "\(found) at \(row)")
        }
    }

    @Test("prices with jumps of the variance agree with a numerical solution of the Riccati equations")
    func svcj() {
        for row in svcjPrices {
            let found = Self.model(row).price(.call, forward: 100, strike: row[11], variance: row[0], timeToExpiry: row[10] / 365)
            #expect((found - row[12]).magnitude < 2e-6, "\(found) at \(row)")
        }
    }

    @Test("Broadie, Kaya (2006), table 5: 6.8619")
    func published() {
        // Theirs is the mean growth of a jump, −0.10, and a rate of 3.19 %.
        let meanLog = Double.log((1 - 0.10) * (1 + 0.38 * 0.05)) - 0.0001 * 0.0001 / 2
        let model = HestonJumpModel(
            heston: HestonModel(meanReversion: 3.46, longRunVariance: 0.008, volatilityOfVariance: 0.14, correlation: -0.82),
            jumpIntensity: 0.47, jumpMean: meanLog, jumpVolatility: 0.0001, varianceJumpMean: 0.05, jumpCorrelation: -0.38)
        #expect((model.meanGrowth + 0.10).magnitude < 1e-14)
        let discount = Double.exp(-0.0319)
        let price = discount * model.price(.call, forward: 100 / discount, strike: 100, variance: 0.007569, timeToExpiry: 1)
        #expect((price - 6.8619).magnitude < 5e-5)
    }

    @Test("delta and ∂V/∂v are the price's derivatives, put and call keep parity")
    func derivatives() {
        let model = HestonJumpModel(
            heston: HestonModel(meanReversion: 4, longRunVariance: 0.4, volatilityOfVariance: 1.5, correlation: -0.3), jumpIntensity: 5,
            jumpMean: -0.02, jumpVolatility: 0.06, varianceJumpMean: 0.3, jumpCorrelation: -0.1)
        func at(_ forward: Double, _ variance: Double, _ kind: OptionKind = .call) -> FourierGreeks {
            model.greeks(kind, forward: forward, strike: 105, variance: variance, timeToExpiry: 0.1)
        }
        let greeks = at(100, 0.4)
        #expect((greeks.price - at(100, 0.4, .put).price + 5).magnitude < 1e-11)
        #expect((greeks.delta - (at(100.01, 0.4).price - at(99.99, 0.4).price) / 0.02).magnitude < 1e-7)
        #expect((greeks.varianceVega - (at(100, 0.4001).price - at(100, 0.3999).price) / 0.0002).magnitude < 1e-5)
    }
}

/// σ, λ, m, δ, days, strike, call at spot 100 without rates, by `Tests/References/jump_models.py`.
private let mertonPrices: [[Double]] = [
    [0.2, 1.0, -0.1, 0.15, 30, 80.0, 20.125615604],
    [0.2, 1.0, -0.1, 0.15, 30, 95.0, 6.03279766566],
    [0.2, 1.0, -0.1, 0.15, 30, 100.0, 2.68748340815],
    [0.2, 1.0, -0.1, 0.15, 30, 105.0, 0.883835326577],
    [0.2, 1.0, -0.1, 0.15, 30, 130.0, 0.00829995946137],
    [0.2, 1.0, -0.1, 0.15, 365, 80.0, 22.8350417245],
    [0.2, 1.0, -0.1, 0.15, 365, 95.0, 12.8288823189],
    [0.2, 1.0, -0.1, 0.15, 365, 100.0, 10.2750629043],
    [0.2, 1.0, -0.1, 0.15, 365, 105.0, 8.11350024545],
    [0.2, 1.0, -0.1, 0.15, 365, 130.0, 2.08073873481],
    [0.5, 8.0, -0.03, 0.03, 30, 80.0, 20.3822241811],
    [0.5, 8.0, -0.03, 0.03, 30, 95.0, 8.57160066668],
    [0.5, 8.0, -0.03, 0.03, 30, 100.0, 5.86855520646],
    [0.5, 8.0, -0.03, 0.03, 30, 105.0, 3.83561878749],
    [0.5, 8.0, -0.03, 0.03, 30, 130.0, 0.243408308437],
    [0.5, 8.0, -0.03, 0.03, 365, 80.0, 29.9020536682],
    [0.5, 8.0, -0.03, 0.03, 365, 95.0, 22.3645943805],
    [0.5, 8.0, -0.03, 0.03, 365, 100.0, 20.2732032079],
    [0.5, 8.0, -0.03, 0.03, 365, 105.0, 18.369646727],
    [0.5, 8.0, -0.03, 0.03, 365, 130.0, 11.1940242339],
    [0.15, 0.3, 0.2, 0.05, 30, 80.0, 20.0000001439],
    [0.15, 0.3, 0.2, 0.05, 30, 95.0, 5.29975043853],
    [0.15, 0.3, 0.2, 0.05, 30, 100.0, 1.95020219443],
    [0.15, 0.3, 0.2, 0.05, 30, 105.0, 0.625164738143],
    [0.15, 0.3, 0.2, 0.05, 30, 130.0, 0.0220593802004],
    [0.15, 0.3, 0.2, 0.05, 365, 80.0, 20.7516298815],
    [0.15, 0.3, 0.2, 0.05, 365, 95.0, 9.95995459263],
    [0.15, 0.3, 0.2, 0.05, 365, 100.0, 7.5179267349],
    [0.15, 0.3, 0.2, 0.05, 365, 105.0, 5.61083635291],
    [0.15, 0.3, 0.2, 0.05, 365, 130.0, 1.21742861038],
]

/// v₀, κ, θ, ξ, ρ, λ, m, δ, days, strike, call at spot 100 without rates, by `Tests/References/jump_models.py`.
private let batesPrices: [[Double]] = [
    [0.04, 1.0, 0.04, 2.0, -0.7, 1.0, -0.1, 0.15, 30, 80.0, 20.198392716],
    [0.04, 1.0, 0.04, 2.0, -0.7, 1.0, -0.1, 0.15, 30, 95.0, 6.26978117185],
    [0.04, 1.0, 0.04, 2.0, -0.7, 1.0, -0.1, 0.15, 30, 100.0, 2.25834819678],
    [0.04, 1.0, 0.04, 2.0, -0.7, 1.0, -0.1, 0.15, 30, 105.0, 0.356139840648],
    [0.04, 1.0, 0.04, 2.0, -0.7, 1.0, -0.1, 0.15, 30, 130.0, 0.00701135572816],
    [0.04, 1.0, 0.04, 2.0, -0.7, 1.0, -0.1, 0.15, 365, 80.0, 22.6356923932],
    [0.04, 1.0, 0.04, 2.0, -0.7, 1.0, -0.1, 0.15, 365, 95.0, 11.3105049851],
    [0.04, 1.0, 0.04, 2.0, -0.7, 1.0, -0.1, 0.15, 365, 100.0, 8.20797822042],
    [0.04, 1.0, 0.04, 2.0, -0.7, 1.0, -0.1, 0.15, 365, 105.0, 5.49067908852],
    [0.04, 1.0, 0.04, 2.0, -0.7, 1.0, -0.1, 0.15, 365, 130.0, 0.58358777054],
    [0.5, 6.0, 0.5, 2.0, -0.4, 8.0, -0.03, 0.03, 30, 80.0, 21.5428454283],
    [0.5, 6.0, 0.5, 2.0, -0.4, 8.0, -0.03, 0.03, 30, 95.0, 10.6760485714],
    [0.5, 6.0, 0.5, 2.0, -0.4, 8.0, -0.03, 0.03, 30, 100.0, 7.9842981304],
    [0.5, 6.0, 0.5, 2.0, -0.4, 8.0, -0.03, 0.03, 30, 105.0, 5.79635900728],
    [0.5, 6.0, 0.5, 2.0, -0.4, 8.0, -0.03, 0.03, 30, 130.0, 0.794784570131],
    [0.5, 6.0, 0.5, 2.0, -0.4, 8.0, -0.03, 0.03, 365, 80.0, 35.8110286065],
    [0.5, 6.0, 0.5, 2.0, -0.4, 8.0, -0.03, 0.03, 365, 95.0, 28.7781493057],
    [0.5, 6.0, 0.5, 2.0, -0.4, 8.0, -0.03, 0.03, 365, 100.0, 26.7430651405],
    [0.5, 6.0, 0.5, 2.0, -0.4, 8.0, -0.03, 0.03, 365, 105.0, 24.849009211],
    [0.5, 6.0, 0.5, 2.0, -0.4, 8.0, -0.03, 0.03, 365, 130.0, 17.2146115182],
    [0.02, 3.0, 0.09, 0.4, 0.2, 0.5, 0.1, 0.02, 30, 80.0, 20.0000115556],
    [0.02, 3.0, 0.09, 0.4, 0.2, 0.5, 0.1, 0.02, 30, 95.0, 5.35736946294],
    [0.02, 3.0, 0.09, 0.4, 0.2, 0.5, 0.1, 0.02, 30, 100.0, 2.02954527085],
    [0.02, 3.0, 0.09, 0.4, 0.2, 0.5, 0.1, 0.02, 30, 105.0, 0.586007988647],
    [0.02, 3.0, 0.09, 0.4, 0.2, 0.5, 0.1, 0.02, 30, 130.0, 0.00060950905104],
    [0.02, 3.0, 0.09, 0.4, 0.2, 0.5, 0.1, 0.02, 365, 80.0, 22.5827287138],
    [0.02, 3.0, 0.09, 0.4, 0.2, 0.5, 0.1, 0.02, 365, 95.0, 13.0308287137],
    [0.02, 3.0, 0.09, 0.4, 0.2, 0.5, 0.1, 0.02, 365, 100.0, 10.6702236403],
    [0.02, 3.0, 0.09, 0.4, 0.2, 0.5, 0.1, 0.02, 365, 105.0, 8.68569708689],
    [0.02, 3.0, 0.09, 0.4, 0.2, 0.5, 0.1, 0.02, 365, 130.0, 2.96504589943],
]

/// σ, λ, p, η₁, η₂, days, strike, call at spot 100 without rates, by `Tests/References/jump_models.py`.
private let kouPrices: [[Double]] = [
    [0.16, 1.0, 0.4, 10.0, 5.0, 30, 80.0, 20.21981145],
    [0.16, 1.0, 0.4, 10.0, 5.0, 30, 95.0, 5.826971174],
    [0.16, 1.0, 0.4, 10.0, 5.0, 30, 100.0, 2.302409252],
    [0.16, 1.0, 0.4, 10.0, 5.0, 30, 105.0, 0.6492100817],
    [0.16, 1.0, 0.4, 10.0, 5.0, 30, 130.0, 0.03993788636],
    [0.16, 1.0, 0.4, 10.0, 5.0, 365, 80.0, 23.06361987],
    [0.16, 1.0, 0.4, 10.0, 5.0, 365, 95.0, 12.50437214],
    [0.16, 1.0, 0.4, 10.0, 5.0, 365, 100.0, 9.801494741],
    [0.16, 1.0, 0.4, 10.0, 5.0, 365, 105.0, 7.549206918],
    [0.16, 1.0, 0.4, 10.0, 5.0, 365, 130.0, 1.771156137],
    [0.5, 10.0, 0.3, 25.0, 20.0, 30, 80.0, 20.50846277],
    [0.5, 10.0, 0.3, 25.0, 20.0, 30, 95.0, 8.845220421],
    [0.5, 10.0, 0.3, 25.0, 20.0, 30, 100.0, 6.148564483],
    [0.5, 10.0, 0.3, 25.0, 20.0, 30, 105.0, 4.096840911],
    [0.5, 10.0, 0.3, 25.0, 20.0, 30, 130.0, 0.3107948401],
    [0.5, 10.0, 0.3, 25.0, 20.0, 365, 80.0, 30.77223712],
    [0.5, 10.0, 0.3, 25.0, 20.0, 365, 95.0, 23.37847459],
    [0.5, 10.0, 0.3, 25.0, 20.0, 365, 100.0, 21.31313905],
    [0.5, 10.0, 0.3, 25.0, 20.0, 365, 105.0, 19.42580447],
    [0.5, 10.0, 0.3, 25.0, 20.0, 365, 130.0, 12.21709526],
    [0.2, 3.0, 0.8, 12.0, 40.0, 30, 80.0, 20.00049306],
    [0.2, 3.0, 0.8, 12.0, 40.0, 30, 95.0, 5.849670137],
    [0.2, 3.0, 0.8, 12.0, 40.0, 30, 100.0, 2.882951845],
    [0.2, 3.0, 0.8, 12.0, 40.0, 30, 105.0, 1.370340704],
    [0.2, 3.0, 0.8, 12.0, 40.0, 30, 130.0, 0.1314067158],
    [0.2, 3.0, 0.8, 12.0, 40.0, 365, 80.0, 22.56096097],
    [0.2, 3.0, 0.8, 12.0, 40.0, 365, 95.0, 13.26540542],
    [0.2, 3.0, 0.8, 12.0, 40.0, 365, 100.0, 10.99173227],
    [0.2, 3.0, 0.8, 12.0, 40.0, 365, 105.0, 9.080693583],
    [0.2, 3.0, 0.8, 12.0, 40.0, 365, 130.0, 3.469874494],
]

/// v₀, κ, θ, ξ, ρ, λ, m, δ, μ, ρ_J, days, strike, call at spot 100 without rates, by `Tests/References/jump_models.py`.
private let svcjPrices: [[Double]] = [
    [0.007569, 3.46, 0.008, 0.14, -0.82, 0.47, -0.1, 0.0001, 0.05, -0.38, 30, 80.0, 20.0070466],
    [0.007569, 3.46, 0.008, 0.14, -0.82, 0.47, -0.1, 0.0001, 0.05, -0.38, 30, 95.0, 5.26364385],
    [0.007569, 3.46, 0.008, 0.14, -0.82, 0.47, -0.1, 0.0001, 0.05, -0.38, 30, 100.0, 1.1937326],
    [0.007569, 3.46, 0.008, 0.14, -0.82, 0.47, -0.1, 0.0001, 0.05, -0.38, 30, 105.0, 0.011547339],
    [0.007569, 3.46, 0.008, 0.14, -0.82, 0.47, -0.1, 0.0001, 0.05, -0.38, 30, 130.0, 8.77586265e-08],
    [0.007569, 3.46, 0.008, 0.14, -0.82, 0.47, -0.1, 0.0001, 0.05, -0.38, 365, 80.0, 20.7156837],
    [0.007569, 3.46, 0.008, 0.14, -0.82, 0.47, -0.1, 0.0001, 0.05, -0.38, 365, 95.0, 8.29737736],
    [0.007569, 3.46, 0.008, 0.14, -0.82, 0.47, -0.1, 0.0001, 0.05, -0.38, 365, 100.0, 5.1476335],
    [0.007569, 3.46, 0.008, 0.14, -0.82, 0.47, -0.1, 0.0001, 0.05, -0.38, 365, 105.0, 2.74951465],
    [0.007569, 3.46, 0.008, 0.14, -0.82, 0.47, -0.1, 0.0001, 0.05, -0.38, 365, 130.0, 0.00961216722],
    [0.4, 4.0, 0.4, 1.5, -0.3, 5.0, -0.02, 0.06, 0.3, -0.1, 30, 80.0, 21.4164691],
    [0.4, 4.0, 0.4, 1.5, -0.3, 5.0, -0.02, 0.06, 0.3, -0.1, 30, 95.0, 10.4430323],
    [0.4, 4.0, 0.4, 1.5, -0.3, 5.0, -0.02, 0.06, 0.3, -0.1, 30, 100.0, 7.74952769],
    [0.4, 4.0, 0.4, 1.5, -0.3, 5.0, -0.02, 0.06, 0.3, -0.1, 30, 105.0, 5.58036994],
    [0.4, 4.0, 0.4, 1.5, -0.3, 5.0, -0.02, 0.06, 0.3, -0.1, 30, 130.0, 0.755791846],
    [0.4, 4.0, 0.4, 1.5, -0.3, 5.0, -0.02, 0.06, 0.3, -0.1, 365, 80.0, 39.5726733],
    [0.4, 4.0, 0.4, 1.5, -0.3, 5.0, -0.02, 0.06, 0.3, -0.1, 365, 95.0, 33.0819898],
    [0.4, 4.0, 0.4, 1.5, -0.3, 5.0, -0.02, 0.06, 0.3, -0.1, 365, 100.0, 31.1801277],
    [0.4, 4.0, 0.4, 1.5, -0.3, 5.0, -0.02, 0.06, 0.3, -0.1, 365, 105.0, 29.3968052],
    [0.4, 4.0, 0.4, 1.5, -0.3, 5.0, -0.02, 0.06, 0.3, -0.1, 365, 130.0, 22.0221706],
]
