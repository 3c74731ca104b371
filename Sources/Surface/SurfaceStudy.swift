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
    /// Slices with a negative density between quoted strikes; slices below the one before where both are quoted.
    public var butterflyViolations: Int
    public var calendarViolations: Int
    /// Expiries with enough quotes and no slice.
    public var lost: Int
    /// Time of one snapshot's fit.
    public var milliseconds: Milliseconds
    /// The expiry with the smallest share inside.
    public var worst: Worst?

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

    /// Fits every snapshot twice: on all quotes, timed, and with one strike in five held back.
    ///
    /// - Parameters:
    ///   - seconds: A clock that only goes forward; floors this low read none themselves.
    public static func run(
        snapshots: [MarketSnapshot], calibration: SurfaceCalibration = SurfaceCalibration(), workers: Workers = Workers(threads: 1),
        seconds: @Sendable () -> Double
    ) -> (study: SurfaceStudy, reports: [SurfaceFitReport]) {
        let fits = workers.map(count: snapshots.count) { i in
            let start = seconds()
            let fit = calibration.fit(snapshots[i])
            let milliseconds = (seconds() - start) * 1000
            let heldBack = calibration.fit(snapshots[i], holdingBack: StrikeFold())
            return (report: fit.report, heldBack: heldBack.report.insideBidAskHeldBack, milliseconds: milliseconds)
        }
        let reports = fits.map(\.report)
        let times = fits.map(\.milliseconds)
        var worst: Worst?
        for report in reports {
            for expiry in report.expiries where expiry.outcome == .fitted {
                let share = Double(expiry.inside) / Double(expiry.quotes)
                if worst == nil || share < worst!.insideBidAsk {
                    worst = Worst(time: report.time, expiry: expiry.expiry, insideBidAsk: share, quotes: expiry.quotes)
                }
            }
        }
        return (
            SurfaceStudy(
                snapshots: snapshots.count, slices: reports.reduce(0) { $0 + $1.fitted },
                insideBidAsk: median(reports.compactMap(\.insideBidAsk)), insideBidAskHeldBack: median(fits.compactMap(\.heldBack)),
                butterflyViolations: reports.reduce(0) { $0 + $1.butterflyViolations },
                calendarViolations: reports.reduce(0) { $0 + $1.calendarViolations }, lost: reports.reduce(0) { $0 + $1.lost },
                milliseconds: Milliseconds(median: median(times), worst: times.max() ?? 0), worst: worst),
            reports
        )
    }

    private static func median(_ values: [Double]) -> Double {
        guard !values.isEmpty else { return 0 }
        let sorted = values.sorted()
        let middle = sorted.count / 2
        return sorted.count % 2 == 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2
    }
}
