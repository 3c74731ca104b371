public import Market

/// How completely a recording covers its span: how far apart its snapshots are, and where one is missing.
public struct Coverage: Sendable, Equatable, Codable {
    /// Two snapshots further apart than ``Coverage/gapFactor`` times the median.
    public struct Gap: Sendable, Equatable, Codable {
        /// ISO 8601, UTC, as all times here.
        public var from: String
        public var to: String
        public var hours: Double

        init(_ from: Timestamp, _ to: Timestamp) {
            self.from = from.iso8601
            self.to = to.iso8601
            hours = Double(to.nanoseconds - from.nanoseconds) / 3.6e12
        }
    }

    public static let gapFactor = 1.5

    public var snapshots: Int
    public var from: String
    public var to: String
    /// Between neighbouring snapshots; 0 where there is only one.
    public var medianHours: Double
    public var longestHours: Double
    /// In order of time.
    public var gaps: [Gap]

    /// - Parameter times: In any order; nil where there are none.
    public init?(_ times: [Timestamp]) {
        let times = times.sorted()
        guard let first = times.first, let last = times.last else { return nil }
        let steps = zip(times, times.dropFirst()).map { Gap($0, $1) }
        let middle = steps.isEmpty ? 0 : median(steps.map(\.hours))
        snapshots = times.count
        (from, to) = (first.iso8601, last.iso8601)
        medianHours = middle
        longestHours = steps.map(\.hours).max() ?? 0
        gaps = steps.filter { $0.hours > Self.gapFactor * middle }
    }
}
