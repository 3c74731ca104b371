import Pricing
import RealModule
import Testing

@Suite struct SABRSmileTests {
    @Test("without volatility of volatility and with β = 1 it is flat")
    func flat() {
        let smile = SABRSmile(alpha: 0.3, volatilityOfVolatility: 0, correlation: -0.5)
        for strike in [5, 9.999, 10, 20.0] {
            #expect((smile.impliedVolatility(forward: 10, strike: strike, timeToExpiry: 2) - 0.3).magnitude < 1e-15)
        }
    }

    @Test("the smile has no seam at the money", arguments: [1, 0.5, 0])
    func seam(beta: Double) {
        let smile = SABRSmile(alpha: 0.3 * Double.pow(10, 1 - beta), beta: beta, volatilityOfVolatility: 0.4, correlation: -0.7)
        let values = [-1e-5, -1e-9, 0, 1e-9, 1e-5].map {
            smile.impliedVolatility(forward: 10, strike: 10 * Double.exp($0), timeToExpiry: 0.5)
        }
        for value in values { #expect((value - values[2]).magnitude < 1e-5) }
        #expect((values[0] + values[4] - 2 * values[2]).magnitude < 1e-9)
    }

    @Test("agrees with QuantLib's sabrVolatility", arguments: SABRReference.rows)
    func reference(row: [Double]) {
        let smile = SABRSmile(alpha: row[3], beta: row[4], volatilityOfVolatility: row[5], correlation: row[6])
        let found = smile.impliedVolatility(forward: row[0], strike: row[1], timeToExpiry: row[2])
        #expect((found / row[7] - 1).magnitude < 1e-9)
    }
}
