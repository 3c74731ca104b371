import Market
import Pricing
import Probability
import RealModule
import Stochastics
import Surface
import Testing

@Suite struct LocalVarianceTests {
    static let surface = SurfaceCalibration().fit(SimulatedChain().snapshot).surface!

    @Test("local variance is Dupire's, from differences of the call prices", arguments: [-0.1, 0, 0.08], [20.0, 60])
    func dupire(k: Double, days: Double) {
        let surface = Self.surface
        func call(_ strike: Double, _ time: Double) -> Double {
            Black76.price(
                .call, forward: 1, strike: strike, totalVariance: surface.totalVariance(logMoneyness: .log(strike), timeToExpiry: time))
        }
        let (years, strike, dk, dt) = (days / 365, Double.exp(k), 1e-3, 1e-5)
        let slope = (call(strike, years + dt) - call(strike, years - dt)) / (2 * dt)
        let density = (call(strike + dk, years) - 2 * call(strike, years) + call(strike - dk, years)) / (dk * dk)
        let expected = 2 * slope / (strike * strike * density)
        let found = surface.localVariance(logMoneyness: k, timeToExpiry: years)
        #expect((found / expected - 1).magnitude < 2e-3, "\(found) for \(expected)")
    }

    @Test("a flat surface has one local variance, in the table too")
    func flat() {
        let slices = [10.0, 40].map { days in
            SurfaceSlice(
                expiry: SimulatedChain.expiry(days: days), timeToExpiry: days / 365, forward: 100,
                smile: .svi(SVISlice(flat: 0.25 * days / 365)), quoted: -1...1)
        }
        let table = VolatilitySurface(time: SimulatedChain.time, currency: "BTC", index: 100, slices: slices).localVarianceTable()
        for value in table.values { #expect((value - 0.25).magnitude < 1e-12) }
        #expect(table.ends.count == 24 && (table.ends[11] - 10.0 / 365).magnitude < 1e-15)
    }

    @Test("between its columns the table is linear, beyond them constant, and cells end at the expiries")
    func table() {
        let table = LocalVarianceTable(ends: [0.1, 0.3], reach: [1, 2], columns: 3) { x, years in 1 + x * x + 10 * years }
        #expect((table.variance(0, years: 0.1) - 1.5).magnitude < 1e-12 && (table.variance(0, years: 0.100001) - 3).magnitude < 1e-12)
        #expect((table.variance(0.5, years: 0.05) - 2).magnitude < 1e-12 && (table.variance(9, years: 0.05) - 2.5).magnitude < 1e-12)
        #expect((table.variance(-9, years: 7) - 7).magnitude < 1e-12)
    }

    @Test("paths of the fitted surface's local volatility price its own options, at every expiry they cross")
    func reprices() {
        let surface = Self.surface
        let grid = TimeGrid(maturityDays: 94, daysPerYear: 365, steps: 94)
        let simulator = LocalVolatilitySimulator(spot: 1, local: .table(surface.localVarianceTable()), substeps: 8)
        let block = simulator.paths(0..<60_000, on: grid, stream: RandomStream(seed: 5, purpose: .evaluationPaths))
        for step in [3, 10, 31, 94] {
            let years = grid.time(step)
            let root = surface.totalVariance(logMoneyness: 0, timeToExpiry: years).squareRoot()
            for h in [-1.5, -0.7, 0, 0.7, 1.5] {
                let strike = Double.exp(h * root)
                let kind: OptionKind = h < 0 ? .put : .call
                let payoffs = block.spot[step].map { max(kind.sign * ($0 - strike), 0) }
                let mean = payoffs.reduce(0, +) / Double(payoffs.count)
                let variance = payoffs.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / Double(payoffs.count - 1)
                let error = (variance / Double(payoffs.count)).squareRoot()
                let exact = Black76.price(
                    kind, forward: 1, strike: strike, totalVariance: surface.totalVariance(logMoneyness: .log(strike), timeToExpiry: years))
                // A tenth of a volatility point of step size, beside four standard errors.
                #expect((mean - exact).magnitude < 4 * error + 0.001 * root * 0.4, "\(mean) ± \(error) for \(exact) at h \(h), day \(step)")
            }
        }
    }
}
