import Market
import Pricing
import RealModule
import Testing

@Suite struct ExoticOptionTests {
    private func years(_ days: Double) -> Double { days / 365 }

    private func expectGreeks(
        _ figures: SpotFigures, at spot: Double, _ sourceLocation: SourceLocation = #_sourceLocation, _ value: (Double) -> Double
    ) {
        let width = 1e-4 * spot
        let (up, down) = (value(spot + width), value(spot - width))
        #expect((figures.delta - (up - down) / (2 * width)).magnitude < 1e-6, sourceLocation: sourceLocation)
        #expect(
            (figures.gamma - (up - 2 * figures.value + down) / (width * width)).magnitude < 1e-5 * (1 + figures.gamma.magnitude),
            sourceLocation: sourceLocation)
    }

    @Test("calls and puts are Black's, and call - put = F - K")
    func vanillas() {
        for strike in [60.0, 100, 140] {
            for deviation in [0.05, 0.3, 1.2] {
                let (call, put) = (SteppedPayoff.option(.call, strike: strike), SteppedPayoff.option(.put, strike: strike))
                for (kind, payoff) in [(OptionKind.call, call), (.put, put)] {
                    let black = Black76.greeks(kind, forward: 100, strike: strike, volatility: deviation, timeToExpiry: 1)
                    let found = payoff.figures(spot: 100, deviation: deviation)
                    #expect((found.value - black.price).magnitude < 1e-12)
                    #expect((found.delta - black.delta).magnitude < 1e-13 && (found.gamma - black.gamma).magnitude < 1e-13)
                }
                let parity = call.figures(spot: 100, deviation: deviation) - put.figures(spot: 100, deviation: deviation)
                #expect((parity.value - 100 + strike).magnitude < 1e-12 && (parity.delta - 1).magnitude < 1e-13)
            }
        }
    }

    @Test("a digital is minus the strike's derivative of the option, and QuantLib's to its digits")
    func digitals() {
        for row in ExoticReference.digitals {
            let deviation = row.volatility * years(row.days).squareRoot()
            let found = SteppedPayoff.digital(row.kind, strike: row.strike).figures(spot: row.spot, deviation: deviation)
            #expect((found.value - row.price).magnitude < 1e-11)
            #expect((found.delta - row.delta).magnitude < 1e-11 && (found.gamma - row.gamma).magnitude < 1e-11)
            func price(_ strike: Double) -> Double {
                SteppedPayoff.option(row.kind, strike: strike).figures(spot: row.spot, deviation: deviation).value
            }
            let slope = (price(row.strike + 1e-3) - price(row.strike - 1e-3)) / 2e-3
            #expect((found.value + row.kind.sign * slope).magnitude < 1e-6)
        }
    }

    @Test("without time left the payoff is left, and where it is cut nothing is lost")
    func payoffs() {
        for kind in OptionKind.allCases {
            let option = SteppedPayoff.option(kind, strike: 100)
            for spot in [80.0, 99, 101, 130] {
                #expect(option(spot) == max(kind.sign * (spot - 100), 0))
                #expect(option.figures(spot: spot, deviation: 0).value == option(spot))
                #expect((option.above(95)(spot) + option.below(95)(spot) - option(spot)).magnitude < 1e-12)
                #expect(option.below(95)(spot) == (spot <= 95 ? option(spot) : 0))
                #expect(SteppedPayoff.digital(kind, strike: 100)(spot) == (kind.sign * (spot - 100) > 0 ? 1 : 0))
            }
        }
    }

    @Test("barrier options are QuantLib's to its digits; their greeks are differences of their prices")
    func barriers() {
        for row in ExoticReference.barriers {
            let deviation = row.volatility * years(row.days).squareRoot()
            let option = SteppedPayoff.option(row.kind, strike: row.strike)
            let side: BarrierOption.Side = row.knock == .upIn || row.knock == .upOut ? .up : .down
            let isIn = row.knock == .upIn || row.knock == .downIn
            func figures(_ spot: Double) -> SpotFigures {
                isIn
                    ? BarrierOption.knockIn(option, side, barrier: row.barrier, spot: spot, deviation: deviation)
                    : BarrierOption.knockOut(option, side, barrier: row.barrier, spot: spot, deviation: deviation)
            }
            #expect((figures(row.spot).value - row.price).magnitude < 1e-9, "\(row)")
            expectGreeks(figures(row.spot), at: row.spot) { figures($0).value }
        }
    }

    @Test("a barrier out of reach changes nothing, one that is met leaves nothing")
    func barrierLimits() {
        let option = SteppedPayoff.option(.put, strike: 100)
        let plain = option.figures(spot: 100, deviation: 0.1)
        for (side, far) in [(BarrierOption.Side.up, 1000.0), (.down, 1)] {
            #expect((BarrierOption.knockOut(option, side, barrier: far, spot: 100, deviation: 0.1).value - plain.value).magnitude < 1e-12)
            #expect(BarrierOption.knockIn(option, side, barrier: far, spot: 100, deviation: 0.1).value.magnitude < 1e-12)
            #expect(BarrierOption.knockOut(option, side, barrier: 100, spot: 100, deviation: 0.1).value == 0)
            let beside = side == .up ? 100.0 - 1e-9 : 100 + 1e-9
            #expect(BarrierOption.knockOut(option, side, barrier: 100, spot: beside, deviation: 0.1).value.magnitude < 1e-7)
        }
    }

    @Test("lookback options are QuantLib's in the limit of no rate; their greeks are differences of their prices")
    func lookbacks() {
        for row in ExoticReference.lookbacks {
            let deviation = row.volatility * years(row.days).squareRoot()
            func price(_ spot: Double) -> Double {
                switch (row.kind, row.strike) {
                case (.call, nil): spot - ExtremeValue.smallest(spot: spot, minimum: row.extreme, deviation: deviation).value
                case (.put, nil): ExtremeValue.largest(spot: spot, maximum: row.extreme, deviation: deviation).value - spot
                case (.call, let strike?):
                    ExtremeValue.largest(spot: spot, maximum: max(row.extreme, strike), deviation: deviation).value - strike
                case (.put, let strike?):
                    strike - ExtremeValue.smallest(spot: spot, minimum: min(row.extreme, strike), deviation: deviation).value
                }
            }
            #expect((price(row.spot) - row.price).magnitude < 2e-6, "\(row)")
            guard row.extreme != row.spot else { continue }
            expectGreeks(ExtremeValue.largest(spot: 101, maximum: 104, deviation: deviation), at: 101) {
                ExtremeValue.largest(spot: $0, maximum: 104, deviation: deviation).value
            }
            expectGreeks(ExtremeValue.smallest(spot: 101, minimum: 95, deviation: deviation), at: 101) {
                ExtremeValue.smallest(spot: $0, minimum: 95, deviation: deviation).value
            }
        }
        #expect(ExtremeValue.largest(spot: 90, maximum: 110, deviation: 0).value == 110)
        #expect((ExtremeValue.largest(spot: 90, maximum: 1e4, deviation: 0.1).value - 1e4).magnitude < 1e-9)
    }

    @Test("options on the geometric mean are QuantLib's; of one fixing they are Black's")
    func averages() {
        for row in ExoticReference.averages {
            func figures(_ spot: Double) -> SpotFigures {
                GeometricAverage.option(
                    row.kind, strike: row.strike, spot: spot, logSum: row.logSum, left: row.fixings - row.past, of: row.fixings,
                    stepDeviation: row.volatility * years(row.days).squareRoot())
            }
            let found = figures(row.spot)
            #expect((found.value - row.price).magnitude < 1e-9 && (found.delta - row.delta).magnitude < 1e-9)
            expectGreeks(found, at: row.spot) { figures($0).value }
        }
        let one = GeometricAverage.option(.call, strike: 95, spot: 100, logSum: 0, left: 1, of: 1, stepDeviation: 0.2)
        let black = SteppedPayoff.option(.call, strike: 95).figures(spot: 100, deviation: 0.2)
        #expect((one.value - black.value).magnitude < 1e-12 && (one.gamma - black.gamma).magnitude < 1e-14)
    }
}
