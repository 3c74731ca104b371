public import Market

/// How fast variance passes: a market that never closes still moves less at weekends.
///
///     τ(t₁, t₂) = ∫ weight dt,   weight 1 from Monday to Friday, ``weekendWeight`` on Saturday and Sunday, UTC
///
/// Total variance that is linear in τ between two expiries is as free of calendar arbitrage as in plain time, for τ never stands still.
public struct VarianceClock: Sendable, Equatable, Codable {
    /// Variance of a weekend's day as a share of a weekday's. Positive.
    public let weekendWeight: Double

    public init(weekendWeight: Double) {
        precondition(weekendWeight > 0 && weekendWeight.isFinite, "a weekend's weight is \(weekendWeight), must be positive")
        self.weekendWeight = weekendWeight
    }

    /// Every day alike.
    public static let calendar = VarianceClock(weekendWeight: 1)

    /// What crypto options quote: expiries of a week or less, held back from their surface, are met best by weights from 0.4 to 0.5, on
    /// either coin and in either half of the first six months of 2026.
    public static let quietWeekends = VarianceClock(weekendWeight: 0.45)

    /// The weight of a moment's day.
    public func rate(at moment: Timestamp) -> Double {
        Self.weekday(moment.nanoseconds).day >= 5 ? weekendWeight : 1
    }

    /// τ in years of 365 days; negative if `end` lies before `start`.
    public func years(from start: Timestamp, to end: Timestamp) -> Double {
        (weekdays(end.nanoseconds) - weekdays(start.nanoseconds)) / 365
    }

    /// Weighted days since Monday, 29 December 1969.
    private func weekdays(_ nanoseconds: Int64) -> Double {
        let (week, day, rest) = Self.weekday(nanoseconds)
        let within = day < 5 ? Double(day) + rest : 5 + (Double(day - 5) + rest) * weekendWeight
        return Double(week) * (5 + 2 * weekendWeight) + within
    }

    /// Weeks since that Monday, whole days since the week's own (5 is Saturday), and the share of the day.
    private static func weekday(_ nanoseconds: Int64) -> (week: Int64, day: Int64, rest: Double) {
        // 1970 began on a Thursday.
        let (days, rest) = floored(nanoseconds, Timestamp.nanosecondsPerDay)
        let (week, day) = floored(days + 3, 7)
        return (week, day, Double(rest) / Double(Timestamp.nanosecondsPerDay))
    }

    private static func floored(_ a: Int64, _ b: Int64) -> (Int64, Int64) {
        let (quotient, remainder) = a.quotientAndRemainder(dividingBy: b)
        return remainder < 0 ? (quotient - 1, remainder + b) : (quotient, remainder)
    }
}
