import Market
import Pricing
import RealModule
import Testing

/// States across the domain: moneyness, volatility, time.
private let states: [(forward: Double, strike: Double, volatility: Double, time: Double)] = {
    var states: [(Double, Double, Double, Double)] = []
    for strike in [60.0, 90, 100, 101, 130, 250] {
        for volatility in [0.1, 0.55, 1.4] {
            for time in [0.01, 0.2, 2.0] { states.append((100, strike, volatility, time)) }
        }
    }
    return states
}()

/// Central difference with one step of Richardson extrapolation.
private func slope(at x: Double, step: Double, _ f: (Double) -> Double) -> Double {
    let wide = (f(x + step) - f(x - step)) / (2 * step)
    let narrow = (f(x + step / 2) - f(x - step / 2)) / step
    return (4 * narrow - wide) / 3
}

@Suite struct Black76Tests {
    @Test("call − put = F − K at every strike and variance", arguments: [0.5, 0.9, 1, 1.1, 2], [0, 1e-8, 0.04, 1])
    func putCallParity(strike: Double, totalVariance: Double) {
        let call = Black76.price(.call, forward: 1, strike: strike, totalVariance: totalVariance)
        let put = Black76.price(.put, forward: 1, strike: strike, totalVariance: totalVariance)
        #expect((call - put).isApproximatelyEqual(to: 1 - strike, absoluteTolerance: 1e-15))
        let coinCall = InverseOption.value(.call, forward: 1.25, strike: strike, totalVariance: totalVariance)
        let coinPut = InverseOption.value(.put, forward: 1.25, strike: strike, totalVariance: totalVariance)
        #expect((coinCall - coinPut).isApproximatelyEqual(to: 1 - strike / 1.25, absoluteTolerance: 1e-15))
    }

    @Test("the price of the reference problem: 2.28715 at F = K = 100, σ = 0.2, 30 days")
    func knownPrice() {
        let price = Black76.price(.call, forward: 100, strike: 100, totalVariance: 0.04 * 30 / 365)
        #expect(price.isApproximatelyEqual(to: 2.28715, absoluteTolerance: 5e-6))
    }

    @Test("price, delta, gamma and vega agree with QuantLib to 13 digits of the forward")
    func quantLib() {
        for (kind, forward, strike, volatility, time, price, delta, gamma, vega) in quantLibGreeks {
            let greeks = Black76.greeks(kind, forward: forward, strike: strike, volatility: volatility, timeToExpiry: time)
            #expect((greeks.price - price).magnitude < 1e-13 * forward)
            #expect((greeks.delta - delta).magnitude < 1e-13)
            #expect((greeks.gamma - gamma).magnitude * forward < 1e-12)
            #expect((greeks.vega - vega).magnitude < 1e-13 * forward)
        }
    }

