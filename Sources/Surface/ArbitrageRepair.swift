import RealModule

/// What arbitrage the best slice of an expiry's quotes had inside quoted strikes, and how far the slice without it lies away.
///
/// An expiry that has neither kind itself gave way to the one after, which lay below it where its own quotes left it free.
public struct ArbitrageRepair: Sendable, Equatable, Codable {
    public struct Place: Sendable, Equatable, Codable {
        /// ln(K/F).
        public var logMoneyness: Double
        public var value: Double
    }

    /// Where the butterfly density was lowest; nil where it was nowhere negative.
    public var butterfly: Place?
    /// Where total variance lay lowest below the expiry before; nil where it did not.
    public var calendar: Place?
    /// The largest change of volatility, annual decimal.
    public var change: Place

    /// - Parameters:
    ///   - free: The slice before.
    ///   - slice: The slice without arbitrage.
    ///   - earlier: The expiry before, and the range in which both are quoted.
    init(of free: SVISlice, by slice: SVISlice, in chain: ExpiryChain, after earlier: (smile: FittedSmile, range: ClosedRange<Double>)?) {
        let range = chain.quotedRange
        let lowest = free.minimumButterflyDensity(over: range)
        if lowest.density < 0 { butterfly = Place(logMoneyness: lowest.logMoneyness, value: lowest.density) }
        let gap = earlier.map { free.minimumCalendarGap(after: $0.smile, over: $0.range) }
        if let gap, gap.gap < 0 { calendar = Place(logMoneyness: gap.logMoneyness, value: gap.gap) }
        change = (0...100).map { i in
            let k = range.lowerBound + (range.upperBound - range.lowerBound) * Double(i) / 100
            let moved = slice.totalVariance(atLogMoneyness: k).squareRoot() - free.totalVariance(atLogMoneyness: k).squareRoot()
            return Place(logMoneyness: k, value: moved / chain.timeToExpiry.squareRoot())
        }.max { $0.value.magnitude < $1.value.magnitude }!
    }
}
