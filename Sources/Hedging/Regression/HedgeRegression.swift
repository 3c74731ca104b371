public import Features
import LinearAlgebra
import Probability
import RealModule

/// A hedge whose holding is linear in fitted coefficients: settings, from which `fit` or `walkForward` makes the hedge.
///
///     h = −(E + Σⱼ βⱼ xⱼ) / (delta of one unit),   β from min Σ (ΔV + h · gain)²
///
/// E is the book's delta, xⱼ its sensitivities below, ΔV the book's own profit and gain the underlying's, both over one decision. The
/// same formulas hold for dollar books and, with net delta and relative moves, for coin books.
public struct HedgeRegression: Sendable, Equatable, Codable {
    /// A sensitivity of the book that may come along with the underlying's move. Units of underlying.
    public enum Term: String, Sendable, Codable, CaseIterable {
        /// E itself: hedge a share more or less of it.
        case delta
        /// Σ q vega / F: the volatility moves by β per relative move of the forward.
        case vega
        /// Σ q vega / (F √T).
        case rootVega = "root-vega"
        /// The same times N(d₁).
        case rootVegaDelta = "root-vega-delta"
        /// The same times N(d₁)².
        case rootVegaDeltaSquared = "root-vega-delta-squared"
        /// Σ q vanna.
        case vanna
        /// Σ q vega ∂σ/∂k / F with the slope at each strike.
        case smileVega = "smile-vega"
        /// Σ q vega ∂σ/∂k / F with the slope at the forward.
        case skewVega = "skew-vega"

        public var inputs: [FeatureName] {
            switch self {
            case .delta: []
            case .vega: [.bookVega, .forward]
            case .rootVega: [.bookVega, .forward, .timeToExpiry]
            case .rootVegaDelta, .rootVegaDeltaSquared: [.bookVega, .forward, .timeToExpiry, .logMoneyness, .impliedVolatility]
            case .vanna: [.bookVanna]
            case .smileVega: [.bookSmileVega, .forward]
            case .skewVega: [.bookSkewVega, .forward]
            }
        }
    }

    /// When a walk-forward fit is renewed.
    public enum Refit: String, Sendable, Codable, CaseIterable {
        /// At the first decision of each calendar month.
        case monthly
        /// At every decision.
        case always
    }

    /// What the fit does with the part of ΔV that gamma earns and time costs.
    public enum Convexity: String, Sendable, Codable, CaseIterable {
        /// It is noise like any other: the published form.
        case ignored
        /// It is fitted beside the terms, by two coefficients that are then dropped: γ gain² and γ σ² × length of the interval.
        ///
        /// That noise is largest where the move is, and with it gone the same rows say far more: on simulated days the spread of a fitted
        /// coefficient falls by half; on recorded months the worst ones turn harmless, at the price of less gain in crashes.
        case separated
    }

    /// As experiments and reports write it.
    public var name: String
    /// The delta that is corrected.
    public var delta: DeltaHedge.Kind
    public var terms: [Term]
    /// Added to the diagonal of the normal equations, as a share of it: units of the terms don't matter.
    public var penalty = 1e-6
    /// After so many days an interval weighs half; nil weighs all the same.
    public var halfLifeDays: Double?
    public var refit = Refit.monthly
    public var convexity = Convexity.ignored
    /// Where set, the correction is scaled by the share of it that came true, between 0 and 1, with this half-life.
    public var trustHalfLifeDays: Double?
    /// Decisions in time before which nothing is fitted and the plain delta is held.
    public var minimumIntervals = 20

    public init(name: String, delta: DeltaHedge.Kind, terms: [Term]) {
        precondition(!terms.isEmpty && Set(terms).count == terms.count, "terms \(terms.map(\.rawValue))")
        self.name = name
        self.delta = delta
        self.terms = terms
    }

    /// Delta with a quadratic in it on top, times vega/(F √T).
    ///
    ///     h = E + vega/(F √T) (a + b N(d₁) + c N(d₁)²)
    ///
    /// The call's N(d₁) stands for a put too, so that both kinds at a strike share their correction, as they share their volatility.
    ///
    /// Reference: Hull, White, *Optimal delta hedging for options*, J. Banking & Finance 82 (2017).
    public static func hullWhite(_ delta: DeltaHedge.Kind) -> HedgeRegression {
        HedgeRegression(name: "hull-white", delta: delta, terms: [.rootVega, .rootVegaDelta, .rootVegaDeltaSquared])
    }

