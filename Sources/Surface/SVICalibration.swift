import RealModule

/// How one expiry's quotes become an SVI slice.
///
/// Each quote's misfit is counted in its own half-spreads, r = (√w(k) − mid)/(half-spread) on total volatility √w, and costs its
/// ``QuoteLoss``. Everything is scaled by the at-the-money variance, which makes the slices of a day and of a year the same problem.
///
/// The slice is found by Levenberg-Marquardt steps; where they start decides more than any weight: the slice of the snapshot before, the
/// quasi-explicit grid (for every vertex (m, σ) the rest is linear least squares), the SSVI hyperbola through the at-the-money level, skew
/// and curvature, the scaled slice of a neighbouring expiry. The others are only tried where the first does not lead to a good fit.
///
/// Negative butterfly densities inside quoted strikes are found on a grid with a search around its lowest point, penalised there, and the
/// slice fitted again; penalties grow until none remain. What is left after that is repaired, and the fit says how far that moved it.
///
/// References: Zeliade Systems, *Quasi-explicit calibration of Gatheral's SVI model* (2009); Gatheral, Jacquier (2014).
public struct SVICalibration: Sendable, Equatable, Codable {
    /// What the misfits of quotes cost.
    public var misfit = QuoteLoss()
    /// A loss per quote that is good enough not to try another start.
    public var goodLoss = 0.05
    /// Steps that gain less than this share of the loss, two in a row, end a descent.
    public var negligibleGain = 1e-3
    /// Points at which arbitrage is penalised, beside those where it was found.
    public var arbitragePoints = 41
    /// Weight of squared negative butterfly density; raised tenfold where violations remain.
    public var butterflyWeight = 1e4
    /// Weight of the squared crossing of the earlier expiry, in units of at-the-money variance; raised like the other.
    public var calendarWeight = 1e6
    /// Weight of the squared crossing of the later expiry: that of a quote one per cent wide. Its own quotes may outweigh it.
    public var ceilingWeight = 2.5e3
    /// Density and relative calendar gap that the penalties aim at, so that none touches zero.
    public var margin = 1e-3
    /// How often penalties are raised before the slice is repaired; 0 leaves it to the repair alone.
    public var penaltyRounds = 5
    /// Levenberg-Marquardt steps from each start.
    public var maximumSteps = 60
    /// How many points of the quasi-explicit grid are descended from.
    public var gridStarts = 2

    public init() {}

    /// What a slice is not to cross: another expiry and the log-moneyness range in which both are quoted.
    public struct Bound: Sendable, Equatable {
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
        /// The slice of the last search, repaired by the jump-wings rule.
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
        /// Whether the winning descent ended because its steps gained no more.
        public var converged: Bool
        /// The best slice before penalties or repair, where it had arbitrage.
        public var free: SVISlice?
        /// Whether penalties left arbitrage, which was then taken out by moving the slice towards one that has none.
        public var isRepaired = false
    }

