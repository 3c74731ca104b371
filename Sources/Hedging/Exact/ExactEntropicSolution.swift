public import Features
public import LinearAlgebra
import RealModule

/// The value and the no-trade bands that the recursion found.
public struct ExactEntropicSolution: Sendable, Equatable {
    /// Entropic risk of the seller's loss under the best hedge, premium not included.
    public let price: Double
    /// ln S of the first grid point.
    public let firstLogSpot: Double
    /// Width of the grid in ln S.
    public let width: Double
    /// Holding up to which is bought, by step and grid point.
    public let lower: [[Double]]
    /// Holding down to which is sold, by step and grid point.
    public let upper: [[Double]]

    /// The band at a decision, linear between grid points.
    public func band(step: Int, logSpot: Double) -> ClosedRange<Double> {
        let (lower, upper) = (lower[step], upper[step])
        let place = min(max((logSpot - firstLogSpot) / width, 0), Double(lower.count - 1))
        let index = min(Int(place), lower.count - 2)
        let share = place - Double(index)
        let low = lower[index] + share * (lower[index + 1] - lower[index])
        return low...max(upper[index] + share * (upper[index + 1] - upper[index]), low)
    }
}

/// The exact policy as a strategy: the holding brought to the nearest edge of the band of its step and spot.
public struct ExactBandHedge: HedgingStrategy, Equatable {
    public let solution: ExactEntropicSolution
    /// Years to expiry at step 0.
    public let maturity: Double

    public init(_ solution: ExactEntropicSolution, maturity: Double) {
        self.solution = solution
        self.maturity = maturity
    }

    public var name: String { "exact" }
    public var inputs: [FeatureName] { [.timeToExpiry, .forward] }

    public func targetHoldings(_ batch: DecisionBatch) -> Matrix<Double> {
        var holdings = Matrix<Double>(rows: batch.count, columns: batch.instruments.count)
        guard let underlying = batch.underlyingIndex else { return holdings }
        let (expiry, forwards) = (batch.features[.timeToExpiry], batch.features[.forward])
        let steps = Double(solution.lower.count)
        for i in 0..<batch.count {
            let step = Int(((1 - expiry[i] / maturity) * steps).rounded())
            let band = solution.band(step: min(max(step, 0), solution.lower.count - 1), logSpot: .log(forwards[i]))
            holdings[i, underlying] = min(max(batch.holdings[i, underlying], band.lowerBound), band.upperBound)
        }
        return holdings
    }
}
