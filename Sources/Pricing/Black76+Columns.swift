public import Market
import Probability
import RealModule

/// Prices and the Greeks that hedges read, of one contract in N states, a column each.
///
/// Filled again and again by simulated markets, so the storage is kept between calls.
public struct OptionColumns: Sendable, Equatable {
    public private(set) var values: [Double]
    /// Black delta, or net delta where the columns were filled by `InverseOption`.
    public private(set) var deltas: [Double]
    public private(set) var gammas: [Double]
    public private(set) var vegas: [Double]
    public private(set) var vannas: [Double]

    public init(count: Int = 0) {
        values = Array(repeating: 0, count: count)
        deltas = values
        gammas = values
        vegas = values
        vannas = values
    }

    /// N.
    public var count: Int { values.count }

    fileprivate mutating func fill(
        _ kind: OptionKind, forwards: [Double], strike: Double, volatilities: [Double], timeToExpiry: Double, inverse: Bool
    ) {
        let count = forwards.count
        precondition(volatilities.count == count || volatilities.count == 1, "\(volatilities.count) volatilities for \(count) forwards")
        precondition(strike > 0 && timeToExpiry >= 0)
        if self.count != count { self = OptionColumns(count: count) }
        let root = timeToExpiry.squareRoot()
        let omega = kind.sign
        let stride = volatilities.count == 1 ? 0 : 1
        forwards.withUnsafeBufferPointer { forwards in
            volatilities.withUnsafeBufferPointer { volatilities in
                values.withUnsafeMutableBufferPointer { values in
                    deltas.withUnsafeMutableBufferPointer { deltas in
                        gammas.withUnsafeMutableBufferPointer { gammas in
                            vegas.withUnsafeMutableBufferPointer { vegas in
                                vannas.withUnsafeMutableBufferPointer { vannas in
                                    for n in 0..<count {
                                        let forward = forwards[n]
                                        let volatility = volatilities[n &* stride]
                                        let deviation = volatility * root
                                        let (d1, d2) = Black76.moneynessInDeviations(
                                            forward: forward, strike: strike, deviation: deviation)
                                        let delta = omega * NormalDistribution.cdf(omega * d1)
                                        var value = forward * delta - omega * strike * NormalDistribution.cdf(omega * d2)
                                        var gamma = 0.0
                                        var vega = 0.0
                                        var vanna = 0.0
                                        if deviation > 0 {
                                            let density = NormalDistribution.density(d1)
                                            gamma = density / (forward * deviation)
                                            vega = forward * density * root
                                            vanna = -density * d2 / volatility
                                        } else {
                                            value = max(omega * (forward - strike), 0)
                                        }
                                        guard inverse else {
                                            values[n] = value
                                            deltas[n] = delta
                                            gammas[n] = gamma
                                            vegas[n] = vega
                                            vannas[n] = vanna
                                            continue
                                        }
                                        let coin = value / forward
                                        let coinVega = vega / forward
                                        values[n] = coin
                                        deltas[n] = delta - coin
                                        gammas[n] = forward * gamma - 2 * (delta - coin)
                                        vegas[n] = coinVega
                                        vannas[n] = vanna - coinVega
                                    }
                                }
                            }
                        }
                    }
                }
            }
        }
    }
}

extension Black76 {
    /// Fills price, Black delta, gamma, vega and vanna of one contract in N states.
    ///
    /// - Parameter volatilities: N of them, or one for all.
    public static func fill(
        _ columns: inout OptionColumns, _ kind: OptionKind, forwards: [Double], strike: Double, volatilities: [Double],
        timeToExpiry: Double
    ) {
        columns.fill(
            kind, forwards: forwards, strike: strike, volatilities: volatilities, timeToExpiry: timeToExpiry, inverse: false)
    }
}

extension InverseOption {
    /// Fills coin value, net delta, coin gamma, coin vega and coin vanna of one contract in N states.
    ///
    /// - Parameter volatilities: N of them, or one for all.
    public static func fill(
        _ columns: inout OptionColumns, _ kind: OptionKind, forwards: [Double], strike: Double, volatilities: [Double],
        timeToExpiry: Double
    ) {
        columns.fill(kind, forwards: forwards, strike: strike, volatilities: volatilities, timeToExpiry: timeToExpiry, inverse: true)
    }
}
