/// Days to expiry by which desks sum up their books.
public struct ExpiryBucket: Sendable, Hashable {
    public let fromDays: Int
    /// nil for no end.
    public let toDays: Int?

    public init(fromDays: Int, toDays: Int?) {
        self.fromDays = fromDays
        self.toDays = toDays
    }

    /// 0-1, 1-3, 3-7, 7-14, 14-35, 35-95, 95-190 and 190 or more days.
    public static let all: [ExpiryBucket] = {
        let bounds = [0, 1, 3, 7, 14, 35, 95, 190]
        return bounds.indices.map { ExpiryBucket(fromDays: bounds[$0], toDays: $0 + 1 < bounds.count ? bounds[$0 + 1] : nil) }
    }()

    public func contains(timeToExpiry: Double) -> Bool {
        let days = timeToExpiry * 365
        return days >= Double(fromDays) && days < (toDays.map(Double.init) ?? .infinity)
    }

    /// As names of features end: `7-14d`, `190d-up`.
    var label: String { toDays.map { "\(fromDays)-\($0)d" } ?? "\(fromDays)d-up" }

    /// As summaries of features end.
    var words: String { toDays.map { "of \(fromDays) to \($0) days" } ?? "of \(fromDays) days or more" }
}
