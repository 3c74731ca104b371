public import LinearAlgebra

/// What trading one unit of each instrument costs, book currency, [N, H], where it differs by path and time as quotes do.
public struct UnitCosts: Sendable, Equatable {
    public var buying: Matrix<Double>
    public var selling: Matrix<Double>

    public init(buying: Matrix<Double>, selling: Matrix<Double>) {
        precondition(
            (buying.rows, buying.columns) == (selling.rows, selling.columns),
            "costs to buy are \(buying.rows) x \(buying.columns), to sell \(selling.rows) x \(selling.columns)")
        self.buying = buying
        self.selling = selling
    }

    /// The cost of a signed trade; nothing for none.
    public func cost(ofTrade units: Double, row: Int, column: Int) -> Double {
        units > 0 ? units * buying[row, column] : units < 0 ? -units * selling[row, column] : 0
    }
}
