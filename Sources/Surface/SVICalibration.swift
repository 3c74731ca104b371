import RealModule

/// How one expiry's quotes become an SVI slice.
///
/// Each quote's misfit is counted in its own half-spreads, r = (√w(k) − mid)/(half-spread) on total volatility √w. Inside the
/// band it hardly costs; outside it costs the square of the excess, up to a scale beyond which it only grows like a logarithm,
/// so that a wrong quote cannot bend the slice. Negative butterfly densities and crossings of the earlier expiry, inside
/// quoted strikes, cost so much that none remain. Everything is scaled by the at-the-money variance, which makes the slices of a
/// day and of a year the same problem.
///
/// The slice is found by Levenberg-Marquardt steps from several starts; which start wins decides more than any weight:
/// the quasi-explicit grid (for every vertex (m, σ) the rest is linear least squares), the SSVI hyperbola through the
/// at-the-money level, skew and curvature, the slice of the snapshot before, the scaled slice of the earlier expiry.
///
/// References: Zeliade Systems, *Quasi-explicit calibration of Gatheral's SVI model* (2009); Gatheral, Jacquier (2014).
public struct SVICalibration: Sendable, Equatable, Codable {
    /// Weight of r² inside the band, which centres the slice where quotes leave it free.
    public var centring = 0.1
    /// Half-spreads within which a misfit counts as none.
    public var tolerance = 0.5
    /// Excess, in half-spreads, beyond which a quote is taken for an outlier.
    public var outlierScale = 2.0
    /// Points at which arbitrage is penalised.
    public var arbitragePoints = 41
    /// Weight of squared negative butterfly density; raised tenfold where violations remain, four times at most.
    public var butterflyWeight = 1e4
    /// Weight of the squared crossing of the earlier expiry, in units of at-the-money variance; raised like the other.
    public var calendarWeight = 1e6
    /// Density and relative calendar gap that the penalties aim at, so that none touches zero.
    public var margin = 1e-3
    /// Levenberg-Marquardt steps from each start.
    public var maximumSteps = 60
    /// How many points of the quasi-explicit grid are descended from.
    public var gridStarts = 2

    public init() {}

    /// What a slice is not to cross: the earlier expiry and the log-moneyness range in which both are quoted.
    public struct Floor: Sendable, Equatable {
        public var smile: SVISlice
        public var range: ClosedRange<Double>

        public init(_ smile: SVISlice, over range: ClosedRange<Double>) {
            self.smile = smile
            self.range = range
        }
    }

    /// Where a descent began.
    public enum Start: String, Sendable, Codable, CaseIterable {
        case quasiExplicit = "quasi-explicit"
        case hyperbola
        case previous
        case neighbour
        case repaired
    }

    /// A fitted slice and how it was reached.
    public struct Fit: Sendable, Equatable {
        public var slice: SVISlice
        /// The start that won.
        public var start: Start
        /// Loss per quote; penalties excluded.
        public var loss: Double
        /// Descent steps over all starts.
        public var steps: Int
        /// Whether the winning descent ended because no step improved it by more than 1e-9 of itself.
        public var converged: Bool
    }

    /// - Parameters:
    ///   - quotes: Of one expiry; at least 5 strikes with finite bands. Any order.
    ///   - timeToExpiry: Years.
    ///   - earlier: The expiry before, already fitted.
    ///   - previous: This expiry's slice in the snapshot before.
    /// - Returns: nil where the quotes do not determine a slice.
    public func fit(_ quotes: [SmileQuote], timeToExpiry: Double, earlier: Floor? = nil, previous: SVISlice? = nil) -> Fit? {
        guard timeToExpiry > 0, let problem = SVIProblem(quotes, timeToExpiry: timeToExpiry, earlier: earlier, settings: self)
        else { return nil }
        var starts = problem.gridStarts(count: gridStarts).map { (Start.quasiExplicit, $0) }
        if let hyperbola = problem.hyperbolaStart() { starts.append((.hyperbola, hyperbola)) }
        if let previous { starts.append((.previous, problem.point(previous, rescaled: true))) }
        if let earlier { starts.append((.neighbour, problem.point(earlier.smile, rescaled: true))) }

        var weights = SVIProblem.Weights(butterfly: butterflyWeight, calendar: calendarWeight)
        var steps = 0
        var best: (start: Start, descent: SVIProblem.Descent)?
        for (start, point) in starts {
            let descent = problem.descend(from: point, weights: weights, maximumSteps: maximumSteps)
            steps += descent.steps
            guard descent.value.isFinite else { continue }
            if best == nil || descent.value < best!.descent.value { best = (start, descent) }
        }
        guard var (start, descent) = best else { return nil }
        // The penalties are soft: where one is still paid, it is raised until it is not.
        for _ in 0..<4 {
            let (butterfly, calendar) = problem.violates(descent.point)
            guard butterfly || calendar else { break }
            if butterfly { weights.butterfly *= 10 }
            if calendar { weights.calendar *= 10 }
            var again = problem.descend(from: descent.point, weights: weights, maximumSteps: maximumSteps)
            steps += again.steps
            if butterfly, let repaired = problem.repaired(descent.point) {
                let other = problem.descend(from: repaired, weights: weights, maximumSteps: maximumSteps)
                steps += other.steps
                if other.value < again.value {
                    again = other
                    start = .repaired
                }
            }
            descent = again
        }
        return Fit(
            slice: problem.slice(descent.point), start: start, loss: problem.loss(descent.point) / Double(quotes.count), steps: steps,
            converged: descent.converged)
    }
}
