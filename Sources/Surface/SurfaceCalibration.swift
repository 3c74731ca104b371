public import Market
import RealModule

/// A snapshot's quotes to its volatility surface.
///
/// The forward of an expiry is the median of its rows', because a snapshot is read over a minute or more. Liquid quotes, calls and puts,
/// in and out of the money, are inverted at bid and ask; expiries are fitted from the first to the last, each kept above the one before
/// where both are quoted. Whatever a snapshot holds, the answer is a surface of the expiries that could be fitted and a reason for each
/// that could not.
public struct SurfaceCalibration: Sendable, Equatable, Codable {
    public var filter = LiquidFilter()
    public var minimumQuotes = 10
    public var minimumStrikes = 7
    public var slice = SVICalibration()

    public init() {}

    /// The surface, where any expiry could be fitted, and what became of every expiry.
    public struct Fit: Sendable, Equatable {
        public var surface: VolatilitySurface?
        public var report: SurfaceFitReport
    }

    /// - Parameters:
    ///   - previous: The surface of an earlier snapshot, whose slices serve as starts.
    ///   - holdingBack: Quotes of these strikes are judged but not fitted; see ``StrikeFold``.
    public func fit(
        _ snapshot: MarketSnapshot, previous: VolatilitySurface? = nil, holdingBack: StrikeFold? = nil
    ) -> Fit {
        var slices: [SurfaceSlice] = []
        var reports: [ExpiryFitReport] = []
        for chain in ExpiryChain.chains(of: snapshot, filter: filter) {
            var report = ExpiryFitReport(expiry: chain.expiry, listed: chain.listed, refused: chain.refused)
            defer { reports.append(report) }
            report.forward = chain.forward
            report.quotes = chain.quotes.count
            let strikes = Set(chain.quotes.map(\.strike)).sorted()
            report.strikes = strikes.count
            guard snapshot.index.isFinite, snapshot.index > 0 else {
                report.outcome = .skipped("the index is \(snapshot.index), not a positive price")
                continue
            }
            guard chain.quotes.count >= minimumQuotes else {
                report.outcome = .skipped("\(chain.quotes.count) liquid quotes, at least \(minimumQuotes) needed")
                continue
            }
            guard strikes.count >= minimumStrikes else {
                report.outcome = .skipped("\(strikes.count) strikes with liquid quotes, at least \(minimumStrikes) needed")
                continue
            }
            let held = Set(
                strikes.enumerated().filter { holdingBack?.holds(position: $0.offset, of: strikes.count) ?? false }.map(\.element))
            let fitted = held.isEmpty ? chain.quotes : chain.quotes.filter { !held.contains($0.strike) }
            let range = chain.quotedRange
            let floor = slices.last.flatMap { earlier in
                let low = max(range.lowerBound, earlier.quoted.lowerBound)
                let high = min(range.upperBound, earlier.quoted.upperBound)
                return low < high ? SVICalibration.Floor(earlier.smile, over: low...high) : nil
            }
            guard
                let fit = slice.fit(
                    fitted, timeToExpiry: chain.timeToExpiry, earlier: floor, previous: previous?.slice(expiry: chain.expiry)?.smile)
            else {
                report.outcome = .skipped("the quotes determine no slice")
                continue
            }
            report.judge(fit, quotes: chain.quotes, held: held, range: range, floor: floor, timeToExpiry: chain.timeToExpiry)
            slices.append(
                SurfaceSlice(
                    expiry: chain.expiry, timeToExpiry: chain.timeToExpiry, forward: chain.forward, smile: fit.slice, quoted: range))
        }
        let surface =
            slices.isEmpty
            ? nil : VolatilitySurface(time: snapshot.time, currency: snapshot.currency, index: snapshot.index, slices: slices)
        return Fit(surface: surface, report: SurfaceFitReport(time: snapshot.time, currency: snapshot.currency, expiries: reports))
    }
}

/// Every `count`-th strike of an expiry, first and last excepted, beginning with the `first`-th: held back from the fit to judge it by.
public struct StrikeFold: Sendable, Equatable, Codable {
    public var count = 5
    public var first = 2

    public init(count: Int = 5, first: Int = 2) {
        self.count = count
        self.first = first
    }

    func holds(position: Int, of strikes: Int) -> Bool {
        position % count == first && position > 0 && position < strikes - 1
    }
}
