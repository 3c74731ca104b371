public import Features
public import LinearAlgebra

/// A block of paths, each with its decisions in time order, that strategies are run on: simulated or recorded.
///
/// A strategy sees `decision(step:holdings:)`, then earns `gains(step:)`. All of it at a step depends on nothing
/// later than that step, except the gains.
public protocol HedgingPaths: Sendable {
    /// N.
    var count: Int { get }
    /// Number of decisions T; step t is 0..<T.
    var steps: Int { get }
    func decision(step: Int, holdings: Matrix<Double>) -> DecisionBatch
    /// What one unit of each instrument earns from decision t to the next, book currency, [N, H].
    func gains(step: Int) -> Matrix<Double>
    /// Profit of the book itself over the whole path, unhedged, book currency, [N]. A sold option's is −payoff,
    /// or its premium change where the path is valued at marks.
    var liabilityGains: [Double] { get }
    /// Prices of one unit at the end, [N, H]: what unwinding is charged on.
    var finalPrices: Matrix<Double> { get }
    /// Whether the last holdings are sold, and charged, at the end.
    var chargesUnwinding: Bool { get }
    /// What a unit costs to trade at the end, where the instruments' own `cost` is not it. nil by default.
    var finalUnitCosts: UnitCosts? { get }
}

extension HedgingPaths {
    public var finalUnitCosts: UnitCosts? { nil }
}

/// Paths in blocks, so that a million of them need no more memory than a few thousand.
public protocol HedgingMarket: Sendable {
    var instruments: [HedgeInstrument] { get }
    /// Paths there are; nil for a simulator, which has as many as asked.
    var recordedPaths: Int? { get }
    /// The paths of that range, whose decisions carry the named feature columns (and may carry more).
    ///
    /// The same indices always give the same paths; disjoint ranges are independent paths where the market is simulated.
    func paths(_ range: Range<Int>, features: [FeatureName]) -> any HedgingPaths
    /// The features that `paths` can fill.
    var availableFeatures: [FeatureName] { get }
}
