import RealModule

/// A number that a policy is told and that stays as it is along a path: what trading costs, how much risk is minded, a parameter of
/// the market's law. One network then serves every value of the range.
public struct PolicyCondition: Sendable, Codable, Equatable {
    /// What it is, in lower camel case: `costRate`, `riskAversion`, `volatility`.
    public var name: String
    /// In the number's own unit; below `highest`.
    public var lowest: Double
    public var highest: Double

    public init(_ name: String, _ range: ClosedRange<Double>) {
        precondition(range.lowerBound < range.upperBound, "\(name) in a range without width, \(range)")
        self.name = name
        lowest = range.lowerBound
        highest = range.upperBound
    }

    /// Positive numbers are spread evenly in their logarithm, others as they are.
    private var isLogarithmic: Bool { lowest > 0 }

    /// The value at a share of the range: `lowest` at 0, `highest` at 1.
    public func value(at share: Double) -> Double {
        isLogarithmic ? lowest * Double.pow(highest / lowest, share) : lowest + (highest - lowest) * share
    }

    /// What the network reads: −1 at `lowest`, 1 at `highest`.
    func input(_ value: Double) -> Float {
        let share = isLogarithmic ? Double.log(value / lowest) / Double.log(highest / lowest) : (value - lowest) / (highest - lowest)
        return Float(2 * share - 1)
    }
}
