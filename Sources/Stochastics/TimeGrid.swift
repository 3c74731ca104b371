/// Equal steps from now to a maturity: decisions are taken at times 0 ..< steps, the claim pays at time `steps`.
public struct TimeGrid: Sendable, Equatable, Hashable, Codable {
    public var maturityDays: Double
    public var daysPerYear: Double
    public var steps: Int

    public init(maturityDays: Double = 30, daysPerYear: Double = 365, steps: Int = 30) {
        precondition(maturityDays > 0 && daysPerYear > 0 && steps >= 1, "an empty grid: \(maturityDays) days in \(steps) steps")
        self.maturityDays = maturityDays
        self.daysPerYear = daysPerYear
        self.steps = steps
    }

    /// T in years.
    public var maturity: Double { maturityDays / daysPerYear }
    /// Δt in years.
    public var timeStep: Double { maturity / Double(steps) }
    /// Years from the start to time `step`.
    public func time(_ step: Int) -> Double { maturity * Double(step) / Double(steps) }
    /// Years from time `step` to maturity; exactly 0 at the last.
    public func timeToMaturity(_ step: Int) -> Double { maturity * Double(steps - step) / Double(steps) }
}
