public import Features
import LinearAlgebra
public import Market
import Pricing
import RealModule

/// Every liquid option of a recording, sold for one interval: from a snapshot to the next.
///
/// A path is one option and interval with a single decision. Profit is in coin:
///
///     −(v₁ − v₀) + h F₀ (1/F₀ − 1/F₁)           v the option's price, h coin notional of inverse future, F its price
///
/// Rows are in order of time and, within a snapshot, in the snapshot's order. What a decision sees is stamped at the interval's start.
public struct RecordedOptionMarket: HedgingMarket, Equatable {
    public struct Settings: Sendable, Equatable, Codable {
        /// What carries the delta.
        public enum Hedge: String, Sendable, Codable {
            /// The inverse future of the option's own expiry, at the forward read with the option's row.
            case future
            /// The perpetual, in the intervals at whose both ends its price was recorded. No funding.
            case perpetual
        }

        /// What an option is worth at both ends.
        public enum Prices: String, Sendable, Codable {
            case mark
            /// The middle of bid and ask, in the intervals at whose both ends both are there.
            case mid
        }

        public var hedge = Hedge.future
        public var prices = Prices.mark
        public var liquidity = LiquidityFilter()
        /// Longer intervals are left out.
        public var maximumHours = 13.0
        public var cost = TradingCost()
        /// Whether the hedge is closed, and charged, at the interval's end.
        public var chargesUnwinding = false

        public init(hedge: Hedge = .future, prices: Prices = .mark) {
            self.hedge = hedge
            self.prices = prices
        }
    }

    public let settings: Settings
    public let currency: Currency
    /// Options that pass the filter, the last snapshot's among them, which have no next one to be judged at.
    public private(set) var liquidQuotes = 0
    /// What each path sold.
    public private(set) var contracts: [OptionContract] = []
    /// When each path's interval begins.
    public private(set) var starts: [Timestamp] = []
    /// When it ends, and its profit is known.
    public private(set) var ends: [Timestamp] = []
    /// Which interval each path belongs to, counted from 0: paths of one interval share its move.
    public private(set) var intervals: [Int] = []

    /// Columns of `availableFeatures`, each as long as there are paths.
    private var columns: [[Double]]
    private var liability: [Double] = []
    private var gains: [Double] = []

    /// - Parameter snapshots: In order of time; those of other currencies are passed over.
    public init(snapshots all: [MarketSnapshot], currency: Currency, settings: Settings = .init()) {
        self.settings = settings
        self.currency = currency
        columns = Array(repeating: [], count: Self.features.count)
        let snapshots = all.filter { $0.currency == currency }
        var interval = 0
        for (index, snapshot) in snapshots.enumerated() {
            let next = index + 1 < snapshots.count ? snapshots[index + 1] : nil
            precondition(next.map { $0.time > snapshot.time } ?? true, "snapshots out of order at \(snapshot.time)")
            let candidates = snapshot.options.indices.filter { settings.liquidity.accepts(snapshot.options[$0], at: snapshot.time) }
            liquidQuotes += candidates.count
            guard let next, next.time.nanoseconds - snapshot.time.nanoseconds < Int64(settings.maximumHours * 3600e9) else { continue }
            if appendInterval(snapshot, next, candidates, interval) { interval += 1 }
        }
    }

    // MARK: - A market of paths with one step

    public var instruments: [HedgeInstrument] {
        [HedgeInstrument(name: settings.hedge.rawValue, kind: .underlying, cost: settings.cost)]
    }

    public var recordedPaths: Int? { contracts.count }
    public var availableFeatures: [FeatureName] { Self.features }

    public func paths(_ range: Range<Int>, features: [FeatureName]) -> any HedgingPaths {
        precondition(range.upperBound <= contracts.count, "paths \(range) of \(contracts.count)")
        for name in features { precondition(Self.features.contains(name), "a recorded option market has no feature '\(name)'") }
        // A batch counts its rows by its columns, so there is always one.
        let names = features.isEmpty ? [.decisionTime] : features
        return RecordedOptionPaths(
            features: FeatureMatrix(names: names, columns: names.map { name in Array(column(name)[range]) }),
            count: range.count, instruments: instruments, moves: Matrix(rows: range.count, columns: 1, storage: Array(gains[range])),
            liabilityGains: Array(liability[range]), chargesUnwinding: settings.chargesUnwinding)
    }

    /// One feature of every path.
    public func column(_ name: FeatureName) -> [Double] {
        guard let index = Self.features.firstIndex(of: name) else {
            preconditionFailure("a recorded option market has no feature '\(name)'")
        }
        return columns[index]
    }

    /// −(v₁ − v₀) of every path: its profit without a hedge, coin.
    public var unhedged: [Double] { liability }
    /// What one coin notional of the hedge earned, 1 − F₀/F₁.
    public var hedgeGains: [Double] { gains }

