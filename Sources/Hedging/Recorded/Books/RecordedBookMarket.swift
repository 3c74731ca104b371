public import Features
public import LinearAlgebra
public import Market
import Pricing
import Probability
import RealModule
public import Surface

/// Books of options held through a recording, hedged by the perpetual and two listed options.
///
/// A path is one book from one start, with a decision at each snapshot. The instruments are the perpetual (the index where it was not
/// recorded) and the options nearest to the money of two expiries, chosen at the start and kept. Everything is in coin at the venue's
/// marks; an option that expires on the way pays its payoff at the index. Trading an option costs
///
///     max(half-spread, distance from the mark to the quote's side) + min(0.0003, 12.5 % of the mark)     coin per option
///
/// and the perpetual a share of its notional. Sensitivities of book and hedges are to a relative move of the index: the columns
/// `bookGamma` and `bookVega`, times and over the column `forward`, are in the unit of the instruments' `gammas` and `vegas`. Gammas are
/// FΓ, what is left of d(net delta)/d ln F in a book whose net delta is hedged.
public struct RecordedBookMarket: HedgingMarket {
    public struct Settings: Sendable, Equatable, Codable {
        /// How vegas of different expiries are added up.
        public enum VegaWeighting: String, Sendable, Codable {
            /// As they are.
            case none
            /// times √(30 d/T): near volatilities move more.
            case rootOfTime = "root-of-time"
        }

        /// Decisions of a path; it ends one interval after the last.
        public var holdSnapshots = 28
        /// Snapshots between starts.
        public var startEvery = 8
        public var liquidity = LiquidityFilter()
        /// Days to expiry of the two hedge options, and what is aimed at.
        public var nearDays = 9.0...21.0
        public var nearTarget = 14.0
        public var farDays = 35.0...120.0
        public var farTarget = 60.0
        /// Of the perpetual's notional.
        public var perpetualCost = 0.00055
        /// Coin per option, and the share of its price that the fee never exceeds.
        public var optionFee = 0.0003
        public var optionFeeShare = 0.125
        public var vegaWeighting = VegaWeighting.rootOfTime
        /// nil leaves the scenario columns out, and no surface is fitted.
        public var scenarios: BookScenarios? = BookScenarios()
        /// Whether the hedge is closed at the end, and charged.
        public var chargesUnwinding = false
        /// Starts lie from the first moment to before the second.
        public var from: Timestamp?
        public var to: Timestamp?

        public init() {}
    }

    /// One book at one start.
    public struct Path: Sendable, Equatable {
        public var start: Timestamp
        public var book: Book
        /// The two hedge options.
        public var hedges: [OptionContract]
    }

    public let settings: Settings
    public let currency: Currency
    public let paths: [Path]

    /// All of a path's decisions, computed once.
    struct Course: Sendable {
        /// [T] rows of features, in the order of `names`.
        var features: [[Double]] = []
        /// [T] of H: prices, deltas, gammas, vegas, costs to buy and to sell, gains to the next snapshot.
        var prices: [[Double]] = []
        var deltas: [[Double]] = []
        var gammas: [[Double]] = []
        var vegas: [[Double]] = []
        var buying: [[Double]] = []
        var selling: [[Double]] = []
        var gains: [[Double]] = []
        var liability = 0.0
    }

    private let courses: [Course]
    private let names: [FeatureName]

