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
        func means(from day: Int) -> [Double]? {
            guard day < daily.count, let last = daily[day] else { return nil }
            func mean(_ days: Int) -> Double? {
                guard day + days <= daily.count else { return nil }
                let seen = daily[day..<(day + days)].compactMap { $0 }
                return seen.count * 2 >= days ? seen.reduce(0, +) / Double(seen.count) : nil
            }
            guard let week = mean(7), let month = mean(30) else { return nil }
            return [1, last, week, month]
        }
        var rows: [[Double]] = []
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
        coefficients = fit.coefficients.storage
        let forecast = zip(coefficients, now).reduce(0) { $0 + $1.0 * $1.1 }
        variance = max(forecast, targets.min() ?? 0)
    }
}
