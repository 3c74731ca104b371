public import Market
import VectorKernels

/// σ√T of many options at once: whole chains, calls and puts, in any order.
///
/// Where the processor has AVX-512 eight are solved together, to a relative error of two units of 2⁻⁵²; what the kernel leaves, and
/// everything elsewhere, goes through ``ImpliedVolatility/totalDeviation(_:price:forward:strike:)``.
public struct ImpliedDeviations: Sendable, Equatable {
    /// A price without a volatility.
    public struct Refusal: Sendable, Equatable {
        /// Its place among the prices.
        public var index: Int
        public var reason: ImpliedVolatilityError
    }

    /// One for each price; NaN where there is none.
    public private(set) var values: [Double]
    /// Why there is none, in order of the prices.
    public private(set) var refusals: [Refusal] = []

    /// - Parameters:
    ///   - kinds: N, as prices, forwards and strikes. Forwards and strikes positive and finite.
    ///   - prices: Undiscounted: in the unit of forward and strike where linear, in coin where inverse. The reasons of refusals speak of
    ///     F times a coin price.
    public init(_ kinds: [OptionKind], prices: [Double], forwards: [Double], strikes: [Double], settlement: Settlement = .linear) {
        let count = prices.count
        precondition(
            kinds.count == count && forwards.count == count && strikes.count == count,
            "\(kinds.count) kinds, \(forwards.count) forwards and \(strikes.count) strikes of \(count) prices")
        values = [Double](repeating: .nan, count: count)
        if VectorUnit.isAvailable {
            let signs = kinds.map(\.sign)
            values.withUnsafeMutableBufferPointer { values in
                guard let values = values.baseAddress else { return }
                ImpliedDeviationTile.solve(
                    signs: signs, prices: prices, forwards: forwards, strikes: strikes, isCoin: settlement == .inverse, deviations: values,
                    count: count)
            }
        }
        for i in 0..<count where values[i].isNaN {
            let price = settlement == .inverse ? prices[i] * forwards[i] : prices[i]
            do {
                values[i] = try ImpliedVolatility.totalDeviation(kinds[i], price: price, forward: forwards[i], strike: strikes[i])
            } catch {
                refusals.append(Refusal(index: i, reason: error))
            }
        }
    }

    /// σ, annual decimals, NaN where there is none.
    ///
    /// - Parameter timesToExpiry: Years, one for each price. Positive.
    public func volatilities(timesToExpiry: [Double]) -> [Double] {
        precondition(timesToExpiry.count == values.count, "\(timesToExpiry.count) times to expiry of \(values.count) prices")
        return zip(values, timesToExpiry).map { $0 / $1.squareRoot() }
    }
}
