import RealModule

/// Local variance v(x, t) on a grid, x = ln(S/F(t)): constant in time over cells, linear in x between columns that widen with time, and
/// constant beyond the outermost.
///
/// Cells end where the surface they come from bends in time, so that nothing is smeared over an expiry.
public struct LocalVarianceTable: Sendable, Equatable {
    /// Years at which the cells end, rising.
    public let ends: [Double]
    /// x of the last column of each cell; the first is its negative.
    public let reach: [Double]
    public let columns: Int
    /// [cells, columns], annual.
    public let values: [Double]

    /// - Parameters:
    ///   - ends: Positive, rising; at least one. After the last the last cell goes on.
    ///   - reach: Positive, one a cell: some six standard deviations at its end.
    ///   - columns: At least 3.
    ///   - variance: v at x and the middle of a cell's time in years; not negative.
    public init(ends: [Double], reach: [Double], columns: Int = 161, variance: (_ x: Double, _ years: Double) -> Double) {
        precondition(!ends.isEmpty && ends.count == reach.count, "\(ends.count) ends and \(reach.count) reaches of cells")
        precondition(columns >= 3, "\(columns) columns")
        precondition(zip([0] + ends, ends).allSatisfy { $0 < $1 } && reach.allSatisfy { $0 > 0 }, "ends \(ends), reaches \(reach)")
        self.ends = ends
        self.reach = reach
        self.columns = columns
        var values: [Double] = []
        values.reserveCapacity(ends.count * columns)
        for (cell, end) in ends.enumerated() {
            let middle = (end + (cell > 0 ? ends[cell - 1] : 0)) / 2
            for column in 0..<columns {
                let x = reach[cell] * (2 * Double(column) / Double(columns - 1) - 1)
                let v = variance(x, middle)
                precondition(v >= 0, "local variance \(v) at x \(x), \(middle) years")
                values.append(v)
            }
        }
        self.values = values
    }

    /// v at x and t.
    public func variance(_ x: Double, years: Double) -> Double { level(years: years).variance(x) }

    func level(years: Double) -> Level {
        var (low, high) = (0, ends.count - 1)
        while low < high {
            let middle = (low + high) / 2
            if years <= ends[middle] { high = middle } else { low = middle + 1 }
        }
        return Level(table: self, start: low * columns, scale: Double(columns - 1) / (2 * reach[low]))
    }

    /// One cell.
    struct Level {
        let table: LocalVarianceTable
        let start: Int
        /// Columns a unit of x.
        let scale: Double

        @inline(__always)
        func variance(_ x: Double) -> Double {
            let last = table.columns - 1
            let place = min(max(x * scale + Double(last) / 2, 0), Double(last))
            let column = min(Int(place), last - 1)
            let rest = place - Double(column)
            let here = table.values[start + column]
            return here + rest * (table.values[start + column + 1] - here)
        }
    }
}
