public import Market
import RealModule

/// A snapshot's quotes to its volatility surface.
///
/// The forward of an expiry is the median of its rows', because a snapshot is read over a minute or more. Liquid quotes, calls and puts,
/// in and out of the money, are inverted at bid and ask; every expiry is fitted, and those that cross where both are quoted are fitted
/// again in order. Whatever a snapshot holds, the answer is a surface of the expiries that could be fitted and a reason for each
/// that could not.
public struct SurfaceCalibration: Sendable, Equatable, Codable {
    /// Which quotes are fitted. They need no vega: the fit finds their volatilities itself.
    public var filter = LiquidityFilter.quotesAlone
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
        var reports: [ExpiryFitReport] = []
        var fits: [ExpiryFit] = []
        for chain in ExpiryChain.chains(of: snapshot, filter: filter) {
            reports.append(ExpiryFitReport(expiry: chain.expiry, listed: chain.listed, refused: chain.refused))
            let last = reports.count - 1
            reports[last].forward = chain.forward
            reports[last].quotes = chain.quotes.count
            let strikes = Set(chain.quotes.map(\.strike)).sorted()
            reports[last].strikes = strikes.count
            guard snapshot.index.isFinite, snapshot.index > 0 else {
                reports[last].outcome = .skipped("the index is \(snapshot.index), not a positive price")
                continue
            }
            guard chain.quotes.count >= minimumQuotes else {
                reports[last].outcome = .skipped("\(chain.quotes.count) liquid quotes, at least \(minimumQuotes) needed")
                continue
            }
            guard strikes.count >= minimumStrikes else {
                reports[last].outcome = .skipped("\(strikes.count) strikes with liquid quotes, at least \(minimumStrikes) needed")
                continue
            }
            let held = Set(
                strikes.enumerated().filter { holdingBack?.holds(position: $0.offset, of: strikes.count) ?? false }.map(\.element))
            let fitted = held.isEmpty ? chain.quotes : chain.quotes.filter { !held.contains($0.strike) }
            let previous = previous?.slice(expiry: chain.expiry)?.smile
            guard let fit = slice.fit(fitted, timeToExpiry: chain.timeToExpiry, previous: previous) else {
                reports[last].outcome = .skipped("the quotes determine no slice")
                continue
            }
            fits.append(ExpiryFit(chain: chain, fitted: fitted, held: held, report: last, previous: previous, fit: fit))
        }
        keepOrder(&fits)
        for (i, expiry) in fits.enumerated() {
            reports[expiry.report].judge(
                expiry.fit, quotes: expiry.chain.quotes, held: expiry.held, range: expiry.chain.quotedRange,
                floor: i > 0 ? expiry.bound(by: fits[i - 1]) : nil, timeToExpiry: expiry.chain.timeToExpiry)
        }
        let slices = fits.map {
            SurfaceSlice(
                expiry: $0.chain.expiry, timeToExpiry: $0.chain.timeToExpiry, forward: $0.chain.forward, smile: $0.fit.slice,
                quoted: $0.chain.quotedRange)
        }
        let surface =
            slices.isEmpty
            ? nil : VolatilitySurface(time: snapshot.time, currency: snapshot.currency, index: snapshot.index, slices: slices)
        return Fit(surface: surface, report: SurfaceFitReport(time: snapshot.time, currency: snapshot.currency, expiries: reports))
    }

    private struct ExpiryFit {
        var chain: ExpiryChain
        var fitted: [SmileQuote]
        var held: Set<Double>
        var report: Int
        var previous: SVISlice?
        var fit: SVICalibration.Fit

        /// Another expiry's slice where both are quoted.
        func bound(by other: ExpiryFit) -> SVICalibration.Bound? {
            let (own, its) = (chain.quotedRange, other.chain.quotedRange)
            let low = max(own.lowerBound, its.lowerBound)
            let high = min(own.upperBound, its.upperBound)
            return low < high ? SVICalibration.Bound(other.fit.slice, over: low...high) : nil
        }

        func crosses(_ floor: SVICalibration.Bound?) -> Bool {
            floor.map { fit.slice.minimumCalendarGap(after: $0.smile, over: $0.range).gap < 0 } ?? false
        }
    }

    /// Slices that cross are fitted again, from the first expiry to the last: above the one before, and below the one after where its own
    /// quotes leave it free. So a wing that hardly any quote holds gives way to the neighbour whose wing is quoted.
    private func keepOrder(_ fits: inout [ExpiryFit]) {
        for i in fits.indices {
            let floor = i > 0 ? fits[i].bound(by: fits[i - 1]) : nil
            let isCrossed = i + 1 < fits.count && fits[i + 1].crosses(fits[i + 1].bound(by: fits[i]))
            guard isCrossed || fits[i].crosses(floor) else { continue }
            let expiry = fits[i]
            let again = slice.fit(
                expiry.fitted, timeToExpiry: expiry.chain.timeToExpiry, above: floor,
                below: isCrossed ? expiry.bound(by: fits[i + 1]) : nil, previous: expiry.previous)
            if let again { fits[i].fit = again }
        }
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
