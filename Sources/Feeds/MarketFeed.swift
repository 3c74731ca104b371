public import Market

/// A format that market snapshots come in. A new venue or recording is one file with a conformance and one line in `FeedCatalog`.
public protocol MarketFeed: Sendable {
    /// Kebab-case, as `hedge data import FORMAT` takes it.
    var name: String { get }
    /// One line for help.
    var summary: String { get }
    /// Whether a file with that first line is in this format.
    func recognizes(firstLine: String) -> Bool
    /// Reads a file from front to back and hands over its snapshots in time order, one per moment and market. Of the file no more is
    /// in memory than one snapshot needs.
    ///
    /// - Parameters:
    ///   - prices: Perpetual prices recorded beside the file.
    ///   - rejecting: What becomes of a bad row: it throws it on, or counts it, and then the row is as if it were not there.
    ///   - take: Throws ``FeedError/stopped`` where no more is wanted.
    func read(
        _ file: RecordedFile, selecting: SnapshotSelection, prices: PerpetualPrices,
        rejecting: (FeedError) throws(FeedError) -> Void, take: (MarketSnapshot) throws(FeedError) -> Void
    ) throws(FeedError)
}

extension MarketFeed {
    /// All snapshots of a file together; the first bad row is thrown.
    public func snapshots(
        in file: RecordedFile, selecting selection: SnapshotSelection, prices: PerpetualPrices
    ) throws(FeedError) -> [MarketSnapshot] {
        var snapshots: [MarketSnapshot] = []
        try read(file, selecting: selection, prices: prices, rejecting: { (error) throws(FeedError) in throw error }) {
            snapshots.append($0)
        }
        return snapshots
    }

    public func snapshots(
        in file: DataFile, selecting selection: SnapshotSelection, prices: PerpetualPrices
    ) throws(FeedError) -> [MarketSnapshot] {
        try snapshots(in: RecordedFile(file), selecting: selection, prices: prices)
    }
}

/// Which snapshots of a recording are wanted.
public struct SnapshotSelection: Sendable, Equatable {
    /// Nil for every currency.
    public var currency: Currency?
    /// The first moment wanted.
    public var from: Timestamp?
    /// The first moment no longer wanted.
    public var to: Timestamp?
    /// Seconds between the snapshots that are taken of a recording of changes; a recording of snapshots has its own.
    public var interval = 3600
    /// Nil for coin-settled and dollar-settled contracts, each in snapshots of their own.
    public var settlement: Settlement?

    public init(currency: Currency? = nil, settlement: Settlement? = nil, from: Timestamp? = nil, to: Timestamp? = nil) {
        self.currency = currency
        self.settlement = settlement
        self.from = from
        self.to = to
    }

    public func contains(_ market: MarketID) -> Bool {
        (currency ?? market.currency) == market.currency && (settlement ?? market.settlement) == market.settlement
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
    public static let all: [any MarketFeed] = [
        ChainFileFeed(), DeribitChainFeed(), DeribitCollectorFeed(), DeribitJSONFeed(), TardisOptionsChainFeed(),
        TardisDerivativeTickerFeed(),
        PlainChainFeed(),
    ]

    public static func named(_ name: String) throws(FeedError) -> any MarketFeed {
        for feed in all where feed.name == name { return feed }
        throw .noSuchFormat(name: name, known: all.map(\.name))
    }

    /// The format that the file's first line shows, or nil.
    public static func recognized(_ file: DataFile) -> (any MarketFeed)? { recognized(firstLine: file.firstLine) }

    /// The format that a first line shows, or nil.
    public static func recognized(firstLine line: String) -> (any MarketFeed)? {
        for feed in all where feed.recognizes(firstLine: line) { return feed }
        return nil
    }
}
