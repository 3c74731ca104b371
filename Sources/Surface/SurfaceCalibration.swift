public import Market
import RealModule

/// A snapshot's quotes to its volatility surface.
///
/// The forward of an expiry is the median of its rows', because a snapshot is read over a minute or more, or that of put-call parity. Liquid quotes, calls and puts,
/// in and out of the money, are inverted at bid and ask; every expiry is fitted, and those that cross where both are quoted are fitted
/// again in order. Whatever a snapshot holds, the answer is a surface of the expiries that could be fitted and a reason for each
/// that could not.
public struct SurfaceCalibration: Sendable, Equatable, Codable {
    public var family = SmileFamily.svi
    /// Which quotes are fitted. They need no vega: the fit finds their volatilities itself.
    public var filter = LiquidityFilter.quotesAlone
    public var forwards = ForwardSource.venue
    /// By which the surface interpolates between expiries.
    public var clock = VarianceClock.calendar
    public var minimumQuotes = 10
    public var minimumStrikes = 7
    public var slice = SVICalibration()
    /// What a misfit costs in SSVI and eSSVI.
    public var stiffLoss = QuoteLoss.stiff

    public init(family: SmileFamily = .svi) { self.family = family }

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
        fit(
            ExpiryChain.chains(of: snapshot, filter: filter, forwards: forwards), of: snapshot, previous: previous, holdingBack: holdingBack
        )
    }

    /// The same of chains that are already filtered and inverted.
    public func fit(
        _ chains: [ExpiryChain], of snapshot: MarketSnapshot, previous: VolatilitySurface? = nil, holdingBack: StrikeFold? = nil
    ) -> Fit {
        var reports: [ExpiryFitReport] = []
        var expiries: [FittedExpiry] = []
        for chain in chains {
            var report = ExpiryFitReport(chain)
            if let reason = refusal(of: chain, strikes: report.strikes, index: snapshot.index) {
                report.outcome = .skipped(reason)
            } else {
                expiries.append(
                    FittedExpiry(
                        chain, report: reports.count, holdingBack: holdingBack, previous: previous?.slice(expiry: chain.expiry)?.smile))
            }
            reports.append(report)
        }
        switch family {
        case .svi: fitSVI(&expiries)
        case .ssvi: take(SSVIFit.slices(expiries.map(\.quotes), timesToExpiry: expiries.map(\.time), loss: stiffLoss), &expiries)
        case .essvi: take(ESSVIFit.slices(expiries.map(\.quotes), timesToExpiry: expiries.map(\.time), loss: stiffLoss), &expiries)
        case .spline:
            let sparse = expiries.filter { isSparse($0.chain) }
            expiries.removeAll { isSparse($0.chain) }
            fitSVI(&expiries)
            addSplines(&expiries)
            addFlat(sparse, &expiries, &reports)
        }
        for (i, expiry) in expiries.enumerated() {
            reports[expiry.report].judge(expiry, floor: i > 0 ? expiry.common(with: expiries[i - 1]) : nil)
        }
        let fitted = Set(expiries.map(\.report))
        for i in reports.indices where reports[i].outcome == .notTried && !fitted.contains(i) {
            reports[i].outcome = .skipped(ExpiryFitReport.undetermined)
        }
        let slices = expiries.map {
            SurfaceSlice(
                expiry: $0.chain.expiry, timeToExpiry: $0.time, forward: $0.chain.forward, discount: $0.chain.discount, smile: $0.smile,
                quoted: $0.chain.quotedRange)
        }
        let surface =
            slices.isEmpty
            ? nil
            : VolatilitySurface(
                time: snapshot.time, currency: snapshot.currency, index: snapshot.index, slices: slices, clock: clock)
        return Fit(surface: surface, report: SurfaceFitReport(time: snapshot.time, currency: snapshot.currency, expiries: reports))
    }

    private func isSparse(_ chain: ExpiryChain) -> Bool { chain.quotes.count < minimumQuotes || chain.strikes < minimumStrikes }

    /// Why an expiry is not tried; nil if it is.
    private func refusal(of chain: ExpiryChain, strikes: Int, index: Double) -> String? {
        guard index.isFinite, index > 0 else { return "the index is \(index), not a positive price" }
        if family == .spline, !chain.quotes.isEmpty { return nil }
        guard chain.quotes.count >= minimumQuotes else { return "\(chain.quotes.count) liquid quotes, at least \(minimumQuotes) needed" }
        guard strikes >= minimumStrikes else { return "\(strikes) strikes with liquid quotes, at least \(minimumStrikes) needed" }
        return nil
    }

    // MARK: Families

    /// Every expiry alone. Those that cross are fitted again, from the first to the last: above the one before, and below the one after
    /// where their own quotes leave them free. So a wing that hardly any quote holds gives way to the neighbour whose wing is quoted.
    private func fitSVI(_ expiries: inout [FittedExpiry]) {
        for i in expiries.indices {
            guard let fit = slice.fit(expiries[i].quotes, timeToExpiry: expiries[i].time, previous: expiries[i].previous) else { continue }
            expiries[i].take(fit)
        }
        expiries.removeAll { $0.start == nil }
        for i in expiries.indices {
            let floor = i > 0 ? expiries[i].bound(by: expiries[i - 1]) : nil
            let later = i + 1 < expiries.count ? expiries[i].bound(by: expiries[i + 1]) : nil
            let isCrossed = later.map { $0.smile.minimumCalendarGap(after: expiries[i].slice, over: $0.range).gap < 0 } ?? false
            let crosses = floor.map { expiries[i].slice.minimumCalendarGap(after: $0.smile, over: $0.range).gap < 0 } ?? false
            guard isCrossed || crosses else { continue }
            let again = slice.fit(
                expiries[i].quotes, timeToExpiry: expiries[i].time, above: floor, below: isCrossed ? later : nil,
                previous: expiries[i].previous)
            if let again { expiries[i].take(again) }
        }
    }

    /// Slices of a family that fits all expiries together; none where it could not.
    private func take(_ slices: [SVISlice], _ expiries: inout [FittedExpiry]) {
        guard slices.count == expiries.count else {
            expiries = []
            return
        }
        for (i, slice) in slices.enumerated() {
            expiries[i].slice = slice
            expiries[i].smile = .svi(slice)
            expiries[i].converged = true
        }
    }

    /// Puts the smoothing spline of what each slice leaves on it, as much as goes without arbitrage inside quoted strikes: above the smile
    /// before and, so that the next one has room, below the slice after.
    private func addSplines(_ expiries: inout [FittedExpiry]) {
        for i in expiries.indices {
            let expiry = expiries[i]
            guard let residual = expiry.residualSpline() else { continue }
            let earlier = i > 0 ? expiry.common(with: expiries[i - 1]) : nil
            let later = i + 1 < expiries.count ? expiry.bound(by: expiries[i + 1]) : nil
            func isFree(_ smile: SplineSmile) -> Bool {
                smile.minimumButterflyDensity(between: expiry.chain.quotedRange) >= 0
                    && earlier.map { smile.minimumCalendarGap(after: $0.smile, over: $0.range).gap >= 0 } ?? true
                    && later.map { $0.smile.minimumCalendarGap(after: smile, over: $0.range).gap >= 0 } ?? true
            }
            var share = 1.0
            var smile = SplineSmile(base: expiry.slice, residual: residual, share: share)
            while share > 0.05, !isFree(smile) {
                share *= 0.8
                smile = SplineSmile(base: expiry.slice, residual: residual, share: share)
            }
            if isFree(smile) { expiries[i].smile = .spline(smile) }
        }
    }

    /// Flat smiles of expiries with too few quotes for a slice, where they cross no neighbour.
    private func addFlat(_ sparse: [FittedExpiry], _ expiries: inout [FittedExpiry], _ reports: inout [ExpiryFitReport]) {
        for var expiry in sparse {
            guard let flat = expiry.flatSlice() else { continue }
            expiry.slice = flat
            expiry.smile = .svi(flat)
            expiry.converged = true
            let place = expiries.firstIndex { $0.time > expiry.time } ?? expiries.count
            let above = place > 0 ? expiry.common(with: expiries[place - 1]) : nil
            let below = place < expiries.count ? expiry.common(with: expiries[place]) : nil
            guard above.map({ expiry.smile.minimumCalendarGap(after: $0.smile, over: $0.range).gap >= 0 }) ?? true,
                below.map({ $0.smile.minimumCalendarGap(after: expiry.smile, over: $0.range).gap >= 0 }) ?? true
            else {
                reports[expiry.report].outcome = .skipped("\(expiry.quotes.count) liquid quotes, and a flat smile would cross a neighbour")
                continue
            }
            expiries.insert(expiry, at: place)
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

    /// The strikes of an expiry's quotes that are held back.
    func strikes(of quotes: [SmileQuote]) -> Set<Double> {
        let strikes = Set(quotes.map(\.strike)).sorted()
        return Set(strikes.enumerated().filter { holds(position: $0.offset, of: strikes.count) }.map(\.element))
    }
}