    /// - Parameters:
    ///   - quotes: Of one expiry; at least 5 strikes with finite bands. Any order.
    ///   - timeToExpiry: Years.
    ///   - floor: The expiry before, already fitted, which this one is kept above.
    ///   - ceiling: The expiry after, which this one is drawn below where its quotes leave it free.
    ///   - previous: This expiry's slice in the snapshot before.
    /// - Returns: nil where the quotes do not determine a slice.
    public func fit(
        _ quotes: [SmileQuote], timeToExpiry: Double, above floor: Bound? = nil, below ceiling: Bound? = nil, previous: SVISlice? = nil
    ) -> Fit? {
        guard timeToExpiry > 0, let problem = SVIProblem(quotes, timeToExpiry: timeToExpiry, settings: self) else { return nil }
        var constraints = SVIProblem.Constraints(
            butterflyWeight: butterflyWeight, floorWeight: calendarWeight, ceilingWeight: ceilingWeight)
        if let floor { constraints.floor = problem.bound(floor, count: arbitragePoints) }
        if let ceiling { constraints.ceiling = problem.bound(ceiling, count: arbitragePoints) }
        var search = SVISearch(problem: problem)
        search.run(constraints, previous: previous, neighbour: floor?.smile ?? ceiling?.smile, stopsEarly: true)
        guard search.best != nil else { return nil }
        let first = search.best!.descent.point
        let violations = problem.violations(first, floor: floor)
        let free = violations.butterfly != nil || violations.calendar != nil ? problem.slice(first) : nil
        for round in 0..<penaltyRounds {
            let found = round == 0 ? violations : problem.violations(search.best!.descent.point, floor: floor)
            guard found.butterfly != nil || found.calendar != nil else { break }
            if let z = found.butterfly {
                if constraints.butterfly.isEmpty {
                    constraints.butterfly = problem.grid(arbitragePoints)
                } else {
                    constraints.butterflyWeight *= 10
                }
                constraints.butterfly.append(z)
            }
            if let point = found.calendar {
                constraints.floor.append(point)
                constraints.floorWeight *= 10
            }
            search.restart(constraints)
            // The best slice without penalties may be the wrong one to begin from.
            if round == 0 { search.run(constraints, previous: previous, neighbour: floor?.smile ?? ceiling?.smile, stopsEarly: false) }
        }
        guard let best = search.best else { return nil }
        let slice = problem.slice(best.descent.point)
        var fit = Fit(
            slice: slice, start: best.start, loss: problem.loss(best.descent.point) / Double(quotes.count), steps: search.steps,
            converged: best.descent.converged, free: free)
        let found = problem.violations(best.descent.point, floor: floor)
        if found.butterfly != nil || found.calendar != nil {
            let range = (problem.low * problem.scale)...(problem.high * problem.scale)
            fit.slice = slice.repaired(over: range, above: floor)
            fit.loss = problem.loss(problem.point(fit.slice, rescaled: false)) / Double(quotes.count)
            fit.isRepaired = true
        }
        return fit
    }
}

/// Descents from one start after the other, and the best of them.
struct SVISearch {
    let problem: SVIProblem
    private(set) var best: (start: SVICalibration.Start, descent: SVIProblem.Descent)?
    private(set) var steps = 0

    init(problem: SVIProblem) { self.problem = problem }

    /// - Parameter stopsEarly: Whether a good fit ends the search before all starts were tried.
    mutating func run(
        _ constraints: SVIProblem.Constraints, previous: SVISlice?, neighbour: SVISlice?, stopsEarly: Bool
    ) {
        let settings = problem.settings
        let good = settings.goodLoss * Double(problem.quotes)
        func isGood() -> Bool { stopsEarly && (best.map { $0.descent.value < good } ?? false) }
        if let previous { descend(.previous, problem.point(previous, rescaled: true), constraints) }
        if isGood() { return }
        for point in problem.gridStarts(count: settings.gridStarts) {
            descend(.quasiExplicit, point, constraints)
            if isGood() { return }
        }
        if let point = problem.hyperbolaStart() { descend(.hyperbola, point, constraints) }
        if isGood() { return }
        if let neighbour { descend(.neighbour, problem.point(neighbour, rescaled: true), constraints) }
    }

    /// Under new constraints from where the last search ended, and from its jump-wings repair.
    mutating func restart(_ constraints: SVIProblem.Constraints) {
        guard let last = best else { return }
        best = nil
        descend(last.start, last.descent.point, constraints)
        if !constraints.butterfly.isEmpty, let repaired = problem.repaired(last.descent.point) { descend(.repaired, repaired, constraints) }
        if best == nil { best = last }
    }

    private mutating func descend(
        _ start: SVICalibration.Start, _ point: SVIProblem.Point, _ constraints: SVIProblem.Constraints
    ) {
        let descent = problem.descend(from: point, constraints, maximumSteps: problem.settings.maximumSteps)
        steps += descent.steps
        guard descent.value.isFinite, descent.value < best?.descent.value ?? .infinity else { return }
        best = (start, descent)
    }
}
