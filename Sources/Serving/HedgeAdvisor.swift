import Features
public import Hedging
import LinearAlgebra
public import Market
import Pricing
import RealModule

/// An inventory that cannot be advised on.
public enum AdviceError: Error, Equatable, CustomStringConvertible {
    case linearOption(String)
    case linearMarket(Currency)
    case unpriced(String)
    case notFinite(String)
    case noSurface

    public var description: String {
        switch self {
        case .linearOption(let name):
            "inventory: found the linear option \(name), expected inverse options; linear books are not served yet"
        case .linearMarket(let currency):
            "market: found \(currency.rawValue) options that pay in dollars, expected coin; linear books are not served yet"
        case .unpriced(let name):
            "inventory: \(name) has neither a slice of the surface nor a mark volatility; send its quote with the market"
        case .noSurface: "market: no expiry has quotes enough for a surface, and features are read of one"
        case .notFinite(let what): "the \(what) is not a finite number; nothing is advised"
        }
    }
}

/// Markets and inventories to recommendations, without clock, file or socket: the service and `hedge recommend` both call it.
///
/// The inventory is a coin book: inverse options, futures and perpetuals of one currency, hedged with that currency's perpetual. The
/// learned hedge answers option by option, as it was trained, and the answers add up.
public struct HedgeAdvisor: Sendable {
    public struct Settings: Sendable, Equatable {
        /// The analytic rule: net delta for those who count in coin, plain delta for those who count in dollars.
        public var analytic = DeltaHedge.Kind.net
        /// Largest distance of a learned hedge from the analytic one that is served, coin per coin of options.
        public var maximumDeviation = 0.25
        /// Age of a market from which an answer warns, seconds.
        public var warningAge = 60.0

        public init() {}
    }

    public let settings: Settings
    public let model: ServingModel?

    public init(settings: Settings = .init(), model: ServingModel? = nil) {
        self.settings = settings
        self.model = model
    }

    /// Takes bad quotes out of a snapshot and fits its surface.
    ///
    /// - Parameter previous: The same currency's market before, as it came in.
    public func fit(_ snapshot: MarketSnapshot, previous: MarketSnapshot? = nil) -> FittedMarket {
        FittedMarket(snapshot, previous: previous)
    }

    /// - Parameter now: The time of the answer; data ages are measured from the market's own time to it.
    public func recommend(_ market: FittedMarket, _ book: Book, now: Timestamp) throws(AdviceError) -> HedgeRecommendation {
        let snapshot = market.snapshot
        guard snapshot.settlement == .inverse else { throw .linearMarket(snapshot.currency) }
        var warnings = market.warnings
        let inventory = try Inventory(book, in: market, warnings: &warnings)
        let perpetual = Instrument.perpetual(underlying: snapshot.currency, settlement: .inverse)

        let analytic = try finite(analyticTarget(inventory, market), "analytic hedge")
        let learned = learnedTarget(inventory, market, analytic: analytic, warnings: &warnings)
        let usesLearned = learned != nil && model?.paysOff == true
        let target = usesLearned ? learned ?? analytic : analytic

        let age = Double(now.nanoseconds - snapshot.time.nanoseconds) / 1e9
        if age > settings.warningAge { warnings.append("the market is \(Self.duration(age)) old") }
        if age < -settings.warningAge { warnings.append("the market is stamped \(Self.duration(-age)) in the future") }

        let analyticName = DeltaHedge(settings.analytic).name
        return HedgeRecommendation(
            id: Self.uniqueIdentifier(), currency: snapshot.currency, marketTime: snapshot.time, dataAge: age,
            analyticStrategy: analyticName,
            strategy: usesLearned ? "learned" : analyticName, model: model?.reference, exposure: try inventory.exposure(finite),
            lines: [.init(instrument: perpetual, held: inventory.held, analytic: analytic, learned: learned, target: target)],
            reasons: reasons(inventory, analytic: analytic, learned: learned, usesLearned: usesLearned), warnings: warnings)
    }

    /// The analytic strategy on a batch of one.
    private func analyticTarget(_ inventory: Inventory, _ market: FittedMarket) -> Double {
        let names: [FeatureName] = [.bookDelta, .bookNetDelta]
        let batch = Self.batch(
            FeatureMatrix(names: names, columns: [[inventory.delta], [inventory.netDelta]]), holdings: [inventory.held])
        return DeltaHedge(settings.analytic).targetHoldings(batch)[0, 0]
    }

