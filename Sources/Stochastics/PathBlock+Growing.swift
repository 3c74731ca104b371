import RealModule

/// Blocks that grow by a time of the grid.
extension PathBlock {
    /// So many paths at time 0.
    ///
    /// - Parameter variance: v(0); nil for a law without variance.
    init(start spot: Double, count: Int, variance: Double? = nil) {
        func column(_ value: Double) -> [[Double]] { [[Double](repeating: value, count: count)] }
        self.init(
            logSpot: column(.log(spot)), spot: column(spot), variance: variance.map(column) ?? [],
            integratedVariance: variance == nil ? [] : column(0))
    }

    mutating func append(logSpot column: [Double], variance: [Double]? = nil, integral: [Double]? = nil) {
        precondition((variance == nil) == self.variance.isEmpty && (integral == nil) == integratedVariance.isEmpty)
        logSpot.append(column)
        spot.append(Self.exponentials(of: column))
        if let variance { self.variance.append(variance) }
        if let integral { integratedVariance.append(integral) }
    }

    static func exponentials(of logs: [Double]) -> [Double] {
        [Double](unsafeUninitializedCapacity: logs.count) { values, initialized in
            for i in 0..<logs.count { values[i] = Double.exp(logs[i]) }
            initialized = logs.count
        }
    }
}
