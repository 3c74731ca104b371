public import Market
import RealModule

/// One expiry of a surface.
public struct SurfaceSlice: Sendable, Equatable, Codable {
    public var expiry: Timestamp
    /// Years from the snapshot.
    public var timeToExpiry: Double
    /// Quote currency per unit of underlying.
    public var forward: Double
    /// Today's value of a unit of the settlement currency at expiry; 1 where premiums are not discounted.
    public var discount: Double
    public var smile: FittedSmile
    /// Log-moneyness of the lowest and highest strike that were fitted; beyond, the smile is extrapolated.
    public var quoted: ClosedRange<Double>

    public init(
        expiry: Timestamp, timeToExpiry: Double, forward: Double, discount: Double = 1, smile: FittedSmile, quoted: ClosedRange<Double>
    ) {
        self.expiry = expiry
        self.timeToExpiry = timeToExpiry
        self.forward = forward
        self.discount = discount
        self.smile = smile
        self.quoted = quoted
    }
}

/// Implied volatility for every strike and expiry at one time.
///
/// Between expiries total variance is linear in the time of a ``VarianceClock`` at fixed log-moneyness, which keeps slices that do not
/// cross free of calendar arbitrage; before the first and after the last the volatility at a log-moneyness is that expiry's. The log of the forward is
/// linear in time, from the index at zero, and the last expiry's yearly rate goes on after it.
public struct VolatilitySurface: Sendable, Equatable, Codable {
    public let time: Timestamp
    public let currency: Currency
    /// Spot index, quote currency per unit.
    public let index: Double
    /// In order of expiry; at least one.
    public let slices: [SurfaceSlice]
    public let clock: VarianceClock

    /// - Parameter slices: In any order, with different expiries after `time`; at least one.
    public init(time: Timestamp, currency: Currency, index: Double, slices: [SurfaceSlice], clock: VarianceClock = .calendar) {
        precondition(!slices.isEmpty, "a surface needs at least one expiry")
        self.time = time
        self.currency = currency
        self.index = index
        self.clock = clock
        self.slices = slices.sorted { $0.expiry < $1.expiry }
    }

    /// The slice of exactly that expiry, where it was fitted.
    public func slice(expiry: Timestamp) -> SurfaceSlice? { slices.first { $0.expiry == expiry } }

    /// The surface without one of its expiries; nil if it has no other.
    public func without(expiry: Timestamp) -> VolatilitySurface? {
        let others = slices.filter { $0.expiry != expiry }
        return others.isEmpty ? nil : VolatilitySurface(time: time, currency: currency, index: index, slices: others, clock: clock)
    }

    /// The smile at a time to expiry in years, positive.
    public func smile(timeToExpiry: Double) -> InterpolatedSmile<FittedSmile> {
        precondition(timeToExpiry > 0, "time to expiry must be positive, found \(timeToExpiry)")
        let after = slices.firstIndex { $0.timeToExpiry >= timeToExpiry } ?? slices.count
        guard after > 0, after < slices.count else {
            let end = after == 0 ? slices[0] : slices[slices.count - 1]
            let share = elapsed(0, timeToExpiry) / elapsed(0, end.timeToExpiry)
            return InterpolatedSmile(near: end.smile, far: end.smile, nearWeight: share, farWeight: 0)
        }
        let near = slices[after - 1]
        let far = slices[after]
        let weight = elapsed(near.timeToExpiry, timeToExpiry) / elapsed(near.timeToExpiry, far.timeToExpiry)
        return InterpolatedSmile(near: near.smile, far: far.smile, nearWeight: 1 - weight, farWeight: weight)
    }

    /// Years on the clock between two times to expiry.
    func elapsed(_ from: Double, _ to: Double) -> Double {
        clock == .calendar ? to - from : clock.years(from: moment(from), to: moment(to))
    }

    /// So many years after the surface's time.
    func moment(_ years: Double) -> Timestamp {
        Timestamp(nanoseconds: time.nanoseconds + Int64((years * Timestamp.nanosecondsPerYear).rounded()))
    }

    /// Quote currency per unit.
    public func forward(timeToExpiry: Double) -> Double {
        let after = slices.firstIndex { $0.timeToExpiry >= timeToExpiry } ?? slices.count
        guard after < slices.count else {
            let last = slices[slices.count - 1]
            return index * Double.exp(Double.log(last.forward / index) * timeToExpiry / last.timeToExpiry)
        }
        let far = slices[after]
        let (nearTime, nearForward) = after == 0 ? (0, index) : (slices[after - 1].timeToExpiry, slices[after - 1].forward)
        let weight = (timeToExpiry - nearTime) / (far.timeToExpiry - nearTime)
        return nearForward * Double.exp(weight * Double.log(far.forward / nearForward))
    }

    /// Today's value of a unit at a time in years: its log is linear in time, from 0 today, and the last expiry's rate goes on after it.
    public func discount(timeToExpiry: Double) -> Double {
        let after = slices.firstIndex { $0.timeToExpiry >= timeToExpiry } ?? slices.count
        guard after < slices.count else {
            let last = slices[slices.count - 1]
            return Double.exp(Double.log(last.discount) * timeToExpiry / last.timeToExpiry)
        }
        let far = slices[after]
        let (nearTime, nearDiscount) = after == 0 ? (0, 1) : (slices[after - 1].timeToExpiry, slices[after - 1].discount)
        let weight = (timeToExpiry - nearTime) / (far.timeToExpiry - nearTime)
        return nearDiscount * Double.exp(weight * Double.log(far.discount / nearDiscount))
    }

    /// σ²T, dimensionless.
    public func totalVariance(logMoneyness k: Double, timeToExpiry: Double) -> Double {
        smile(timeToExpiry: timeToExpiry).totalVariance(atLogMoneyness: k)
    }

    /// Annual decimal.
    public func volatility(logMoneyness k: Double, timeToExpiry: Double) -> Double {
        (totalVariance(logMoneyness: k, timeToExpiry: timeToExpiry) / timeToExpiry).squareRoot()
    }

    /// Annual decimal, of a strike in quote currency.
    public func volatility(strike: Double, timeToExpiry: Double) -> Double {
        volatility(logMoneyness: Double.log(strike / forward(timeToExpiry: timeToExpiry)), timeToExpiry: timeToExpiry)
    }

    /// Annual decimal, of a strike in quote currency at an expiry after the surface's time.
    public func volatility(strike: Double, expiry: Timestamp) -> Double {
        volatility(strike: strike, timeToExpiry: time.years(to: expiry))
    }
}
