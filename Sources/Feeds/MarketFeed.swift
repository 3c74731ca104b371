public import Market

/// A format that market snapshots come in. A new venue or recording is one file with a conformance and one line in `FeedCatalog`.
public protocol MarketFeed: Sendable {
    /// Kebab-case, as `hedge data import FORMAT` takes it.
    var name: String { get }
    /// One line for help.
    var summary: String { get }
    /// Whether a file with that first line is in this format.
    func recognizes(firstLine: String) -> Bool
    /// The file's snapshots in time order, one per moment and currency.
    ///
    /// - Parameter prices: Perpetual prices recorded beside the file.
    func snapshots(in file: DataFile, selecting: SnapshotSelection, prices: PerpetualPrices) throws(FeedError) -> [MarketSnapshot]
}

/// Which snapshots of a recording are wanted.
public struct SnapshotSelection: Sendable, Equatable {
    /// Nil for every currency.
    public var currency: Currency?
    /// The first moment wanted.
    public var from: Timestamp?
    /// The first moment no longer wanted.
    public var to: Timestamp?

    public init(currency: Currency? = nil, from: Timestamp? = nil, to: Timestamp? = nil) {
        self.currency = currency
        self.from = from
        self.to = to
    }

    public func contains(_ time: Timestamp) -> Bool {
        if let from, time < from { return false }
        if let to, time >= to { return false }
        return true
    }
}

/// The formats there are.
public enum FeedCatalog {
    /// In the order help lists them.
    public static let all: [any MarketFeed] = [DeribitChainFeed(), DeribitCollectorFeed()]

    public static func named(_ name: String) throws(FeedError) -> any MarketFeed {
        for feed in all where feed.name == name { return feed }
        throw .noSuchFormat(name: name, known: all.map(\.name))
    }

    /// The format that the file's first line shows, or nil.
    public static func recognized(_ file: DataFile) -> (any MarketFeed)? {
        let line = file.firstLine
        for feed in all where feed.recognizes(firstLine: line) { return feed }
        return nil
    }
}