    /// Σ over option positions of −q times the learned holding for one sold, futures neutralised one for one; nil where it can't answer.
    private func learnedTarget(_ inventory: Inventory, _ market: FittedMarket, analytic: Double, warnings: inout [String]) -> Double? {
        guard let model, !inventory.options.isEmpty else { return nil }
        var sold: [SoldOption] = []
        for option in inventory.options {
            guard let quote = market.quotes[option.contract],
                let row = SoldOption(quote, at: market.snapshot.time, smiles: market.smiles)
            else {
                warnings.append("\(option.name) has no quote in this market: the learned hedge is not computed")
                return nil
            }
            sold.append(row)
        }
        // What is held already is shared among the options by the size of their net delta.
        let sizes = inventory.options.map { ($0.quantity * $0.greeks.netDelta).magnitude }
        let total = sizes.reduce(0, +)
        let holdings = zip(inventory.options, sizes).map { option, size in
            total > 0 && option.quantity != 0 ? -inventory.held * size / total / option.quantity : 0
        }
        let ratios = model.hedge.targetHoldings(Self.batch(SoldOption.columns(sold), holdings: holdings))
        let learned = zip(inventory.options, ratios.storage).reduce(-inventory.futures) { $0 - $1.0.quantity * $1.1 }
        let size = inventory.options.reduce(0) { $0 + $1.quantity.magnitude }
        guard learned.isFinite else {
            warnings.append("model \(model.reference.name) answered with a number that is not finite: the analytic hedge is used")
            return nil
        }
        guard (learned - analytic).magnitude <= settings.maximumDeviation * size else {
            warnings.append(
                "model \(model.reference.name) answered \(Self.coin(learned)), further than \(settings.maximumDeviation) coin per option from the "
                    + "analytic \(Self.coin(analytic)): the analytic hedge is used")
            return nil
        }
        return learned
    }

    private func reasons(_ inventory: Inventory, analytic: Double, learned: Double?, usesLearned: Bool) -> [String] {
        var reasons = [
            "\(inventory.options.count) option position\(inventory.options.count == 1 ? " carries" : "s carry") \(Self.coin(inventory.optionNetDelta)) coin of net delta: "
                + "Black delta \(Self.coin(inventory.delta - inventory.futures)) less premium \(Self.coin(inventory.value))"
        ]
        if inventory.futures != 0 { reasons.append("dated futures carry \(Self.coin(inventory.futures)) coin") }
        let largest = inventory.options.sorted {
            ($0.quantity * $0.greeks.netDelta).magnitude > ($1.quantity * $1.greeks.netDelta).magnitude
        }
        for option in largest.prefix(3) where inventory.options.count > 1 {
            reasons.append("\(option.name) x \(option.quantity): \(Self.coin(option.quantity * option.greeks.netDelta)) coin of net delta")
        }
        reasons.append(
            "after the hedge a 1 % move of the forward changes net delta by \(Self.coin(0.01 * inventory.coinGamma)) coin")
        switch (learned, model) {
        case (let learned?, let model?):
            reasons.append(
                "model \(model.reference.name)@\(model.reference.version) would hold \(Self.coin(learned)), the formula \(Self.coin(analytic))"
                    + (usesLearned ? "; the learned hedge is used" : "; its evaluation does not favour it, so the formula is used"))
        case (nil, _?): reasons.append("the learned hedge gave no answer, so the formula is used")
        default: reasons.append("no model is loaded, so the formula is used")
        }
        return reasons
    }

    private func finite(_ value: Double, _ what: String) throws(AdviceError) -> Double {
        guard value.isFinite else { throw .notFinite(what) }
        return value
    }

    /// A batch in coin, hedged with one inverse future: one coin notional costs one coin to trade and has delta 1.
    private static func batch(_ features: FeatureMatrix, holdings: [Double]) -> DecisionBatch {
        func column(_ value: Double) -> Matrix<Double> { Matrix(rows: features.count, columns: 1, repeating: value) }
        return DecisionBatch(
            features: features, instruments: [HedgeInstrument(name: "perpetual", kind: .underlying)], prices: column(1), deltas: column(1),
            gammas: column(-2), vegas: column(0), holdings: Matrix(rows: features.count, columns: 1, storage: holdings))
    }

    /// Four decimals: 0.0001 coin is less than any contract.
    private static func coin(_ value: Double) -> String {
        let rounded = (value * 1e4).rounded() / 1e4
        return "\(rounded == 0 ? 0 : rounded)"
    }

    private static func duration(_ seconds: Double) -> String {
        seconds < 7200 ? "\(Int(seconds)) s" : seconds < 172_800 ? "\(Int(seconds / 3600)) h" : "\(Int(seconds / 86_400)) days"
    }

    private static func uniqueIdentifier() -> String {
        let digits = String(UInt64.random(in: .min ... .max), radix: 16) + String(UInt64.random(in: .min ... .max), radix: 16)
        return String(repeating: "0", count: 32 - digits.count) + digits
    }
}
