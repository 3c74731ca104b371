/// One learned hedge at one value of a condition that it is told, beside the best formula there.
public struct ConditionSummary: Sendable, Equatable, Codable {
    /// As under `policy.conditioning`.
    public var condition: String
    public var value: Double
    public var price: Double
    public var priceStandardError: Double
    /// Nil where theory knows no optimum.
    public var exact: ComparisonReport.ExactPrice?
    /// The lowest price among the others; nil where nothing else ran.
    public var best: Rival?

    public struct Rival: Sendable, Equatable, Codable {
        public var name: String
        public var price: Double
    }

    /// Nil where the report has no learned hedge.
    init?(condition: String, value: Double, report: ComparisonReport) {
        guard let learned = report.summary(named: "learned") else { return nil }
        self.condition = condition
        self.value = value
        price = learned.price
        priceStandardError = learned.priceStandardError
        exact = report.exact
        best = report.strategies.filter { $0.name != "learned" }.min { $0.price < $1.price }.map { Rival(name: $0.name, price: $0.price) }
    }
}