    @Test("every Greek is the derivative it is named for", arguments: OptionKind.allCases)
    func derivatives(kind: OptionKind) {
        for (forward, strike, volatility, time) in states {
            func at(_ forward: Double, _ volatility: Double, _ time: Double) -> BlackGreeks {
                Black76.greeks(kind, forward: forward, strike: strike, volatility: volatility, timeToExpiry: time)
            }
            let greeks = at(forward, volatility, time)
            #expect(
                greeks.price == Black76.price(kind, forward: forward, strike: strike, totalVariance: volatility * volatility * time)
                    || (greeks.price - Black76.price(kind, forward: forward, strike: strike, totalVariance: volatility * volatility * time))
                        .magnitude < 1e-13
            )
            let deviation = volatility * time.squareRoot()
            let dF = 0.02 * forward * min(deviation, 1)
            let dV = 0.005 * volatility
            let dT = 0.005 * time
            let checks: [(String, Double, Double)] = [
                ("delta", greeks.delta, slope(at: forward, step: dF) { at($0, volatility, time).price }),
                ("gamma", greeks.gamma, slope(at: forward, step: dF) { at($0, volatility, time).delta }),
                ("vega", greeks.vega, slope(at: volatility, step: dV) { at(forward, $0, time).price }),
                ("theta", greeks.theta, -slope(at: time, step: dT) { at(forward, volatility, $0).price }),
                ("vanna", greeks.vanna, slope(at: volatility, step: dV) { at(forward, $0, time).delta }),
                ("vanna by F", greeks.vanna, slope(at: forward, step: dF) { at($0, volatility, time).vega }),
                ("volga", greeks.volga, slope(at: volatility, step: dV) { at(forward, $0, time).vega }),
                ("charm", greeks.charm, -slope(at: time, step: dT) { at(forward, volatility, $0).delta }),
                ("speed", greeks.speed, slope(at: forward, step: dF) { at($0, volatility, time).gamma }),
                ("zomma", greeks.zomma, slope(at: volatility, step: dV) { at(forward, $0, time).gamma }),
                // The spot is held while the rate moves: V(r) = e^{-rT} Black(F e^{rT}).
                (
                    "rho", greeks.rho,
                    slope(at: 0, step: 0.001) { Double.exp(-$0 * time) * at(forward * Double.exp($0 * time), volatility, time).price }
                ),
            ]
            for (name, value, difference) in checks {
                let scale = max(value.magnitude, difference.magnitude, 2e-6 * forward)
                #expect(
                    (value - difference).magnitude < 2e-5 * scale,
                    "\(name) \(value) against \(difference) at K \(strike) σ \(volatility) T \(time)")
            }
        }
    }

    @Test("coin Greeks are derivatives of the coin value", arguments: OptionKind.allCases)
    func coinDerivatives(kind: OptionKind) {
        for (forward, strike, volatility, time) in states {
            func at(_ forward: Double, _ volatility: Double, _ time: Double) -> InverseGreeks {
                InverseOption.greeks(kind, forward: forward, strike: strike, volatility: volatility, timeToExpiry: time)
            }
            let greeks = at(forward, volatility, time)
            let dF = 0.02 * forward * min(volatility * time.squareRoot(), 1)
            let dV = 0.005 * volatility
            let dT = 0.005 * time
            let w = volatility * volatility * time
            #expect(
                greeks.netDelta.isApproximatelyEqual(
                    to: InverseOption.netDelta(kind, forward: forward, strike: strike, totalVariance: w), absoluteTolerance: 1e-14))
            // F² ∂²v/∂F² = F ∂(F ∂v/∂F)/∂F − F ∂v/∂F.
            let second = forward * slope(at: forward, step: dF) { at($0, volatility, time).netDelta } - greeks.netDelta
            let checks: [(String, Double, Double)] = [
                ("net delta", greeks.netDelta, forward * slope(at: forward, step: dF) { at($0, volatility, time).value }),
                ("gamma", greeks.gamma, second),
                ("vega", greeks.vega, slope(at: volatility, step: dV) { at(forward, $0, time).value }),
                ("theta", greeks.theta, -slope(at: time, step: dT) { at(forward, volatility, $0).value }),
                ("vanna", greeks.vanna, slope(at: volatility, step: dV) { at(forward, $0, time).netDelta }),
                ("volga", greeks.volga, slope(at: volatility, step: dV) { at(forward, $0, time).vega }),
                ("charm", greeks.charm, -slope(at: time, step: dT) { at(forward, volatility, $0).netDelta }),
            ]
            for (name, value, difference) in checks {
                let scale = max(value.magnitude, difference.magnitude, 2e-6)
                #expect(
                    (value - difference).magnitude < 2e-5 * scale,
                    "\(name) \(value) against \(difference) at K \(strike) σ \(volatility) T \(time)")
            }
        }
    }

    @Test("gamma, vega, theta, vanna, volga, charm, speed and zomma are the same for call and put; deltas differ by one")
    func sameForBothKinds() {
        for (forward, strike, volatility, time) in states {
            let call = Black76.greeks(.call, forward: forward, strike: strike, volatility: volatility, timeToExpiry: time)
            let put = Black76.greeks(.put, forward: forward, strike: strike, volatility: volatility, timeToExpiry: time)
            for path: KeyPath<BlackGreeks, Double> in [\.gamma, \.vega, \.theta, \.vanna, \.volga, \.charm, \.speed, \.zomma] {
                #expect(call[keyPath: path] == put[keyPath: path])
            }
            #expect((call.delta - put.delta - 1).magnitude < 1e-15)
            #expect((call.rho - put.rho - strike * time).magnitude < 1e-12)
        }
    }

    @Test("at zero volatility or zero time an option is its payoff and has no curvature", arguments: [(0.0, 1.0), (0.5, 0.0), (0, 0)])
    func noVarianceLeft(volatility: Double, time: Double) {
        for (strike, callDelta) in [(90.0, 1.0), (100, 0.5), (110, 0)] {
            let call = Black76.greeks(.call, forward: 100, strike: strike, volatility: volatility, timeToExpiry: time)
            let put = Black76.greeks(.put, forward: 100, strike: strike, volatility: volatility, timeToExpiry: time)
            #expect(call.price == max(100 - strike, 0) && put.price == max(strike - 100, 0))
            #expect(call.delta == callDelta && put.delta == callDelta - 1)
            for path: KeyPath<BlackGreeks, Double> in [\.gamma, \.vega, \.theta, \.vanna, \.volga, \.charm, \.speed, \.zomma] {
                #expect(call[keyPath: path] == 0 && put[keyPath: path] == 0)
            }
        }
    }

    @Test("no Greek is ever NaN or infinite away from F = K, however small the variance")
    func finite() {
        for time in [1e-300, 1e-100, 1e-12, 1e-6] {
            for volatility in [1e-100, 1e-6, 0.5, 5] {
                for strike in [1e-3, 99.99, 100.01, 1e7] {
                    let g = Black76.greeks(.call, forward: 100, strike: strike, volatility: volatility, timeToExpiry: time)
                    let all = [g.price, g.delta, g.gamma, g.vega, g.theta, g.vanna, g.volga, g.charm, g.speed, g.zomma, g.rho]
                    #expect(all.allSatisfy { $0.isFinite }, "\(g) at K \(strike) σ \(volatility) T \(time)")
                }
            }
        }
    }

    @Test("columns hold what one call each gives", arguments: OptionKind.allCases)
    func columns(kind: OptionKind) {
        let forwards = states.map { $0.forward * (1 + $0.volatility / 10) } + [100]
        let volatilities = states.map(\.volatility) + [0.3]
        for time in [0.0, 0.1] {
            let columns = BlackColumns(
                kind, strike: 100, timeToExpiry: time, logSpot: forwards.map { Double.log($0) }, spot: forwards, volatility: volatilities,
                figures: Set(BlackColumns.Figure.allCases))
            for n in forwards.indices {
                let greeks = Black76.greeks(
                    kind, forward: forwards[n], strike: 100, volatility: volatilities[n], timeToExpiry: time)
                let pairs = [
                    (columns.value[n], greeks.price), (columns.delta[n], greeks.delta), (columns.gamma[n], greeks.gamma),
                    (columns.vega[n], greeks.vega), (columns.vanna[n], greeks.vanna),
                ]
                for (found, expected) in pairs {
                    // ln F − ln K, which cancels, against ln(F/K): a few units of rounding of ln F, over the deviation.
                    #expect((found - expected).magnitude <= 1e-12 * max(1, expected.magnitude))
                }
            }
            let part = BlackColumns(
                kind, strike: 100, timeToExpiry: time, logSpot: forwards.map { Double.log($0) }, spot: forwards, volatility: [0.4],
                figures: [.delta])
            #expect(part.delta.count == forwards.count && part.value.isEmpty && part.vanna.isEmpty)
        }
    }
}

