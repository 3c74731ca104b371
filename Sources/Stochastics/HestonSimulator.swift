public import Probability
import RealModule
import VectorKernels

/// Heston's stochastic variance.
///
///     dS = μ S dt + S √v dW,   dv = κ(θ − v) dt + ξ √v dZ,   d⟨W, Z⟩ = ρ dt
///
/// The spot follows from the variance at both ends of a step and from its integral I, here the trapezium's:
///
///     ln S' = ln S + μΔ − I/2 + ρ/ξ (v' − v − κθΔ + κI) + √(1 − ρ²) √I z
///
/// with the constant replaced so that S e^{−μt} is a martingale on the discrete grid too (Andersen's correction).
///
/// References: Heston (1993); Broadie, Kaya, *Exact simulation of stochastic volatility* (2006); Andersen, *Efficient
/// simulation of the Heston stochastic volatility model* (2007); Lord, Koekkoek, van Dijk, *A comparison of biased
/// simulation schemes* (2010).
public struct HestonSimulator: DiffusionSimulator, Equatable {
    /// How the variance moves.
    public enum Scheme: String, Sendable, Codable, CaseIterable {
        /// From its law, a scaled noncentral chi-square.
        case exact
        /// Andersen's two-moment fit.
        case quadraticExponential = "quadratic-exponential"
        /// Euler with the variance cut at zero: biased, for comparison.
        case fullTruncation = "full-truncation"
    }

    public var spot: Double
    /// v at the start, annual.
    public var initialVariance: Double
    /// κ, per year.
    public var meanReversion: Double
    /// θ.
    public var longRunVariance: Double
    /// ξ.
    public var volatilityOfVariance: Double
    /// ρ.
    public var correlation: Double
    /// μ, per year.
    public var drift: Double
    public var scheme: Scheme
    /// Parts that each step of the grid is simulated in: the trapezium's error falls with them.
    public var substeps: Int
    /// Whether B moves the price; where its numbers come from outside it is added at the end.
    private(set) var hasOwnNoise = true

    public init(
        spot: Double = 100, initialVariance: Double = 0.04, meanReversion: Double = 1, longRunVariance: Double = 0.04,
        volatilityOfVariance: Double = 2, correlation: Double = -0.7, drift: Double = 0, scheme: Scheme = .exact, substeps: Int = 1
    ) {
        precondition(spot > 0 && initialVariance >= 0 && longRunVariance >= 0 && meanReversion >= 0)
        precondition(volatilityOfVariance > 0 && correlation.magnitude <= 1 && substeps >= 1)
        self.spot = spot
        self.initialVariance = initialVariance
        self.meanReversion = meanReversion
        self.longRunVariance = longRunVariance
        self.volatilityOfVariance = volatilityOfVariance
        self.correlation = correlation
        self.drift = drift
        self.scheme = scheme
        self.substeps = substeps
    }

    public var name: String { "heston" }
    public var hasVariance: Bool { true }
    public var ownNoiseShare: Double { (1 - correlation * correlation).squareRoot() }
    public var noiseGroup: Int { SharedNoise.group }

    var withoutOwnNoise: HestonSimulator {
        var rest = self
        rest.hasOwnNoise = false
        return rest
    }

    public func referenceVolatility(on grid: TimeGrid) -> Double {
        let law = SquareRootLaw(
            meanReversion: meanReversion, longRunVariance: longRunVariance, volatilityOfVariance: volatilityOfVariance,
            years: grid.maturity)
        return law.expectedAverage(from: initialVariance).squareRoot()
    }

    public func paths(_ range: Range<Int>, on grid: TimeGrid, stream: RandomStream) -> PathBlock {
        if runsInVectors { return vectorPaths(range, on: grid, stream: stream) }
        let step = Step(self, years: grid.timeStep / Double(substeps))
        return paths(range, on: grid) { state, path, address in
            step.advance(&state, path: path, address: address, scheme: scheme, stream: stream)
        }
    }

    public func paths(
        _ range: Range<Int>, on grid: TimeGrid, stream: RandomStream, noise: (UnsafeMutableBufferPointer<Double>) -> Void
    ) -> PathBlock {
        var block = withoutOwnNoise.paths(range, on: grid, stream: stream)
        block.addOwnNoise(share: ownNoiseShare, noise: noise)
        return block
    }

    /// The paths of `range`, moved from one part of a step to the next by `advance`, which is told the path and the part's address.
    @inline(__always)
    func paths(_ range: Range<Int>, on grid: TimeGrid, advance: (inout State, _ path: Int, _ address: Int) -> Void) -> PathBlock {
        let count = range.count
        var states = [State](repeating: State(log: .log(spot), variance: initialVariance, integral: 0), count: count)
        var block = PathBlock(start: spot, count: count, variance: initialVariance)
        for time in 0..<grid.steps {
            for part in 0..<substeps {
                for i in 0..<count { advance(&states[i], range.lowerBound + i, time * substeps + part) }
            }
            // Full truncation's variance may be negative between steps; what is reported is cut at zero.
            block.append(logSpot: states.map(\.log), variance: states.map { max($0.variance, 0) }, integral: states.map(\.integral))
        }
        return block
    }

    /// One path at one time.
    struct State {
        /// ln S.
        var log: Double
        var variance: Double
        /// ∫₀ᵗ v ds.
        var integral: Double
    }

    /// One step's constants.
    struct Step {
        let years: Double
        let law: SquareRootLaw
        let drift: Double
        let correlation: Double
        let meanReversion: Double
        let longRunVariance: Double
        let volatilityOfVariance: Double
        /// ln S' = ln S + k0 + k1 v + k2 v' + √(k3 (v + v')) z, k0 the martingale's.
        let k0: Double
        let k1: Double
        let k2: Double
        let k3: Double
        /// k3, or zero without B.
        let own: Double

