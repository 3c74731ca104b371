import RealModule

/// One expiry on its way through a calibration: its quotes, the smile so far and how it was reached.
struct FittedExpiry {
    let chain: ExpiryChain
    /// The quotes that are fitted, and the strikes that are only judged.
    let quotes: [SmileQuote]
    let held: Set<Double>
    /// Place of its report.
    let report: Int
    /// Its hyperbola in an earlier snapshot.
    let previous: SVISlice?
    var slice = SVISlice(flat: 0)
    var smile = FittedSmile.svi(SVISlice(flat: 0))
    var start: SVICalibration.Start?
    var steps = 0
    var converged = false
    /// The slice before anything was done about arbitrage; nil where nothing was.
    var free: SVISlice?

    var time: Double { chain.timeToExpiry }

    init(_ chain: ExpiryChain, report: Int, holdingBack: StrikeFold?, previous: FittedSmile?) {
        self.chain = chain
        self.report = report
        self.previous =
            switch previous {
            case .svi(let slice): slice
            case .spline(let spline): spline.base
            case nil: nil
            }
        guard let holdingBack else {
            held = []
            quotes = chain.quotes
            return
        }
        let held = holdingBack.strikes(of: chain.quotes)
        self.held = held
        quotes = chain.quotes.filter { !held.contains($0.strike) }
    }

    /// A first fit, or one that replaces it because it crosses a neighbour.
    mutating func take(_ fit: SVICalibration.Fit) {
        free = free ?? (start == nil ? fit.free : slice)
        slice = fit.slice
        smile = .svi(fit.slice)
        start = fit.start
        steps = fit.steps
        converged = fit.converged
    }

    /// Another expiry's smile and the range in which both are quoted.
    func common(with other: FittedExpiry) -> (smile: FittedSmile, range: ClosedRange<Double>)? {
        let (own, its) = (chain.quotedRange, other.chain.quotedRange)
        let low = max(own.lowerBound, its.lowerBound)
        let high = min(own.upperBound, its.upperBound)
        return low < high ? (other.smile, low...high) : nil
    }

    /// The same of its hyperbola.
    func bound(by other: FittedExpiry) -> SVICalibration.Bound? {
        common(with: other).map { SVICalibration.Bound(other.slice, over: $0.range) }
    }

    /// The smoothing spline of what the slice leaves: a point a strike, calls and puts weighted by one over their squared half-widths.
    func residualSpline() -> SmoothingSpline? {
        var (x, y, weights): ([Double], [Double], [Double]) = ([], [], [])
        for quote in quotes where quote.bidVolatility > 0 {
            let variance = quote.midVolatility * quote.midVolatility * time
            let half = 2 * quote.midVolatility * max(quote.halfSpread, 1e-4 * quote.midVolatility) * time
            let weight = 1 / (half * half)
            let rest = variance - slice.totalVariance(atLogMoneyness: quote.logMoneyness)
            if x.last == quote.logMoneyness {
                let sum = weights[weights.count - 1] + weight
                y[y.count - 1] += (rest - y[y.count - 1]) * weight / sum
                weights[weights.count - 1] = sum
            } else {
                x.append(quote.logMoneyness)
                y.append(rest)
                weights.append(weight)
            }
        }
        return SmoothingSpline(x: x, y: y, weights: weights)
    }

    /// The one volatility of all quotes, by the same weights; nil where no quote has two volatilities.
    func flatSlice() -> SVISlice? {
        var (sum, weights) = (0.0, 0.0)
        for quote in quotes where quote.bidVolatility > 0 {
            let half = max(quote.halfSpread, 1e-4 * quote.midVolatility)
            sum += quote.midVolatility / (half * half)
            weights += 1 / (half * half)
        }
        guard weights > 0, weights.isFinite else { return nil }
        let volatility = sum / weights
        return SVISlice(flat: volatility * volatility * time)
    }
}