/// Kind, F, K, σ, T, price, ∂F, ∂²F, ∂σ by `Tests/References/black76.py`.
private let quantLibGreeks: [(OptionKind, Double, Double, Double, Double, Double, Double, Double, Double)] = [
    (.call, 100.0, 100.0, 0.2, 0.0821917808219178, 2.28715062804497, 0.511435753140224, 0.0695484407697744, 11.4326204005109),
    (.call, 91250.4, 100000.0, 0.612, 0.12, 4435.76190784788, 0.372252887721664, 1.95555906090921e-05, 11958.4022754317),
    (.call, 3071.2, 2500.0, 0.489, 0.35, 682.89259463563, 0.803987892265755, 0.000311290058646501, 502.525787678243),
    (.call, 65000.0, 140000.0, 1.1, 0.02, 0.00113607652091341, 6.03999098569577e-07, 3.01395790052223e-10, 0.0280147386853538),
    (.call, 1.0, 0.6, 0.05, 2.0, 0.400000000000002, 0.999999999999806, 2.03061067214016e-11, 2.03061067214017e-12),
    (.put, 100.0, 100.0, 0.2, 0.0821917808219178, 2.28715062804497, -0.488564246859776, 0.0695484407697744, 11.4326204005109),
    (.put, 91250.4, 100000.0, 0.612, 0.12, 13185.3619078479, -0.627747112278336, 1.95555906090921e-05, 11958.4022754317),
    (.put, 3071.2, 2500.0, 0.489, 0.35, 111.692594635631, -0.196012107734245, 0.000311290058646501, 502.525787678243),
    (.put, 65000.0, 140000.0, 1.1, 0.02, 75000.0011360765, -0.999999396000901, 3.01395790052223e-10, 0.0280147386853538),
    (.put, 1.0, 0.6, 0.05, 2.0, 1.82076576038524e-15, -1.94289029309435e-13, 2.03061067214016e-11, 2.03061067214017e-12),
]
