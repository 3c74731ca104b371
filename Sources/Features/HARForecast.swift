import LinearAlgebra

/// Tomorrow's variance from the mean variances of the last day, week and month: the heterogeneous autoregressive model.
///
///     RV_{t+1} = c + β_d RV_t + β_w (RV_t + ... + RV_{t−6})/7 + β_m (RV_t + ... + RV_{t−29})/30
///
/// Weeks have seven days and months thirty: crypto never closes.
///
/// Reference: Corsi, *A simple approximate long-memory model of realized volatility*, J. Financial Econometrics 7 (2009).
public struct HARForecast: Sendable, Equatable {
    /// Annual variance of the next day.
    public let variance: Double
    /// c, β_d, β_w, β_m.
    public let coefficients: [Double]

    /// Days that are regressed on each other; more lie before them for the first month's mean.
    public static let days = 90
    static let fewestRows = 20

    /// Least squares over the days before a time. A forecast below the smallest variance of these days is that smallest one.
    ///
    /// - Parameter daily: Variances of past days, the last first; nil for days that were not seen, which are left out of means and rows.
    /// - Returns: nil with fewer than 20 days to regress, or where their means do not differ.
    public init?(daily: [Double?]) {
        // Sums and counts of the days seen before each.
        var sums = [0.0]
        var seen = [0.0]
        for day in daily {
            sums.append(sums[sums.count - 1] + (day ?? 0))
            seen.append(seen[seen.count - 1] + (day == nil ? 0 : 1))
        }
        func mean(from day: Int, _ days: Int) -> Double? {
            guard day + days <= daily.count else { return nil }
            let count = seen[day + days] - seen[day]
            return 2 * count >= Double(days) ? (sums[day + days] - sums[day]) / count : nil
        }
        func means(from day: Int) -> SIMD4<Double>? {
            guard day < daily.count, let last = daily[day], let week = mean(from: day, 7), let month = mean(from: day, 30) else {
                return nil
            }
            return SIMD4(1, last, week, month)
        }
        var rows: [SIMD4<Double>] = []
        var targets: [Double] = []
        for day in 1..<max(2, min(daily.count, Self.days + 1)) {
            guard day < daily.count, let next = daily[day - 1], let row = means(from: day) else { continue }
            rows.append(row)
            targets.append(next)
        }
        guard rows.count >= Self.fewestRows, let now = means(from: 0),
            let fit = try? LeastSquares.byQR(
                Matrix(rows: rows.count, columns: 4) { rows[$0][$1] }, Matrix(rows: rows.count, columns: 1, storage: targets))
        else { return nil }
        let coefficients = fit.coefficients.storage
        let forecast = coefficients.indices.reduce(0) { $0 + coefficients[$1] * now[$1] }
        self.coefficients = coefficients
        variance = max(forecast, targets.min() ?? 0)
    }
}
