public import Market
import RealModule

/// What became of every expiry of a snapshot.
public struct SurfaceFitReport: Sendable, Equatable, Codable {
    public var time: Timestamp
    public var currency: Currency
    /// In order of expiry.
    public var expiries: [ExpiryFitReport]

    /// Quotes of fitted expiries, and those of them whose fitted price lies inside bid and ask.
    var fittedQuotes: (inside: Int, all: Int) {
        expiries.reduce(into: (0, 0)) {
            $0.0 += $1.inside
            $0.1 += $1.outcome == .fitted ? $1.quotes - $1.heldBack : 0
        }
    }

    /// The same of the quotes held back from the fit.
    var heldBackQuotes: (inside: Int, all: Int) {
        expiries.reduce(into: (0, 0)) {
            $0.0 += $1.insideHeldBack
            $0.1 += $1.heldBack
        }
    }

    /// Share of the quotes of fitted expiries whose fitted price lies inside bid and ask; nil where nothing was fitted.
    public var insideBidAsk: Double? { Self.share(fittedQuotes) }

    /// The same share of the quotes held back from the fit; nil where none were.
    public var insideBidAskHeldBack: Double? { Self.share(heldBackQuotes) }

    private static func share(_ quotes: (inside: Int, all: Int)) -> Double? {
        quotes.all > 0 ? Double(quotes.inside) / Double(quotes.all) : nil
    }

    /// The fitted expiry with the smallest share of its quotes inside, of equals the one with the largest misfit; nil where none is fitted.
    ///
    /// - Parameter quotes: What an expiry needs to be looked at: two quotes that a flat smile misses say little.
    public func worst(quotes: Int = 1) -> ExpiryFitReport? {
        let judged = expiries.filter { $0.outcome == .fitted && $0.quotes >= max(quotes, 1) }
        return judged.min { ($0.shareInside, -$0.worst) < ($1.shareInside, -$1.worst) }
    }

    public var fitted: Int { expiries.count { $0.outcome == .fitted } }
    public var butterflyViolations: Int { expiries.count { $0.violatesButterfly } }
    public var calendarViolations: Int { expiries.count { $0.violatesCalendar } }

    /// Expiries with enough quotes that nevertheless have no slice.
    public var lost: Int { expiries.count { $0.lost } }
}

/// One expiry's fit. Misfits are in half-spreads of total volatility: 1 is the edge of the quote.
public struct ExpiryFitReport: Sendable, Equatable, Codable {
    public enum Outcome: Sendable, Equatable, Codable {
        case notTried
        case fitted
        case skipped(String)
    }

    public var expiry: Timestamp
    public var outcome: Outcome = .notTried
    public var forward = 0.0
    /// The forward that calls and puts imply together; nil without a strike that has both.
    public var parity: ParityForward?
    /// The forward and discount that were taken from them; nil where the venue's forward was.
    public var curve: ParityCurve?
    /// Options listed, and of those refused, by reason.
    public var listed: Int
    public var refusals: [String: Int]
    public var refused: Int { refusals.values.reduce(0, +) }
    /// Liquid quotes, and the strikes they are of.
    public var quotes = 0
    public var strikes = 0
    /// Quotes judged but not fitted.
    public var heldBack = 0
    /// Fitted quotes whose fitted price lies inside bid and ask, and held-back ones.
    public var inside = 0
    public var insideHeldBack = 0
    /// Root mean square and largest misfit of fitted quotes, half-spreads.
    public var rootMeanSquare = 0.0
    public var worst = 0.0
    /// Lowest butterfly density between the lowest and highest quoted strike.
    public var minimumButterflyDensity: Double?
    /// Lowest w − w of the expiry before, where both are quoted; nil for the first.
    public var minimumCalendarGap: Double?
    public var respectsLeeBounds = true
    public var start: SVICalibration.Start?
    public var steps = 0
    public var converged = false
    /// What arbitrage the quotes' own best slice had, and how far the slice without it lies away; nil where it had none.
    public var repair: ArbitrageRepair?

    /// Share of fitted quotes inside bid and ask; 0 where none was fitted.
    public var shareInside: Double { quotes > heldBack ? Double(inside) / Double(quotes - heldBack) : 0 }
    public var violatesButterfly: Bool { minimumButterflyDensity.map { $0 < 0 } ?? false }
    public var violatesCalendar: Bool { minimumCalendarGap.map { $0 < 0 } ?? false }
    /// Whether the quotes sufficed and no slice came out.
    public var lost: Bool { outcome == .skipped(Self.undetermined) }

    static let undetermined = "the quotes determine no slice"

    init(_ chain: ExpiryChain) {
        expiry = chain.expiry
        forward = chain.forward
        parity = chain.parity
        curve = chain.curve
        listed = chain.listed
        refusals = chain.refusals
        quotes = chain.quotes.count
        strikes = chain.strikes
    }

    mutating func judge(_ fit: FittedExpiry, floor: (smile: FittedSmile, range: ClosedRange<Double>)?) {
        outcome = .fitted
        start = fit.start
        steps = fit.steps
        converged = fit.converged
        repair = fit.free.map { ArbitrageRepair(of: $0, by: fit.slice, in: fit.chain, after: floor) }
        let time = fit.time
        var squares = 0.0
        for quote in fit.chain.quotes {
            let volatility = (fit.smile.totalVariance(atLogMoneyness: quote.logMoneyness) / time).squareRoot()
            let inside = quote.contains(volatility: volatility)
            if fit.held.contains(quote.strike) {
                heldBack += 1
                insideHeldBack += inside ? 1 : 0
                continue
            }
            self.inside += inside ? 1 : 0
            // A quote of no width is given the ten-thousandth of its volatility that the fit gives it.
            let misfit = (volatility - quote.midVolatility) / max(quote.halfSpread, 1e-4 * quote.midVolatility)
            squares += misfit * misfit
            worst = max(worst, misfit.magnitude)
        }
        let fitted = quotes - heldBack
        rootMeanSquare = fitted > 0 ? (squares / Double(fitted)).squareRoot() : 0
        minimumButterflyDensity = fit.smile.minimumButterflyDensity(over: fit.chain.quotedRange).density
        minimumCalendarGap = floor.map { fit.smile.minimumCalendarGap(after: $0.smile, over: $0.range).gap }
        respectsLeeBounds = fit.smile.respectsLeeBounds
    }
}
