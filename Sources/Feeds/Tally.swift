/// How often things happened, by reason, with the first few of each.
public struct Tally: Sendable, Equatable, Codable {
    /// Examples kept of each reason.
    public static let examplesPerReason = 5

    public private(set) var counts: [String: Int] = [:]
    /// In order of appearance.
    public private(set) var examples: [String: [String]] = [:]

    public init() {}

    public var total: Int { counts.values.reduce(0, +) }

    mutating func add(_ reason: String, count: Int = 1, example: @autoclosure () -> String?) {
        counts[reason, default: 0] += count
        if examples[reason, default: []].count < Self.examplesPerReason, let example = example() {
            examples[reason, default: []].append(example)
        }
    }

    /// `3 mark, 1 columns`, most frequent first; `none` where nothing happened.
    public var summary: String {
        let parts = counts.sorted { ($1.value, $0.key) < ($0.value, $1.key) }.map { "\($0.value) \($0.key)" }
        return parts.isEmpty ? "none" : parts.joined(separator: ", ")
    }
}
