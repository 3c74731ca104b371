import Pricing

/// A figure of the book's options, and of its dated futures, that expire within a bucket of days.
///
/// Raw sensitivities are not additive over expiries: these are the columns from which a model learns how they add.
public struct BucketSum: Feature {
    /// What is summed.
    public enum Figure: String, Sendable, CaseIterable {
        /// Σ q (Δ − v) and inverse futures. Coin.
        case netDelta = "net-delta"
        /// 0.01 Σ q Γ F². Quote-currency delta per 1 % move.
        case gamma = "gamma-1pct"
        /// Σ q vega. Quote currency per 1.00 of volatility.
        case vega
        /// Σ q ∂V/∂t. Quote currency per year.
        case theta
        /// 10⁻⁴ Σ q ∂V/∂r, the spot held. Quote currency per basis point.
        case rho = "rho-1bp"
        /// 10⁻⁴ Σ q Δ F T and futures: the node of the basis curve up by a basis point. Quote currency per basis point.
        case basis = "basis-1bp"
        /// Σ q vega k: the slope of the bucket's smiles up by 1.00. Quote currency.
        case skew = "skew-exposure"
        /// Σ q vega k²/2: the curvature of the bucket's smiles up by 1.00. Quote currency.
        case curvature = "curvature-exposure"

        var unit: String {
            switch self {
            case .netDelta: "coin"
            case .gamma: "USD delta per 1 % move"
            case .vega: "USD per 1.00 of volatility"
            case .theta: "USD per year"
            case .rho, .basis: "USD per basis point"
            case .skew: "USD per 1.00 of skew"
            case .curvature: "USD per 1.00 of curvature"
            }
        }

        func value(_ option: ValuedOption) -> Double {
            switch self {
            case .netDelta: option.coin.netDelta
            case .gamma: 0.01 * option.greeks.gamma * option.forward * option.forward
            case .vega: option.greeks.vega
            case .theta: option.greeks.theta
            case .rho: 1e-4 * option.greeks.rho
            case .basis: 1e-4 * option.greeks.delta * option.forward * option.timeToExpiry
            case .skew: option.greeks.vega * option.logMoneyness
            case .curvature: option.greeks.vega * option.logMoneyness * option.logMoneyness / 2
            }
        }

        func value(_ future: ValuedFuture) -> Double {
            switch self {
            case .netDelta: future.settlement == .inverse ? 1 : 0
            case .basis: 1e-4 * future.forward * future.timeToExpiry
            default: 0
            }
        }
    }

    public let figure: Figure
    public let bucket: ExpiryBucket
    public let name: FeatureName

    public init(_ figure: Figure, _ bucket: ExpiryBucket) {
        self.figure = figure
        self.bucket = bucket
        name = FeatureName(rawValue: "book-\(figure.rawValue)-\(bucket.label)")
    }

    public var unit: String { figure.unit }
    public var summary: String { "\(figure.rawValue) of the book at expiries \(bucket.words)" }
    public func measure(_ state: MarketState) -> Double? {
        state.valued.sum { bucket.contains(timeToExpiry: $0.timeToExpiry) ? figure.value($0) : 0 }
            + state.valued.datedFutures.reduce(0) {
                $0 + (bucket.contains(timeToExpiry: $1.timeToExpiry) ? $1.quantity * figure.value($1) : 0)
            }
    }

    /// Every figure in every bucket, and vega in the wider ones of the first models.
    static let all: [any Feature] =
        [(0, 7), (7, 35), (95, nil)].map { BucketSum(.vega, ExpiryBucket(fromDays: $0, toDays: $1)) }
        + Figure.allCases.flatMap { figure in ExpiryBucket.all.map { BucketSum(figure, $0) } }
}
