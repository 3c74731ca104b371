/// Where a ``LocalVolatilitySimulator`` has its local variance from.
public enum LocalVariance: Sendable, Equatable {
    case ssvi(SSVISmile)
    /// Of a surface fitted to a market.
    case table(LocalVarianceTable)

    /// At one time: what does not depend on x is worked out once.
    enum Level {
        case ssvi(SSVISmile.LocalLevel)
        case table(LocalVarianceTable.Level)

        @inline(__always)
        func variance(_ x: Double) -> Double {
            switch self {
            case .ssvi(let level): level.variance(x)
            case .table(let level): level.variance(x)
            }
        }
    }

    func level(years: Double) -> Level {
        switch self {
        case .ssvi(let smile): .ssvi(SSVISmile.LocalLevel(smile, years: years))
        case .table(let table): .table(table.level(years: years))
        }
    }

    /// E ∫₀ᵀ v dt: of a table by the variance at the forward, which is near it.
    func varianceSwap(years: Double) -> Double {
        switch self {
        case .ssvi(let smile): return smile.varianceSwap(years: years)
        case .table(let table):
            let steps = 64
            return (0..<steps).reduce(0) {
                $0 + table.variance(0, years: years * (Double($1) + 0.5) / Double(steps)) * years / Double(steps)
            }
        }
    }
}
