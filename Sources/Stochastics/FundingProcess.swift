public import Probability
import RealModule

/// The funding rate of a perpetual, a year: what a long position pays a short one, per unit of its value.
///
/// Reverts to its mean by Ornstein and Uhlenbeck's law, sampled exactly; without volatility it is the mean at all times.
///
///     f' = m + (f − m) e^{−κΔ} + ξ √((1 − e^{−2κΔ})/2κ) z
public struct FundingProcess: Sendable, Equatable, Codable {
    /// m and f at the start, a year.
    public var mean = 0.0
    /// κ, a year. Positive.
    public var meanReversion = 50.0
    /// ξ: a year's deviation of the rate, were it not drawn back.
    public var volatility = 0.0

    public init(mean: Double = 0, meanReversion: Double = 50, volatility: Double = 0) {
        precondition(meanReversion > 0 && volatility >= 0, "mean reversion \(meanReversion), volatility \(volatility)")
        self.mean = mean
        self.meanReversion = meanReversion
        self.volatility = volatility
    }

    /// A dimension that no simulator of a spot draws from.
    private static let group = 1 << 20

    /// Rates at times 0...steps, T + 1 columns of N.
    public func rates(_ range: Range<Int>, on grid: TimeGrid, stream: RandomStream) -> [[Double]] {
        var columns = [[Double](repeating: mean, count: range.count)]
        guard volatility > 0 else { return Array(repeating: columns[0], count: grid.steps + 1) }
        let decay = Double.exp(-meanReversion * grid.timeStep)
        let deviation = volatility * (-Double.expMinusOne(-2 * meanReversion * grid.timeStep) / (2 * meanReversion)).squareRoot()
        var normals = NormalColumns(stream, paths: range, group: Self.group)
        for step in 0..<grid.steps {
            let before = columns[step]
            columns.append(
                [Double](unsafeUninitializedCapacity: range.count) { now, initialized in
                    let now = UnsafeMutableBufferPointer(rebasing: now[..<range.count])
                    normals.next(now)
                    for i in before.indices { now[i] = mean + (before[i] - mean) * decay + deviation * now[i] }
                    initialized = range.count
                })
        }
        return columns
    }
}