    /// Delta, vega and vanna, each with its coefficient, shrunk towards the plain delta.
    ///
    /// Reference: Ruf, Wang, *Hedging with linear regressions and neural networks*, J. Business & Economic Statistics 40 (2022).
    public static func ridge(_ delta: DeltaHedge.Kind) -> HedgeRegression {
        var regression = HedgeRegression(name: "ridge", delta: delta, terms: [.delta, .vega, .rootVega, .vanna])
        regression.penalty = 1e-3
        regression.convexity = .separated
        return regression
    }

    /// One coefficient: how far volatility, scaled by √T, moves with the forward. The recorded form of the minimum-variance delta.
    public static func minimumVariance(_ delta: DeltaHedge.Kind) -> HedgeRegression {
        var regression = HedgeRegression(name: "minimum-variance", delta: delta, terms: [.rootVega])
        regression.convexity = .separated
        return regression
    }

    /// How far each option's volatility slides along its smile as the forward moves, renewed at every decision.
    public static func smile(_ delta: DeltaHedge.Kind) -> HedgeRegression {
        var regression = HedgeRegression(name: "smile-regression", delta: delta, terms: [.smileVega, .skewVega])
        regression.refit = .always
        regression.halfLifeDays = 5
        regression.trustHalfLifeDays = 7
        regression.convexity = .separated
        return regression
    }

    /// The columns that the hedge reads, each once.
    public var inputs: [FeatureName] {
        var names: [FeatureName] = [delta.feature]
        for name in terms.flatMap(\.inputs) where !names.contains(name) { names.append(name) }
        return names
    }

    /// The columns that the fit reads.
    public var fitInputs: [FeatureName] {
        guard convexity == .separated else { return inputs }
        return inputs + [.bookGamma, .impliedVolatility, .forward].filter { !inputs.contains($0) }
    }

    /// γ: the book's gamma to the underlying's gain, and γ σ², to the time that passes. Nothing where convexity is ignored.
    func convexityColumns(_ features: FeatureMatrix) -> [[Double]] {
        guard convexity == .separated else { return [] }
        var gammas = features[.bookGamma]
        var decays = gammas
        let (forwards, volatilities) = (features[.forward], features[.impliedVolatility])
        for i in gammas.indices {
            // In coin the gain is a relative move, and Γ F its gamma; in dollars the decay goes with the dollar variance.
            if delta == .net { gammas[i] *= forwards[i] }
            let scale = delta == .net ? volatilities[i] : volatilities[i] * forwards[i]
            decays[i] = gammas[i] * scale * scale
        }
        return [gammas, decays]
    }

    /// The terms of N states, a column each.
    func columns(_ features: FeatureMatrix) -> [[Double]] {
        terms.map { column($0, features) }
    }

    private func column(_ term: Term, _ features: FeatureMatrix) -> [Double] {
        func perForward(_ name: FeatureName) -> [Double] { zip(features[name], features[.forward]).map { $0 / $1 } }
        switch term {
        case .delta: return features[delta.feature]
        case .vega: return perForward(.bookVega)
        case .vanna: return features[.bookVanna]
        case .smileVega: return perForward(.bookSmileVega)
        case .skewVega: return perForward(.bookSkewVega)
        case .rootVega, .rootVegaDelta, .rootVegaDeltaSquared:
            var column = perForward(.bookVega)
            let expiry = features[.timeToExpiry]
            for i in column.indices { column[i] = expiry[i] > 0 ? column[i] / expiry[i].squareRoot() : 0 }
            guard term != .rootVega else { return column }
            let (moneyness, volatility) = (features[.logMoneyness], features[.impliedVolatility])
            for i in column.indices where column[i] != 0 {
                let deviation = volatility[i] * expiry[i].squareRoot()
                let delta = deviation > 0 ? NormalDistribution.cdf(-moneyness[i] / deviation + deviation / 2) : (moneyness[i] < 0 ? 1 : 0)
                column[i] *= term == .rootVegaDelta ? delta : delta * delta
            }
            return column
        }
    }
}

/// The hedges of this file that are fitted to what happened, by the name that experiments and reports write.
public enum RegressionCatalog {
    public static let names = all(.plain).map(\.name)

    /// In the order help and reports list them.
    public static func all(_ delta: DeltaHedge.Kind) -> [HedgeRegression] {
        [.hullWhite(delta), .ridge(delta), .minimumVariance(delta), .smile(delta)]
    }

    public static func regression(named name: String, delta: DeltaHedge.Kind) -> HedgeRegression? {
        all(delta).first { $0.name == name }
    }
}
