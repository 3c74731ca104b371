public import LinearAlgebra
public import Market

/// How well surfaces fit a series of snapshots: the figures of `hedge surface fit`.
public struct SurfaceStudy: Sendable, Equatable, Codable {
    public var snapshots: Int
    /// Expiries fitted.
    public var slices: Int
    /// Share of liquid quotes with the fitted price inside bid and ask; the median over snapshots.
    public var insideBidAsk: Double
    /// The same of one strike in five that a second fit is not shown.
    public var insideBidAskHeldBack: Double
    /// The same of the quotes of whole expiries, between the first and the last, judged by the surface without them.
    public var insideBidAskHeldBackExpiries: Double
    /// The same three shares of all quotes of all snapshots together.
    public var pooled: Shares
    /// Slices with a negative density between quoted strikes; slices below the one before where both are quoted.
    public var butterflyViolations: Int
    public var calendarViolations: Int
    /// Expiries with enough quotes and no slice.
    public var lost: Int
    /// Time of one snapshot's fit.
    public var milliseconds: Milliseconds
    /// The same with the surface of the snapshot before as a start.
    public var warmMilliseconds: Milliseconds
    /// The expiry with the smallest share inside, of those with quotes enough for a slice.
    public var worst: Worst?

    public struct Shares: Sendable, Equatable, Codable {
        public var insideBidAsk: Double
        public var insideBidAskHeldBack: Double
        public var insideBidAskHeldBackExpiries: Double
    }

    public struct Milliseconds: Sendable, Equatable, Codable {
        public var median: Double
        public var worst: Double
    }

    public struct Worst: Sendable, Equatable, Codable {
        public var time: Timestamp
        public var expiry: Timestamp
        public var insideBidAsk: Double
        public var quotes: Int
    }

    /// One snapshot's fits: of all quotes, and the report of the one with strikes held back.
    public struct SnapshotFit: Sendable, Equatable {
        public var surface: VolatilitySurface?
        public var report: SurfaceFitReport
        public var heldBack: SurfaceFitReport
    }

    /// Fits every snapshot on all quotes, timed with and without the surface before as a start, and with one strike in five held back.
    ///
    /// - Parameters:
    ///   - seconds: A clock that only goes forward; floors this low read none themselves.
    public static func run(
        snapshots: [MarketSnapshot], calibration: SurfaceCalibration = SurfaceCalibration(), workers: Workers = Workers(threads: 1),
        seconds: @Sendable () -> Double
    ) -> (study: SurfaceStudy, fits: [SnapshotFit]) {
        let fits = workers.map(count: snapshots.count) { i in
            let snapshot = snapshots[i]
            let before = i > 0 && snapshots[i - 1].currency == snapshot.currency ? calibration.fit(snapshots[i - 1]).surface : nil
            let start = seconds()
            let fit = calibration.fit(snapshot)
            let middle = seconds()
            _ = calibration.fit(snapshot, previous: before)
            let end = seconds()
            let chains = ExpiryChain.chains(of: snapshot, filter: calibration.filter, forwards: calibration.forwards)
            let heldBack = calibration.fit(chains, of: snapshot, holdingBack: StrikeFold())
            return (
                fit: SnapshotFit(surface: fit.surface, report: fit.report, heldBack: heldBack.report),
                expiries: fit.surface.map { insideWithoutTheirExpiry(chains, $0) } ?? (inside: 0, all: 0),
                milliseconds: (middle - start) * 1000,
                warm: (end - middle) * 1000
            )
        }
        let reports = fits.map(\.fit.report)
        func share(_ counts: [(inside: Int, all: Int)]) -> Double {
            let all = counts.reduce(0) { $0 + $1.all }
            return all > 0 ? Double(counts.reduce(0) { $0 + $1.inside }) / Double(all) : 0
        }
        func times(_ values: [Double]) -> Milliseconds { Milliseconds(median: median(values), worst: values.max() ?? 0) }
        let worst = reports.compactMap { report in
            report.worst(quotes: calibration.minimumQuotes).map {
                Worst(time: report.time, expiry: $0.expiry, insideBidAsk: $0.shareInside, quotes: $0.quotes)
            }
        }.min { $0.insideBidAsk < $1.insideBidAsk }
        return (
            SurfaceStudy(
                snapshots: snapshots.count, slices: reports.reduce(0) { $0 + $1.fitted },
                insideBidAsk: median(reports.compactMap(\.insideBidAsk)),
                insideBidAskHeldBack: median(fits.compactMap(\.fit.heldBack.insideBidAskHeldBack)),
                insideBidAskHeldBackExpiries: median(fits.filter { $0.expiries.all > 0 }.map { share([$0.expiries]) }),
                pooled: Shares(
                    insideBidAsk: share(reports.map(\.fittedQuotes)), insideBidAskHeldBack: share(fits.map(\.fit.heldBack.heldBackQuotes)),
                    insideBidAskHeldBackExpiries: share(fits.map(\.expiries))),
                butterflyViolations: reports.reduce(0) { $0 + $1.butterflyViolations },
                calendarViolations: reports.reduce(0) { $0 + $1.calendarViolations }, lost: reports.reduce(0) { $0 + $1.lost },
                milliseconds: times(fits.map(\.milliseconds)), warmMilliseconds: times(fits.map(\.warm)), worst: worst),
            fits.map(\.fit)
        )
    }

    /// Quotes inside bid and ask by the surface without their expiry, over all fitted expiries but the first and the last.
    private static func insideWithoutTheirExpiry(_ chains: [ExpiryChain], _ surface: VolatilitySurface) -> (inside: Int, all: Int) {
        var (inside, count) = (0, 0)
        for chain in chains where surface.slices.dropFirst().dropLast().contains(where: { $0.expiry == chain.expiry }) {
            guard let smile = surface.without(expiry: chain.expiry)?.smile(timeToExpiry: chain.timeToExpiry) else { continue }
            count += chain.quotes.count
            inside += chain.quotes.count {
                $0.contains(volatility: (smile.totalVariance(atLogMoneyness: $0.logMoneyness) / chain.timeToExpiry).squareRoot())
            }
        }
        return (inside, count)
    }

    static func median(_ values: [Double]) -> Double {
        guard !values.isEmpty else { return 0 }
        let sorted = values.sorted()
        let middle = sorted.count / 2
        return sorted.count % 2 == 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2
    }
}
