public import Probability

/// Hedging problems that differ in a few numbers, for one policy that is told them.
public struct ProblemFamily: Sendable {
    /// One of them.
    public struct Problem: Sendable {
        public var market: any HedgingMarket
        /// Of the seller's loss.
        public var risk: RiskMeasure

        public init(market: any HedgingMarket, risk: RiskMeasure) {
            self.market = market
            self.risk = risk
        }
    }

    /// What differs, with its ranges.
    public let conditions: [PolicyCondition]
    private let make: @Sendable ([Double], RandomStream.Purpose) throws -> Problem

    /// - Parameter problem: The problem whose conditions have those values, its paths drawn for that purpose. All problems trade the same
    ///   instruments on the same number of dates.
    public init(
        _ conditions: [PolicyCondition], problem: @escaping @Sendable ([Double], RandomStream.Purpose) throws -> Problem
    ) {
        precondition(!conditions.isEmpty, "a family of one problem")
        self.conditions = conditions
        make = problem
    }

    /// The problem at a value of each condition.
    public func problem(_ values: [Double], drawing purpose: RandomStream.Purpose) throws -> Problem {
        precondition(values.count == conditions.count, "\(values.count) values for \(conditions.map(\.name))")
        return try make(values, purpose)
    }

    /// `count` values of the conditions, a Latin hypercube: each range is cut into `count` parts alike, and each part of each is
    /// visited once.
    ///
    /// Reference: McKay, Beckman, Conover, *A comparison of three methods for selecting values of input variables*, Technometrics 21
    /// (1979).
    func draw(_ count: Int, from stream: RandomStream) -> [[Double]] {
        let columns = conditions.indices.map { c in
            let keys = (0..<count).map { stream.uniform(path: $0, step: 2 * c) }
            let order = (0..<count).sorted { (keys[$0], $0) < (keys[$1], $1) }
            return (0..<count).map { i in
                conditions[c].value(at: (Double(order[i]) + stream.uniform(path: i, step: 2 * c + 1)) / Double(count))
            }
        }
        return (0..<count).map { i in columns.map { $0[i] } }
    }
}
