public import Hedging
public import Probability

/// The two indifference prices of a claim, under the learned hedge and under each other one: what `hedge price --json` prints.
///
///     seller: ρ(loss with the claim sold) − ρ(loss without it),   buyer: ρ(loss without it) − ρ(loss with it bought)
///
/// A fixed rule does nothing without the claim. For one strategy and a convex ρ the buyer's is never above the seller's.
public struct IndifferenceQuote: Sendable, Equatable, Codable {
    public var experiment: String
    public var seed: UInt64
    public var paths: Int
    public var objective: RiskMeasure
    /// The learned hedge first.
    public var strategies: [Row]
    /// Of the best hedge there is, where theory knows it.
    public var exact: Pair?
    /// ρ of the learned trading without the claim: zero without drift.
    public var withoutClaim: Double
    public var seconds: Double

    public struct Row: Sendable, Equatable, Codable {
        public var name: String
        public var seller: Price
        public var buyer: Price
    }

    public struct Price: Sendable, Equatable, Codable {
        /// Currency of the book.
        public var price: Double
        public var standardError: Double
    }

    public struct Pair: Sendable, Equatable, Codable {
        public var seller: Double
        public var buyer: Double
    }
}

extension SimulatedComparison {
    /// Both sides of the experiment's claim on the same paths. The claim as written is the seller's where its first quantity is negative.
    ///
    /// Throws `SetupError.market` where the objective does not move with cash, or the claim grows with the days.
    ///
    /// - Parameters:
    ///   - learns: Whether a hedge is trained for each side.
    ///   - fitted: The hedge that `training.from` names.
    public func indifferenceQuote(
        learns: Bool = true, startingWith fitted: LearnedHedge? = nil, progress: (TrainingProgress) -> Void = { _ in },
        isCancelled: () -> Bool = { false }
    ) throws -> IndifferenceQuote {
        try requirePrice()
        let start = ContinuousClock.now
        let (written, opposite) = (try holding(1), try holding(-1))
        let (sold, bought) = experiment.claim.isSold ? (written, opposite) : (opposite, written)
        var rows: [IndifferenceQuote.Row] = []
        func add(_ name: String, sold soldLosses: [Double], bought boughtLosses: [Double], without: [Double]?) throws -> Double {
            let seller = try price(soldLosses, without: without)
            let buyer = try price(boughtLosses, without: without)
            rows.append(
                .init(
                    name: name, seller: .init(price: seller.price, standardError: seller.standardError),
                    buyer: .init(price: -buyer.price, standardError: buyer.standardError)))
            return seller.withoutClaim
        }
        var withoutClaim = 0.0
        if learns {
            func losses(_ side: SimulatedComparison) throws -> [Double] {
                try side.learnedLosses(startingWith: fitted, progress: progress, isCancelled: isCancelled)
            }
            withoutClaim = try add(
                "learned", sold: try losses(sold), bought: try losses(bought),
                without: try lossesWithoutClaim(progress: progress, isCancelled: isCancelled))
        }
        let rules = zip(try sold.ruleLosses(), try bought.ruleLosses())
        for (seller, buyer) in rules { _ = try add(seller.name, sold: seller.losses, bought: buyer.losses, without: nil) }
        let exact = try zip([sold, bought], [1.0, -1]).compactMap { side, sign in
            try side.exact(learned: nil, premium: 0, scale: nil).map { sign * $0.price }
        }
        return IndifferenceQuote(
            experiment: experiment.name, seed: experiment.seed, paths: experiment.evaluation.paths, objective: experiment.objective,
            strategies: rows, exact: exact.count == 2 ? .init(seller: exact[0], buyer: exact[1]) : nil, withoutClaim: withoutClaim,
            seconds: (ContinuousClock.now - start) / .seconds(1))
    }

    /// Losses under each of the strategies of `evaluation.against`.
    private func ruleLosses() throws -> [(name: String, losses: [Double])] {
        let market = try market(.evaluationPaths)
        let strategies = try strategies(on: market)
        let outcomes =
            Comparison(market: market, strategies: strategies)
            .outcomes(paths: 0..<experiment.evaluation.paths, workers: workers) ?? []
        return zip(strategies, outcomes).map { ($0.name, $1.losses) }
    }
}

extension ClaimSettings {
    /// Whether the first of its positions is short.
    var isSold: Bool {
        switch self {
        case .options(let positions): (positions.first?.quantity ?? -1) < 0
        case .exotics(let exotics, _): (exotics.first?.quantity ?? -1) < 0
        case .basket(let basket): basket.quantity < 0
        case .everyOption, .randomBooks, .poissonBook: true
        }
    }

    /// So many times every position; nil for claims that are drawn anew for each path or interval.
    func times(_ factor: Double) -> ClaimSettings? {
        func scaled(_ positions: [OptionPosition]) -> [OptionPosition] {
            positions.map { position in
                var position = position
                position.quantity *= factor
                return position
            }
        }
        switch self {
        case .options(let positions): return .options(scaled(positions))
        case .exotics(let exotics, let options):
            let exotics = exotics.map { position in
                var position = position
                position.quantity *= factor
                return position
            }
            return .exotics(exotics, options: scaled(options))
        case .basket(var basket):
            basket.quantity *= factor
            return .basket(basket)
        case .everyOption, .randomBooks, .poissonBook: return nil
        }
    }
}
