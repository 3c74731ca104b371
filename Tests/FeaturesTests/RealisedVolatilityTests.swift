import Features
import Market
import Probability
import RealModule
import Testing

@Suite struct RealisedVolatilityTests {
    let hour = 3_600_000_000_000 as Int64
    let hoursPerYear = 8760.0

    func bars(_ rows: [(Double, Double, Double, Double)]) -> ArraySlice<PriceBar> {
        PriceHistory(
            rows.enumerated().map {
                PriceBar(
                    end: Timestamp(nanoseconds: Int64($0.offset) * hour), open: $0.element.0, high: $0.element.1, low: $0.element.2,
                    close: $0.element.3)
            }
        ).bars[...]
    }

    @Test("Each estimator is its formula on four bars worked by hand")
    func byHand() throws {
        let e = { Double.exp($0) }
        // Logs: open, high, low, close.
        let logs = [(0.0, 0.03, -0.01, 0.01), (0.01, 0.02, -0.03, -0.02), (-0.02, 0.02, -0.02, 0.02), (0.02, 0.05, 0.0, 0.04)]
        let sample = bars(logs.map { (e($0.0), e($0.1), e($0.2), e($0.3)) })
        let near = { (found: Double?, perBar: Double) in
            #expect(((found ?? .nan) / (perBar * hoursPerYear) - 1).magnitude < 1e-12)
        }
        // Returns −0.03, 0.04, 0.02: mean 0.01, squares 0.0016 + 0.0009 + 0.0001 over 2.
        near(RealisedVolatility.closeToClose(sample), 0.0026 / 2)
        // Ranges 0.04, 0.05, 0.04, 0.05.
        near(RealisedVolatility.parkinson(sample), (0.0016 + 0.0025 + 0.0016 + 0.0025) / (16 * Double.log(2)))
        // Moves 0.01, −0.03, 0.04, 0.02.
        near(
            RealisedVolatility.garmanKlass(sample),
            (0.0082 / 2 - (2 * Double.log(2) - 1) * (0.0001 + 0.0009 + 0.0016 + 0.0004)) / 4)
        // ln(H/C) ln(H/O) + ln(L/C) ln(L/O) by bar.
        let rogers = [0.02 * 0.03 + 0.02 * 0.01, 0.04 * 0.01 + 0.01 * 0.04, 0.0 * 0.04 + 0.04 * 0.0, 0.01 * 0.03 + 0.04 * 0.02]
        near(RealisedVolatility.rogersSatchell(sample), rogers.reduce(0, +) / 4)
        // No gaps; n = 3 bars after the first, moves −0.03, 0.04, 0.02.
        let kappa = 0.34 / (1.34 + 4.0 / 2)
        near(RealisedVolatility.yangZhang(sample), kappa * 0.0013 + (1 - kappa) * (rogers[1] + rogers[2] + rogers[3]) / 3)
    }

    @Test("On a simulated Brownian path all estimators find its volatility")
    func brownian() throws {
        let stream = RandomStream(seed: 3, purpose: .data)
        let volatility = 0.6
        let ticks = 500
        var log = 0.0
        let rows = (0..<800).map { bar in
            let open = log
            var (high, low) = (log, log)
            for tick in 0..<ticks {
                log += volatility * (1 / (hoursPerYear * Double(ticks))).squareRoot() * stream.normal(path: bar, step: tick)
                high = max(high, log)
                low = min(low, log)
            }
            return (Double.exp(open), Double.exp(high), Double.exp(low), Double.exp(log))
        }
        let sample = bars(rows)
        for (name, variance, tolerance) in [
            // Standard error of a variance from 800 bars: √(2/800) = 5 %; range estimators do better but see only 500 ticks a bar.
            ("close", RealisedVolatility.closeToClose(sample), 0.08), ("parkinson", RealisedVolatility.parkinson(sample), 0.06),
            ("garman-klass", RealisedVolatility.garmanKlass(sample), 0.06), ("rogers", RealisedVolatility.rogersSatchell(sample), 0.06),
            ("yang-zhang", RealisedVolatility.yangZhang(sample), 0.06),
            ("ewma", RealisedVolatility.exponential(sample, until: sample.last!.end, halfLifeDays: 10), 0.12),
        ] {
            let found = try #require(variance).squareRoot()
            #expect((found / volatility - 1).magnitude < tolerance, "\(name): \(found)")
        }
        #expect(try #require(RealisedVolatility.jumpShare(sample)) < 0.1)
    }

    @Test("A jump is seen by the jump share, and uneven bars leave the exponential estimate unbiased")
    func jumps() throws {
        let quiet = (0..<200).map { i in 100 * Double.exp(0.001 * (i % 2 == 0 ? 1.0 : -1)) }
        let jumped = quiet.enumerated().map { $0.offset < 100 ? $0.element : $0.element * 1.1 }
        let share = { (prices: [Double]) in RealisedVolatility.jumpShare(bars(prices.map { ($0, $0, $0, $0) })) }
        #expect(try #require(share(jumped)) > 0.75)
        #expect(try #require(share(quiet)) == 0)
        // r² proportional to Δt in every bar: any weights give the same variance.
        var time: Int64 = 0
        var log = 0.0
        let uneven = PriceHistory(
            (0..<50).map { i in
                let step = Int64(1 + i % 5)
                time += step * hour
                log += (i % 2 == 0 ? 1 : -1) * (0.25 * Double(step) / hoursPerYear).squareRoot()
                return PriceBar(Double.exp(log), at: Timestamp(nanoseconds: time))
            })
        for halfLife in [0.1, 1, 30] {
            let found = try #require(
                RealisedVolatility.exponential(uneven.bars[...], until: Timestamp(nanoseconds: time), halfLifeDays: halfLife))
            #expect((found - 0.25).magnitude < 1e-12)
        }
    }

    @Test("Too little history measures nothing")
    func tooFew() {
        let one = bars([(1, 2, 0.5, 1)])
        #expect(RealisedVolatility.closeToClose(one) == nil && RealisedVolatility.parkinson(one) == nil)
        #expect(RealisedVolatility.yangZhang(one) == nil && RealisedVolatility.jumpShare(one) == nil)
        #expect(RealisedVolatility.exponential(one, until: one[0].end, halfLifeDays: 1) == nil)
        // Observations without ranges have no range estimate.
        #expect(RealisedVolatility.parkinson(bars([(1, 1, 1, 1), (2, 2, 2, 2), (3, 3, 3, 3)])) == nil)
    }

    @Test("A history sorts its bars and drops those that are not prices")
    func validity() {
        let at = { Timestamp(nanoseconds: $0 * hour) }
        let history = PriceHistory([
            PriceBar(3, at: at(3)), PriceBar(.nan, at: at(2)), PriceBar(-1, at: at(1)), PriceBar(1, at: at(0)), PriceBar(9, at: at(3)),
            PriceBar(end: at(4), open: 1, high: 0.5, low: 0.2, close: 1),
        ])
        #expect(history.bars.map(\.close) == [1, 3])
        #expect(history.known(at: at(2)).bars.map(\.close) == [1])
        #expect(history.last(days: 3 / 24, before: at(3)).map(\.close) == [3])
    }
}
