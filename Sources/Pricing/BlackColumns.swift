public import Market
import Probability
import RealModule

/// Black's figures of one option for N forwards at once, a column each; as ``Black76/greeks(_:forward:strike:volatility:timeToExpiry:)``.
public struct BlackColumns: Sendable, Equatable {
    public enum Figure: Hashable, Sendable, CaseIterable { case value, delta, gamma, vega, vanna }

    public private(set) var value: [Double] = []
    public private(set) var delta: [Double] = []
    public private(set) var gamma: [Double] = []
    public private(set) var vega: [Double] = []
    public private(set) var vanna: [Double] = []

    /// Only the figures asked for are filled; the others stay empty.
    ///
    /// - Parameters:
    ///   - logSpot: The logarithms of `spot`, which simulated paths hold already.
    ///   - spot: N forwards: rates are zero.
    ///   - volatility: N values, or one for all. At zero total variance the figures are the intrinsic ones, delta ω/2 at the money.
    public init(
        _ kind: OptionKind, strike: Double, timeToExpiry: Double, logSpot: [Double], spot: [Double], volatility: [Double],
        figures: Set<Figure>
    ) {
        let count = spot.count
        precondition(logSpot.count == count, "\(logSpot.count) logarithms of \(count) spots")
        precondition(volatility.count == count || volatility.count == 1, "\(volatility.count) volatilities for \(count) spots")
        let constant = volatility.count == 1
        let omega = kind.sign
        let logStrike = Double.log(strike)
        let root = timeToExpiry.squareRoot()
        func column(_ figure: Figure) -> [Double] { figures.contains(figure) ? [Double](repeating: 0, count: count) : [] }
        value = column(.value)
        delta = column(.delta)
        gamma = column(.gamma)
        vega = column(.vega)
        vanna = column(.vanna)
        let needsTails = figures.contains(.value) || figures.contains(.delta)
        let needsDensity = figures.contains(.gamma) || figures.contains(.vega) || figures.contains(.vanna)
        for i in 0..<count {
            let deviation = (constant ? volatility[0] : volatility[i]) * root
            guard deviation > 0 else {
                let inside = omega * (spot[i] - strike) > 0
                if !value.isEmpty { value[i] = inside ? omega * (spot[i] - strike) : 0 }
                if !delta.isEmpty { delta[i] = spot[i] == strike ? omega / 2 : inside ? omega : 0 }
                continue
            }
            let d1 = (logSpot[i] - logStrike) / deviation + deviation / 2
            let d2 = d1 - deviation
            if needsTails {
                let first = NormalDistribution.cdf(omega * d1)
                if !delta.isEmpty { delta[i] = omega * first }
                if !value.isEmpty { value[i] = omega * (spot[i] * first - strike * NormalDistribution.cdf(omega * d2)) }
            }
            if needsDensity {
                let density = NormalDistribution.density(d1)
                if !gamma.isEmpty { gamma[i] = density / (spot[i] * deviation) }
                if !vega.isEmpty { vega[i] = spot[i] * density * root }
                if !vanna.isEmpty { vanna[i] = -density * d2 * root / deviation }
            }
        }
    }
}
