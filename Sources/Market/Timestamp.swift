/// A moment in UTC: nanoseconds since 1970-01-01T00:00:00Z.
public struct Timestamp: Sendable, Hashable, Comparable, Codable {
    public var nanoseconds: Int64

    public init(nanoseconds: Int64) { self.nanoseconds = nanoseconds }

    public init(milliseconds: Int64) { self.init(nanoseconds: milliseconds * 1_000_000) }

    /// Length of the year of every time to expiry: ACT/365F.
    public static let nanosecondsPerYear = 365.0 * 86_400e9

    /// Years from this moment to `later`; negative if `later` lies before.
    public func years(to later: Timestamp) -> Double {
        Double(later.nanoseconds - nanoseconds) / Self.nanosecondsPerYear
    }

    public static func < (earlier: Timestamp, later: Timestamp) -> Bool { earlier.nanoseconds < later.nanoseconds }
}
