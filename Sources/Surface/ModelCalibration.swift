public import Optimization
public import Pricing
import RealModule

/// Heston's model, Bates' or the one with jumps of price and variance together, fitted to all expiries of a chain at once.
///
/// Each quote's misfit is its price error over its half-spread, r = (model − mid)/(half-spread) in coin, and counts as
/// s² ln(1 + r²/s²): a least square while it is small, little more once the quote is out of reach. Levenberg-Marquardt with the
/// analytic gradient of ``FourierStrip`` searches a box; each family starts from the best of a few guesses or, with jumps, from the fit of
/// the family below it.
public struct ModelCalibration: Sendable, Equatable, Codable {
    public enum Family: String, Sendable, Codable, CaseIterable {
        case heston, bates, svcj

        /// How many of `HestonJumpModel.Parameter` it has.
        public var parameters: Int {
            switch self {
            case .heston: 5
            case .bates: 8
            case .svcj: 10
            }
        }
    }

    public var family: Family
    /// s: misfit, in half-spreads, beyond which a quote is taken for out of reach.
    public var outlierScale = 3.0
    /// A narrower half-spread counts as this, in coin.
    public var leastHalfSpread = 5e-5
    /// Fewer liquid quotes leave an expiry out.
    public var minimumQuotes = 5
    /// Quadrature nodes an expiry.
    public var nodes = 48
    public var maximumIterations = 60
    /// Settled when a step gains less than this share of the loss.
    public var negligibleGain = 1e-5

    public init(family: Family = .heston) { self.family = family }

    /// A fitted model and what it leaves.
    public struct Fit: Sendable, Equatable, Codable {
        public var model: HestonJumpModel
        /// The variance now, annual.
        public var variance: Double
        /// In order of `HestonJumpModel.Parameter`.
        public var parameters: [Double]
        public var report: FitReport
        /// Of the quotes fitted, and of those held back; nil where none were.
        public var fitted: Quality
        public var heldBack: Quality?
    }

    /// How a model prices quotes.
    public struct Quality: Sendable, Equatable, Codable {
        public var quotes: Int
        /// Share with the model's price inside bid and ask.
        public var insideBidAsk: Double
        /// Mean of |model − mid|, coin per coin of underlying.
        public var meanError: Double
    }

    /// - Parameters:
    ///   - chains: Expiries of one snapshot, filtered and inverted.
    ///   - holdingBack: Quotes of these strikes are judged but not fitted.
    ///   - previous: Parameters to start from instead of guesses, of this family.
    /// - Returns: nil where the chains hold fewer quotes than the family has parameters.
    public func fit(_ chains: [ExpiryChain], holdingBack: StrikeFold? = nil, previous: [Double]? = nil) -> Fit? {
        let problem = ModelProblem(chains.filter { $0.quotes.count >= minimumQuotes }, settings: self, holdingBack: holdingBack)
        guard problem.fittedCount > family.parameters else { return nil }
        var best: (x: [Double], report: FitReport)?
        if let previous {
            precondition(previous.count == family.parameters, "\(previous.count) parameters of \(family), expected \(family.parameters)")
            best = problem.descend(from: previous)
        } else {
            for stage in Family.allCases where stage.parameters <= family.parameters {
                // From the likeliest of each group of starts; the lowest descent is kept.
                let fits = problem.starts(of: stage, from: best?.x).compactMap { group in
                    group.map { (loss: problem.loss($0), start: $0) }.min { $0.loss < $1.loss }.map { problem.descend(from: $0.start) }
                }
                best = fits.min { $0.report.residual < $1.report.residual }
            }
        }
        guard let best else { return nil }
        let (model, variance) = HestonJumpModel.model(of: best.x)
        return Fit(
            model: model, variance: variance, parameters: best.x, report: best.report,
            fitted: problem.quality(best.x, ofHeld: false) ?? Quality(quotes: 0, insideBidAsk: 0, meanError: 0),
            heldBack: problem.quality(best.x, ofHeld: true))
    }
}

/// The quotes of all expiries as residuals of a least-squares fit.
struct ModelProblem {
    private let settings: ModelCalibration
    private let strips: [FourierStrip]
    /// Of every quote, expiry by expiry: what a put lacks to its call, mid, one over the half-spread, bid and ask.
    private var parity: [Double] = []
    private var middle: [Double] = []
    private var inverse: [Double] = []
    private var bid: [Double] = []
    private var ask: [Double] = []
    /// 1 of a quote that is fitted, 0 of one held back.
    private var weights: [Double] = []
    /// At-the-money variances, annual, of the first and the last expiry.
    private let near: Double
    private let far: Double

    var fittedCount: Int { weights.reduce(0) { $0 + ($1 > 0 ? 1 : 0) } }

    init(_ chains: [ExpiryChain], settings: ModelCalibration, holdingBack: StrikeFold?) {
        self.settings = settings
        var strips: [FourierStrip] = []
        var levels: [Double] = []
        for chain in chains {
            guard let nearest = chain.quotes.min(by: { $0.logMoneyness.magnitude < $1.logMoneyness.magnitude }),
                nearest.midVolatility > 0
            else { continue }
            let level = nearest.midVolatility * nearest.midVolatility
            levels.append(level)
            strips.append(
                FourierStrip(
                    logMoneyness: chain.quotes.map(\.logMoneyness), timeToExpiry: chain.timeToExpiry,
                    totalVariance: level * chain.timeToExpiry, nodes: settings.nodes))
            let held = holdingBack?.strikes(of: chain.quotes) ?? []
            for quote in chain.quotes {
                parity.append(quote.kind == .call ? 0 : Double.exp(quote.logMoneyness) - 1)
                middle.append((quote.bid + quote.ask) / 2)
                inverse.append(1 / max((quote.ask - quote.bid) / 2, settings.leastHalfSpread))
                bid.append(quote.bid)
                ask.append(quote.ask)
                weights.append(held.contains(quote.strike) ? 0 : 1)
            }
        }
        self.strips = strips
        near = levels.first ?? 0
        far = levels.last ?? 0
    }