    /// - Parameters:
    ///   - snapshots: In order of time; those of other currencies are passed over. Those before `settings.from` serve as history.
    ///   - surfaces: Of the snapshots of that currency, where they are already fitted; else they are fitted here.
    public init(
        snapshots all: [MarketSnapshot], currency: Currency, claim: BookClaim, settings: Settings = .init(), seed: UInt64 = 1,
        surfaces: [VolatilitySurface?]? = nil, workers: Workers = Workers(threads: 1)
    ) throws(BookClaimError) {
        self.settings = settings
        self.currency = currency
        let snapshots = all.filter { $0.currency == currency }
        for (before, after) in zip(snapshots, snapshots.dropFirst()) where before.time >= after.time { throw .outOfOrder(after.time) }
        guard snapshots.count > settings.holdSnapshots else {
            throw .tooFewSnapshots(found: snapshots.count, needed: settings.holdSnapshots + 1)
        }
        let tape = ChainTape(snapshots, filter: settings.liquidity)
        let holdings = try BookChooser(tape: tape, settings: settings, currency: currency).choose(claim, seed: seed)
        let first = holdings.map(\.start).min() ?? 0
        let last = (holdings.map(\.start).max() ?? 0) + settings.holdSnapshots
        var fitted = surfaces ?? []
        if fitted.isEmpty, let scenarios = settings.scenarios {
            var calibration = SurfaceCalibration()
            calibration.filter = settings.liquidity
            let fit = calibration
            let earliest = max(0, first - scenarios.window)
            fitted = workers.map(count: snapshots.count) { i in
                i >= earliest && i < last ? fit.fit(snapshots[i]).surface : nil
            }
        }
        let curves = fitted
        precondition(curves.isEmpty || curves.count == snapshots.count, "\(curves.count) surfaces for \(snapshots.count) snapshots")
        let builder = BookCourseBuilder(tape: tape, surfaces: curves, settings: settings)
        courses = workers.map(count: holdings.count) { builder.course(of: holdings[$0]) }
        names = builder.names
        paths = holdings.map { holding in
            Path(
                start: tape.times[holding.start],
                book: Book(holding.positions.map { Position(.option(tape.contract($0.number)), quantity: $0.quantity) }),
                hedges: holding.hedges.map(tape.contract))
        }
    }

    // MARK: A market

    public var instruments: [HedgeInstrument] {
        [
            HedgeInstrument(name: "perpetual", kind: .underlying, cost: TradingCost(proportional: settings.perpetualCost)),
            HedgeInstrument(name: "near-option", kind: .option), HedgeInstrument(name: "far-option", kind: .option),
        ]
    }

    public var recordedPaths: Int? { paths.count }
    public var availableFeatures: [FeatureName] { names }

    public func paths(_ range: Range<Int>, features: [FeatureName]) -> any HedgingPaths {
        precondition(range.upperBound <= paths.count, "paths \(range) of \(paths.count)")
        for name in features { precondition(names.contains(name), "a recorded book market has no feature '\(name)'") }
        let chosen = features.compactMap { names.firstIndex(of: $0) }
        return RecordedBookPaths(
            courses: Array(courses[range]), columns: chosen, names: features, instruments: instruments, steps: settings.holdSnapshots,
            chargesUnwinding: settings.chargesUnwinding)
    }
}

/// A block of books.
struct RecordedBookPaths: HedgingPaths {
    let courses: [RecordedBookMarket.Course]
    let columns: [Int]
    let names: [FeatureName]
    let instruments: [HedgeInstrument]
    let steps: Int
    let chargesUnwinding: Bool

    var count: Int { courses.count }

    private func matrix(_ rows: (RecordedBookMarket.Course) -> [Double]) -> Matrix<Double> {
        Matrix(rows: courses.count, columns: instruments.count, storage: courses.flatMap(rows))
    }

    func decision(step: Int, holdings: Matrix<Double>) -> DecisionBatch {
        DecisionBatch(
            features: FeatureMatrix(names: names, columns: columns.map { column in courses.map { $0.features[step][column] } }),
            instruments: instruments, prices: matrix { $0.prices[step] }, deltas: matrix { $0.deltas[step] },
            gammas: matrix { $0.gammas[step] }, vegas: matrix { $0.vegas[step] }, holdings: holdings,
            unitCosts: UnitCosts(buying: matrix { $0.buying[step] }, selling: matrix { $0.selling[step] }))
    }

    func gains(step: Int) -> Matrix<Double> { matrix { $0.gains[step] } }
    var liabilityGains: [Double] { courses.map(\.liability) }
    var finalPrices: Matrix<Double> { matrix { $0.prices[steps] } }
    var finalUnitCosts: UnitCosts? { UnitCosts(buying: matrix { $0.buying[steps] }, selling: matrix { $0.selling[steps] }) }
}

extension FeatureName {
    /// Decisions left, this one included.
    public static let remainingSteps: FeatureName = "remaining-steps"
}
