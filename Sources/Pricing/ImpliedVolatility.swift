public import Market
import Probability
import RealModule

/// A price that no volatility gives.
public enum ImpliedVolatilityError: Error, Equatable, CustomStringConvertible {
    case notFinite(price: Double)
    /// Less than the option is worth at zero volatility.
    case belowIntrinsic(price: Double, intrinsic: Double)
    /// At or above the forward (call) or the strike (put), which only an infinite volatility reaches.
    case atOrAboveBound(price: Double, bound: Double)

    public var description: String {
        switch self {
        case .notFinite(let price): "price \(price) is no finite number"
        case .belowIntrinsic(let price, let intrinsic): "price \(price) lies below the intrinsic value \(intrinsic)"
        case .atOrAboveBound(let price, let bound): "price \(price) is not below \(bound), the price of an infinite volatility"
        }
    }
}

/// Black's volatility from a price, to machine precision over the whole domain.
///
/// An in-the-money price is first reduced to its time value, so that one problem is left: the s = σ√T at which the normalised
/// out-of-the-money price b(x, s) is β. b is convex in s below s_c = √(2|x|) and concave above. Three forms are solved, each nearly
/// straight in its region: ln b below s_c, b itself above, and ln(e^{x/2} − b) in the upper half of prices. Steps are Householder's of
/// third order (error to the fourth power), kept inside a bracket; two to four of them suffice.
public enum ImpliedVolatility {
    /// σ√T that gives the price.
    ///
    /// - Parameters:
    ///   - price: Undiscounted, in the unit of forward and strike.
    /// - Returns: 0 where the price is the intrinsic value.
    public static func totalDeviation(
        _ kind: OptionKind, price: Double, forward: Double, strike: Double
    ) throws(ImpliedVolatilityError) -> Double {
        precondition(forward > 0 && strike > 0 && forward.isFinite && strike.isFinite)
        guard price.isFinite else { throw .notFinite(price: price) }
        let intrinsic = max(kind.sign * (forward - strike), 0)
        guard price >= intrinsic else { throw .belowIntrinsic(price: price, intrinsic: intrinsic) }
        let bound = kind == .call ? forward : strike
        guard price < bound else { throw .atOrAboveBound(price: price, bound: bound) }
        // F − K is rounded; what that loses is most of the time value far in the money.
        let exact = Augmented.sum(large: max(forward, strike), small: -min(forward, strike))
        let timeValue = intrinsic > 0 ? price - intrinsic - exact.tail : price
        let missing = bound - price
        guard timeValue > 0 else { return 0 }
        // √F·√K rather than √(FK): no overflow, no underflow.
        let scale = forward.squareRoot() * strike.squareRoot()
        return solve(
            x: -Black76.logRatio(forward, strike).magnitude, logValue: Double.log(timeValue) - Double.log(scale),
            value: timeValue / scale, complement: missing / scale)
    }

    /// σ of the price, annual decimal.
    ///
    /// - Parameter timeToExpiry: Years. Positive.
    public static func volatility(
        _ kind: OptionKind, price: Double, forward: Double, strike: Double, timeToExpiry: Double
    ) throws(ImpliedVolatilityError) -> Double {
        precondition(timeToExpiry > 0, "time to expiry \(timeToExpiry) is not positive")
        return try totalDeviation(kind, price: price, forward: forward, strike: strike) / timeToExpiry.squareRoot()
    }

    /// The s with b(x, s) = β.
    private static func solve(x: Double, logValue: Double, value beta: Double, complement gap: Double) -> Double {
        let turn = (-2 * x).squareRoot()
        var low = 0.0
        var high = Double.infinity
        var s: Double
        let form: Form
        if turn > 0 {
            let h = x / turn
            let bracket = NormalizedBlack.bracket(h: h, t: turn / 2)
            let slope = NormalizedBlack.slope(h: h, t: turn / 2)
            if beta < slope * bracket {
                high = turn
                form = .logarithm
                s = lowGuess(x: x, logValue: logValue, turn: turn)
                // Convexity: the tangent at the turn meets β above the root.
                let tangent = turn + beta / slope - bracket
                if tangent > 0 { s = min(s, tangent) }
            } else {
                low = turn
                form = beta < gap ? .plain : .complement
                // Concavity: the tangent at the turn meets β below the root.
                s = turn + beta / slope - bracket
            }
        } else {
            form = beta < gap ? .plain : .complement
            s = beta / NormalizedBlack.inverseRootTwoPi
        }
        if form == .complement {
            s = max(s, -2 * NormalDistribution.quantile(min(gap / (Double.exp(x / 2) + Double.exp(-x / 2)), 0.5)))
        }
        for _ in 0..<64 {
            let h = x / s
            let t = s / 2
            let residual: Double
            // L = g′ and the ratios g″/g′, g‴/g′ of the form g that is solved, from b″/b′ and b‴/b′.
            let logSlope: Double
            switch form {
            case .logarithm:
                let bracket = NormalizedBlack.bracket(h: h, t: t)
                residual = NormalizedBlack.logValue(h: h, t: t, bracket: bracket) - logValue
                logSlope = 1 / bracket
            case .plain:
                let bracket = NormalizedBlack.bracket(h: h, t: t)
                residual = bracket - beta / NormalizedBlack.slope(h: h, t: t)
                logSlope = 0
            case .complement:
                let complement = NormalizedBlack.complement(x: x, h: h, t: t)
                residual = Double.log(complement / gap)
                logSlope = -NormalizedBlack.slope(h: h, t: t) / complement
            }
            let isAbove = form == .complement ? residual < 0 : residual > 0
            if isAbove { high = min(high, s) } else { low = max(low, s) }
            let bend = h * h / s - s / 4
            let twist = bend * bend - 3 * h * h / (s * s) - 0.25
            let newton = form == .plain ? -residual : -residual / logSlope
            let second = bend - logSlope
            let third = twist - 3 * bend * logSlope + 2 * logSlope * logSlope
            var step = newton * (1 + 0.5 * second * newton) / (1 + newton * (second + third * newton / 6))
            if !step.isFinite || step * newton < 0 { step = newton }
            var next = s + step
            if !(next > low && next < high) {
                next = high.isFinite ? (low > 0 ? (low * high).squareRoot() : 0.5 * (s + low)) : 2 * s
                if next == s { return s }
                s = next
                continue
            }
            s = next
            // The error after this step is of the order of the step's fourth power.
            if step.magnitude < 1e-5 * s { break }
        }
        return s
    }

    private enum Form { case logarithm, plain, complement }

    /// From the wing's leading term ln b ≈ −x²/(2s²) − s²/8 + ln(s³/(x²√(2π))), solved by fixed point.
    private static func lowGuess(x: Double, logValue: Double, turn: Double) -> Double {
        var s = turn
        for _ in 0..<4 {
            let level = -logValue + Double.log(s * s * s / (x * x)) - NormalizedBlack.logRootTwoPi - s * s / 8
            guard level > 0 else { return turn }
            s = min((0.5 * x * x / level).squareRoot(), turn)
        }
        return s
    }
}