    // MARK: Box and starts

    private static let lower = [1e-4, 0.05, 1e-4, 0.05, -0.98, 0, -0.6, 0.005, 1e-3, -4]
    private static let upper = [9, 60, 9, 25, 0.98, 60, 0.6, 0.8, 4, 0.2]

    /// Groups of starts, each of which is descended from once.
    ///
    /// Heston's have a volatility of variance in proportion to the variance itself, fast and slow, with and without skew. With jumps they
    /// are `smaller`, the smaller family's fit, with frequent small jumps and with rare large ones; jumps of variance are added to those of
    /// Bates' fit, small, and put in the place of its jumps, large.
    func starts(of family: ModelCalibration.Family, from smaller: [Double]?) -> [[[Double]]] {
        guard let smaller else {
            return [
                [1.5, 6].flatMap { speed in
                    [1.0, 2.5].flatMap { size in
                        [-0.4, 0].map { skew in [near, speed, far, size * (speed * far).squareRoot(), skew] }
                    }
                }
            ]
        }
        switch family {
        case .heston: return [[smaller]]
        case .bates:
            let jumps: [[[Double]]] = [[[20, -0.01, 0.04], [20, 0.01, 0.04]], [[1, -0.1, 0.15], [1, 0.1, 0.15]]]
            return jumps.map { group in group.map { smaller + $0 } }
        case .svcj:
            return [
                [0.02, 0.1].map { smaller + [$0, -0.2] },
                [-0.1, 0.05].map { Array(smaller.prefix(5)) + [1.5, $0, 0.1, 0.4, -0.1] },
            ]
        }
    }

    // MARK: Residuals

    /// r of every quote in half-spreads, and its derivatives.
    private func misfits(
        _ x: UnsafePointer<Double>, count: Int, _ residuals: UnsafeMutablePointer<Double>, _ jacobian: UnsafeMutablePointer<Double>?
    ) {
        let (model, variance) = HestonJumpModel.model(of: Array(UnsafeBufferPointer(start: x, count: count)))
        var start = 0
        for strip in strips {
            strip.evaluate(
                model, variance: variance, parameters: count, calls: residuals + start, gradient: jacobian.map { $0 + start * count })
            start += strip.logMoneyness.count
        }
        for i in 0..<start {
            residuals[i] = (residuals[i] + parity[i] - middle[i]) * inverse[i]
            guard let jacobian else { continue }
            for j in 0..<count { jacobian[i * count + j] *= inverse[i] }
        }
    }

    /// s √ln(1 + r²/s²) with the sign of r.
    private func soften(_ r: Double) -> (value: Double, slope: Double) {
        let ratio = r / settings.outlierScale
        let square = ratio * ratio
        guard square > 1e-8 else { return (r, 1) }
        let size = Double.log(onePlus: square).squareRoot()
        return (ratio < 0 ? -settings.outlierScale * size : settings.outlierScale * size, ratio.magnitude / (size * (1 + square)))
    }

    func loss(_ x: [Double]) -> Double {
        var residuals = [Double](repeating: 0, count: weights.count)
        residuals.withUnsafeMutableBufferPointer { misfits(x, count: x.count, $0.baseAddress!, nil) }
        return zip(residuals, weights).reduce(0) { sum, term in
            let value = soften(term.0).value
            return sum + term.1 * value * value
        }
    }

    func descend(from start: [Double]) -> (x: [Double], report: FitReport) {
        let count = start.count
        var x = start
        var search = LevenbergMarquardt()
        search.maximumIterations = settings.maximumIterations
        search.valueTolerance = settings.negligibleGain
        search.gradientTolerance = 1e-5
        search.stepTolerance = 1e-6
        var workspace = LevenbergMarquardt.Workspace(parameters: count, residuals: weights.count)
        let report = search.minimise(
            &x, lower: Array(Self.lower.prefix(count)), upper: Array(Self.upper.prefix(count)), weights: weights, workspace: &workspace
        ) { x, residuals, jacobian in
            misfits(x, count: count, residuals, jacobian)
            for i in weights.indices {
                let (value, slope) = soften(residuals[i])
                residuals[i] = value
                guard let jacobian else { continue }
                for j in 0..<count { jacobian[i * count + j] *= slope }
            }
        }
        return (x, report)
    }

    func quality(_ x: [Double], ofHeld held: Bool) -> ModelCalibration.Quality? {
        let (model, variance) = HestonJumpModel.model(of: x)
        let prices = zip(strips.flatMap { $0.calls(model, variance: variance) }, parity).map { $0 + $1 }
        let judged = weights.indices.filter { (weights[$0] == 0) == held }
        guard !judged.isEmpty else { return nil }
        let inside = judged.filter { prices[$0] >= bid[$0] && prices[$0] <= ask[$0] }.count
        return ModelCalibration.Quality(
            quotes: judged.count, insideBidAsk: Double(inside) / Double(judged.count),
            meanError: judged.reduce(0) { $0 + (prices[$1] - middle[$1]).magnitude } / Double(judged.count))
    }
}
