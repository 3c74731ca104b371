public import Market

/// Which books are hedged on a recording.
public enum BookClaim: Sendable, Equatable {
    /// `count` books of that many different liquid options, sizes drawn from the standard normal law.
    case random(options: Int, count: Int)
    /// One book, begun wherever all its options are listed. Positions that are no options are passed over: they are hedges.
    case positions([Position])
}

/// A claim that a recording has no path for.
public enum BookClaimError: Error, Equatable, CustomStringConvertible {
    case tooFewSnapshots(found: Int, needed: Int)
    case noStart(options: Int, snapshots: Int)
    case notListed(OptionContract)
    case noOptions
    case outOfOrder(Timestamp)

    public var description: String {
        switch self {
        case .tooFewSnapshots(let found, let needed):
            "\(found) snapshots of that currency and time; books held so long need at least \(needed)"
        case .noStart(let options, let snapshots):
            "none of \(snapshots) snapshots has \(options) liquid options and two to hedge with, one of 9 to 21 days and one of 35 to 120"
        case .notListed(let contract):
            "\((try? DeribitName.format(.option(contract))) ?? "\(contract)") is not in the recording at any start"
        case .noOptions: "the book holds no option"
        case .outOfOrder(let time): "snapshots are not in order of time at \(time)"
        }
    }
}
