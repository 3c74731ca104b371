public import Probability

/// One strategy's figure less another's on the same paths, with its interval.
public struct PairedDifference: Sendable, Equatable, Codable {
    public var against: String
    /// `price` on simulated markets, `rmseReduction` on recorded ones.
    public var measure: String
    public var difference: Double
    /// Ends of the 95 % interval.
    public var low: Double
    public var high: Double

    public init(against: String, measure: String, difference: Double, low: Double, high: Double) {
        self.against = against
        self.measure = measure
        self.difference = difference
        self.low = low
        self.high = high
    }

    /// True where a lower figure is better.
    var lowerIsBetter: Bool { measure == "price" }
    /// The learned strategy is better beyond the interval.
    public var isBetter: Bool { lowerIsBetter ? high < 0 : low > 0 }
    /// The learned strategy is worse beyond the interval.
    public var isWorse: Bool { lowerIsBetter ? low > 0 : high < 0 }
}

extension PairedDifference {
    /// The objective's measure of one strategy's losses less that of another's.
    public static func price(
        _ objective: RiskMeasure, of first: [Double], less second: [Double], against: String, groups: [Int]? = nil, bootstrap: Bootstrap
    ) throws(RiskError) -> PairedDifference {
        PairedDifference(
            against: against, measure: "price", try bootstrap.interval(ofDifferenceIn: objective, first, second, groups: groups))
    }

    /// The reduction of the root mean square profit by one strategy less that by another.
    ///
    /// - Parameter groups: The interval of each row, 0..<G: options of one interval share its shock.
    public static func rmseReduction(
        of first: [Double], less second: [Double], unhedged: [Double], against: String, groups: [Int], bootstrap: Bootstrap
    ) -> PairedDifference {
        let squares = [first, second, unhedged].map { $0.map { $0 * $0 } }
        return PairedDifference(
            against: against, measure: "rmseReduction",
            bootstrap.interval(ofMeans: squares, groups: groups) { means in
                means[2] > 0 ? (means[1].squareRoot() - means[0].squareRoot()) / means[2].squareRoot() : 0
            })
    }

    private init(against: String, measure: String, _ interval: ConfidenceInterval) {
        self.init(against: against, measure: measure, difference: interval.estimate, low: interval.low, high: interval.high)
    }
}
