import Market
import RealModule

/// What several features of one state read of the past.
struct PastFigures: Sendable {
    /// Surfaces of the last 70 days before the state's own, and that one: ten half-lives of a week.
    let points: [SurfacePoint]
    /// Of the moves to each point.
    let weights: [Double]
    /// By constant maturity.
    let responses: [SpotResponse?]
    /// √(Σ w Δ²/Σ w Δt) of each factor, annual.
    let factorVolatilities: SIMD8<Double>?
    let forecast: HARForecast?
    /// Funding rates of the last ten days: as paid, else as the perpetual's premium at each snapshot predicts.
    let funding: [FundingPayment]
    /// Close-to-close variance of 30 days, annual.
    let realisedVariance: Double?
    /// Of the last day, by prices five minutes apart, annual.
    let fiveMinutes: (realised: Double, bipower: Double)?

    static let reachDays = 70.0

    init(_ state: MarketState) {
        points = state.past.surfaces.last(days: Self.reachDays, before: state.time).filter { $0.time < state.time } + [state.market.point]
        let weights = SpotResponse.weights(points)
        self.weights = weights
        let points = points
        responses = SurfacePoint.days.map { SpotResponse(points, days: $0, weights: weights) }
        var squares = SIMD8<Double>()
        var years = 0.0
        for i in points.indices.dropFirst() {
            let change = points[i].factors.values - points[i - 1].factors.values
            squares += weights[i] * change * change
            years += weights[i] * points[i - 1].time.years(to: points[i].time)
        }
        factorVolatilities = years > 0 ? (squares / years).squareRoot() : nil
        let days = HARForecast.days + 31
        forecast = HARForecast(
            daily: RealisedVolatility.daily(
                state.history.last(days: Double(days) + 1, before: state.time), until: state.time, count: days))
        let paid = state.past.funding.last(days: 10, before: state.time)
        let now = state.time
        funding =
            paid.isEmpty
            ? points.compactMap { point in
                guard point.time.years(to: now) * 365 < 10, let perpetual = point.perpetual else { return nil }
                return FundingPayment(time: point.time, rate: FundingRule.rate(premium: (perpetual - point.index) / point.index))
            } : Array(paid)
        realisedVariance = RealisedVolatility.closeToClose(state.history.last(days: 30, before: state.time))
        fiveMinutes = RealisedVolatility.sampled(
            state.history.last(days: 1, before: state.time), until: state.time, everyMinutes: 5, days: 1)
    }

    /// β of a constant maturity; nil where it cannot be measured.
    func response(days: Double) -> SpotResponse? { SurfacePoint.days.firstIndex(of: days).flatMap { responses[$0] } }

    /// Change of a factor since the snapshot before; nil without one.
    func change(_ factor: SurfaceFactors.Factor) -> Double? {
        points.count >= 2 ? points[points.count - 1].factors[factor] - points[points.count - 2].factors[factor] : nil
    }

    /// √(Σ w Δ²/Σ w Δt), the annual volatility of a figure over the past snapshots that have it; nil without two.
    func volatility(_ figure: (SurfacePoint) -> Double?) -> Double? {
        var (squares, years) = (0.0, 0.0)
        var before: Double?
        for i in points.indices {
            let after = figure(points[i])
            if let before, let after, (after - before).isFinite {
                squares += weights[i] * (after - before) * (after - before)
                years += weights[i] * points[i - 1].time.years(to: points[i].time)
            }
            before = after
        }
        return years > 0 ? (squares / years).squareRoot() : nil
    }
}

/// Deribit's funding of eight hours at a premium p of the perpetual over the index: max(0.025 %, p) + min(−0.025 %, p), within ±0.5 %.
///
/// Reference: Deribit, *Inverse perpetual*, funding rate.
enum FundingRule {
    /// Counted up in the features that rest on the rule: the first had a band of 0.05 %.
    static let version = 2
    private static let (band, cap) = (0.00025, 0.005)

    static func rate(premium: Double) -> Double { min(max(max(band, premium) + min(-band, premium), -cap), cap) }
}
