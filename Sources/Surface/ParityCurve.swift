public import Market
import RealModule

/// The forward and the discount factor of one expiry, both from its calls and puts: what a market with rates and dividends quotes without
/// saying so.
///
/// Put-call parity is a line in the strike, whose slope and height are fitted to the middles of C − P, each weighted by one over the square
/// of its half-width:
///
///     dollars:   C − P = D (F − K)            coin:   C − P = D (1 − K/F)
///
/// where D pays a unit of what the option settles in at expiry. Strikes that lie off the line by more than a few half-widths count less and
/// less, so that a wrong quote moves neither.
public struct ParityCurve: Sendable, Equatable, Codable {
    /// Quote currency per unit of underlying.
    public let forward: Double
    public let forwardError: Double
    /// D: today's value of a unit at expiry. Above 1 where rates are negative.
    public let discount: Double
    public let discountError: Double
    /// Strikes with a call and a put.
    public let strikes: Int

    /// r of D = e^{−rT}, per year with continuous compounding; in coin the coin's own rate.
    ///
    /// - Parameter timeToExpiry: Years, positive.
    public func rate(timeToExpiry: Double) -> Double { -Double.log(discount) / timeToExpiry }

    /// r − ln(F/S)/T: the yearly yield of holding the underlying, dividends less cost of borrowing.
    ///
    /// - Parameters:
    ///   - spot: Quote currency per unit.
    ///   - timeToExpiry: Years, positive.
    public func dividendYield(spot: Double, timeToExpiry: Double) -> Double {
        rate(timeToExpiry: timeToExpiry) - Double.log(forward / spot) / timeToExpiry
    }

    /// Half-widths off the line at which a strike's weight is halved.
    static let outlierScale = 3.0

    /// - Parameter options: Of one expiry and one settlement, in order of strike, calls before puts.
    /// - Returns: nil with fewer than three strikes whose call and put both have bid and ask, or where no line falls with the strike.
    public init?(_ options: some Sequence<OptionQuote>) {
        var points: [(strike: Double, middle: Double, half: Double)] = []
        var settlement: Settlement?
        for (call, put) in zip(options, options.dropFirst()) {
            guard call.contract.strike == put.contract.strike, call.contract.kind == .call, put.contract.kind == .put,
                call.contract.settlement == put.contract.settlement, let callBid = call.quote.bid, let callAsk = call.quote.ask,
                let putBid = put.quote.bid, let putAsk = put.quote.ask
            else { continue }
            let (low, high) = (callBid - putAsk, callAsk - putBid)
            guard low.isFinite, high.isFinite, high > low else { continue }
            settlement = settlement ?? call.contract.settlement
            points.append((call.contract.strike, (low + high) / 2, (high - low) / 2))
        }
        guard points.count >= 3, let settlement else { return nil }
        var line = Line(points) { _ in 1 }
        // Weights by the line before, until they settle.
        for _ in 0..<10 {
            let last = line
            line = Line(points) { point in
                let off = (point.middle - last.height(at: point.strike)) / (Self.outlierScale * point.half)
                return 1 / (1 + off * off)
            }
        }
        let drop = -line.slope
        guard line.isFinite, drop > 0 else { return nil }
        // In the middle of the strikes height and slope are independent of each other.
        let distance = line.middle / drop
        let heightError = line.middleError
        forward = line.strike + distance
        forwardError = (heightError * heightError + distance * distance * line.slopeError * line.slopeError).squareRoot() / drop
        switch settlement {
        case .linear: (discount, discountError) = (drop, line.slopeError)
        case .inverse:
            discount = line.height(at: 0)
            let lever = line.strike * line.slopeError
            discountError = (heightError * heightError + lever * lever).squareRoot()
        }
        strikes = points.count
        guard forward > 0, discount > 0 else { return nil }
    }

    /// y = middle + slope (K − strike) by weighted least squares, `strike` the weighted mean of all.
    private struct Line {
        var strike: Double
        var middle: Double
        var slope: Double
        /// From the half-widths, and larger where the strikes disagree by more than these.
        var middleError: Double
        var slopeError: Double

        init(_ points: [(strike: Double, middle: Double, half: Double)], trust: ((strike: Double, middle: Double, half: Double)) -> Double)
        {
            let weights = points.map { trust($0) / ($0.half * $0.half) }
            let total = weights.reduce(0, +)
            func mean(_ value: ((strike: Double, middle: Double, half: Double)) -> Double) -> Double {
                zip(points, weights).reduce(0) { $0 + $1.1 * value($1.0) } / total
            }
            let strike = mean(\.strike)
            let middle = mean(\.middle)
            let spread = mean { ($0.strike - strike) * ($0.strike - strike) }
            let slope = mean { ($0.strike - strike) * ($0.middle - middle) } / spread
            let scatter =
                mean {
                    let off = $0.middle - middle - slope * ($0.strike - strike)
                    return off * off
                } * total / Double(max(points.count - 2, 1))
            (self.strike, self.middle, self.slope) = (strike, middle, slope)
            middleError = (max(scatter, 1) / total).squareRoot()
            slopeError = (max(scatter, 1) / (total * spread)).squareRoot()
        }

        var isFinite: Bool { [strike, middle, slope, middleError, slopeError].allSatisfy(\.isFinite) }

        func height(at strike: Double) -> Double { middle + slope * (strike - self.strike) }
    }
}
