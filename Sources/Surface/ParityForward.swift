public import Market

/// The forward that calls and puts of the same strike imply: C − P = 1 − K/F in coin, F − K in dollars.
///
/// Every strike with two-sided quotes of both gives a forward in the middle of what bid and ask leave open, and half of that is its error.
/// Together they are weighted by one over the square of it.
public struct ParityForward: Sendable, Equatable, Codable {
    /// Quote currency per unit of underlying.
    public let forward: Double
    /// Of `forward`: from the half-widths, and larger where the strikes disagree by more than these.
    public let standardError: Double
    /// Strikes with both.
    public let strikes: Int
    /// What no strike's quotes contradict. Above `highest` there is a strike at which parity can be traded at a profit.
    public let lowest: Double
    public let highest: Double

    /// - Parameter options: Of one expiry, in order of strike, calls before puts.
    /// - Returns: nil without a strike whose call and put both have bid and ask.
    public init?(_ options: some Sequence<OptionQuote>) {
        var (weights, sum, squares, strikes) = (0.0, 0.0, 0.0, 0)
        var (lowest, highest) = (0.0, Double.infinity)
        for (call, put) in zip(options, options.dropFirst()) {
            guard call.contract.strike == put.contract.strike, call.contract.kind == .call, put.contract.kind == .put,
                call.contract.settlement == put.contract.settlement, let callBid = call.quote.bid, let callAsk = call.quote.ask,
                let putBid = put.quote.bid, let putAsk = put.quote.ask
            else { continue }
            let strike = call.contract.strike
            func forward(_ difference: Double) -> Double {
                call.contract.settlement == .inverse ? strike / (1 - difference) : strike + difference
            }
            let low = forward(callBid - putAsk)
            let high = forward(callAsk - putBid)
            guard low > 0, high > low, high.isFinite else { continue }
            let (middle, half) = ((low + high) / 2, (high - low) / 2)
            let weight = 1 / (half * half)
            weights += weight
            sum += weight * middle
            squares += weight * middle * middle
            strikes += 1
            lowest = max(lowest, low)
            highest = min(highest, high)
        }
        guard strikes > 0, weights.isFinite, sum.isFinite else { return nil }
        forward = sum / weights
        // Σ weight (middle − forward)², per degree of freedom.
        let scatter = strikes > 1 ? max(squares - sum * sum / weights, 0) / Double(strikes - 1) : 0
        standardError = (max(scatter, 1) / weights).squareRoot()
        self.strikes = strikes
        self.lowest = lowest
        self.highest = highest
    }
}
