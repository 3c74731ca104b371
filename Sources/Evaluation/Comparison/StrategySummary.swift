public import Hedging
public import Probability

/// The figures of one strategy, in the book's currency.
public struct StrategySummary: Sendable, Equatable, Codable {
    public var name: String
    /// The objective's risk measure of the seller's loss, premium not included.
    public var price: Double
    public var priceStandardError: Double
    /// Mean profit, negative where the hedged book loses on average.
    public var mean: Double
    public var standardDeviation: Double
    /// By level: the mean of the worst (1 - level) of losses.
    public var expectedShortfall: [String: Double]
    /// Mean cost of trading, part of the loss.
    public var tradingCost: Double
    /// Mean of Σ |units traded|.
    public var turnover: Double
    /// Only on recorded markets.
    public var recorded: RecordedFigures?
    /// Only on recorded books.
    public var books: BookFigures?

    /// The levels of expected shortfall that every report gives.
    public static let shortfallLevels = [("0.5", 0.5), ("0.95", 0.95), ("0.99", 0.99)]

    /// - Parameters:
    ///   - premium: Taken off every loss before the objective is applied; zero unless it is a mean square.
    ///   - run: Neighbouring paths that may depend on one another.
    public init(
        name: String, outcome: HedgingOutcome, objective: RiskMeasure, premium: Double = 0, run: Int = 1, recorded: RecordedFigures? = nil
    ) throws(RiskError) {
        let losses = outcome.losses
        let count = Double(losses.count)
        self.name = name
        let net = premium == 0 ? losses : losses.map { $0 - premium }
        price = try objective.value(losses: net)
        priceStandardError = try objective.standardError(losses: net, run: run)
        mean = outcome.profit.reduce(0, +) / count
        standardDeviation = try RiskMeasure.standardDeviation.value(losses: losses)
        expectedShortfall = [:]
        for (name, level) in Self.shortfallLevels {
            expectedShortfall[name] = try RiskMeasure.expectedShortfall(level: level).value(losses: losses)
        }
        tradingCost = outcome.tradingCost.reduce(0, +) / count
        turnover = outcome.turnover.reduce(0, +) / count
        self.recorded = recorded
    }
}

/// In JSON the figures of a recorded market stand beside the others, not below them.
extension StrategySummary {
    enum CodingKeys: String, CodingKey {
        case name, price, priceStandardError, mean, standardDeviation, expectedShortfall, tradingCost, turnover
    }

    public init(from decoder: any Decoder) throws {
        let container = try decoder.container(keyedBy: CodingKeys.self)
        name = try container.decode(String.self, forKey: .name)
        price = try container.decode(Double.self, forKey: .price)
        priceStandardError = try container.decode(Double.self, forKey: .priceStandardError)
        mean = try container.decode(Double.self, forKey: .mean)
        standardDeviation = try container.decode(Double.self, forKey: .standardDeviation)
        expectedShortfall = try container.decode([String: Double].self, forKey: .expectedShortfall)
        tradingCost = try container.decode(Double.self, forKey: .tradingCost)
        turnover = try container.decode(Double.self, forKey: .turnover)
        recorded = try? RecordedFigures(from: decoder)
        books = try? BookFigures(from: decoder)
    }

    public func encode(to encoder: any Encoder) throws {
        var container = encoder.container(keyedBy: CodingKeys.self)
        try container.encode(name, forKey: .name)
        try container.encode(price, forKey: .price)
        try container.encode(priceStandardError, forKey: .priceStandardError)
        try container.encode(mean, forKey: .mean)
        try container.encode(standardDeviation, forKey: .standardDeviation)
        try container.encode(expectedShortfall, forKey: .expectedShortfall)
        try container.encode(tradingCost, forKey: .tradingCost)
        try container.encode(turnover, forKey: .turnover)
        try recorded?.encode(to: encoder)
        try books?.encode(to: encoder)
    }
}