        init(_ model: HestonSimulator, years: Double) {
            self.years = years
            drift = model.drift * years
            correlation = model.correlation
            meanReversion = model.meanReversion
            longRunVariance = model.longRunVariance
            volatilityOfVariance = model.volatilityOfVariance
            law = SquareRootLaw(
                meanReversion: model.meanReversion, longRunVariance: model.longRunVariance,
                volatilityOfVariance: model.volatilityOfVariance, years: years)
            let ratio = correlation / volatilityOfVariance
            let half = years / 2 * (meanReversion * ratio - 0.5)
            k1 = half - ratio
            k2 = half + ratio
            k3 = years / 2 * (1 - correlation * correlation)
            own = model.hasOwnNoise ? k3 : 0
            k0 = -ratio * meanReversion * longRunVariance * years
        }

        /// The constants of exact draws as the vector kernel takes them: the martingale's constant is linear in v.
        func drawn(_ variances: UnsafePointer<Float>) -> HestonTile.Drawn {
            let a = k2 + k3 / 2
            // ln E e^{av'} at v = 0 and its slope in v.
            let growth = law.logExponentialMoment(a, from: 0)
            guard growth.isFinite else { return HestonTile.Drawn(variances: variances, c0: k0, c1: k1, k2: k2, k3: own) }
            let slope = law.logExponentialMoment(a, from: 1) - growth
            return HestonTile.Drawn(variances: variances, c0: -growth, c1: -slope - k3 / 2, k2: k2, k3: own)
        }

        /// The same constants as the vector kernel takes them.
        var quadraticExponential: HestonTile.QuadraticExponential {
            HestonTile.QuadraticExponential(
                decay: law.decay, meanAtZero: law.mean(from: 0), spreadAtZero: law.variance(from: 0), spread: 4 * law.scale * law.decay,
                k0: k0, k1: k1, k2: k2, k3: k3, own: own)
        }

        @inline(__always)
        func advance(_ state: inout State, path: Int, address: Int, scheme: Scheme, stream: RandomStream) {
            let (normal, uniform) =
                scheme == .exact
                ? stream.normalAndUniform(path: path, step: address) : stream.halfBlock(path: path, address: address)
            let before = state.variance
            switch scheme {
            case .fullTruncation:
                let positive = max(before, 0)
                let root = (positive * years).squareRoot()
                let other = NormalDistribution.quantile(uniform)
                let shock = correlation * normal + (1 - correlation * correlation).squareRoot() * other
                state.log += drift - positive * years / 2 + root * (own > 0 ? normal : correlation * shock)
                state.variance += meanReversion * (longRunVariance - positive) * years + volatilityOfVariance * root * shock
                state.integral += positive * years
                return
            case .exact:
                state.variance = law.draw(from: before, uniform: uniform, path: path, address: address, stream: stream)
            case .quadraticExponential:
                state.variance = law.quadraticExponential(from: before, uniform: uniform)
            }
            let a = k2 + k3 / 2
            let growth = scheme == .exact ? law.logExponentialMoment(a, from: before) : law.quadraticExponentialMoment(a, from: before)
            let constant = growth.isFinite ? -growth - (k1 + k3 / 2) * before : k0
            let variances = before + state.variance
            state.log += drift + constant + k1 * before + k2 * state.variance + (own * variances).squareRoot() * normal
            state.integral += years / 2 * variances
        }
    }
}

extension RandomStream {
    /// Of the 32-bit numbers (k + ½) 2⁻³², two of a block's four: the first as a normal number. A block serves two addresses.
    @inline(__always)
    func halfBlock(path: Int, address: Int) -> (normal: Double, uniform: Double) {
        let words = words(path: path, step: address / 2)
        let (first, second) = address % 2 == 0 ? (words.x, words.y) : (words.z, words.w)
        return (NormalDistribution.quantile((Double(first) + 0.5) * 0x1p-32), (Double(second) + 0.5) * 0x1p-32)
    }

    /// The normal number of dimension 0 and the uniform one of dimension 1.
    @inline(__always)
    func normalAndUniform(path: Int, step: Int, group: Int = 0) -> (normal: Double, uniform: Double) {
        let (first, second) = uniformPair(path: path, step: step, group: group)
        return (NormalDistribution.quantile(first), second)
    }
}

extension SimulatorCatalog {
    static let heston = Entry(
        name: "heston", summary: "square-root stochastic variance", parameters: hestonParameters, choices: hestonChoices
    ) { arguments throws(SimulatorError) in try HestonSimulator(arguments) }

    static let hestonParameters: [(name: String, standard: Double?)] = [
        ("spot", 100), ("initialVariance", 0.04), ("meanReversion", 1), ("longRunVariance", 0.04), ("volatilityOfVariance", 2),
        ("correlation", -0.7), ("drift", 0), ("substeps", 1),
    ]

    static let hestonChoices = [(name: "scheme", known: HestonSimulator.Scheme.allCases.map(\.rawValue))]
}

extension HestonSimulator {
    init(_ arguments: SimulatorArguments) throws(SimulatorError) {
        guard let scheme = arguments.choices["scheme"].flatMap(Scheme.init(rawValue:)) else {
            preconditionFailure("the entry lists no scheme")
        }
        self.init(
            spot: try arguments.positive("spot"), initialVariance: try arguments.notNegative("initialVariance"),
            meanReversion: try arguments.notNegative("meanReversion"), longRunVariance: try arguments.notNegative("longRunVariance"),
            volatilityOfVariance: try arguments.positive("volatilityOfVariance"), correlation: try arguments.correlation(),
            drift: arguments["drift"], scheme: scheme, substeps: try arguments.count("substeps"))
    }
}
