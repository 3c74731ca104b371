public import LinearAlgebra
public import Market
public import Surface

/// A snapshot as it was read: without its bad quotes, inverted, fitted.
public struct ReadSnapshot: Sendable {
    /// As it came in, bad quotes and all: the next one's marks are held against these.
    public let posted: MarketSnapshot
    /// What the filter left of it.
    public let snapshot: MarketSnapshot
    /// What the filter took out.
    public let screening: FilterReport
    public let fit: SurfaceFitReport
    /// nil where no expiry has quotes enough for a surface.
    public let market: ObservedMarket?
}

/// Snapshots to markets that features look at, from recordings and in the service alike: screen, invert, fit.
public struct SnapshotPipeline: Sendable, Equatable {
    public var filter: QuoteFilter
    public var calibration: SurfaceCalibration

    public init(filter: QuoteFilter = QuoteFilter(), calibration: SurfaceCalibration = SurfaceCalibration()) {
        self.filter = filter
        self.calibration = calibration
    }

    /// - Parameters:
    ///   - previous: The same currency's snapshot before, as it came in; without one no mark can be called stale.
    ///   - surface: An earlier surface to start the fit from: faster, and equal within the fit's tolerance but not to the bit.
    public func read(_ posted: MarketSnapshot, previous: MarketSnapshot? = nil, from surface: VolatilitySurface? = nil) -> ReadSnapshot {
        let (snapshot, screening) = filter.screen(posted, previous: previous)
        let chains = ExpiryChain.chains(of: snapshot, filter: calibration.filter, forwards: calibration.forwards)
        let fit = calibration.fit(chains, of: snapshot, previous: surface)
        return ReadSnapshot(
            posted: posted, snapshot: snapshot, screening: screening, fit: fit.report,
            market: fit.surface.map { ObservedMarket(snapshot: snapshot, surface: $0, chains: chains) })
    }

    /// The states of a recording, in order; snapshots without a surface have none.
    ///
    /// Each state's past is `past`, completed by the snapshots up to its own.
    ///
    /// - Parameters:
    ///   - snapshots: Of one currency, in order of time.
    ///   - past: Prices, funding and trades recorded beside the snapshots, over their whole span: each state sees what came before it.
    ///   - book, account: At the time of a snapshot.
    public func states(
        of snapshots: [MarketSnapshot], past: MarketHistory = MarketHistory(), workers: Workers = Workers(threads: 1),
        book: (Timestamp) -> Book = { _ in Book([]) }, account: (Timestamp) -> Account = { _ in Account() }
    ) -> [MarketState] {
        let markets = workers.map(count: snapshots.count) { i in
            read(snapshots[i], previous: i > 0 && snapshots[i - 1].id == snapshots[i].id ? snapshots[i - 1] : nil).market
        }.compactMap { $0 }
        var seen = MarketHistory()
        for market in markets { seen.append(market) }
        let history = past.completed(by: seen)
        return markets.map { MarketState($0, book: book($0.time), past: history, account: account($0.time)) }
    }
}
