public import Features
import Hedging
public import Market
public import Surface

/// A snapshot without its bad quotes, and the surface fitted to it: what one currency's answers are computed from until the next comes.
public struct FittedMarket: Sendable {
    /// As it came in, bad quotes and all: the next one's marks are held against these.
    public let posted: MarketSnapshot
    /// What `QuoteFilter` left of it.
    public let snapshot: MarketSnapshot
    /// nil where no expiry has quotes enough.
    public let surface: VolatilitySurface?
    public let report: SurfaceFitReport
    /// The market as features see it; nil where there is no surface.
    public let observed: ObservedMarket?
    /// What a person should know about this market before using it.
    public let warnings: [String]
    let quotes: [OptionContract: OptionQuote]
    let smiles: MarkSmiles

    /// - Parameter previous: The same currency's snapshot before; without one no mark can be called stale.
    public init(
        _ posted: MarketSnapshot, previous: MarketSnapshot? = nil, filter: QuoteFilter = .init(), calibration: SurfaceCalibration = .init()
    ) {
        let read = SnapshotPipeline(filter: filter, calibration: calibration).read(posted, previous: previous)
        let (snapshot, screening) = (read.snapshot, read.screening)
        self.posted = posted
        self.snapshot = snapshot
        observed = read.market
        surface = read.market?.surface
        report = read.fit
        quotes = Dictionary(snapshot.options.map { ($0.contract, $0) }, uniquingKeysWith: { first, _ in first })
        smiles = MarkSmiles(snapshot)
        var warnings: [String] = []
        if surface == nil { warnings.append("no expiry has quotes enough for a surface: volatilities are the venue's marks") }
        if let example = screening.examples.first {
            warnings.append("bad quotes are not used (\(screening.summary)), the first: \(example)")
        }
        if report.butterflyViolations > 0 { warnings.append("\(report.butterflyViolations) slices allow butterfly arbitrage") }
        if report.calendarViolations > 0 { warnings.append("\(report.calendarViolations) slices allow calendar arbitrage") }
        if snapshot.perpetual?.mark == nil, snapshot.perpetual?.mid == nil {
            warnings.append("the perpetual has no price: the index stands in for it")
        }
        self.warnings = warnings
    }

    /// Price of the perpetual: its mark, else its middle, else the index.
    public var perpetual: Double { snapshot.perpetual?.mark ?? snapshot.perpetual?.mid ?? snapshot.index }

    /// Forward and volatility of an option, and whether they are interpolated between expiries.
    ///
    /// From the expiry's own slice; where it has none, from the venue's mark; else from the surface between expiries.
    func pricing(of contract: OptionContract) -> (forward: Double, volatility: Double, isInterpolated: Bool)? {
        if let surface, let slice = surface.slice(expiry: contract.expiry) {
            return (slice.forward, surface.volatility(strike: contract.strike, expiry: contract.expiry), false)
        }
        if let quote = quotes[contract], let volatility = quote.markVolatility { return (quote.forward, volatility, false) }
        guard let surface else { return nil }
        let timeToExpiry = snapshot.time.years(to: contract.expiry)
        return (
            surface.forward(timeToExpiry: timeToExpiry), surface.volatility(strike: contract.strike, timeToExpiry: timeToExpiry), true
        )
    }
}