    /// The paths whose intervals begin within the time, from the first to before the second; nil leaves an end open.
    public func paths(from: Timestamp? = nil, to: Timestamp? = nil) -> Range<Int> {
        let low = from.map { moment in partition { starts[$0] >= moment } } ?? 0
        let high = to.map { moment in partition { starts[$0] >= moment } } ?? starts.count
        return low..<max(low, high)
    }

    /// The first index for which the condition holds, given that it then holds for all later ones.
    private func partition(_ holds: (Int) -> Bool) -> Int {
        var (low, high) = (0, starts.count)
        while low < high {
            let middle = (low + high) / 2
            if holds(middle) { high = middle } else { low = middle + 1 }
        }
        return low
    }

    /// The month each interval begins in, `2026-02`.
    public var months: [String] {
        var labels: [String] = []
        labels.reserveCapacity(starts.count)
        for (index, start) in starts.enumerated() {
            if index > 0, start == starts[index - 1] { labels.append(labels[index - 1]) } else { labels.append(start.month) }
        }
        return labels
    }

    // MARK: - Rows

    static let features = SoldOption.features

    private struct Key: Hashable {
        var expiry: Int64
        var strike: Double
        var kind: OptionKind

        init(_ contract: OptionContract) {
            expiry = contract.expiry.nanoseconds
            strike = contract.strike
            kind = contract.kind
        }
    }

    /// True where the interval gave at least one path.
    private mutating func appendInterval(
        _ snapshot: MarketSnapshot, _ next: MarketSnapshot, _ candidates: [Int], _ interval: Int
    ) -> Bool {
        var later: [Key: Int] = [:]
        later.reserveCapacity(next.options.count)
        for (index, option) in next.options.enumerated() { later[Key(option.contract)] = index }
        let smiles = MarkSmiles(snapshot)
        let perpetualMove: Double? = {
            guard let before = snapshot.perpetual?.mark, let after = next.perpetual?.mark else { return nil }
            return before * (1 / before - 1 / after)
        }()
        let countBefore = contracts.count
        for index in candidates {
            let option = snapshot.options[index]
            guard let match = later[Key(option.contract)] else { continue }
            let end = next.options[match]
            guard let (before, after) = values(option, end), option.quote.mark != nil, option.delta != nil, option.vega != nil,
                let sold = SoldOption(option, at: snapshot.time, price: before, smiles: smiles)
            else { continue }
            let move: Double
            switch settings.hedge {
            case .future: move = option.forward * (1 / option.forward - 1 / end.forward)
            case .perpetual:
                guard let perpetualMove else { continue }
                move = perpetualMove
            }
            contracts.append(option.contract)
            starts.append(snapshot.time)
            ends.append(next.time)
            intervals.append(interval)
            liability.append(-(after - before))
            gains.append(move)
            for (column, value) in sold.row.enumerated() { columns[column].append(value) }
        }
        return contracts.count > countBefore
    }

    private func values(_ start: OptionQuote, _ end: OptionQuote) -> (Double, Double)? {
        switch settings.prices {
        case .mark:
            guard let before = start.quote.mark, let after = end.quote.mark else { return nil }
            return (before, after)
        case .mid:
            guard let before = start.quote.mid, let after = end.quote.mid else { return nil }
            return (before, after)
        }
    }
}

/// A block of recorded intervals.
struct RecordedOptionPaths: HedgingPaths {
    let features: FeatureMatrix
    let count: Int
    let instruments: [HedgeInstrument]
    let moves: Matrix<Double>
    let liabilityGains: [Double]
    let chargesUnwinding: Bool

    var steps: Int { 1 }

    /// One coin notional costs one coin to trade, moves one for one with the relative move of its price, and loses twice the square
    /// of it: 1 − F₀/F = x − x² + … with x = F/F₀ − 1.
    func decision(step: Int, holdings: Matrix<Double>) -> DecisionBatch {
        precondition(step == 0, "step \(step) of 1")
        let ones = Matrix<Double>(rows: count, columns: 1, repeating: 1)
        return DecisionBatch(
            features: features, instruments: instruments, prices: ones, deltas: ones,
            gammas: Matrix(rows: count, columns: 1, repeating: -2), vegas: Matrix(rows: count, columns: 1), holdings: holdings)
    }

    func gains(step: Int) -> Matrix<Double> { moves }
    var finalPrices: Matrix<Double> { Matrix(rows: count, columns: 1, repeating: 1) }
}

extension FeatureName {
    /// Seconds since 1970 at the decision, in markets that lie in time.
    public static let decisionTime: FeatureName = "decision-time"
    /// Σ q vega ∂σ/∂k at k = 0: as `bookSmileVega`, but with the slope at the forward. Quote currency per 1.0 of log-moneyness.
    public static let bookSkewVega: FeatureName = "book-skew-vega"
}

extension Timestamp {
    /// `2026-02`.
    var month: String {
        let date = date
        return "\(date.year)-\(date.month < 10 ? "0" : "")\(date.month)"
    }
}
