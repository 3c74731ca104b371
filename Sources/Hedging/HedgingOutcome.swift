/// What a strategy earned and paid on N paths, each in the book's currency.
public struct HedgingOutcome: Sendable, Equatable {
    /// Book and hedges together, net of trading cost; premium not included. A loss is its negative.
    public var profit: [Double]
    /// Paid for trading, unwinding included where the market charges it. Not negative.
    public var tradingCost: [Double]
    /// Σ |Δ holdings| over instruments and steps, in units; the unwinding counts where it is charged.
    public var turnover: [Double]

    public init(profit: [Double] = [], tradingCost: [Double] = [], turnover: [Double] = []) {
        precondition(
            profit.count == tradingCost.count && profit.count == turnover.count,
            "lengths differ: \(profit.count), \(tradingCost.count), \(turnover.count)")
        self.profit = profit
        self.tradingCost = tradingCost
        self.turnover = turnover
    }

    /// N.
    public var count: Int { profit.count }
    /// −profit, the convention of the risk measures.
    public var losses: [Double] { profit.map { -$0 } }

    /// The paths of `other` after these.
    public mutating func append(_ other: HedgingOutcome) {
        profit += other.profit
        tradingCost += other.tradingCost
        turnover += other.turnover
    }
}
