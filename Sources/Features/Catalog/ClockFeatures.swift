import Market

/// What time it is, UTC.
enum ClockFeatures {
    static let all: [any Feature] = [
        Figure("hour-of-day", unit: "hours", "hours since midnight, UTC") { hours($0.time) },
        // 1970-01-01 was a Thursday.
        Figure("day-of-week", unit: "days since Monday", "day of the week, Monday 0 to Sunday 6, UTC") {
            let day = ($0.time.date.daysSinceEpoch + 3) % 7
            return Double(day < 0 ? day + 7 : day)
        },
        Figure("minutes-to-expiry-hour", unit: "minutes", "minutes until the next 08:00 UTC, when options expire") {
            60 * until(hours($0.time) - 8, every: 24)
        },
        Figure("minutes-to-funding", unit: "minutes", "minutes until the next 00:00, 08:00 or 16:00 UTC, when funding is paid") {
            60 * until(hours($0.time), every: 8)
        },
    ]

    private static func hours(_ time: Timestamp) -> Double { Double(time.nanosecondOfDay) / 3600e9 }

    /// Hours from one moment to the next multiple of a period, the period itself at a multiple.
    private static func until(_ hours: Double, every period: Double) -> Double {
        period - (hours - period * (hours / period).rounded(.down))
    }
}
