/// One number that a model may read of a market state.
///
/// A feature measures what is there. Where an input is absent (no price history, no quotes, no perpetual) it measures nothing, and its
/// value is a stated neutral one, so that every feature is finite in every state. ``FeaturePipeline`` counts these.
public protocol Feature: Sendable {
    /// Saved in model files: renaming one breaks them.
    var name: FeatureName { get }
    /// Unit, as help and reports print it.
    var unit: String { get }
    /// One line of what it is.
    var summary: String { get }
    /// Counted up when the formula changes, so that a model trained on an older one is not fed the new.
    var version: Int { get }
    /// The measured value; nil where an input is absent.
    func measure(_ state: MarketState) -> Double?
    /// What stands in for an absent or infinite measurement. Finite.
    func neutral(_ state: MarketState) -> Double
}

extension Feature {
    public var version: Int { 1 }

    public func neutral(_ state: MarketState) -> Double { 0 }

    /// The measured value where there is one and it is finite, else the neutral one.
    public func value(in state: MarketState) -> Double {
        if let value = measure(state), value.isFinite { return value }
        return neutral(state)
    }
}

/// A feature that is one formula of the state.
struct Figure: Feature {
    let name: FeatureName
    let unit: String
    let version: Int
    let summary: String
    let formula: @Sendable (MarketState) -> Double?
    let otherwise: @Sendable (MarketState) -> Double

    /// - Parameter otherwise: The neutral value.
    init(
        _ name: FeatureName, unit: String, version: Int = 1, _ summary: String,
        otherwise: @escaping @Sendable (MarketState) -> Double = { _ in 0 },
        _ formula: @escaping @Sendable (MarketState) -> Double?
    ) {
        self.name = name
        self.unit = unit
        self.version = version
        self.summary = summary
        self.formula = formula
        self.otherwise = otherwise
    }

    func measure(_ state: MarketState) -> Double? { formula(state) }
    func neutral(_ state: MarketState) -> Double { otherwise(state) }
}
