public import Features
public import LinearAlgebra

/// A fitted `HedgeRegression`: coefficients, and from when on each set of them holds.
public struct RegressionHedge: HedgingStrategy, Equatable, Codable {
    /// Coefficients known at a moment.
    public struct Coefficients: Sendable, Equatable, Codable {
        /// Seconds since 1970 from which they hold.
        public var from: Double
        /// One for each term of the settings.
        public var values: [Double]

        public init(from: Double, values: [Double]) {
            self.from = from
            self.values = values
        }
    }

    public let settings: HedgeRegression
    /// In order of time. A decision before the first holds the plain delta.
    public let schedule: [Coefficients]
    /// Whether coefficients change with time, and the hedge therefore has to know when it decides.
    public let isTimed: Bool

    /// The same coefficients at all times.
    public init(_ settings: HedgeRegression, coefficients: [Double]) {
        self.init(settings, schedule: [Coefficients(from: 0, values: coefficients)], isTimed: false)
    }

    /// Coefficients that hold from their moment to the next.
    public init(_ settings: HedgeRegression, schedule: [Coefficients]) {
        self.init(settings, schedule: schedule, isTimed: true)
    }

    private init(_ settings: HedgeRegression, schedule: [Coefficients], isTimed: Bool) {
        precondition(schedule.allSatisfy { $0.values.count == settings.terms.count }, "expected \(settings.terms.count) coefficients")
        precondition(zip(schedule, schedule.dropFirst()).allSatisfy { $0.from < $1.from }, "coefficients out of order")
        self.settings = settings
        self.schedule = schedule
        self.isTimed = isTimed
    }

    public var name: String { settings.name }
    public var inputs: [FeatureName] { settings.inputs + (isTimed ? [.decisionTime] : []) }

    public func targetHoldings(_ batch: DecisionBatch) -> Matrix<Double> {
        var exposure = batch.features[settings.delta.feature]
        let columns = settings.columns(batch.features)
        if isTimed {
            let times = batch.features[.decisionTime]
            var index = -1
            for i in 0..<batch.count {
                if i == 0 || times[i] != times[i - 1] { index = entry(at: times[i]) }
                guard index >= 0 else { continue }
                let values = schedule[index].values
                for term in columns.indices { exposure[i] += values[term] * columns[term][i] }
            }
        } else {
            for term in columns.indices {
                let value = schedule[0].values[term]
                for i in 0..<batch.count { exposure[i] += value * columns[term][i] }
            }
        }
        return batch.underlyingHoldings(neutralising: exposure)
    }

    /// The last set of coefficients that holds from then or before; −1 where there is none yet.
    private func entry(at time: Double) -> Int {
        var (low, high) = (0, schedule.count)
        while low < high {
            let middle = (low + high) / 2
            if schedule[middle].from <= time { low = middle + 1 } else { high = middle }
        }
        return low - 1
    }
}
